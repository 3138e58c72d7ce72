"""Classic load balancers: their instances, health and attributes."""
import re

from ..errors import ApiError
from .classic import CONFLICT, check_shape, find, staying
from .pools import condition, join, leave
from .wire import MemberAction, invalid, need_structs, read_structs

NAMES = "LoadBalancerName Instances.member.N.InstanceId"
TARGET = re.compile(r"(HTTP|HTTPS|TCP|SSL):(\d{1,5})(/[!-~]{0,1023})?", re.I)
ATTRIBUTES = "LoadBalancerAttributes."
FAILED = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
NOT_YET = "Instance has not passed the configured HealthyThreshold number of health checks consecutively."
# (state, reason code, description) by the reason of the pool
WORDS = {
    None: ("InService", "N/A", "N/A"),
    "Target.DeregistrationInProgress": ("InService", "N/A", "Instance deregistration currently in progress."),
    "Elb.RegistrationInProgress": ("OutOfService", "ELB", "Instance registration is still in progress."),
    "Elb.InitialHealthChecking": ("OutOfService", "Instance", NOT_YET),
    "Target.NotInUse": ("OutOfService", "ELB", "Instance is in an Availability Zone that the load balancer is not "
                        "configured to route traffic to."),
    "Target.NotRegistered": ("OutOfService", "Instance", "Instance is not currently registered with the "
                             "LoadBalancer."),
}


def read_instances(call, row, parts):
    """Ids of instances that exist, or are in."""
    ids = [part.required("InstanceId") for part in parts]
    for instance_id in ids:
        instance = call.cloud.state.instances.get(instance_id)
        if instance_id not in row["members"] and (instance is None or instance["state"] == "terminated"):
            raise ApiError("InvalidInstance", f"Could not find EC2 instance {instance_id}.")
    return ids


def register(call):
    with call.cloud.state.lock:
        row = find(call)
        for instance_id in read_instances(call, row, need_structs(call.params, "Instances")):
            join(call.cloud, row, instance_id)
        call.cloud.balancing.settle()
        return {"Instances": staying(row)}


def deregister(call):
    with call.cloud.state.lock:
        row = find(call)
        for instance_id in read_instances(call, row, need_structs(call.params, "Instances")):
            leave(call.cloud, row, instance_id)
        call.cloud.balancing.settle()
        return {"Instances": staying(row)}


def words_of(call, row, instance_id):
    if instance_id not in row["members"]:
        return WORDS["Target.NotRegistered"]
    state, reason, _ = condition(call.cloud, row, row["members"][instance_id])
    if reason == "Target.InvalidState":
        return "OutOfService", "Instance", f"Instance is in {call.cloud.state.instances[instance_id]['state']} state."
    return ("OutOfService", "Instance", FAILED) if state == "unhealthy" else WORDS[reason]


def describe_health(call):
    with call.cloud.state.lock:
        row = find(call)
        ids = read_instances(call, row, read_structs(call.params, "Instances")) or list(row["members"])
        return {"InstanceStates": [dict(zip(("InstanceId", "State", "ReasonCode", "Description"),
                                            (instance_id, *words_of(call, row, instance_id)))) for instance_id in ids]}


def configure_check(call):
    check = call.params.struct("HealthCheck")
    target = TARGET.fullmatch(check.required("Target"))
    if not target:
        raise invalid(f"HealthCheck Target must be PROTOCOL:PORT or HTTP:PORT/PATH, not '{check.text('Target')}'")
    protocol, port, path = target.group(1).upper(), int(target.group(2)), target.group(3)
    if not 1 <= port <= 65535 or (path is None) == (protocol in ("HTTP", "HTTPS")):
        raise invalid("HealthCheck Target needs a port from 1 to 65535, and a path for HTTP and HTTPS only")
    asked = {name.lower(): check.integer(name, None, low, high)
             for name, low, high in (("Interval", 5, 300), ("Timeout", 2, 60))}
    asked["unhealthy"] = check.integer("UnhealthyThreshold", None, 2, 10)
    asked["healthy"] = check.integer("HealthyThreshold", None, 2, 10)
    if None in asked.values():
        raise invalid("HealthCheck needs Target, Interval, Timeout, UnhealthyThreshold and HealthyThreshold")
    if asked["timeout"] >= asked["interval"]:
        raise invalid("HealthCheck interval must be greater than timeout")
    with call.cloud.state.lock:
        row = find(call)
        row["check"].update(asked, protocol=protocol, port=str(port), path=path or "/")
        call.cloud.balancing.settle()
        return {"HealthCheck": check_shape(row)}


