"""What merely exists: networks, zones, regions, instance types, key pairs."""
from ..action import Action
from ..errors import ApiError
from ..filters import apply_filters, check_filters, read_filters
from ..pages import page

SIZES = {"nano": (2, 512), "micro": (2, 1024), "small": (2, 2048), "medium": (2, 4096), "large": (2, 8192),
         "xlarge": (4, 16384), "2xlarge": (8, 32768), "4xlarge": (16, 65536)}
FAMILIES = {"t2": "x86_64", "t3": "x86_64", "t3a": "x86_64", "t4g": "arm64", "m5": "x86_64", "m6i": "x86_64",
            "m6g": "arm64", "c5": "x86_64", "c6g": "arm64", "r5": "x86_64"}
TYPE_NAMES = [f"{family}.{size}" for family in FAMILIES for size in SIZES]


def check_instance_type(name):
    if name not in TYPE_NAMES:
        raise ApiError("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")
    return FAMILIES[name.split(".")[0]]


def select(call, rows, facts, ids=None, missing=None):
    """The rows of a Describe call: by id (all must exist), then by filters. Fails on a filter nobody knows."""
    if ids:
        unknown = [known for known in ids if known not in rows]
        if unknown:
            raise ApiError(missing, f"The ID(s) '{', '.join(unknown)}' do not exist")
    chosen = [rows[key] for key in (ids or rows)]
    filters = read_filters(call.params)
    sample = facts.names
    check_filters(filters, sample)
    return apply_filters(filters, chosen, facts)


def with_names(*names):
    """Marks a facts function with the filters it answers."""
    def mark(function):
        function.names = frozenset(names)
        return function
    return mark


def tag_set(call, resource_id):
    return [{"key": key, "value": value} for key, value in sorted(call.cloud.state.shown_tags(resource_id).items())]


def describe_vpcs(call):
    network = call.cloud.network
    cidr = f"127.{call.cloud.state.settings['octet']}.0.0/16"
    rows = {network.vpc: {"vpcId": network.vpc, "ownerId": call.cloud.account, "state": "available", "cidrBlock": cidr,
                          "instanceTenancy": "default", "isDefault": True, "tagSet": tag_set(call, network.vpc)}}

    @with_names("vpc-id", "cidr", "is-default", "isDefault", "state", "owner-id")
    def facts(row):
        return {"vpc-id": row["vpcId"], "cidr": row["cidrBlock"], "is-default": "true", "isDefault": "true",
                "state": "available", "owner-id": row["ownerId"], "tags": call.cloud.state.tags_of(row["vpcId"])}
    found = select(call, rows, facts, call.params.list("VpcId"), "InvalidVpcID.NotFound")
    rows, token = page(call.params, found)
    return {"vpcSet": rows, "nextToken": token}


def describe_subnets(call):
    cloud = call.cloud
    rows = {}
    for subnet_id, subnet in cloud.network.subnets.items():
        rows[subnet_id] = {
            "subnetId": subnet_id, "state": "available", "vpcId": cloud.network.vpc, "cidrBlock": subnet["cidr"],
            "availableIpAddressCount": len(cloud.network.free_addresses(subnet_id)), "availabilityZone": subnet["zone"],
            "defaultForAz": True, "mapPublicIpOnLaunch": False, "ownerId": cloud.account,
            "tagSet": tag_set(call, subnet_id)}

    @with_names("subnet-id", "vpc-id", "availability-zone", "availabilityZone", "cidr", "cidr-block", "state",
                "default-for-az")
    def facts(row):
        return {"subnet-id": row["subnetId"], "vpc-id": row["vpcId"], "availability-zone": row["availabilityZone"],
                "availabilityZone": row["availabilityZone"], "cidr": row["cidrBlock"], "cidr-block": row["cidrBlock"],
                "state": "available", "default-for-az": "true", "tags": cloud.state.tags_of(row["subnetId"])}
    found = select(call, rows, facts, call.params.list("SubnetId"), "InvalidSubnetID.NotFound")
    rows, token = page(call.params, found)
    return {"subnetSet": rows, "nextToken": token}


def describe_security_groups(call):
    cloud = call.cloud
    group = cloud.network.group
    rows = {group: {"ownerId": cloud.account, "groupId": group, "groupName": "default",
                    "groupDescription": "default VPC security group", "vpcId": cloud.network.vpc,
                    "ipPermissions": [], "ipPermissionsEgress": [], "tagSet": tag_set(call, group)}}

    @with_names("group-id", "group-name", "vpc-id", "description", "owner-id")
    def facts(row):
        return {"group-id": row["groupId"], "group-name": row["groupName"], "vpc-id": row["vpcId"],
                "description": row["groupDescription"], "owner-id": row["ownerId"],
                "tags": cloud.state.tags_of(row["groupId"])}
    found = select(call, rows, facts, call.params.list("GroupId"), "InvalidGroup.NotFound")
    rows, token = page(call.params, found)
    return {"securityGroupInfo": rows, "nextToken": token}


