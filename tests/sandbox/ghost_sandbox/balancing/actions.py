"""ELBv2: actions and conditions, of listeners and rules alike, between wire and state."""
import ipaddress

from ..errors import ApiError
from .pools import users_of
from .target_groups import find_target_group
from .wire import invalid, need_structs, read_list, read_structs

FAMILIES = {"HTTP": "web", "HTTPS": "web", "TCP": "stream"}
ACTION_NAMES = ("Type Order TargetGroupArn ForwardConfig.TargetGroups.member.N.TargetGroupArn "
                "ForwardConfig.TargetGroups.member.N.Weight ForwardConfig.TargetGroupStickinessConfig.Enabled "
                "ForwardConfig.TargetGroupStickinessConfig.DurationSeconds FixedResponseConfig.StatusCode "
                "FixedResponseConfig.ContentType FixedResponseConfig.MessageBody RedirectConfig.Protocol "
                "RedirectConfig.Port RedirectConfig.Host RedirectConfig.Path RedirectConfig.Query "
                "RedirectConfig.StatusCode")
CONDITION_NAMES = ("Field Values.member.N HostHeaderConfig.Values.member.N PathPatternConfig.Values.member.N "
                   "HttpHeaderConfig.HttpHeaderName HttpHeaderConfig.Values.member.N "
                   "HttpRequestMethodConfig.Values.member.N SourceIpConfig.Values.member.N "
                   "QueryStringConfig.Values.member.N.Key QueryStringConfig.Values.member.N.Value")
CONFIGS = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig", "http-header": "HttpHeaderConfig",
           "http-request-method": "HttpRequestMethodConfig", "source-ip": "SourceIpConfig",
           "query-string": "QueryStringConfig"}
REDIRECT = {"protocol": "#{protocol}", "port": "#{port}", "host": "#{host}", "path": "/#{path}", "query": "#{query}"}


def names_below(prefix, names):
    return " ".join(f"{prefix}.member.N.{name}" for name in names.split())


def read_actions(call, prefix, balancer, protocol):
    """The actions of a call, for a listener of this protocol at a load balancer."""
    parts = sorted(need_structs(call.params, prefix), key=lambda part: part.integer("Order", 1, 1, 50000))
    if len(parts) != 1:
        raise ApiError("TooManyActions", "One action decides; the sandbox knows none that may come before it")
    part = parts[0]
    readers = {"forward": read_forward, "fixed-response": read_fixed, "redirect": read_redirect}
    kind = part.choice("Type", list(readers)) or part.required("Type")
    if kind != "forward" and FAMILIES[protocol] != "web":
        raise ApiError("InvalidLoadBalancerAction", f"A {protocol} listener can forward only, not {kind}")
    action = {"type": kind, "order": part.integer("Order"), **readers[kind](part)}
    for group in action.get("groups", ()):
        check_group(call, group["arn"], balancer, protocol)
    return [action]


def check_group(call, arn, balancer, protocol):
    row = find_target_group(call, arn)
    if FAMILIES[row["protocol"]] != FAMILIES[protocol]:
        raise ApiError("IncompatibleProtocols", f"A listener of protocol {protocol} cannot forward to the target group "
                       f"'{arn}' of protocol {row['protocol']}")
    if [user for user in users_of(call.cloud, row) if user["arn"] != balancer]:
        raise ApiError("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than "
                       f"one load balancer: {arn}")


def read_forward(part):
    config = part.struct("ForwardConfig")
    plain = part.text("TargetGroupArn")
    groups = [{"arn": group.required("TargetGroupArn"), "weight": group.integer("Weight", 1, 0, 999)}
              for group in read_structs(config, "TargetGroups")]
    if plain and groups and [group["arn"] for group in groups] != [plain]:
        raise invalid("TargetGroupArn and ForwardConfig name different target groups")
    groups = groups or ([{"arn": plain, "weight": 1}] if plain else [])
    if not 1 <= len(groups) <= 5:
        raise invalid("A forward action names one to five target groups")
    if len({group["arn"] for group in groups}) != len(groups):
        raise invalid("A forward action names a target group twice")
    sticky = config.struct("TargetGroupStickinessConfig")
    seconds = sticky.integer("DurationSeconds", None, 1, 604800)
    if sticky.boolean("Enabled") and seconds is None:
        raise invalid("TargetGroupStickinessConfig.DurationSeconds must be specified when stickiness is enabled")
    return {"groups": groups, "sticky": seconds if sticky.boolean("Enabled") else None}


def read_fixed(part):
    config = part.struct("FixedResponseConfig")
    code = config.integer("StatusCode", None, 200, 599)
    if code is None:
        raise invalid("FixedResponseConfig.StatusCode must be specified")
    return {"code": code, "content_type": config.text("ContentType", "text/plain"),
            "body": config.text("MessageBody", "")}


def read_redirect(part):
    config = part.struct("RedirectConfig")
    code = config.choice("StatusCode", ["HTTP_301", "HTTP_302"]) or config.required("StatusCode")
    given = {key: config.text(key.capitalize(), standard) for key, standard in REDIRECT.items()}
    if given == REDIRECT:
        raise ApiError("InvalidLoadBalancerAction", "The redirect leads to where it came from")
    return {"code": code, **given}


def action_shape(action):
    shape = {"Type": action["type"], "Order": action["order"]}
    if action["type"] == "forward":
        groups = action["groups"]
        shape["TargetGroupArn"] = groups[0]["arn"] if len(groups) == 1 else None
        sticky = {"Enabled": action["sticky"] is not None, "DurationSeconds": action["sticky"]}
        shape["ForwardConfig"] = {
            "TargetGroups": [{"TargetGroupArn": group["arn"], "Weight": group["weight"]} for group in groups],
            "TargetGroupStickinessConfig": sticky}
    elif action["type"] == "fixed-response":
        shape["FixedResponseConfig"] = {"StatusCode": action["code"], "ContentType": action["content_type"],
                                        "MessageBody": action["body"]}
    else:
        shape["RedirectConfig"] = {"StatusCode": action["code"],
                                   **{key.capitalize(): action[key] for key in REDIRECT}}
    return shape


def read_conditions(params):
    found = []
    for part in need_structs(params, "Conditions"):
        field = part.choice("Field", list(CONFIGS)) or part.required("Field")
        config = part.struct(CONFIGS[field])
        if field == "query-string":
            values = [[value.text("Key"), value.required("Value")] for value in read_structs(config, "Values")]
        else:
            values = read_list(config, "Values") or read_list(part, "Values")
        if not values:
            raise invalid(f"A condition value must be specified for the field '{field}'")
        if field == "source-ip":
            check_networks(values)
        header = config.required("HttpHeaderName") if field == "http-header" else None
        found.append({"field": field, "values": values, "header": header})
    return found


def check_networks(values):
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError as problem:
            raise invalid(f"The source IP '{value}' is no CIDR block") from problem


def condition_shape(condition):
    field, values = condition["field"], condition["values"]
    shape = {"Field": field}
    if field in ("host-header", "path-pattern"):
        shape["Values"] = values
    if field == "query-string":
        values = [{"Key": key, "Value": value} for key, value in values]
    shape[CONFIGS[field]] = {"HttpHeaderName": condition["header"], "Values": values}
    return shape