def attributes_shape(row):
    known = row["attributes"]
    log = known["access_log"]
    return {"CrossZoneLoadBalancing": {"Enabled": known["cross_zone"]},
            "AccessLog": {"Enabled": log["enabled"], "S3BucketName": log["bucket"], "EmitInterval": log["interval"],
                          "S3BucketPrefix": log["prefix"]},
            "ConnectionDraining": {"Enabled": known["draining"]["enabled"], "Timeout": known["draining"]["timeout"]},
            "ConnectionSettings": {"IdleTimeout": known["idle"]},
            "AdditionalAttributes": [{"Key": key, "Value": value} for key, value in known["more"].items()]}


def describe_attributes(call):
    with call.cloud.state.lock:
        return {"LoadBalancerAttributes": attributes_shape(find(call))}


def modify_attributes(call):
    """Groups that are not named stay as they are."""
    params = call.params.struct("LoadBalancerAttributes")
    with call.cloud.state.lock:
        row = find(call)
        known = row["attributes"]
        draining, log = params.struct("ConnectionDraining"), params.struct("AccessLog")
        asked = {"cross_zone": params.boolean("CrossZoneLoadBalancing.Enabled", known["cross_zone"]),
                 "draining": {"enabled": draining.boolean("Enabled", known["draining"]["enabled"]),
                              "timeout": draining.integer("Timeout", known["draining"]["timeout"], 1, 3600)},
                 "idle": params.integer("ConnectionSettings.IdleTimeout", known["idle"], 1, 4000),
                 "access_log": {"enabled": log.boolean("Enabled", known["access_log"]["enabled"]),
                                "bucket": log.text("S3BucketName", known["access_log"]["bucket"]),
                                "interval": log.integer("EmitInterval", known["access_log"]["interval"], 5, 60),
                                "prefix": log.text("S3BucketPrefix", known["access_log"]["prefix"])},
                 "more": {**known["more"], **{part.required("Key"): part.text("Value", "")
                                              for part in read_structs(params, "AdditionalAttributes")}}}
        if asked["access_log"]["enabled"] and not asked["access_log"]["bucket"]:
            raise ApiError("InvalidConfigurationRequest", "An access log needs S3BucketName", CONFLICT)
        row["attributes"] = asked
        call.cloud.balancing.settle()
        return {"LoadBalancerName": row["name"], "LoadBalancerAttributes": attributes_shape(row)}


ACTIONS = {
    "RegisterInstancesWithLoadBalancer": MemberAction(register, NAMES),
    "DeregisterInstancesFromLoadBalancer": MemberAction(deregister, NAMES),
    "DescribeInstanceHealth": MemberAction(describe_health, NAMES),
    "ConfigureHealthCheck": MemberAction(
        configure_check, "LoadBalancerName HealthCheck.Target HealthCheck.Interval HealthCheck.Timeout "
        "HealthCheck.UnhealthyThreshold HealthCheck.HealthyThreshold"),
    "DescribeLoadBalancerAttributes": MemberAction(describe_attributes, "LoadBalancerName"),
    "ModifyLoadBalancerAttributes": MemberAction(modify_attributes, "LoadBalancerName " + " ".join(
        ATTRIBUTES + name for name in (
            "CrossZoneLoadBalancing.Enabled", "AccessLog.Enabled", "AccessLog.S3BucketName", "AccessLog.EmitInterval",
            "AccessLog.S3BucketPrefix", "ConnectionDraining.Enabled", "ConnectionDraining.Timeout",
            "ConnectionSettings.IdleTimeout", "AdditionalAttributes.member.N.Key",
            "AdditionalAttributes.member.N.Value"))),
}
