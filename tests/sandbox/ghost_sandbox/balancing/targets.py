"""ELBv2: targets of a group and their health."""
import ipaddress

from ..errors import ApiError
from .pools import condition, described, join, leave, member_key
from .target_groups import find_target_group
from .wire import MemberAction, need_structs, read_structs

NAMES = "TargetGroupArn Targets.member.N.Id Targets.member.N.Port Targets.member.N.AvailabilityZone"
LIMIT = 1000


def read_targets(row, parts):
    """[(id, port)]; the group's own port where none is given."""
    return [(part.required("Id"), part.integer("Port", row["port"], 1, 65535)) for part in parts]


def check_target(call, row, target_id):
    if row["type"] == "ip":
        try:
            inside = ipaddress.ip_address(target_id) in ipaddress.ip_network(
                f"127.{call.cloud.state.settings['octet']}.0.0/16")
        except ValueError:
            inside = False
        if not inside:
            raise ApiError("InvalidTarget", f"The IP address '{target_id}' is not valid, or not in the VPC")
        return
    instance = call.cloud.state.instances.get(target_id)
    if instance is None or instance["state"] == "terminated":
        raise ApiError("InvalidTarget", f"The following targets are not valid instances: '{target_id}'")
    if instance["state"] != "running":
        raise ApiError("InvalidTarget", "The following targets are not in a running state and cannot be registered: "
                       f"'{target_id}'")


def register(call):
    """All or none."""
    with call.cloud.state.lock:
        row = find_target_group(call, call.params.required("TargetGroupArn"))
        targets = read_targets(row, need_structs(call.params, "Targets"))
        for target_id, _ in targets:
            check_target(call, row, target_id)
        if len({member_key(*target) for target in targets} | set(row["members"])) > LIMIT:
            raise ApiError("TooManyTargets", f"A target group has at most {LIMIT} targets")
        for target_id, port in targets:
            join(call.cloud, row, target_id, port)
        call.cloud.balancing.settle()


def deregister(call):
    """One that is not there is a success."""
    with call.cloud.state.lock:
        row = find_target_group(call, call.params.required("TargetGroupArn"))
        for target in read_targets(row, need_structs(call.params, "Targets")):
            leave(call.cloud, row, member_key(*target))
        call.cloud.balancing.settle()


def health_shape(call, row, target_id, port, told):
    state, reason, description = told
    check_port = row["check"]["port"]
    health = {"State": state, "Reason": reason, "Description": description}
    return {"Target": {"Id": target_id, "Port": port},
            "HealthCheckPort": str(port) if check_port == "traffic-port" else check_port, "TargetHealth": health}


def describe_health(call):
    with call.cloud.state.lock:
        row = find_target_group(call, call.params.required("TargetGroupArn"))
        asked = read_targets(row, read_structs(call.params, "Targets"))
        if call.is_stale:
            return {"TargetHealthDescriptions": old_health(call, row, asked)}
        keys = [member_key(*target) for target in asked] or list(row["members"])
        targets = {key: (member["id"], member["port"]) for key, member in row["members"].items()}
        targets.update(zip(keys, asked))
        told = {key: condition(call.cloud, row, row["members"][key]) if key in row["members"]
                else described("unused", "Target.NotRegistered") for key in keys}
        return {"TargetHealthDescriptions": [health_shape(call, row, *targets[key], told[key]) for key in keys]}


def old_health(call, row, asked):
    """As it stood before each target changed last."""
    view = call.cloud.balancing.old_view(row)
    keys = {member_key(*target): target for target in asked} or {key: known[:2] for key, known in view.items()}
    return [health_shape(call, row, *target, view[key][2] if key in view else described("unused", "Target.NotRegistered"))
            for key, target in keys.items()]


ACTIONS = {
    "RegisterTargets": MemberAction(register, NAMES),
    "DeregisterTargets": MemberAction(deregister, NAMES),
    "DescribeTargetHealth": MemberAction(describe_health, NAMES),
}
