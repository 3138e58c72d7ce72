"""Lifecycle hooks, and the actions that hold an instance at them."""
import time
import uuid

from ..errors import ApiError
from .processes import TRANSITIONS
from .wire import action, changing_group, done, find_group, invalid, members, structs

LAUNCHING, TERMINATING = TRANSITIONS
LONGEST = 172800
LIMIT = 50
FIELDS = "LifecycleHookName LifecycleTransition HeartbeatTimeout DefaultResult NotificationMetadata " \
         "NotificationTargetARN RoleARN"
SPECIFICATION = " ".join(f"LifecycleHookSpecificationList.member.N.{name}" for name in FIELDS.split())


def read_hook(params, known=None):
    """A hook; with a known one, only what is given changes."""
    known = known or {"timeout": 3600, "result": "ABANDON", "transition": None, "metadata": None, "target": None,
                      "role": None}
    name = params.required("LifecycleHookName")
    hook = {"name": name, "transition": params.choice("LifecycleTransition", TRANSITIONS, known["transition"]),
            "timeout": params.integer("HeartbeatTimeout", known["timeout"], 30, 7200),
            "result": params.choice("DefaultResult", ["CONTINUE", "ABANDON"], known["result"]),
            "metadata": params.text("NotificationMetadata", known["metadata"]),
            "target": params.text("NotificationTargetARN", known["target"]),
            "role": params.text("RoleARN", known["role"])}
    if hook["transition"] is None:
        raise invalid(f"The lifecycle hook {name} needs a LifecycleTransition")
    return hook


def read_specifications(params):
    hooks = {}
    for part in structs(params, "LifecycleHookSpecificationList"):
        hook = read_hook(part)
        if hook["name"] in hooks:
            raise invalid(f"The lifecycle hook {hook['name']} is given twice")
        hooks[hook["name"]] = hook
    return hooks


def put(call):
    group = changing_group(call)
    hook = read_hook(call.params, group["hooks"].get(call.params.text("LifecycleHookName")))
    if hook["name"] not in group["hooks"] and len(group["hooks"]) >= LIMIT:
        raise ApiError("LimitExceeded", f"A group has at most {LIMIT} lifecycle hooks")
    group["hooks"][hook["name"]] = hook
    done(call)
    return {}


def find_hook(call, group):
    name = call.params.required("LifecycleHookName")
    if name not in group["hooks"]:
        raise invalid(f"No Lifecycle Hook found with name {name} for the AutoScalingGroup {group['name']}")
    return group["hooks"][name]


def delete(call):
    """Instances that wait there go on, as if it had been completed."""
    group = changing_group(call)
    hook = find_hook(call, group)
    for member in group["instances"].values():
        if hook["name"] in member["actions"]:
            member["actions"][hook["name"]]["result"] = "CONTINUE"
    del group["hooks"][hook["name"]]
    done(call)
    return {}


def describe(call):
    group = find_group(call)
    wanted = members(call.params, "LifecycleHookNames")
    return {"LifecycleHooks": [
        {"LifecycleHookName": hook["name"], "AutoScalingGroupName": group["name"],
         "LifecycleTransition": hook["transition"], "NotificationTargetARN": hook["target"], "RoleARN": hook["role"],
         "NotificationMetadata": hook["metadata"], "HeartbeatTimeout": hook["timeout"],
         "GlobalTimeout": longest(hook["timeout"]), "DefaultResult": hook["result"]}
        for hook in group["hooks"].values() if not wanted or hook["name"] in wanted]}


def longest(timeout):
    return min(LONGEST, 100 * timeout)


def start_actions(cloud, group, member, transition):
    """The instance waits for all hooks of the transition. False when there are none."""
    now, speed = time.time(), cloud.clock.speed
    member["actions"] = {
        hook["name"]: {"token": str(uuid.uuid4()), "result": None, "until": now + hook["timeout"] / speed,
                       "end": now + longest(hook["timeout"]) / speed}
        for hook in group["hooks"].values() if hook["transition"] == transition}
    return bool(member["actions"])


def outcome(group, member, transition):
    """None while it waits; else the result and the reason in AWS's words. One ABANDON ends all waiting."""
    for name, waiting in member["actions"].items():
        if waiting["result"] is None and time.time() >= min(waiting["until"], waiting["end"]):
            hook = group["hooks"].get(name)
            waiting.update(result=hook["result"] if hook else "CONTINUE", timed_out=True)
        if waiting["result"] == "ABANDON":
            why = "Heartbeat Timeout" if waiting.get("timed_out") else "Lifecycle Action Completed with ABANDON Result"
            kind = "user's Lifecycle Action: Lifecycle Action with token"
            return "ABANDON", f"Instance failed to complete {kind} {waiting['token']} was abandoned: {why}"
    if all(waiting["result"] for waiting in member["actions"].values()):
        return "CONTINUE", transition
    return None


def find_action(call):
    """(action) that the instance id or the token of the call names, among those that still wait."""
    params = call.params
    group = find_group(call)
    hook = find_hook(call, group)
    instance, token = params.text("InstanceId"), params.text("LifecycleActionToken")
    if not instance and not token:
        raise invalid("Either InstanceId or LifecycleActionToken must be given")
    for member in group["instances"].values():
        waiting = member["actions"].get(hook["name"])
        if waiting and member["state"].endswith(":Wait") and waiting["result"] is None \
                and instance in (None, member["id"]) and token in (None, waiting["token"]):
            return hook, waiting
    named = f"instance ID {instance}" if instance else f"token {token}"
    raise invalid(f"No active Lifecycle Action found with {named}")


def complete(call):
    result = call.params.required("LifecycleActionResult")
    if result not in ("CONTINUE", "ABANDON"):
        raise invalid(f"Lifecycle Action Result must be one of CONTINUE, ABANDON: {result}")
    find_action(call)[1]["result"] = result
    done(call)
    return {}


def heartbeat(call):
    hook, waiting = find_action(call)
    waiting["until"] = time.time() + hook["timeout"] / call.cloud.clock.speed
    done(call)
    return {}


WHICH = "AutoScalingGroupName LifecycleHookName"
ACTIONS = {
    "PutLifecycleHook": action(put, "AutoScalingGroupName " + FIELDS),
    "DeleteLifecycleHook": action(delete, WHICH),
    "DescribeLifecycleHooks": action(describe, "AutoScalingGroupName LifecycleHookNames.member.N"),
    "CompleteLifecycleAction": action(complete, WHICH + " InstanceId LifecycleActionToken LifecycleActionResult"),
    "RecordLifecycleActionHeartbeat": action(heartbeat, WHICH + " InstanceId LifecycleActionToken"),
}
