"""Instance refreshes: started, shown, cancelled, rolled back."""
import time
import uuid

from ..clock import utc_text
from ..errors import ApiError
from .group_shape import template_shape
from .mixed import POLICY, policy_shape, wire_names
from .refreshing import roll_back
from .source import active_refresh, check_source, read_source
from .wire import PAGED, action, changing_group, done, find_group, invalid, members, records

KEPT = 20
PREFERENCES = ("MinHealthyPercentage MaxHealthyPercentage InstanceWarmup SkipMatching AutoRollback "
               "ScaleInProtectedInstances StandbyInstances CheckpointPercentages.member.N CheckpointDelay BakeTime")


def start(call):
    params = call.params
    group = changing_group(call)
    params.choice("Strategy", ["Rolling"])
    desired = None
    if params.has("DesiredConfiguration"):
        desired = read_source(call, params.struct("DesiredConfiguration"), group)
        check_source(call.cloud, desired, group["subnets"][0])
    preferences = read_preferences(params.struct("Preferences"), group)
    if preferences["rollback"]:
        check_rollback(group, desired)
    if active_refresh(group):
        raise ApiError("InstanceRefreshInProgress", "An Instance Refresh is already in progress and blocks the "
                       "execution of this Instance Refresh.")
    row = {"id": str(uuid.uuid4()), "status": "Pending", "reason": None, "start": time.time(), "end": None,
           "preferences": preferences, "desired": desired, "targets": [], "total": 0, "done": 0, "checkpoint": 0,
           "progress_at": time.time(), "hold_until": None, "bake_until": None, "rollback": None, "wait": True}
    group["refreshes"].insert(0, row)
    del group["refreshes"][KEPT:]
    done(call)
    return {"InstanceRefreshId": row["id"]}


def read_preferences(part, group):
    low = part.integer("MinHealthyPercentage", 90, 0, 100)
    high = part.integer("MaxHealthyPercentage", 100, 100, 200)
    if part.has("MaxHealthyPercentage") and (not part.has("MinHealthyPercentage") or high - low > 100):
        raise invalid("MaxHealthyPercentage needs MinHealthyPercentage, at most 100 below it")
    points = [part_of(text) for text in members(part, "CheckpointPercentages")]
    if points != sorted(set(points)):
        raise invalid("CheckpointPercentages must ascend")
    if part.has("CheckpointDelay") and not points:
        raise invalid("CheckpointDelay needs CheckpointPercentages")
    usual = group["grace"] if group["warmup"] is None else group["warmup"]
    return {"min": low, "max": high, "warmup": part.integer("InstanceWarmup", usual, 0, 10 ** 6),
            "skip": part.boolean("SkipMatching"), "rollback": part.boolean("AutoRollback"),
            "protected": part.choice("ScaleInProtectedInstances", ["Refresh", "Ignore", "Wait"], "Wait"),
            "standby": part.choice("StandbyInstances", ["Terminate", "Ignore", "Wait"], "Wait"),
            "checkpoints": points, "delay": part.integer("CheckpointDelay", 3600, 0, 172800),
            "bake": part.integer("BakeTime", 0, 0, 172800)}


def part_of(text):
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise invalid(f"A checkpoint is between 1 and 100 percent, not {text}")
    return int(text)


def check_rollback(group, desired):
    """AWS can only go back from and to what does not change by itself."""
    if not desired:
        raise invalid("AutoRollback needs a desired configuration")
    for template in (desired["template"], group["template"]):
        if not template or not template["version"].isdigit():
            raise invalid("AutoRollback needs a launch template with a numbered version, before and after")


def shape(group, row):
    preferences, rolling_back = row["preferences"], row["rollback"]
    percent = 100 if row["status"] == "Successful" or not row["total"] else 100 * row["done"] // row["total"]
    if row["status"] == "Pending":
        percent = None
    left = max(0, row["total"] - row["done"])
    rollback = rolling_back and {"RollbackReason": rolling_back["reason"],
                                 "RollbackStartTime": utc_text(rolling_back["start"]),
                                 "PercentageCompleteOnRollback": percent, "InstancesToUpdateOnRollback": left}
    return {
        "InstanceRefreshId": row["id"], "AutoScalingGroupName": group["name"], "Status": row["status"],
        "StatusReason": row["reason"], "StartTime": utc_text(row["start"]),
        "EndTime": utc_text(row["end"]) if row["end"] else None, "PercentageComplete": percent,
        "InstancesToUpdate": left, "Strategy": "Rolling", "RollbackDetails": rollback,
        "ProgressDetails": {"LivePoolProgress": {"PercentageComplete": percent, "InstancesToUpdate": left}},
        "DesiredConfiguration": desired_shape(row["desired"]),
        "Preferences": {
            "MinHealthyPercentage": preferences["min"], "MaxHealthyPercentage": preferences["max"],
            "InstanceWarmup": preferences["warmup"], "SkipMatching": preferences["skip"],
            "AutoRollback": preferences["rollback"], "ScaleInProtectedInstances": preferences["protected"],
            "StandbyInstances": preferences["standby"], "CheckpointPercentages": preferences["checkpoints"] or None,
            "CheckpointDelay": preferences["delay"] if preferences["checkpoints"] else None,
            "BakeTime": preferences["bake"]}}


def desired_shape(desired):
    if not desired:
        return None
    if desired["mixed"]:
        return {POLICY: policy_shape(desired, template_shape)}
    return {"LaunchTemplate": template_shape(desired["template"])}


def describe(call):
    group = find_group(call)
    wanted = members(call.params, "InstanceRefreshIds")
    rows = [row for row in group["refreshes"] if not wanted or row["id"] in wanted]
    rows, token = records(call.params, rows)
    return {"InstanceRefreshes": [shape(group, row) for row in rows], "NextToken": token}


def running(group):
    refresh = active_refresh(group)
    if refresh is None or refresh["status"] == "Cancelling":
        raise ApiError("ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found for Auto "
                       f"Scaling group {group['name']}")
    return refresh


def cancel(call):
    group = changing_group(call)
    refresh = running(group)
    refresh.update(status="Cancelling", wait=call.params.boolean("WaitForTransitioningInstances", True),
                   hold_until=None)
    done(call)
    return {"InstanceRefreshId": refresh["id"]}


def rollback(call):
    group = changing_group(call)
    refresh = running(group)
    if refresh["status"] == "RollbackInProgress":
        raise ApiError("ActiveInstanceRefreshNotFound", "The instance refresh is rolled back already")
    roll_back(call.cloud, group, refresh, "Rolled back due to user request.")
    done(call)
    return {"InstanceRefreshId": refresh["id"]}


TEMPLATE = "DesiredConfiguration.LaunchTemplate"
ACTIONS = {
    "StartInstanceRefresh": action(
        start, f"AutoScalingGroupName Strategy {TEMPLATE}.LaunchTemplateId {TEMPLATE}.LaunchTemplateName "
        f"{TEMPLATE}.Version {wire_names('DesiredConfiguration.' + POLICY)} "
        + " ".join(f"Preferences.{name}" for name in PREFERENCES.split())),
    "DescribeInstanceRefreshes": action(describe, "AutoScalingGroupName InstanceRefreshIds.member.N" + PAGED),
    "CancelInstanceRefresh": action(cancel, "AutoScalingGroupName WaitForTransitioningInstances"),
    "RollbackInstanceRefresh": action(rollback, "AutoScalingGroupName"),
}
