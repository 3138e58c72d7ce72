"""ELBv2: target groups, their health checks and attributes."""
import re

from ..errors import ApiError
from .load_balancers import arn_of, attribute_shapes, check_seconds, find_load_balancer, new_number, read_attributes
from .pools import groups_of_actions, users_of
from .wire import PAGED, TAGS, MemberAction, invalid, marked_page, read_list, read_name, read_tags

ATTRIBUTES = {"deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false",
              "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "86400",
              "slow_start.duration_seconds": "0", "load_balancing.algorithm.type": "round_robin",
              "load_balancing.cross_zone.enabled": "use_load_balancer_configuration"}
NETWORK_ATTRIBUTES = {"deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false",
                      "stickiness.type": "source_ip",
                      "deregistration_delay.connection_termination.enabled": "false",
                      "load_balancing.cross_zone.enabled": "use_load_balancer_configuration"}
CODES = re.compile(r"[2-5]\d\d(-[2-5]\d\d)?(,[2-5]\d\d(-[2-5]\d\d)?)*")
CHECK_NAMES = ("HealthCheckProtocol HealthCheckPort HealthCheckEnabled HealthCheckPath HealthCheckIntervalSeconds "
               "HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher.HttpCode")


def find_target_group(call, arn):
    row = call.cloud.state.target_groups.get(arn)
    if row is None:
        raise ApiError("TargetGroupNotFound", f"Target groups '{arn}' not found")
    return row


def shape(call, row):
    check = row["check"]
    web = check["protocol"] != "TCP"
    return {"TargetGroupArn": row["arn"], "TargetGroupName": row["name"], "Protocol": row["protocol"],
            "Port": row["port"], "VpcId": row["vpc"], "HealthCheckProtocol": check["protocol"],
            "HealthCheckPort": check["port"], "HealthCheckEnabled": True,
            "HealthCheckIntervalSeconds": check["interval"], "HealthCheckTimeoutSeconds": check["timeout"],
            "HealthyThresholdCount": check["healthy"], "UnhealthyThresholdCount": check["unhealthy"],
            "HealthCheckPath": check["path"] if web else None,
            "Matcher": {"HttpCode": check["codes"]} if web else None,
            "LoadBalancerArns": [user["arn"] for user in users_of(call.cloud, row)], "TargetType": row["type"],
            "ProtocolVersion": row["version"], "IpAddressType": "ipv4"}


def read_check(params, before):
    """The health check settings of a call, over those before."""
    protocol = params.choice("HealthCheckProtocol", ["HTTP", "HTTPS", "TCP"], before["protocol"])
    check = {"protocol": protocol, "port": params.text("HealthCheckPort", before["port"]),
             "path": params.text("HealthCheckPath", before["path"]),
             "interval": params.integer("HealthCheckIntervalSeconds", before["interval"], 5, 300),
             "timeout": params.integer("HealthCheckTimeoutSeconds", before["timeout"], 2, 120),
             "healthy": params.integer("HealthyThresholdCount", before["healthy"], 2, 10),
             "unhealthy": params.integer("UnhealthyThresholdCount", before["unhealthy"], 2, 10),
             "codes": params.text("Matcher.HttpCode", before["codes"])}
    if not params.boolean("HealthCheckEnabled", True):
        raise invalid("Health check enabled must be true for target groups with target type 'instance' or 'ip'")
    if check["port"] != "traffic-port" and not (check["port"].isdigit() and 1 <= int(check["port"]) <= 65535):
        raise invalid(f"Health check port '{check['port']}' must be 'traffic-port' or a port")
    if protocol == "TCP" and (params.has("HealthCheckPath") or params.has("Matcher")):
        raise ApiError("InvalidConfigurationRequest", "A TCP health check has no path and no matcher")
    if not re.fullmatch(r"/[!-~]{0,1023}", check["path"]):
        raise invalid(f"Health check path '{check['path']}' must begin with a '/' and have at most 1024 characters")
    if not CODES.fullmatch(check["codes"]):
        raise invalid(f"HTTP codes '{check['codes']}' are no codes, nor ranges of them, from 200 to 599")
    if check["timeout"] >= check["interval"]:
        raise invalid(f"Health check interval must be greater than the timeout: {check['interval']} s, "
                      f"{check['timeout']} s")
    return check


def default_check(protocol):
    web = protocol in ("HTTP", "HTTPS")
    return {"protocol": "HTTP" if web else "TCP", "port": "traffic-port", "path": "/", "interval": 30,
            "timeout": 5 if web else 10, "healthy": 5, "unhealthy": 2, "codes": "200"}


