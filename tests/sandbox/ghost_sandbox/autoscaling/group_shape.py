"""Groups and their instances as they are shown."""
from ..clock import utc_text
from ..ec2.catalog import with_names
from . import group_tags
from .mixed import policy_shape


def template_shape(template):
    return template and {"LaunchTemplateId": template["id"], "LaunchTemplateName": template["name"],
                         "Version": template["version"]}


def zone_id(cloud, zone):
    return f"{cloud.region.replace('-', '')}-az{ord(zone[-1]) - ord('a') + 1}"


def member_shape(member):
    return {"InstanceId": member["id"], "InstanceType": member["type"], "AvailabilityZone": member["zone"],
            "LifecycleState": member["state"], "HealthStatus": member["health"],
            "LaunchConfigurationName": member["configuration"],
            "LaunchTemplate": template_shape(member["template"]), "ProtectedFromScaleIn": member["protected"]}


@with_names("tag-value")
def facts(group):
    tags = {key: tag["value"] for key, tag in group["tags"].items()}
    return {"tags": tags, "tag-value": list(tags.values())}


def shape(cloud, group, with_instances=True):
    return {
        "AutoScalingGroupName": group["name"], "AutoScalingGroupARN": group["arn"],
        "LaunchConfigurationName": group["configuration"],
        "LaunchTemplate": None if group["mixed"] else template_shape(group["template"]),
        "MixedInstancesPolicy": policy_shape(group, template_shape),
        "MinSize": group["min"], "MaxSize": group["max"], "DesiredCapacity": group["desired"],
        "DefaultCooldown": group["cooldown"], "AvailabilityZones": group["zones"],
        "AvailabilityZoneIds": [zone_id(cloud, zone) for zone in group["zones"]],
        "LoadBalancerNames": list(group["load_balancers"]), "TargetGroupARNs": list(group["target_groups"]),
        "HealthCheckType": group["health_type"], "HealthCheckGracePeriod": group["grace"],
        "Instances": [member_shape(member) for member in group["instances"].values()] if with_instances else [],
        "CreatedTime": utc_text(group["created"]),
        "SuspendedProcesses": [{"ProcessName": word, "SuspensionReason": reason}
                               for word, reason in group["suspended"].items()],
        "VPCZoneIdentifier": ",".join(group["subnets"]),
        "EnabledMetrics": [{"Metric": word, "Granularity": "1Minute"} for word in group["metrics"]],
        "Status": group["status"], "Tags": group_tags.shapes(group), "TerminationPolicies": group["policies"],
        "NewInstancesProtectedFromScaleIn": group["protect_new"], "ServiceLinkedRoleARN": group["role"],
        "MaxInstanceLifetime": group["lifetime"], "CapacityRebalance": group["capacity_rebalance"],
        "Context": group["context"], "DefaultInstanceWarmup": group["warmup"],
        "TrafficSources": [{"Identifier": arn, "Type": "elbv2"} for arn in group["target_groups"]]
        + [{"Identifier": name, "Type": "elb"} for name in group["load_balancers"]]}
