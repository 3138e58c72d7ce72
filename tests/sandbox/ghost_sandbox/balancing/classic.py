"""Classic load balancers: they, their listeners, subnets, attributes and tags."""
import time

from ..clock import utc_text
from ..errors import ApiError
from .pools import is_classic
from .wire import (PAGED, TAGS, MemberAction, invalid, marked_page, merge_tags, need_structs, read_groups, read_list,
                   read_name, read_structs, read_subnets, read_tags, tag_shapes)

PROTOCOLS = {"HTTP": "HTTP", "HTTPS": "HTTP", "TCP": "TCP"}  # and what their instances speak unless told
CONFLICT = 409


def find(call, name=None):
    name = name or call.params.required("LoadBalancerName")
    row = call.cloud.state.load_balancers.get(name)
    if row is None or not is_classic(row):
        raise ApiError("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")
    return row


def read_listeners(params):
    found = []
    for part in need_structs(params, "Listeners"):
        protocol = part.required("Protocol").upper()
        if protocol not in PROTOCOLS:
            raise ApiError("UnsupportedProtocol", f"The sandbox has no listeners of protocol {protocol}")
        backend = part.text("InstanceProtocol", PROTOCOLS[protocol]).upper()
        if backend not in ("HTTP", "HTTPS", "TCP") or (backend == "TCP") != (protocol == "TCP"):
            raise ApiError("InvalidConfigurationRequest", f"A listener of protocol {protocol} cannot have instances of "
                           f"protocol {backend}", CONFLICT)
        ports = [part.integer(name, None, 1, 65535) for name in ("LoadBalancerPort", "InstancePort")]
        if None in ports:
            raise invalid("A listener needs LoadBalancerPort and InstancePort")
        certificate = part.text("SSLCertificateId")
        if protocol == "HTTPS" and not certificate:
            raise ApiError("CertificateNotFound", "An HTTPS listener needs SSLCertificateId")
        found.append({"protocol": protocol, "port": ports[0], "instance_protocol": backend,
                      "instance_port": ports[1], "certificate": certificate if protocol == "HTTPS" else None})
    if len({listener["port"] for listener in found}) != len(found):
        raise ApiError("DuplicateListener", "Two listeners have the same LoadBalancerPort")
    return found


def listener_shape(listener):
    return {"Listener": {"Protocol": listener["protocol"], "LoadBalancerPort": listener["port"],
                         "InstanceProtocol": listener["instance_protocol"],
                         "InstancePort": listener["instance_port"], "SSLCertificateId": listener["certificate"]},
            "PolicyNames": []}


def read_places(call):
    """The subnets of a call: named, or the first of each named zone."""
    names = read_list(call.params, "Subnets")
    zones = read_list(call.params, "AvailabilityZones")
    if bool(names) == bool(zones):
        raise invalid("Specify either Availability Zones or subnets, one of them")
    return read_subnets(call, names or [call.cloud.network.subnet(None, zone) for zone in zones])


def default_attributes():
    return {"cross_zone": False, "draining": {"enabled": False, "timeout": 300}, "idle": 60,
            "access_log": {"enabled": False, "bucket": None, "interval": None, "prefix": None}, "more": {
                "elb.http.desyncmitigationmode": "defensive"}}


def create(call):
    params, state = call.params, call.cloud.state
    name = read_name(params, "LoadBalancerName", "Load balancer")
    listeners = read_listeners(params)
    tags = read_tags(params)
    asked = {"listeners": listeners, "subnets": read_places(call),
             "groups": read_groups(call, read_list(params, "SecurityGroups")),
             "scheme": params.choice("Scheme", ["internet-facing", "internal"], "internet-facing")}
    with state.lock:
        known = state.load_balancers.get(name)
        if known:
            if {key: known[key] for key in asked} != asked:
                raise ApiError("DuplicateLoadBalancerName", f"Load Balancer named '{name}' already exists and it is "
                               "configured with different parameters")
            return {"DNSName": known["address"]}
        address = call.cloud.balancing.take_address()
        for listener in listeners:
            call.cloud.balancing.open_port(address, listener["port"])
        check = {"protocol": "TCP", "port": str(listeners[0]["instance_port"]), "path": "/", "codes": "200",
                 "interval": 30, "timeout": 5, "unhealthy": 2, "healthy": 10}
        state.load_balancers[name] = {
            "name": name, "state": "active", "vpc": call.cloud.network.vpc, "address": address,
            "created": time.time(), "check": check, "attributes": default_attributes(), "members": {}, "tags": tags, **asked}
        call.cloud.balancing.settle()
        return {"DNSName": address}


def target_text(check):
    path = check["path"] if check["protocol"] in ("HTTP", "HTTPS") else ""
    return f"{check['protocol']}:{check['port']}{path}"


def check_shape(row):
    check = row["check"]
    return {"Target": target_text(check), "Interval": check["interval"], "Timeout": check["timeout"],
            "UnhealthyThreshold": check["unhealthy"], "HealthyThreshold": check["healthy"]}


def staying(row):
    """Members that do not drain: what the API calls registered."""
    return [{"InstanceId": member["id"]} for member in row["members"].values() if not member["drained_at"]]


