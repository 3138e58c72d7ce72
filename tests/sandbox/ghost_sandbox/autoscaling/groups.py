"""Groups: made, changed, sized, deleted."""
import re
import time
import uuid

from ..errors import ApiError
from ..filters import apply_filters
from . import attachments, group_shape
from .activities import at
from .group_tags import NAMES as TAG_NAMES, read_tags
from .hooks import SPECIFICATION as HOOK_NAMES, read_specifications
from .mixed import POLICY, wire_names
from .processes import POLICIES
from .source import active_refresh, check_source, read_source
from .steps import end_at_once
from .wire import FILTERS, PAGED, action, changing_group, done, find_group, invalid, members, read_filters, records

NAME = re.compile(r"[\x21-\x39\x3b-\x7e\x20]{1,255}")
COOLDOWN = 300
LARGEST = 10000
SETTINGS = (
    "AutoScalingGroupName MinSize MaxSize DesiredCapacity DefaultCooldown VPCZoneIdentifier "
    "AvailabilityZones.member.N LaunchConfigurationName LaunchTemplate.LaunchTemplateId "
    "LaunchTemplate.LaunchTemplateName LaunchTemplate.Version HealthCheckType HealthCheckGracePeriod "
    "DefaultInstanceWarmup TerminationPolicies.member.N NewInstancesProtectedFromScaleIn MaxInstanceLifetime "
    "CapacityRebalance ServiceLinkedRoleARN Context " + wire_names(POLICY))


def create(call):
    params, state = call.params, call.cloud.state
    name = params.required("AutoScalingGroupName")
    if not NAME.fullmatch(name):
        raise invalid("A group's name has 1 to 255 printable characters and no colon")
    if name in state.groups:
        raise ApiError("AlreadyExists", "AutoScalingGroup by this name already exists - A group already exists with "
                       f"the name {name}" + (" and is pending delete" if state.groups[name]["status"] else ""))
    for needed in ("MinSize", "MaxSize"):
        params.required(needed)
    group = blank(call.cloud, name)
    read_settings(call, group)
    group["desired"] = params.integer("DesiredCapacity", group["min"], 0, LARGEST)
    check_sizes(group)
    if not group["template"] and not group["configuration"]:
        raise invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or "
                      "MixedInstancesPolicy parameter.")
    if not group["subnets"]:
        raise invalid("At least one Availability Zone or VPC Subnet is required.")
    check_source(call.cloud, group, group["subnets"][0])
    group["tags"] = read_tags(params, name)
    group["hooks"] = read_specifications(params)
    attachments.read_new(call, group)
    group["cause"] = at(f"a user request created an AutoScalingGroup changing the desired capacity from 0 to "
                        f"{group['desired']}.")
    state.groups[name] = group
    done(call)


def blank(cloud, name):
    return {"name": name, "created": time.time(), "status": None, "cause": "",
            "arn": f"arn:aws:autoscaling:{cloud.region}:{cloud.account}:autoScalingGroup:{uuid.uuid4()}:"
                   f"autoScalingGroupName/{name}",
            "min": 0, "max": 0, "desired": 0, "cooldown": COOLDOWN,
            "template": None, "configuration": None, "mixed": None,
            "subnets": [], "zones": [], "health_type": "EC2", "grace": 0, "warmup": None, "policies": ["Default"],
            "protect_new": False, "lifetime": None, "capacity_rebalance": False, "context": None,
            "role": f"arn:aws:iam::{cloud.account}:role/aws-service-role/autoscaling.amazonaws.com/"
                    "AWSServiceRoleForAutoScaling",
            "suspended": {}, "metrics": [], "tags": {}, "hooks": {}, "target_groups": {}, "load_balancers": {},
            "instances": {}, "refreshes": [], "retry_at": 0, "failures": 0, "extra": None, "scaled_at": 0}


def read_settings(call, group):
    """What both create and update take; only what is given changes."""
    params = call.params
    group["min"] = params.integer("MinSize", group["min"], 0, LARGEST)
    group["max"] = params.integer("MaxSize", group["max"], 0, LARGEST)
    group["cooldown"] = params.integer("DefaultCooldown", group["cooldown"], 0, 10 ** 6)
    group["health_type"] = params.choice("HealthCheckType", ["EC2", "ELB"], group["health_type"])
    group["grace"] = params.integer("HealthCheckGracePeriod", group["grace"], 0, 10 ** 6)
    warmup = params.integer("DefaultInstanceWarmup", group["warmup"], -1, 10 ** 6)
    group["warmup"] = None if warmup == -1 else warmup
    group["protect_new"] = params.boolean("NewInstancesProtectedFromScaleIn", group["protect_new"])
    group["lifetime"] = read_lifetime(params, group["lifetime"])
    group["capacity_rebalance"] = params.boolean("CapacityRebalance", group["capacity_rebalance"])
    group["context"] = params.text("Context", group["context"])
    group["role"] = params.text("ServiceLinkedRoleARN", group["role"])
    if params.has("TerminationPolicies"):
        group["policies"] = members(params, "TerminationPolicies") or ["Default"]
        unknown = [word for word in group["policies"] if word not in POLICIES]
        if unknown:
            raise invalid(f"Invalid termination policy: {unknown[0]}")
    group.update(read_source(call, params, group))
    read_places(call, group)


def read_lifetime(params, known):
    lifetime = params.integer("MaxInstanceLifetime", known, 0, 31536000)
    if lifetime and lifetime < 86400:
        raise invalid("Maximum instance lifetime must be equal to 0 or between 86400 and 31536000 seconds, inclusive.")
    return lifetime or None