def create(call):
    params, state = call.params, call.cloud.state
    name = read_name(params, "Name", "Target group")
    protocol = params.choice("Protocol", ["HTTP", "HTTPS", "TCP"])
    kind = params.choice("TargetType", ["instance", "ip"], "instance")
    for needed in ("Protocol", "Port", "VpcId"):
        if not params.text(needed):
            raise invalid(f"{needed} must be specified for a target group of target type '{kind}'")
    if params.text("VpcId") != call.cloud.network.vpc:
        raise invalid(f"The VPC ID '{params.text('VpcId')}' is not found")
    web = protocol != "TCP"
    asked = {"protocol": protocol, "port": params.integer("Port", None, 1, 65535), "vpc": call.cloud.network.vpc,
             "type": kind, "version": params.choice("ProtocolVersion", ["HTTP1"], "HTTP1") if web else None,
             "check": read_check(params, default_check(protocol))}
    params.choice("IpAddressType", ["ipv4"])
    tags = read_tags(params)
    with state.lock:
        known = next((row for row in state.target_groups.values() if row["name"] == name), None)
        if known:
            if {key: known[key] for key in asked} != asked:
                raise ApiError("DuplicateTargetGroupName", f"A target group with the same name '{name}' exists, but "
                               "with different settings")
            return {"TargetGroups": [shape(call, known)]}
        arn = arn_of(call, "targetgroup", f"{name}/{new_number()}")
        row = {"arn": arn, "name": name, "attributes": dict(ATTRIBUTES if web else NETWORK_ATTRIBUTES), "members": {},
               "tags": tags, **asked}
        state.target_groups[arn] = row
        state.save()
        return {"TargetGroups": [shape(call, row)]}


def describe(call):
    params, state = call.params, call.cloud.state
    arns, names, owner = (read_list(params, "TargetGroupArns"), read_list(params, "Names"),
                          params.text("LoadBalancerArn"))
    if sum(map(bool, (arns, names, owner))) > 1:
        raise invalid("Specify target group ARNs, names or a load balancer ARN, one of them")
    with state.lock:
        rows = [find_target_group(call, arn) for arn in arns] if arns else list(state.target_groups.values())
        if owner:
            balancer = find_load_balancer(call, owner)
            rows = [row for row in rows if balancer in users_of(call.cloud, row)]
        if names:
            by_name = {row["name"]: row for row in rows}
            if missing := [name for name in names if name not in by_name]:
                raise ApiError("TargetGroupNotFound", f"Target groups '[{', '.join(missing)}]' not found")
            rows = [by_name[name] for name in names]
        rows, marker = marked_page(params, rows)
        return {"TargetGroups": [shape(call, row) for row in rows], "NextMarker": marker}


def modify(call):
    with call.cloud.state.lock:
        row = find_target_group(call, call.params.required("TargetGroupArn"))
        row["check"] = read_check(call.params, row["check"])
        call.cloud.balancing.settle()
        return {"TargetGroups": [shape(call, row)]}


def delete(call):
    """One that is gone is a success."""
    state = call.cloud.state
    arn = call.params.required("TargetGroupArn")
    with state.lock:
        users = [row for table in (state.listeners, state.rules) for row in table.values()
                 if arn in groups_of_actions(row["actions"])]
        if users:
            raise ApiError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
        if state.target_groups.pop(arn, None):
            call.cloud.balancing.settle()


def describe_attributes(call):
    with call.cloud.state.lock:
        row = find_target_group(call, call.params.required("TargetGroupArn"))
        return attribute_shapes(row["attributes"])


def modify_attributes(call):
    with call.cloud.state.lock:
        row = find_target_group(call, call.params.required("TargetGroupArn"))
        asked = read_attributes(call.params, row["attributes"])
        check_seconds(asked, "deregistration_delay.timeout_seconds", 0, 3600)
        check_seconds(asked, "stickiness.lb_cookie.duration_seconds", 1, 604800)
        if asked.get("slow_start.duration_seconds") != "0":
            check_seconds(asked, "slow_start.duration_seconds", 30, 900)
        for key, choices in (("stickiness.type", {"lb_cookie"} if row["protocol"] != "TCP" else {"source_ip"}),
                             ("load_balancing.algorithm.type", {"round_robin"})):
            if asked.get(key) not in (None, *choices):
                raise ApiError("InvalidConfigurationRequest", f"The sandbox knows {', '.join(choices)} as {key}")
        row["attributes"].update(asked)
        call.cloud.balancing.settle()
        return attribute_shapes(row["attributes"])


ACTIONS = {
    "CreateTargetGroup": MemberAction(
        create, "Name Protocol ProtocolVersion Port VpcId TargetType IpAddressType " + CHECK_NAMES + TAGS),
    "DescribeTargetGroups": MemberAction(
        describe, "LoadBalancerArn TargetGroupArns.member.N Names.member.N" + PAGED),
    "ModifyTargetGroup": MemberAction(modify, "TargetGroupArn " + CHECK_NAMES),
    "DeleteTargetGroup": MemberAction(delete, "TargetGroupArn"),
    "DescribeTargetGroupAttributes": MemberAction(describe_attributes, "TargetGroupArn"),
    "ModifyTargetGroupAttributes": MemberAction(
        modify_attributes, "TargetGroupArn Attributes.member.N.Key Attributes.member.N.Value"),
}
