"""ELBv2: load balancers and their attributes."""
import secrets
import time

from ..clock import utc_text
from ..errors import ApiError
from .pools import is_classic
from .wire import (PAGED, TAGS, MemberAction, invalid, marked_page, need_structs, read_groups, read_list, read_name,
                   read_structs, read_subnets, read_tags)

PROVISIONING = 3.0  # seconds at speed 1
ATTRIBUTES = {"deletion_protection.enabled": "false", "idle_timeout.timeout_seconds": "60",
              "routing.http2.enabled": "true", "routing.http.drop_invalid_header_fields.enabled": "false",
              "routing.http.xff_header_processing.mode": "append", "routing.http.preserve_host_header.enabled": "false",
              "routing.http.xff_client_port.enabled": "false", "routing.http.desync_mitigation_mode": "defensive",
              "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false", "waf.fail_open.enabled": "false",
              "load_balancing.cross_zone.enabled": "true", "access_logs.s3.enabled": "false",
              "access_logs.s3.bucket": "", "access_logs.s3.prefix": ""}
NETWORK_ATTRIBUTES = ("deletion_protection.enabled", "load_balancing.cross_zone.enabled", "access_logs.s3.enabled",
                      "access_logs.s3.bucket", "access_logs.s3.prefix")


def arn_of(call, kind, path):
    return f"arn:aws:elasticloadbalancing:{call.cloud.region}:{call.cloud.account}:{kind}/{path}"


def new_number():
    return secrets.token_hex(8)


def find_load_balancer(call, arn):
    row = call.cloud.state.load_balancers.get(arn)
    if row is None or is_classic(row):
        raise ApiError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
    return row


def load_balancers(call):
    return [row for row in call.cloud.state.load_balancers.values() if not is_classic(row)]


def zone_shapes(row):
    return [{"ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": []}
            for subnet, zone in row["subnets"].items()]


def shape(row):
    return {"LoadBalancerArn": row["arn"], "DNSName": row["address"], "CanonicalHostedZoneId": "Z32O12XQLNTSW2",
            "CreatedTime": utc_text(row["created"]), "LoadBalancerName": row["name"], "Scheme": row["scheme"],
            "VpcId": row["vpc"], "State": {"Code": row["state"]}, "Type": row["type"],
            "AvailabilityZones": zone_shapes(row), "SecurityGroups": row["groups"], "IpAddressType": row["ip_type"]}


def read_subnet_names(params):
    names = read_list(params, "Subnets")
    mapped = [part.required("SubnetId") for part in read_structs(params, "SubnetMappings")]
    if bool(names) == bool(mapped):
        raise invalid("Specify either subnets or subnet mappings, one of them")
    return names or mapped


def read_two_subnets(call, kind):
    subnets = read_subnets(call, read_subnet_names(call.params))
    if kind == "application" and len(subnets) < 2:
        raise invalid("At least two subnets in two different Availability Zones must be specified")
    return subnets


def create(call):
    params, state = call.params, call.cloud.state
    name = read_name(params, "Name", "Load balancer")
    kind = params.choice("Type", ["application", "network"], "application")
    asked = {"type": kind, "subnets": read_two_subnets(call, kind),
             "scheme": params.choice("Scheme", ["internet-facing", "internal"], "internet-facing"),
             "groups": read_groups(call, read_list(params, "SecurityGroups")) if kind == "application" else [],
             "ip_type": params.choice("IpAddressType", ["ipv4"], "ipv4")}
    tags = read_tags(params)
    with state.lock:
        known = next((row for row in load_balancers(call) if row["name"] == name), None)
        if known:
            if {key: known[key] for key in asked} != asked:
                raise ApiError("DuplicateLoadBalancerName", f"A load balancer with the same name '{name}' exists, but "
                               "with different settings")
            return {"LoadBalancers": [shape(known)]}
        number = new_number()
        arn = arn_of(call, "loadbalancer", f"{'app' if kind == 'application' else 'net'}/{name}/{number}")
        row = {"arn": arn, "name": name, "number": number, "state": "provisioning", "created": time.time(),
               "active_at": time.time() + PROVISIONING / call.cloud.clock.speed, "vpc": call.cloud.network.vpc,
               "address": call.cloud.balancing.take_address(), "attributes": attributes_of(kind), "tags": tags, **asked}
        state.load_balancers[arn] = row
        call.cloud.balancing.settle()
        return {"LoadBalancers": [shape(row)]}