def read_places(call, group):
    params, network = call.params, call.cloud.network
    subnets = [part.strip() for part in params.text("VPCZoneIdentifier", "").split(",") if part.strip()]
    zones = members(params, "AvailabilityZones")
    for subnet in subnets:
        if subnet not in network.subnets:
            raise invalid(f"The subnet ID '{subnet}' does not exist")
    if not subnets:
        for zone in zones:
            if zone not in {part["zone"] for part in network.subnets.values()}:
                raise invalid(f"Invalid Availability Zones: [{zone}]")
        subnets = [network.subnet(None, zone) for zone in zones]
    found = {network.subnets[subnet]["zone"] for subnet in subnets}
    if zones and not found <= set(zones):
        raise invalid("The availability zones of the specified subnets and the Auto Scaling group do not match")
    if subnets:
        group["subnets"], group["zones"] = list(dict.fromkeys(subnets)), sorted(found)


def check_sizes(group):
    low, high, desired = group["min"], group["max"], group["desired"]
    if high < low:
        raise invalid(f"Max bound, {high}, must be greater than or equal to min bound, {low}")
    if not low <= desired <= high:
        raise invalid(f"Desired capacity:{desired} must be between the specified min size:{low} and max size:{high}")


def update(call):
    params = call.params
    group = changing_group(call)
    draft = dict(group)
    read_settings(call, draft)
    if params.has("DesiredCapacity"):
        draft["desired"] = params.integer("DesiredCapacity", None, 0, LARGEST)
    elif draft["min"] <= draft["max"]:
        draft["desired"] = min(max(draft["desired"], draft["min"]), draft["max"])
    check_sizes(draft)
    if any(params.has(name) for name in ("LaunchTemplate", "LaunchConfigurationName", POLICY)):
        check_source(call.cloud, draft, draft["subnets"][0])
        refresh = active_refresh(group)
        if refresh and refresh["desired"]:
            raise ApiError("InstanceRefreshInProgress", "An active instance refresh with a desired configuration "
                           "exists. All configuration options derived from the desired configuration are not available "
                           "for update while the instance refresh is active.")
    if draft["desired"] != group["desired"]:
        draft["cause"] = changed_capacity(group, draft)
    group.update(draft)
    done(call)


def changed_capacity(before, after):
    return at("a user request update of AutoScalingGroup constraints to "
              f"min: {after['min']}, max: {after['max']}, desired: {after['desired']} changing the desired capacity "
              f"from {before['desired']} to {after['desired']}.")


def set_desired(call):
    params = call.params
    group = changing_group(call)
    params.required("DesiredCapacity")
    wanted = params.integer("DesiredCapacity", None, 0, LARGEST)
    beyond = "above max" if wanted > group["max"] else "below min" if wanted < group["min"] else None
    if beyond:
        raise invalid(f"New SetDesiredCapacity value {wanted} is {beyond} value {group[beyond[-3:]]} for the "
                      "AutoScalingGroup.")
    if params.boolean("HonorCooldown") and wanted != group["desired"]:
        if time.time() < group["scaled_at"] + group["cooldown"] / call.cloud.clock.speed:
            raise ApiError("ScalingActivityInProgress", f"AutoScalingGroup {group['name']} is in its cooldown period")
    if wanted != group["desired"]:
        group["cause"] = at(f"a user request explicitly set group desired capacity changing the desired capacity from "
                            f"{group['desired']} to {wanted}.")
    group["desired"] = wanted
    done(call)


def delete(call):
    group = find_group(call)
    force = call.params.boolean("ForceDelete")
    if group["instances"] and not force:
        moving = any(":" in member["state"] or member["state"] not in ("InService", "Standby")
                     for member in group["instances"].values())
        if moving:
            raise ApiError("ScalingActivityInProgress", "You cannot delete an AutoScalingGroup while there are scaling "
                           "activities in progress for that group.")
        raise ApiError("ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances or pending "
                       "Spot instance request(s) still in the group.")
    group["status"] = "Delete in progress"
    group["min"] = group["desired"] = 0
    for member in list(group["instances"].values()):
        end_at_once(call.cloud, group, member)
    if not group["instances"]:
        del call.cloud.state.groups[group["name"]]
    done(call)


def describe(call):
    params = call.params
    wanted = members(params, "AutoScalingGroupNames")
    rows = [group for name, group in sorted(call.cloud.state.groups.items()) if not wanted or name in wanted]
    filters = read_filters(params, group_shape.facts.names)
    rows = apply_filters(filters, rows, group_shape.facts)
    rows, token = records(params, rows)
    with_instances = params.boolean("IncludeInstances", True)
    return {"AutoScalingGroups": [group_shape.shape(call.cloud, row, with_instances) for row in rows],
            "NextToken": token}


ACTIONS = {
    "CreateAutoScalingGroup": action(
        create, f"{SETTINGS} {TAG_NAMES} {HOOK_NAMES} TargetGroupARNs.member.N LoadBalancerNames.member.N"),
    "UpdateAutoScalingGroup": action(update, SETTINGS),
    "SetDesiredCapacity": action(set_desired, "AutoScalingGroupName DesiredCapacity HonorCooldown"),
    "DeleteAutoScalingGroup": action(delete, "AutoScalingGroupName ForceDelete"),
    "DescribeAutoScalingGroups": action(
        describe, "AutoScalingGroupNames.member.N IncludeInstances" + FILTERS + PAGED),
}
