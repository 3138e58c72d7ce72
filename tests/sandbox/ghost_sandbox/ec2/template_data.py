"""What a version of a launch template holds: the parameters of RunInstances, flat as they came on the wire."""
import re

from ..errors import ApiError
from ..markup import Named
from ..query import Params
from .instance_changes import decode_user_data

PREFIX = "LaunchTemplateData."
LISTS = {"BlockDeviceMapping": "blockDeviceMappingSet", "NetworkInterface": "networkInterfaceSet",
         "TagSpecification": "tagSpecificationSet", "SecurityGroupId": "securityGroupIdSet", "Tag": "tagSet"}
BOOLEANS = re.compile(r"EbsOptimized|DisableApiTermination|DisableApiStop|Monitoring\.Enabled|"
                      r"NetworkInterface\.\d+\.(AssociatePublicIpAddress|DeleteOnTermination)|"
                      r"BlockDeviceMapping\.\d+\.Ebs\.(Encrypted|DeleteOnTermination)")
NUMBERS = re.compile(r"NetworkInterface\.\d+\.DeviceIndex|MetadataOptions\.HttpPutResponseHopLimit|"
                     r"BlockDeviceMapping\.\d+\.Ebs\.(VolumeSize|Iops|Throughput)")
NAMES = " ".join(PREFIX + name for name in (
    "ImageId InstanceType KeyName UserData EbsOptimized DisableApiTermination DisableApiStop SecurityGroupId.N "
    "InstanceInitiatedShutdownBehavior IamInstanceProfile.Name IamInstanceProfile.Arn Monitoring.Enabled "
    "Placement.AvailabilityZone Placement.Tenancy CreditSpecification.CpuCredits MetadataOptions.HttpTokens "
    "MetadataOptions.HttpPutResponseHopLimit MetadataOptions.HttpEndpoint MetadataOptions.InstanceMetadataTags "
    "NetworkInterface.N.DeviceIndex NetworkInterface.N.SubnetId NetworkInterface.N.SecurityGroupId.N "
    "NetworkInterface.N.PrivateIpAddress NetworkInterface.N.AssociatePublicIpAddress "
    "NetworkInterface.N.DeleteOnTermination BlockDeviceMapping.N.DeviceName BlockDeviceMapping.N.NoDevice "
    "BlockDeviceMapping.N.VirtualName BlockDeviceMapping.N.Ebs.SnapshotId BlockDeviceMapping.N.Ebs.VolumeSize "
    "BlockDeviceMapping.N.Ebs.VolumeType BlockDeviceMapping.N.Ebs.Iops BlockDeviceMapping.N.Ebs.Throughput "
    "BlockDeviceMapping.N.Ebs.Encrypted BlockDeviceMapping.N.Ebs.KmsKeyId "
    "BlockDeviceMapping.N.Ebs.DeleteOnTermination TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key "
    "TagSpecification.N.Tag.N.Value InstanceMarketOptions.MarketType InstanceMarketOptions.SpotOptions.MaxPrice "
    "InstanceMarketOptions.SpotOptions.SpotInstanceType "
    "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior").split())


def read_data(params):
    """The LaunchTemplateData of a call as {name: value}, checked as far as AWS does without launching."""
    data = {name[len(PREFIX):]: value for name, value in params.form.items() if name.startswith(PREFIX)}
    inner = Params(data)
    for name in data:
        if BOOLEANS.fullmatch(name):
            inner.boolean(name)
        elif NUMBERS.fullmatch(name):
            inner.integer(name)
    decode_user_data(inner.text("UserData", ""))
    if inner.has("SecurityGroupId") and any(part.has("SecurityGroupId") for part in inner.structs("NetworkInterface")):
        raise ApiError("InvalidParameterCombination", "Network interfaces and an instance-level security groups may "
                       "not be specified on the same request")
    return data


def top(name):
    return name.split(".")[0]


def overlay(below, above):
    """Both sets of flat names; what stands above replaces what it names, whole lists and whole structures."""
    replaced = {top(name) for name in above}
    return {**{name: value for name, value in below.items() if top(name) not in replaced}, **above}


def with_request(template, request):
    """What RunInstances does: the request replaces what the template says, but tags of both are given."""
    specifications = [name for name in request if top(name) == "TagSpecification"]
    merged = overlay(template, {name: value for name, value in request.items() if name not in specifications})
    if not specifications:
        return merged
    tags = read_tag_lists(template)
    for kind, pairs in read_tag_lists(request).items():
        tags[kind] = {**tags.get(kind, {}), **pairs}
    merged = {name: value for name, value in merged.items() if top(name) != "TagSpecification"}
    return {**merged, **flat_tags(tags)}


def read_tag_lists(form):
    found = {}
    for part in Params(form).structs("TagSpecification"):
        pairs = {tag.text("Key", ""): tag.text("Value", "") for tag in part.structs("Tag")}
        found.setdefault(part.text("ResourceType", ""), {}).update(pairs)
    return found


def flat_tags(tags):
    flat = {}
    for number, (kind, pairs) in enumerate(tags.items(), start=1):
        flat[f"TagSpecification.{number}.ResourceType"] = kind
        for index, (key, value) in enumerate(pairs.items(), start=1):
            flat[f"TagSpecification.{number}.Tag.{index}.Key"] = key
            flat[f"TagSpecification.{number}.Tag.{index}.Value"] = value
    return flat


def data_shape(data):
    """As the versions show it: nested, and with names that differ from those of the request."""
    tree = {}
    for name, value in data.items():
        node = tree
        *path, leaf = name.split(".")
        for part in path:
            node = node.setdefault(part, {})
        node[leaf] = value
    return shape_of(tree, ())


def shape_of(tree, path):
    shape = {}
    for name, value in tree.items():
        shown = LISTS.get(name) or name[0].lower() + name[1:]
        if name == "SecurityGroupId" and path:
            shape["groupSet"] = Named("groupId", in_order(value))
        elif name in LISTS:
            shape[shown] = [part if isinstance(part, str) else shape_of(part, (*path, name))
                            for part in in_order(value)]
        else:
            shape[shown] = shape_of(value, (*path, name)) if isinstance(value, dict) else value
    return shape


def in_order(numbered):
    return [numbered[number] for number in sorted(numbered, key=int)]
