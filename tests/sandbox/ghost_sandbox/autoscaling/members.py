"""Instances of groups: attach, detach, standby, terminate, health, protection."""
from ..errors import ApiError
from . import activities
from .activities import at
from .group_shape import member_shape
from .steps import GROUP_TAG, begin_leaving, begin_return, begin_termination, in_grace, new_member
from .wire import PAGED, action, changing_group, done, invalid, members, need_members, records

MOST = 20


def find_member(call, instance_id):
    """(group, member) of an instance."""
    for group in call.cloud.state.groups.values():
        if instance_id in group["instances"]:
            return group, group["instances"][instance_id]
    raise invalid(f"Instance Id not found - No managed instance found for instance ID: {instance_id}")


def named_members(call, group, state=None, most=MOST):
    """Those that InstanceIds names, all of the group and in the state."""
    found = []
    for instance_id in need_members(call.params, "InstanceIds", most):
        member = group["instances"].get(instance_id)
        if member is None:
            raise invalid(f"The instance {instance_id} is not part of Auto Scaling group {group['name']}.")
        if state and member["state"] != state:
            raise invalid(f"The instance {instance_id} is not in {state}.")
        found.append(member)
    return found


def read_flag(params, name):
    params.required(name)
    return params.boolean(name)


def lower_desired(group, count, deed):
    """Desired capacity goes down with the instances, but not below the minimum."""
    if group["desired"] - count < group["min"]:
        raise invalid(f"AutoScalingGroup {group['name']} has min-size={group['min']}, max-size={group['max']}, and "
                      f"desired-size={group['desired']}. To {deed} {count} instance, please update the "
                      "AutoScalingGroup sizes appropriately.")
    group["desired"] -= count


def raise_desired(group, count, deed):
    if group["desired"] + count > group["max"]:
        raise invalid(f"AutoScalingGroup {group['name']} has min-size={group['min']}, max-size={group['max']}, and "
                      f"desired-size={group['desired']}. To {deed} {count} more instance, please update the "
                      "AutoScalingGroup sizes appropriately.")
    group["desired"] += count


def activity_list(call, rows):
    return {"Activities": [activities.shape(call.cloud, row) for row in rows]}


def attach(call):
    state = call.cloud.state
    group = changing_group(call)
    ids = need_members(call.params, "InstanceIds", MOST)
    for instance_id in ids:
        row = state.instances.get(instance_id)
        if row is None:
            raise invalid(f"Invalid Instance ID(s): [{instance_id}].")
        if any(instance_id in other["instances"] for other in state.groups.values()):
            raise invalid(f"The instance {instance_id} is already part of an Auto Scaling group.")
        if row["state"] != "running":
            raise invalid(f"Invalid Instance ID(s): [{instance_id}]. Instance is not in correct state: {row['state']}.")
        if row["zone"] not in group["zones"]:
            raise invalid(f"The availability zone of {instance_id} is not one of the group's")
    raise_desired(group, len(ids), "attach")
    for instance_id in ids:
        cause = at("an instance was attached in response to a user request, increasing the capacity to "
                   f"{group['desired']}.")
        row = state.instances[instance_id]
        activity = activities.begin(call.cloud, group, f"Attaching an existing EC2 instance: {instance_id}", cause,
                                    zone=row["zone"])
        member = new_member(row, {"template": None, "configuration": None}, activity["id"], group["protect_new"])
        member["hooked"] = False
        group["instances"][instance_id] = member
        state.tags.setdefault(instance_id, {})[GROUP_TAG] = group["name"]
    done(call)


def detach(call):
    group = changing_group(call)
    chosen = named_members(call, group)
    for member in chosen:
        if member["state"] not in ("InService", "Standby"):
            raise invalid(f"The instance {member['id']} is not in InService or Standby.")
    return leave(call, group, chosen, "Detaching", "Detaching EC2 instance: {}",
                 "instance {} was detached in response to a user request.", "detach")


def enter_standby(call):
    group = changing_group(call)
    return leave(call, group, named_members(call, group, "InService"), "EnteringStandby",
                 "Moving EC2 instance to Standby: {}", "instance {} was moved to standby in response to a user "
                 "request.", "place into standby")