def describe(call):
    params = call.params
    arns, names = read_list(params, "LoadBalancerArns"), read_list(params, "Names")
    if arns and names:
        raise invalid("Load balancer ARNs and names cannot be specified at the same time")
    with call.cloud.state.lock:
        rows = [find_load_balancer(call, arn) for arn in arns] if arns else load_balancers(call)
        if names:
            by_name = {row["name"]: row for row in rows}
            if missing := [name for name in names if name not in by_name]:
                raise ApiError("LoadBalancerNotFound", f"Load balancers '[{', '.join(missing)}]' not found")
            rows = [by_name[name] for name in names]
        rows, marker = marked_page(params, rows)
        return {"LoadBalancers": [shape(row) for row in rows], "NextMarker": marker}


def delete(call):
    """Listeners and rules go with it; target groups stay. One that is gone is a success."""
    state = call.cloud.state
    arn = call.params.required("LoadBalancerArn")
    with state.lock:
        row = state.load_balancers.get(arn)
        if row is None or is_classic(row):
            return
        if row["attributes"]["deletion_protection.enabled"] == "true":
            raise ApiError("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion "
                           "protection is enabled")
        del state.load_balancers[arn]
        gone = {key for key, listener in state.listeners.items() if listener["lb"] == arn}
        for key in gone:
            del state.listeners[key]
        for key in [key for key, rule in state.rules.items() if rule["listener"] in gone]:
            del state.rules[key]
        call.cloud.balancing.settle()


def attributes_of(kind):
    if kind == "network":
        return {key: ATTRIBUTES[key] for key in NETWORK_ATTRIBUTES} | {"load_balancing.cross_zone.enabled": "false"}
    return dict(ATTRIBUTES)


def attribute_shapes(attributes):
    return {"Attributes": [{"Key": key, "Value": value} for key, value in attributes.items()]}


def read_attributes(params, known):
    """Attributes.member.N as {key: value}; keys that are not there are refused."""
    asked = {}
    for part in need_structs(params, "Attributes"):
        key, value = part.required("Key"), part.text("Value", "")
        if key not in known:
            raise invalid(f"Attribute key '{key}' is not recognized")
        if known[key] in ("true", "false") and value not in ("true", "false"):
            raise invalid(f"Attribute '{key}' must be true or false, not '{value}'")
        asked[key] = value
    return asked


def check_seconds(asked, key, low, high):
    value = asked.get(key)
    if value is not None and not (value.isdigit() and low <= int(value) <= high):
        raise invalid(f"'{key}' must be a value from {low} to {high}, not '{value}'")


def describe_attributes(call):
    with call.cloud.state.lock:
        row = find_load_balancer(call, call.params.required("LoadBalancerArn"))
        return attribute_shapes(row["attributes"])


def modify_attributes(call):
    with call.cloud.state.lock:
        row = find_load_balancer(call, call.params.required("LoadBalancerArn"))
        asked = read_attributes(call.params, row["attributes"])
        check_seconds(asked, "idle_timeout.timeout_seconds", 1, 4000)
        row["attributes"].update(asked)
        call.cloud.balancing.settle()
        return attribute_shapes(row["attributes"])


def set_subnets(call):
    with call.cloud.state.lock:
        row = find_load_balancer(call, call.params.required("LoadBalancerArn"))
        row["subnets"] = read_two_subnets(call, row["type"])
        call.cloud.balancing.settle()
        return {"AvailabilityZones": zone_shapes(row), "IpAddressType": row["ip_type"]}


def set_security_groups(call):
    with call.cloud.state.lock:
        row = find_load_balancer(call, call.params.required("LoadBalancerArn"))
        if row["type"] != "application":
            raise ApiError("InvalidConfigurationRequest", "Security groups are of application load balancers")
        row["groups"] = read_groups(call, read_list(call.params, "SecurityGroups"))
        call.cloud.state.save()
        return {"SecurityGroupIds": row["groups"]}


SUBNETS = " Subnets.member.N SubnetMappings.member.N.SubnetId"
ACTIONS = {
    "CreateLoadBalancer": MemberAction(
        create, "Name Scheme Type IpAddressType SecurityGroups.member.N" + SUBNETS + TAGS),
    "DescribeLoadBalancers": MemberAction(describe, "LoadBalancerArns.member.N Names.member.N" + PAGED),
    "DeleteLoadBalancer": MemberAction(delete, "LoadBalancerArn"),
    "DescribeLoadBalancerAttributes": MemberAction(describe_attributes, "LoadBalancerArn"),
    "ModifyLoadBalancerAttributes": MemberAction(
        modify_attributes, "LoadBalancerArn Attributes.member.N.Key Attributes.member.N.Value"),
    "SetSubnets": MemberAction(set_subnets, "LoadBalancerArn IpAddressType" + SUBNETS),
    "SetSecurityGroups": MemberAction(set_security_groups, "LoadBalancerArn SecurityGroups.member.N"),
}
