"""RunInstances, with its memory of client tokens; and the launch itself, which Auto Scaling uses too."""
import hashlib
import json
import time

from ..action import Action
from ..errors import ApiError
from ..ids import check_id, new_id
from .catalog import check_instance_type
from .instance_changes import decode_user_data, read_metadata_options
from .instances import ROOT_DEVICE, instance_shape, reservation
from .launch_templates import with_template
from .tags import check_metadata_keys, read_specifications

TAGGABLE = ("instance", "volume", "network-interface", "spot-instances-request")
VOLUME_TYPES = ("standard", "io1", "io2", "gp2", "gp3", "st1", "sc1")
MAX_INSTANCES = 250


def run_instances(call):
    state = call.cloud.state
    token = call.params.text("ClientToken", "")
    if len(token) > 64 or not token.isascii():
        raise ApiError("InvalidParameterValue", "ClientToken may have up to 64 ASCII characters")
    digest = hashlib.sha256(json.dumps(sorted(call.form.items())).encode()).hexdigest()
    with state.lock:
        known = state.tokens.get(token) if token else None
        if known:
            return repeat(call, known, digest)
        rows = launch(call)
        if token:
            state.tokens[token] = {"digest": digest, "reservation": rows[0]["reservation"]}
        state.save()
        shapes = [instance_shape(call, row) for row in rows]
    return reservation(call, rows[0]["reservation"], shapes)


def launch(call, tags=None):
    """Makes the instances that a call asks for, with the template that it names; with further tags, which may be
    AWS's own. Returns their rows. Call with state.lock held."""
    call, template_tags = with_template(call)
    plan = read_plan(call)
    if plan["metadata"]["tags"]:
        check_metadata_keys(tags or {})
    reservation_id = new_id("r")
    rows = [create(call, plan, reservation_id, index) for index in range(plan["count"])]
    for row in rows:
        set_tags(call.cloud.state, row["id"],
                 {**call.cloud.state.tags_of(row["id"]), **template_tags, **(tags or {})})
        call.cloud.lifecycle.launch(row)
    return rows


def check_launch(call):
    """Fails as launch() would, and makes nothing."""
    read_plan(with_template(call)[0])


def repeat(call, known, digest):
    if known["digest"] != digest:
        raise ApiError("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with "
                       "arguments used in previous request(s).")
    rows = [row for row in call.cloud.state.instances.values() if row["reservation"] == known["reservation"]]
    return reservation(call, known["reservation"], [instance_shape(call, row) for row in rows])


def read_plan(call):
    """The request, checked completely before anything is made."""
    params = call.params
    low = params.integer("MinCount", None, 1, MAX_INSTANCES)
    high = params.integer("MaxCount", None, 1, MAX_INSTANCES)
    if low is None or high is None:
        raise ApiError("MissingParameter", "The request must contain the parameter MinCount and MaxCount")
    if low > high:
        raise ApiError("InvalidParameterCombination", "MinCount may not exceed MaxCount")
    plan = {"image": find_image(call), "type": params.text("InstanceType", "t3.micro"),
            "tags": read_specifications(params, TAGGABLE), "volumes": read_volumes(params),
            "metadata": {"tokens": "required", "hops": 2, "endpoint": "enabled", "tags": False}}
    check_architecture(plan)
    read_metadata_options(params.struct("MetadataOptions"), plan["metadata"])
    if plan["metadata"]["tags"]:
        check_metadata_keys(plan["tags"].get("instance", {}))
    plan["user_data"] = decode_user_data(params.text("UserData", ""))
    plan["shutdown"] = params.choice("InstanceInitiatedShutdownBehavior", ["stop", "terminate"], "stop")
    plan["profile"] = read_profile(call)
    read_placement(call, plan)
    free = len(call.cloud.network.free_addresses(plan["subnet"]))
    if free < low:
        raise ApiError("InsufficientFreeAddressesInSubnet",
                       f"There are not enough free addresses in subnet '{plan['subnet']}'")
    if plan["address"] and high > 1:
        raise ApiError("InvalidParameterCombination", "A private address can be given to one instance only")
    plan["count"] = min(high, free)
    return plan


def find_image(call):
    image_id = call.params.required("ImageId")
    check_id(image_id, "ami", "InvalidAMIID.Malformed")
    image = call.cloud.state.images.get(image_id)
    if image is None or image["state"] == "deregistered":
        raise ApiError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if image["state"] != "available":
        raise ApiError("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is currently not available and can't be "
                       "used to launch instances.")
    return image


def check_architecture(plan):
    architecture = check_instance_type(plan["type"])
    if plan["image"]["architecture"] != architecture:
        raise ApiError("InvalidParameterValue", f"The architecture '{architecture}' of the specified instance type "
                       f"does not match the architecture '{plan['image']['architecture']}' of the specified AMI.")


def read_profile(call):
    profile = call.params.struct("IamInstanceProfile")
    arn, name = profile.text("Arn"), profile.text("Name")
    if arn and name:
        raise ApiError("InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in "
                       "combination with 'iamInstanceProfile.arn'")
    return arn or (f"arn:aws:iam::{call.cloud.account}:instance-profile/{name}" if name else None)


