"""The lifecycle of a group's instance: from Pending to InService, to Standby, to Terminated, or away."""
import time

from . import activities, attachments, hooks

PENDING = ("Pending", "Pending:Wait", "Pending:Proceed")
COUNTED = (*PENDING, "InService")  # what desired capacity is compared with
GROUP_TAG = "aws:autoscaling:groupName"


def new_member(instance, shown, activity_id, protected=False):
    """The row of an instance that begins its life in a group."""
    now = time.time()
    return {"id": instance["id"], "zone": instance["zone"], "type": instance["type"], "state": "Pending",
            "since": now, "joined": now, "in_service_since": None, "health": "Healthy", "why": None,
            "protected": protected, "activity": activity_id, "actions": {}, "hooked": True,
            "let_go_at": 0, **shown}


def instance_of(cloud, member):
    return cloud.state.instances.get(member["id"])


def alive(cloud, member):
    row = instance_of(cloud, member)
    return row is not None and row["state"] not in ("shutting-down", "terminated")


def in_grace(cloud, group, member):
    """Whether health checks do not count yet."""
    return time.time() < (member["in_service_since"] or 0) + group["grace"] / cloud.clock.speed


def enter(member, name):
    member["state"] = name
    member["since"] = time.time()


def leave_balancers(cloud, group, member):
    """Begins to drain it; it is let go when the last balancer has done so."""
    seconds = cloud.balancing.deregister(member["id"], **attachments.attached(group))
    member["let_go_at"] = time.time() + (seconds if alive(cloud, member) else 0)
    if member["let_go_at"] > time.time():
        activities.progress(cloud, group, member["activity"], "WaitingForELBConnectionDraining", 50)


def begin_termination(cloud, group, member, cause):
    """Takes it out of service. Returns the activity; one that is on its way already keeps its own."""
    if member["state"].startswith("Terminat"):
        return activities.find(cloud, group, member["activity"])
    activity = activities.begin(cloud, group, f"Terminating EC2 instance: {member['id']}", cause,
                                zone=member["zone"])
    activities.finish(cloud, group, member["activity"], "Cancelled")
    member.update(activity=activity["id"], actions={})
    enter(member, "Terminating")
    leave_balancers(cloud, group, member)
    return activity


def begin_leaving(cloud, group, member, state, description, cause):
    """Detaching or EnteringStandby: drained first. Returns the activity."""
    activity = activities.begin(cloud, group, description, cause, zone=member["zone"])
    member["activity"] = activity["id"]
    enter(member, state)
    leave_balancers(cloud, group, member)
    return activity


def begin_return(cloud, group, member, cause):
    activity = activities.begin(cloud, group, f"Moving EC2 instance out of Standby: {member['id']}", cause,
                                zone=member["zone"])
    member.update(activity=activity["id"], hooked=False)
    enter(member, "Pending")
    return activity


def end_at_once(cloud, group, member):
    """For a group that is deleted by force: no hooks, no draining."""
    if not member["state"].startswith("Terminat"):
        begin_termination(cloud, group, member, activities.at("instance was taken out of service in response to a "
                                                              "user request to delete the group."))
    member.update(actions={}, let_go_at=0)
    proceed_to_end(cloud, group, member)


def advance(cloud, group, member):
    """One step, if it is time for one."""
    step = STEPS.get(member["state"])
    if step and time.time() >= member["since"] + cloud.clock.duration("group-step"):
        step(cloud, group, member)


def from_pending(cloud, group, member):
    row = instance_of(cloud, member)
    if row is None or row["state"] not in ("pending", "running"):
        launch_failed(cloud, group, member)
    elif row["state"] == "running":
        if member["hooked"] and hooks.start_actions(cloud, group, member, hooks.LAUNCHING):
            activities.progress(cloud, group, member["activity"], "MidLifecycleAction", 60)
            enter(member, "Pending:Wait")
        else:
            into_service(cloud, group, member)