def leave(call, group, chosen, state, description, sentence, deed):
    if read_flag(call.params, "ShouldDecrementDesiredCapacity"):
        counted = sum(member["state"] == "InService" for member in chosen)
        lower_desired(group, counted, deed)
    rows = [begin_leaving(call.cloud, group, member, state, description.format(member["id"]),
                          at(sentence.format(member["id"]))) for member in chosen]
    done(call)
    return activity_list(call, rows)


def exit_standby(call):
    group = changing_group(call)
    chosen = named_members(call, group, "Standby")
    raise_desired(group, len(chosen), "remove from standby")
    rows = [begin_return(call.cloud, group, member,
                         at(f"instance {member['id']} was moved out of standby in response to a user request."))
            for member in chosen]
    done(call)
    return activity_list(call, rows)


def terminate(call):
    group, member = find_member(call, call.params.required("InstanceId"))
    decrement = read_flag(call.params, "ShouldDecrementDesiredCapacity")
    going = member["state"].startswith("Terminat")
    if member["state"] in ("Detaching", "Detached"):
        raise ApiError("ScalingActivityInProgress", f"The instance {member['id']} is being detached")
    if decrement and not going and member["state"] != "Standby":
        if group["desired"] <= group["min"]:
            raise invalid(f"Currently, desiredSize equals minSize ({group['min']}). Terminating instance without "
                          "replacement will violate group's min size constraint. Either set "
                          "shouldDecrementDesiredCapacity flag to false or lower group's min size.")
        group["desired"] -= 1
    words = "shrinking the capacity." if decrement else "and will be replaced."
    activity = begin_termination(call.cloud, group, member, at(f"instance {member['id']} was taken out of service in "
                                                               f"response to a user request, {words}"))
    done(call)
    return {"Activity": activities.shape(call.cloud, activity)}


def set_health(call):
    params = call.params
    group, member = find_member(call, params.required("InstanceId"))
    status = params.required("HealthStatus")
    if status not in ("Healthy", "Unhealthy"):
        raise invalid(f"Valid instance health states are: [Healthy, Unhealthy], not {status}")
    if not (params.boolean("ShouldRespectGracePeriod", True) and in_grace(call.cloud, group, member)):
        member.update(health=status, why=None)
    done(call)


def set_protection(call):
    group = changing_group(call)
    flag = read_flag(call.params, "ProtectedFromScaleIn")
    chosen = named_members(call, group, most=50)
    for member in chosen:
        if member["state"] not in ("Pending", "Pending:Wait", "Pending:Proceed", "InService", "Standby",
                                   "EnteringStandby"):
            raise invalid(f"The instance {member['id']} is not in InService or EnteringStandby or Standby.")
    for member in chosen:
        member["protected"] = flag
    done(call)
    return {}


def describe(call):
    wanted = members(call.params, "InstanceIds")
    if len(wanted) > 50:
        raise invalid("InstanceIds may have at most 50 members")
    rows = [{**member_shape(member), "AutoScalingGroupName": group["name"], "HealthStatus": member["health"].upper()}
            for group in call.cloud.state.groups.values() for member in group["instances"].values()
            if not wanted or member["id"] in wanted]
    rows, token = records(call.params, rows, most=50)
    return {"AutoScalingInstances": rows, "NextToken": token}


SOME = "AutoScalingGroupName InstanceIds.member.N"
ACTIONS = {
    "AttachInstances": action(attach, SOME),
    "DetachInstances": action(detach, SOME + " ShouldDecrementDesiredCapacity"),
    "EnterStandby": action(enter_standby, SOME + " ShouldDecrementDesiredCapacity"),
    "ExitStandby": action(exit_standby, SOME),
    "TerminateInstanceInAutoScalingGroup": action(terminate, "InstanceId ShouldDecrementDesiredCapacity"),
    "SetInstanceHealth": action(set_health, "InstanceId HealthStatus ShouldRespectGracePeriod"),
    "SetInstanceProtection": action(set_protection, SOME + " ProtectedFromScaleIn"),
    "DescribeAutoScalingInstances": action(describe, "InstanceIds.member.N" + PAGED),
}