def read_placement(call, plan):
    """Subnet, groups and address, which stand either at the top or in the one network interface."""
    params = call.params
    interfaces = params.structs("NetworkInterface")
    source, groups = params, "SecurityGroupId"
    if interfaces:
        if any(params.has(name) for name in ("SubnetId", "SecurityGroupId", "PrivateIpAddress")):
            raise ApiError("InvalidParameterCombination", "Network interfaces and an instance-level subnet ID, "
                           "security groups or private address may not be specified on the same request")
        if len(interfaces) > 1 or interfaces[0].integer("DeviceIndex", 0) != 0:
            raise ApiError("InvalidParameterValue", "The sandbox gives each instance one network interface, index 0")
        source = interfaces[0]
    zone = params.struct("Placement").text("AvailabilityZone")
    network = call.cloud.network
    plan["subnet"] = network.subnet(source.text("SubnetId"), zone)
    plan["zone"] = network.subnets[plan["subnet"]]["zone"]
    if zone not in (None, plan["zone"]):
        raise ApiError("InvalidParameterValue", f"The subnet '{plan['subnet']}' is not in the zone '{zone}'")
    plan["groups"] = source.list(groups) or [network.group]
    network.check_groups(plan["groups"])
    wanted = source.text("PrivateIpAddress")
    plan["address"] = network.choose_address(plan["subnet"], wanted) if wanted else None


def read_volumes(params):
    volumes = {ROOT_DEVICE: {"size": 8, "type": "gp3", "delete": True}}
    for part in params.structs("BlockDeviceMapping"):
        device = part.required("DeviceName")
        if part.has("NoDevice"):
            volumes.pop(device, None)
            continue
        ebs = part.struct("Ebs")
        known = volumes.get(device, {"size": 8, "type": "gp3", "delete": False})
        volumes[device] = {"size": ebs.integer("VolumeSize", known["size"], 1, 16384),
                           "type": ebs.choice("VolumeType", VOLUME_TYPES, known["type"]),
                           "delete": ebs.boolean("DeleteOnTermination", known["delete"]),
                           "encrypted": ebs.boolean("Encrypted")}
    if ROOT_DEVICE not in volumes:
        raise ApiError("InvalidBlockDeviceMapping", "The root device may not be left out")
    return volumes


def create(call, plan, reservation_id, index):
    state = call.cloud.state
    params = call.params
    address = plan["address"] or call.cloud.network.choose_address(plan["subnet"])
    instance_id = new_id("i")
    row = {"id": instance_id, "reservation": reservation_id, "index": index, "image": plan["image"]["id"],
           "type": plan["type"], "state": "pending", "launch_time": time.time(),
           "private_ip": address, "subnet": plan["subnet"], "vpc": call.cloud.network.vpc, "zone": plan["zone"],
           "groups": plan["groups"], "eni": new_id("eni"), "mac": mac_of(address),
           "client_token": params.text("ClientToken", ""), "user_data": plan["user_data"],
           "key_name": params.text("KeyName"), "profile": plan["profile"], "metadata": dict(plan["metadata"]),
           "shutdown": plan["shutdown"], "protected": params.boolean("DisableApiTermination"),
           "monitoring": params.boolean("Monitoring.Enabled"), "ebs_optimized": params.boolean("EbsOptimized"),
           "spot": params.choice("InstanceMarketOptions.MarketType", ["spot"]) == "spot"}
    state.instances[instance_id] = row
    set_tags(state, instance_id, plan["tags"].get("instance"))
    set_tags(state, row["eni"], plan["tags"].get("network-interface"))
    for device, volume in plan["volumes"].items():
        volume_id = new_id("vol")
        state.volumes[volume_id] = {"id": volume_id, "instance": instance_id, "device": device, "zone": plan["zone"],
                                    "created": time.time(), **volume}
        set_tags(state, volume_id, plan["tags"].get("volume"))
    return row


def set_tags(state, resource_id, tags):
    if tags:
        state.tags[resource_id] = dict(tags)


def mac_of(address):
    return "0a:00:" + ":".join(f"{int(part):02x}" for part in address.split("."))


ACTIONS = {
    "RunInstances": Action(
        run_instances,
        "ImageId InstanceType MinCount MaxCount KeyName ClientToken EbsOptimized PrivateIpAddress SubnetId "
        "SecurityGroupId.N UserData IamInstanceProfile.Name IamInstanceProfile.Arn InstanceInitiatedShutdownBehavior "
        "DisableApiTermination DisableApiStop Monitoring.Enabled Placement.AvailabilityZone Placement.Tenancy "
        "CreditSpecification.CpuCredits MetadataOptions.HttpTokens MetadataOptions.HttpPutResponseHopLimit "
        "MetadataOptions.HttpEndpoint MetadataOptions.InstanceMetadataTags NetworkInterface.N.DeviceIndex "
        "NetworkInterface.N.SubnetId NetworkInterface.N.SecurityGroupId.N NetworkInterface.N.PrivateIpAddress "
        "NetworkInterface.N.AssociatePublicIpAddress NetworkInterface.N.DeleteOnTermination "
        "BlockDeviceMapping.N.DeviceName BlockDeviceMapping.N.NoDevice BlockDeviceMapping.N.VirtualName "
        "BlockDeviceMapping.N.Ebs.SnapshotId BlockDeviceMapping.N.Ebs.VolumeSize BlockDeviceMapping.N.Ebs.VolumeType "
        "BlockDeviceMapping.N.Ebs.Iops BlockDeviceMapping.N.Ebs.Throughput BlockDeviceMapping.N.Ebs.Encrypted "
        "BlockDeviceMapping.N.Ebs.KmsKeyId BlockDeviceMapping.N.Ebs.DeleteOnTermination "
        "TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key TagSpecification.N.Tag.N.Value "
        "InstanceMarketOptions.MarketType InstanceMarketOptions.SpotOptions.MaxPrice "
        "InstanceMarketOptions.SpotOptions.SpotInstanceType "
        "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior LaunchTemplate.LaunchTemplateId "
        "LaunchTemplate.LaunchTemplateName LaunchTemplate.Version"),
}
