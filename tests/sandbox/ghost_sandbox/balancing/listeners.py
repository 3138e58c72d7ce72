"""ELBv2: listeners. Each is served for real, at its load balancer's address."""
from ..errors import ApiError
from .actions import ACTION_NAMES, action_shape, names_below, read_actions
from .load_balancers import find_load_balancer, new_number
from .rules import delete_rules_of, make_default_rule
from .wire import PAGED, TAGS, MemberAction, invalid, marked_page, read_list, read_structs, read_tags

PROTOCOLS = {"application": ["HTTP", "HTTPS"], "network": ["TCP"]}
POLICY = "ELBSecurityPolicy-2016-08"


def find_listener(call, arn):
    row = call.cloud.state.listeners.get(arn)
    if row is None:
        raise ApiError("ListenerNotFound", f"One or more listeners not found: '{arn}'")
    return row


def shape(row):
    return {"ListenerArn": row["arn"], "LoadBalancerArn": row["lb"], "Port": row["port"], "Protocol": row["protocol"],
            "Certificates": [{"CertificateArn": arn} for arn in row["certificates"]] or None,
            "SslPolicy": row["ssl_policy"], "DefaultActions": [action_shape(action) for action in row["actions"]]}


def read_settings(call, balancer, before):
    """Port, protocol, certificate and actions of a call, over those before; lists are replaced whole."""
    params = call.params
    protocol = params.text("Protocol", before.get("protocol"))
    port = params.integer("Port", before.get("port"), 1, 65535)
    if not protocol or not port:
        raise invalid("A listener needs a protocol and a port")
    if protocol not in PROTOCOLS[balancer["type"]]:
        raise ApiError("UnsupportedProtocol", f"Listener protocol '{protocol}' is not supported by a load balancer of "
                       f"type {balancer['type']} in the sandbox")
    certificates = [part.required("CertificateArn") for part in read_structs(params, "Certificates")]
    certificates = certificates or before.get("certificates", [])
    if protocol == "HTTPS" and len(certificates) != 1:
        raise ApiError("CertificateNotFound", "An HTTPS listener needs one certificate")
    secure = protocol == "HTTPS"
    actions = before.get("actions")
    if actions is None or params.has("DefaultActions"):
        actions = read_actions(call, "DefaultActions", balancer["arn"], protocol)
    return {"protocol": protocol, "port": port, "certificates": certificates if secure else [], "actions": actions,
            "ssl_policy": params.text("SslPolicy", before.get("ssl_policy") or POLICY) if secure else None}


def check_port_free(call, balancer, port, own=None):
    for row in call.cloud.state.listeners.values():
        if row["lb"] == balancer["arn"] and row["port"] == port and row is not own:
            raise ApiError("DuplicateListener", f"A listener already exists on this port for this load balancer "
                           f"'{balancer['arn']}'")


def create(call):
    state = call.cloud.state
    tags = read_tags(call.params)
    with state.lock:
        balancer = find_load_balancer(call, call.params.required("LoadBalancerArn"))
        settings = read_settings(call, balancer, {})
        same = [row for row in state.listeners.values()
                if row["lb"] == balancer["arn"] and {key: row[key] for key in settings} == settings]
        if same:
            return {"Listeners": [shape(same[0])]}
        check_port_free(call, balancer, settings["port"])
        call.cloud.balancing.open_port(balancer["address"], settings["port"])
        stem = balancer["arn"].replace(":loadbalancer/", ":listener/", 1)
        row = {"arn": f"{stem}/{new_number()}", "lb": balancer["arn"], "tags": tags, **settings}
        state.listeners[row["arn"]] = row
        make_default_rule(call, row)
        call.cloud.balancing.settle()
        return {"Listeners": [shape(row)]}


def modify(call):
    state = call.cloud.state
    with state.lock:
        row = find_listener(call, call.params.required("ListenerArn"))
        balancer = state.load_balancers[row["lb"]]
        settings = read_settings(call, balancer, row)
        if settings["port"] != row["port"]:
            check_port_free(call, balancer, settings["port"], row)
            call.cloud.balancing.open_port(balancer["address"], settings["port"])
        row.update(settings)
        call.cloud.balancing.settle()
        return {"Listeners": [shape(row)]}


def describe(call):
    params, state = call.params, call.cloud.state
    arns, owner = read_list(params, "ListenerArns"), params.text("LoadBalancerArn")
    if bool(arns) == bool(owner):
        raise invalid("You must specify either listener ARNs or a load balancer ARN")
    with state.lock:
        if owner:
            find_load_balancer(call, owner)
            rows = [row for row in state.listeners.values() if row["lb"] == owner]
        else:
            rows = [find_listener(call, arn) for arn in arns]
        rows, marker = marked_page(params, rows)
        return {"Listeners": [shape(row) for row in rows], "NextMarker": marker}


def delete(call):
    with call.cloud.state.lock:
        row = find_listener(call, call.params.required("ListenerArn"))
        delete_rules_of(call, row)
        del call.cloud.state.listeners[row["arn"]]
        call.cloud.balancing.settle()


SETTINGS = " Protocol Port SslPolicy Certificates.member.N.CertificateArn " + names_below("DefaultActions",
                                                                                          ACTION_NAMES)
ACTIONS = {
    "CreateListener": MemberAction(create, "LoadBalancerArn" + SETTINGS + TAGS),
    "ModifyListener": MemberAction(modify, "ListenerArn" + SETTINGS),
    "DescribeListeners": MemberAction(describe, "LoadBalancerArn ListenerArns.member.N" + PAGED),
    "DeleteListener": MemberAction(delete, "ListenerArn"),
}
