"""Load balancers of a group: target groups and classic ones."""
import time

from ..balancing.pools import condition, find_pools
from ..errors import ApiError
from .source import active_refresh
from .wire import BLOCKED, PAGED, action, changing_group, done, find_group, invalid, members, need_members, records

# what a group calls it → (list on the wire, name of one, list in replies, what AWS says of unknown ones)
KINDS = {
    "target_groups": ("TargetGroupARNs", "LoadBalancerTargetGroupARN", "LoadBalancerTargetGroups",
                      "Provided Target Groups may not be valid. Please ensure they exist and try again."),
    "load_balancers": ("LoadBalancerNames", "LoadBalancerName", "LoadBalancers",
                       "Provided Load Balancers may not be valid. Please ensure they exist and try again."),
}
SWITCH = {"Adding": "Added", "Added": "InService"}


def check_known(call, kind, names):
    if len(find_pools(call.cloud, **{"target_group_arns": (), "load_balancer_names": (), **pools(kind, names)})) \
            < len(names):
        raise invalid(KINDS[kind][3])


def read_new(call, group):
    """Those that a new group has from the start."""
    for kind, (wire, _, _, _) in KINDS.items():
        names = members(call.params, wire)
        check_known(call, kind, names)
        group[kind] = {name: "Adding" for name in names}


def attacher(kind):
    def attach(call):
        group = changing_group(call)
        names = need_members(call.params, KINDS[kind][0], 10)
        check_known(call, kind, names)
        refuse_during_refresh(group)
        new = [name for name in names if group[kind].get(name, "Removing") == "Removing"]
        for name in new:
            group[kind][name] = "Adding"
        if "AddToLoadBalancer" not in group["suspended"]:
            for member in group["instances"].values():
                if member["state"] == "InService":
                    call.cloud.balancing.register(member["id"], **pools(kind, new))
        done(call)
        return {}
    return attach


def detacher(kind):
    def detach(call):
        group = changing_group(call)
        names = need_members(call.params, KINDS[kind][0], 10)
        for name in names:
            if name not in group[kind]:
                raise invalid("Trying to remove Target Groups or Load Balancers that are not part of the group: "
                              + name)
        refuse_during_refresh(group)
        for name in names:
            group[kind][name] = "Removing"
        for member in group["instances"].values():
            seconds = call.cloud.balancing.deregister(member["id"], **pools(kind, names))
            group["leaving_until"] = max(group.get("leaving_until", 0), time.time() + seconds)
        done(call)
        return {}
    return detach


def refuse_during_refresh(group):
    if active_refresh(group):
        raise ApiError("InstanceRefreshInProgress", BLOCKED)


def pools(kind, names):
    return {"target_groups": {"target_group_arns": tuple(names)},
            "load_balancers": {"load_balancer_names": tuple(names)}}[kind]


def attached(group):
    """What the balancers are asked with: all that the group is attached to."""
    return {key: value for kind in KINDS for key, value in
            pools(kind, [name for name, state in group[kind].items() if state != "Removing"]).items()}


def is_unhealthy(cloud, group, instance_id):
    """Whether health checks of a balancer have found so. One that is new, draining or not used there is not."""
    return any(condition(cloud, pool, member)[0] == "unhealthy" for pool in find_pools(cloud, **attached(group))
               for member in pool["members"].values() if member["id"] == instance_id)


def step(cloud, group):
    """Adding → Added → InService once a first instance is healthy there; Removing → gone once all are drained."""
    for kind in KINDS:
        for name, state in list(group[kind].items()):
            if state == "Removing":
                if time.time() >= group.get("leaving_until", 0):
                    del group[kind][name]
            elif state == "Adding" or (state == "Added" and any(
                    member["state"] == "InService" and cloud.balancing.is_healthy(member["id"], **pools(kind, [name]))
                    for member in group["instances"].values())):
                group[kind][name] = SWITCH[state]


def describer(kind):
    def describe(call):
        _, name, shown, _ = KINDS[kind]
        rows, token = records(call.params, list(find_group(call)[kind].items()), usual=100)
        return {shown: [{name: key, "State": state} for key, state in rows], "NextToken": token}
    return describe


TARGETS = "AutoScalingGroupName TargetGroupARNs.member.N"
CLASSIC = "AutoScalingGroupName LoadBalancerNames.member.N"
ACTIONS = {
    "AttachLoadBalancerTargetGroups": action(attacher("target_groups"), TARGETS),
    "DetachLoadBalancerTargetGroups": action(detacher("target_groups"), TARGETS),
    "DescribeLoadBalancerTargetGroups": action(describer("target_groups"), "AutoScalingGroupName" + PAGED),
    "AttachLoadBalancers": action(attacher("load_balancers"), CLASSIC),
    "DetachLoadBalancers": action(detacher("load_balancers"), CLASSIC),
    "DescribeLoadBalancers": action(describer("load_balancers"), "AutoScalingGroupName" + PAGED),
}