def describe_zones(call):
    region = call.cloud.region
    zones = {region + letter: {"zoneName": region + letter, "zoneState": "available", "regionName": region,
                               "zoneId": f"{region.replace('-', '')}-az{number}", "groupName": region,
                               "optInStatus": "opt-in-not-required", "zoneType": "availability-zone"}
             for number, letter in enumerate("abc", start=1)}

    @with_names("zone-name", "zone-id", "state", "region-name")
    def facts(row):
        return {"zone-name": row["zoneName"], "zone-id": row["zoneId"], "state": "available",
                "region-name": region, "tags": {}}
    found = select(call, zones, facts, call.params.list("ZoneName"), "InvalidParameterValue")
    return {"availabilityZoneInfo": found}


def describe_regions(call):
    region = call.cloud.region
    return {"regionInfo": [{"regionName": region, "regionEndpoint": f"ec2.{region}.amazonaws.com",
                            "optInStatus": "opt-in-not-required"}]}


def describe_key_pairs(call):
    return {"keySet": [{"keyPairId": "key-0123456789abcdef0", "keyType": "ed25519", "keyName": "ghost-sandbox",
                        "keyFingerprint": "ghost-sandbox: any key name is accepted", "tagSet": []}]}


def type_description(name):
    family, size = name.split(".")
    cores, memory = SIZES[size]
    return {"instanceType": name, "currentGeneration": family != "t2", "freeTierEligible": False,
            "supportedUsageClasses": ["on-demand"], "bareMetal": False, "hypervisor": "nitro",
            "processorInfo": {"supportedArchitectures": [FAMILIES[family]]}, "vCpuInfo": {"defaultVCpus": cores},
            "memoryInfo": {"sizeInMiB": memory}, "burstablePerformanceSupported": family.startswith("t"),
            "ebsInfo": {"ebsOptimizedSupport": "default", "encryptionSupport": "supported"}}


@with_names("instance-type", "processor-info.supported-architecture", "current-generation")
def type_facts(row):
    return {"instance-type": row["instanceType"], "tags": {},
            "processor-info.supported-architecture": row["processorInfo"]["supportedArchitectures"],
            "current-generation": "true" if row["currentGeneration"] else "false"}


def describe_instance_types(call):
    rows = {name: type_description(name) for name in TYPE_NAMES}
    found = select(call, rows, type_facts, call.params.list("InstanceType"), "InvalidInstanceType")
    rows, token = page(call.params, found, high=100)
    return {"instanceTypeSet": rows, "nextToken": token}


def describe_offerings(call):
    kind = call.params.choice("LocationType", ["region", "availability-zone"], "region")
    places = [call.cloud.region] if kind == "region" else [call.cloud.region + letter for letter in "abc"]
    rows = {f"{name} {place}": {"instanceType": name, "locationType": kind, "location": place}
            for name in TYPE_NAMES for place in places}

    @with_names("instance-type", "location")
    def facts(row):
        return {"instance-type": row["instanceType"], "location": row["location"], "tags": {}}
    rows, token = page(call.params, select(call, rows, facts))
    return {"instanceTypeOfferingSet": rows, "nextToken": token}



FILTERS = " Filter.N.Name Filter.N.Value.N"
PAGED = FILTERS + " MaxResults NextToken"
ACTIONS = {
    "DescribeVpcs": Action(describe_vpcs, "VpcId.N" + PAGED),
    "DescribeSubnets": Action(describe_subnets, "SubnetId.N" + PAGED),
    "DescribeSecurityGroups": Action(describe_security_groups, "GroupId.N GroupName.N" + PAGED),
    "DescribeAvailabilityZones": Action(describe_zones, "ZoneName.N ZoneId.N AllAvailabilityZones" + FILTERS),
    "DescribeRegions": Action(describe_regions, "RegionName.N AllRegions" + FILTERS),
    "DescribeKeyPairs": Action(describe_key_pairs, "KeyName.N KeyPairId.N IncludePublicKey" + FILTERS),
    "DescribeInstanceTypes": Action(describe_instance_types, "InstanceType.N" + PAGED),
    "DescribeInstanceTypeOfferings": Action(describe_offerings, "LocationType" + PAGED),
}