def shape(call, row):
    return {"LoadBalancerName": row["name"], "DNSName": row["address"], "CanonicalHostedZoneName": row["address"],
            "CanonicalHostedZoneNameID": "Z32O12XQLNTSW2",
            "ListenerDescriptions": [listener_shape(listener) for listener in row["listeners"]],
            "Policies": {"AppCookieStickinessPolicies": [], "LBCookieStickinessPolicies": [], "OtherPolicies": []},
            "BackendServerDescriptions": [], "AvailabilityZones": sorted(row["subnets"].values()),
            "Subnets": list(row["subnets"]), "VPCId": row["vpc"], "Instances": staying(row),
            "HealthCheck": check_shape(row), "SecurityGroups": row["groups"], "Scheme": row["scheme"],
            "SourceSecurityGroup": {"OwnerAlias": call.cloud.account, "GroupName": "default"},
            "CreatedTime": utc_text(row["created"])}


def describe(call):
    names = read_list(call.params, "LoadBalancerNames")
    with call.cloud.state.lock:
        rows = [find(call, name) for name in names] if names else \
            [row for row in call.cloud.state.load_balancers.values() if is_classic(row)]
        rows, marker = marked_page(call.params, rows)
        return {"LoadBalancerDescriptions": [shape(call, row) for row in rows], "NextMarker": marker}


def delete(call):
    """One that is gone is a success."""
    state = call.cloud.state
    name = call.params.required("LoadBalancerName")
    with state.lock:
        if name in state.load_balancers and is_classic(state.load_balancers[name]):
            del state.load_balancers[name]
            call.cloud.balancing.settle()


def create_listeners(call):
    """One that is there already just so is a success."""
    with call.cloud.state.lock:
        row = find(call)
        new = [listener for listener in read_listeners(call.params) if listener not in row["listeners"]]
        taken = {listener["port"] for listener in row["listeners"]}
        for listener in new:
            if listener["port"] in taken:
                raise ApiError("DuplicateListener", f"A listener already exists for '{row['name']}' with "
                               f"LoadBalancerPort {listener['port']}")
        for listener in new:
            call.cloud.balancing.open_port(row["address"], listener["port"])
        row["listeners"] += new
        call.cloud.balancing.settle()


def delete_listeners(call):
    with call.cloud.state.lock:
        row = find(call)
        ports = read_list(call.params, "LoadBalancerPorts")
        row["listeners"] = [listener for listener in row["listeners"] if str(listener["port"]) not in ports]
        call.cloud.balancing.settle()


def attach_subnets(call):
    with call.cloud.state.lock:
        row = find(call)
        row["subnets"] = read_subnets(call, [*row["subnets"], *read_list(call.params, "Subnets")])
        call.cloud.balancing.settle()
        return {"Subnets": list(row["subnets"])}


def detach_subnets(call):
    with call.cloud.state.lock:
        row = find(call)
        gone = read_list(call.params, "Subnets")
        left = {subnet: zone for subnet, zone in row["subnets"].items() if subnet not in gone}
        if not left:
            raise ApiError("InvalidConfigurationRequest", "A load balancer needs a subnet", CONFLICT)
        row["subnets"] = left
        call.cloud.balancing.settle()
        return {"Subnets": list(left)}


def apply_groups(call):
    with call.cloud.state.lock:
        row = find(call)
        row["groups"] = read_groups(call, read_list(call.params, "SecurityGroups"))
        call.cloud.state.save()
        return {"SecurityGroups": row["groups"]}


def add_tags(call):
    with call.cloud.state.lock:
        rows = [find(call, name) for name in read_list(call.params, "LoadBalancerNames")]
        tags = read_tags(call.params)
        merged = [merge_tags(row, tags) for row in rows]
        for row, after in zip(rows, merged):
            row["tags"] = after
        call.cloud.state.save()


def remove_tags(call):
    with call.cloud.state.lock:
        for row in [find(call, name) for name in read_list(call.params, "LoadBalancerNames")]:
            for part in read_structs(call.params, "Tags"):
                row["tags"].pop(part.required("Key"), None)
        call.cloud.state.save()


def describe_tags(call):
    with call.cloud.state.lock:
        rows = [find(call, name) for name in read_list(call.params, "LoadBalancerNames")]
        return {"TagDescriptions": [{"LoadBalancerName": row["name"], "Tags": tag_shapes(row)} for row in rows]}


LISTENER_NAMES = " ".join(f" Listeners.member.N.{name}" for name in (
    "Protocol", "LoadBalancerPort", "InstanceProtocol", "InstancePort", "SSLCertificateId"))
ACTIONS = {
    "CreateLoadBalancer": MemberAction(
        create, "LoadBalancerName AvailabilityZones.member.N Subnets.member.N SecurityGroups.member.N Scheme"
        + LISTENER_NAMES + TAGS),
    "DescribeLoadBalancers": MemberAction(describe, "LoadBalancerNames.member.N" + PAGED),
    "DeleteLoadBalancer": MemberAction(delete, "LoadBalancerName"),
    "CreateLoadBalancerListeners": MemberAction(create_listeners, "LoadBalancerName" + LISTENER_NAMES),
    "DeleteLoadBalancerListeners": MemberAction(delete_listeners, "LoadBalancerName LoadBalancerPorts.member.N"),
    "AttachLoadBalancerToSubnets": MemberAction(attach_subnets, "LoadBalancerName Subnets.member.N"),
    "DetachLoadBalancerFromSubnets": MemberAction(detach_subnets, "LoadBalancerName Subnets.member.N"),
    "ApplySecurityGroupsToLoadBalancer": MemberAction(apply_groups, "LoadBalancerName SecurityGroups.member.N"),
    "AddTags": MemberAction(add_tags, "LoadBalancerNames.member.N" + TAGS),
    "RemoveTags": MemberAction(remove_tags, "LoadBalancerNames.member.N Tags.member.N.Key"),
    "DescribeTags": MemberAction(describe_tags, "LoadBalancerNames.member.N"),
}
