"""Scaling activities: what a group did, why, and why it failed."""
import json
import time
import uuid

from ..clock import utc_text
from ..errors import ApiError
from .wire import FILTERS, PAGED, action, find_group, invalid, members, records

KEPT = 200  # of each group
RUNNING = ("PreInService", "InProgress", "MidLifecycleAction", "WaitingForELBConnectionDraining")


def begin(cloud, group, description, cause, status="InProgress", zone=None, subnet=None):
    """A new activity, the first of the group's list. Returns it."""
    row = {"id": str(uuid.uuid4()), "group": group["name"], "arn": group["arn"], "description": description,
           "cause": cause, "start": time.time(), "end": None, "status": status, "message": None, "progress": 0,
           "details": json.dumps({key: value for key, value in (("Subnet ID", subnet), ("Availability Zone", zone))
                                  if value})}
    rows = cloud.state.activities.setdefault(group["name"], [])
    rows.insert(0, row)
    del rows[KEPT:]
    return row


def find(cloud, group, activity_id):
    return next((row for row in cloud.state.activities.get(group["name"], []) if row["id"] == activity_id), None)


def progress(cloud, group, activity_id, status, percent):
    row = find(cloud, group, activity_id)
    if row and row["end"] is None:
        row["status"], row["progress"] = status, percent


def finish(cloud, group, activity_id, status="Successful", message=None):
    row = find(cloud, group, activity_id)
    if row and row["end"] is None:
        row.update(status=status, message=message, progress=100, end=time.time())


def at(sentence):
    """As causes begin: At 2026-11-23T12:00:00Z …"""
    return f"At {utc_text()[:19]}Z {sentence}"


def shape(cloud, row):
    return {"ActivityId": row["id"], "AutoScalingGroupName": row["group"], "Description": row["description"],
            "Cause": row["cause"], "StartTime": utc_text(row["start"]),
            "EndTime": utc_text(row["end"]) if row["end"] else None, "StatusCode": row["status"],
            "StatusMessage": row["message"], "Progress": row["progress"], "Details": row["details"],
            "AutoScalingGroupState": None if row["group"] in cloud.state.groups else "Deleted",
            "AutoScalingGroupARN": row["arn"]}


def describe(call):
    params, state = call.params, call.cloud.state
    name, ids = params.text("AutoScalingGroupName"), members(params, "ActivityIds")
    if params.has("Filters"):
        raise invalid("The sandbox knows no filters of scaling activities")
    gone = params.boolean("IncludeDeletedGroups")
    if name and not (gone and name in state.activities):
        find_group(call)
    rows = [row for group, rows in state.activities.items() for row in rows
            if name in (None, group) and (gone or group in state.groups)]
    if ids:
        rows = [row for row in rows if row["id"] in ids]
        if len(rows) < len(ids):
            raise ApiError("ValidationError", "An activity of these ids does not exist")
    rows.sort(key=lambda row: -row["start"])
    rows, token = records(params, rows, usual=100)
    return {"Activities": [shape(call.cloud, row) for row in rows], "NextToken": token}


ACTIONS = {
    "DescribeScalingActivities": action(
        describe, "ActivityIds.member.N AutoScalingGroupName IncludeDeletedGroups" + FILTERS + PAGED),
}
