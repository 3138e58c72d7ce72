"""Launch configurations: what groups launched before there were launch templates."""
import re
import time
import uuid

from ..clock import utc_text
from ..ec2.instance_changes import decode_user_data
from ..errors import ApiError
from .wire import PAGED, action, done, invalid, members, records, structs

SIMPLE = ("ImageId", "InstanceType", "KeyName", "UserData", "SpotPrice", "IamInstanceProfile", "EbsOptimized",
          "AssociatePublicIpAddress", "PlacementTenancy", "KernelId", "RamdiskId")
OPTIONS = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint")
DISK = ("SnapshotId", "VolumeSize", "VolumeType", "DeleteOnTermination", "Iops", "Encrypted", "Throughput")
NAME = re.compile(r"[\x20-\x7e]{1,255}")


def create(call):
    params, state = call.params, call.cloud.state
    name = params.required("LaunchConfigurationName")
    if not NAME.fullmatch(name):
        raise invalid("A launch configuration's name has 1 to 255 printable characters")
    if name in state.launch_configurations:
        raise ApiError("AlreadyExists", "Launch Configuration by this name already exists - A launch configuration "
                       f"already exists with the name {name}")
    for needed in ("ImageId", "InstanceType"):
        if not params.text(needed):
            raise invalid(f"Valid requests must contain either the InstanceID parameter or both the ImageId and "
                          f"InstanceType parameters: {needed} is missing")
    decode_user_data(params.text("UserData", ""))
    row = {key: params.text(key) for key in SIMPLE if params.text(key)}
    for flag in ("EbsOptimized", "AssociatePublicIpAddress"):
        params.boolean(flag)
    row.update(name=name, created=time.time(), groups=members(params, "SecurityGroups"),
               monitoring=params.boolean("InstanceMonitoring.Enabled", True), disks=read_disks(params),
               options={key: params.text(f"MetadataOptions.{key}") for key in OPTIONS
                        if params.text(f"MetadataOptions.{key}")},
               arn=f"arn:aws:autoscaling:{call.cloud.region}:{call.cloud.account}:launchConfiguration:{uuid.uuid4()}"
                   f":launchConfigurationName/{name}")
    state.launch_configurations[name] = row
    done(call)


def read_disks(params):
    disks = []
    for part in structs(params, "BlockDeviceMappings"):
        ebs = part.struct("Ebs")
        disks.append({"DeviceName": part.required("DeviceName"), "VirtualName": part.text("VirtualName"),
                      "NoDevice": "true" if part.boolean("NoDevice") else None,
                      "Ebs": {key: ebs.text(key) for key in DISK if ebs.text(key)}})
    return disks


def run_form(row):
    """The launch configuration as the parameters of RunInstances; the subnet is the group's to add."""
    form = {key: row[key] for key in ("ImageId", "InstanceType", "KeyName", "UserData", "EbsOptimized") if key in row}
    form["Monitoring.Enabled"] = "true" if row["monitoring"] else "false"
    if profile := row.get("IamInstanceProfile"):
        form["IamInstanceProfile.Arn" if profile.startswith("arn:") else "IamInstanceProfile.Name"] = profile
    if "SpotPrice" in row:
        form.update({"InstanceMarketOptions.MarketType": "spot",
                     "InstanceMarketOptions.SpotOptions.MaxPrice": row["SpotPrice"]})
    form.update({f"MetadataOptions.{key}": value for key, value in row["options"].items()})
    groups = "SecurityGroupId"
    if "AssociatePublicIpAddress" in row:  # only a network interface can say so
        form.update({"NetworkInterface.1.DeviceIndex": "0", "NetworkInterface.1.AssociatePublicIpAddress":
                     row["AssociatePublicIpAddress"]})
        groups = "NetworkInterface.1.SecurityGroupId"
    form.update({f"{groups}.{number}": group for number, group in enumerate(row["groups"], start=1)})
    for number, disk in enumerate(row["disks"], start=1):
        start = f"BlockDeviceMapping.{number}."
        form[start + "DeviceName"] = disk["DeviceName"]
        if disk["NoDevice"]:
            form[start + "NoDevice"] = ""
        form.update({f"{start}Ebs.{key}": value for key, value in disk["Ebs"].items()})
    return form


def shape(row):
    return {"LaunchConfigurationName": row["name"], "LaunchConfigurationARN": row["arn"],
            **{key: row.get(key, "" if key in ("KeyName", "UserData", "KernelId", "RamdiskId") else None)
               for key in SIMPLE},
            "EbsOptimized": row.get("EbsOptimized", "false"), "SecurityGroups": row["groups"],
            "ClassicLinkVPCSecurityGroups": [], "InstanceMonitoring": {"Enabled": row["monitoring"]},
            "BlockDeviceMappings": [{**disk, "Ebs": disk["Ebs"] or None} for disk in row["disks"]],
            "CreatedTime": utc_text(row["created"]), "MetadataOptions": row["options"] or None}


def describe(call):
    wanted = members(call.params, "LaunchConfigurationNames")
    rows = [row for row in call.cloud.state.launch_configurations.values() if not wanted or row["name"] in wanted]
    rows, token = records(call.params, sorted(rows, key=lambda row: row["name"]))
    return {"LaunchConfigurations": [shape(row) for row in rows], "NextToken": token}


def delete(call):
    state = call.cloud.state
    name = call.params.required("LaunchConfigurationName")
    if name not in state.launch_configurations:
        raise invalid(f"Launch configuration name not found - Launch configuration {name} not found")
    if any(group["configuration"] == name for group in state.groups.values()):
        raise ApiError("ResourceInUse", f"Cannot delete launch configuration {name} because it is attached to an "
                       "AutoScalingGroup")
    del state.launch_configurations[name]
    done(call)


ACTIONS = {
    "CreateLaunchConfiguration": action(
        create, "LaunchConfigurationName ImageId InstanceType KeyName UserData SpotPrice IamInstanceProfile "
        "EbsOptimized AssociatePublicIpAddress PlacementTenancy KernelId RamdiskId SecurityGroups.member.N "
        "InstanceMonitoring.Enabled BlockDeviceMappings.member.N.DeviceName BlockDeviceMappings.member.N.VirtualName "
        "BlockDeviceMappings.member.N.NoDevice "
        + " ".join(f"BlockDeviceMappings.member.N.Ebs.{key}" for key in DISK) + " "
        + " ".join(f"MetadataOptions.{key}" for key in OPTIONS)),
    "DescribeLaunchConfigurations": action(describe, "LaunchConfigurationNames.member.N" + PAGED),
    "DeleteLaunchConfiguration": action(delete, "LaunchConfigurationName"),
}