def launch_failed(cloud, group, member):
    row = instance_of(cloud, member)
    reason = (row or {}).get("state_reason") or {"message": "the instance is gone"}
    activities.finish(cloud, group, member["activity"], "Failed", "Instance became unhealthy while waiting for "
                      f"instance to be in InService state. Termination Reason: {reason['message']}")
    begin_termination(cloud, group, member, activities.at("an instance was taken out of service in response to an EC2 "
                                                          "health check indicating it has been terminated or stopped."))
    note_failure(cloud, group)


def note_failure(cloud, group):
    """After a failed launch the group waits, longer each time."""
    group["failures"] += 1
    group["retry_at"] = time.time() + cloud.clock.duration("group-backoff") * min(2 ** (group["failures"] - 1), 16)


def from_pending_wait(cloud, group, member):
    if not alive(cloud, member):
        launch_failed(cloud, group, member)
        return
    result = hooks.outcome(group, member, hooks.LAUNCHING)
    if result is None:
        return
    if result[0] == "CONTINUE":
        enter(member, "Pending:Proceed")
        return
    activities.finish(cloud, group, member["activity"], "Cancelled", result[1])
    group["failures"] += 1  # but the next one is launched at once
    begin_termination(cloud, group, member, activities.at("an instance was taken out of service in response to a "
                                                          "lifecycle action that was abandoned."))


def into_service(cloud, group, member):
    if not alive(cloud, member):
        launch_failed(cloud, group, member)
        return
    if "AddToLoadBalancer" not in group["suspended"]:
        cloud.balancing.register(member["id"], **attachments.attached(group))
    activities.finish(cloud, group, member["activity"])
    group.update(failures=0, scaled_at=time.time())
    member.update(actions={}, in_service_since=time.time(), health="Healthy")
    enter(member, "InService")


def from_terminating(cloud, group, member):
    if time.time() < member["let_go_at"]:
        return
    hooked = alive(cloud, member) and not group["status"]
    if hooked and hooks.start_actions(cloud, group, member, hooks.TERMINATING):
        activities.progress(cloud, group, member["activity"], "MidLifecycleAction", 60)
        enter(member, "Terminating:Wait")
    else:
        proceed_to_end(cloud, group, member)


def from_terminating_wait(cloud, group, member):
    if not alive(cloud, member) or hooks.outcome(group, member, hooks.TERMINATING):
        proceed_to_end(cloud, group, member)


def proceed_to_end(cloud, group, member):
    member["actions"] = {}
    activities.progress(cloud, group, member["activity"], "InProgress", 75)
    enter(member, "Terminating:Proceed")
    if alive(cloud, member):
        cloud.lifecycle.terminate(instance_of(cloud, member))


def from_terminating_proceed(cloud, group, member):
    row = instance_of(cloud, member)
    if row is not None and row["state"] != "terminated":
        if row["state"] != "shutting-down":  # what a restart of the sandbox forgot
            cloud.lifecycle.terminate(row)
        return
    activities.finish(cloud, group, member["activity"])
    group["scaled_at"] = time.time()
    enter(member, "Terminated")


def forget(_cloud, group, member):
    del group["instances"][member["id"]]


def from_detaching(cloud, group, member):
    if time.time() < member["let_go_at"]:
        return
    activities.finish(cloud, group, member["activity"])
    tags = cloud.state.tags.get(member["id"], {})
    tags.pop(GROUP_TAG, None)
    enter(member, "Detached")


def from_entering_standby(cloud, group, member):
    if time.time() >= member["let_go_at"]:
        activities.finish(cloud, group, member["activity"])
        enter(member, "Standby")


STEPS = {
    "Pending": from_pending,
    "Pending:Wait": from_pending_wait,
    "Pending:Proceed": into_service,
    "Terminating": from_terminating,
    "Terminating:Wait": from_terminating_wait,
    "Terminating:Proceed": from_terminating_proceed,
    "Terminated": forget,
    "Detaching": from_detaching,
    "Detached": forget,
    "EnteringStandby": from_entering_standby,
}
