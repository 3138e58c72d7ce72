"""Instances as they are shown: DescribeInstances, DescribeInstanceStatus, attributes, console."""
import base64
import time

from ..action import Action
from ..clock import utc_text
from ..errors import ApiError
from ..filters import apply_filters, check_filters, read_filters
from ..ids import check_id
from ..pages import page
from ..state import as_before
from .catalog import FAMILIES, PAGED, tag_set, with_names

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
ROOT_DEVICE = "/dev/xvda"


def state_of(name):
    return {"code": STATE_CODES[name], "name": name}


def private_dns(call, row):
    return f"ip-{row['private_ip'].replace('.', '-')}.{call.cloud.region}.compute.internal"


def find_instances(call, ids):
    """The rows with these ids, all of them or an error; those not visible yet are not found."""
    rows = []
    missing = []
    for instance_id in ids:
        check_id(instance_id, "i", "InvalidInstanceID.Malformed")
        row = call.cloud.state.instances.get(instance_id)
        if row is None or is_hidden(row):
            missing.append(instance_id)
            if row and not row.get("invisible_polls") and call.params.text("Action") != "DescribeInstances":
                row["flapping_polls"] -= 1  # a look as any other; describes are counted by count_poll()
        else:
            rows.append(row)
    if missing:
        plural = ("s", "do") if len(missing) > 1 else ("", "does")
        raise ApiError("InvalidInstanceID.NotFound",
                       f"The instance ID{plural[0]} '{', '.join(missing)}' {plural[1]} not exist")
    return rows


def is_hidden(row):
    """Not visible yet, or not this time."""
    return row.get("invisible_polls", 0) > 0 or row.get("flapping_polls", 0) % 2 == 1


def count_poll(call):
    """A describe brings instances that are not visible yet one poll nearer."""
    for row in call.cloud.state.instances.values():
        for kind in ("invisible_polls", "flapping_polls"):
            if row.get(kind, 0) > 0:
                row[kind] -= 1
    call.cloud.state.count_describe("i")


def visible(call):
    return [row for row in call.cloud.state.instances.values() if not is_hidden(row)]


def interface(call, row, groups):
    if row["state"] == "terminated":
        return []
    return [{"networkInterfaceId": row["eni"], "subnetId": row["subnet"], "vpcId": call.cloud.network.vpc,
             "ownerId": call.cloud.account, "status": "in-use", "macAddress": row["mac"],
             "privateIpAddress": row["private_ip"], "privateDnsName": private_dns(call, row), "sourceDestCheck": True,
             "groupSet": groups,
             "attachment": {"attachmentId": row["eni"].replace("eni", "eni-attach"), "deviceIndex": 0,
                            "status": "attached", "attachTime": utc_text(row["launch_time"]),
                            "deleteOnTermination": True},
             "privateIpAddressesSet": [{"privateIpAddress": row["private_ip"], "primary": True}]}]


def instance_shape(call, row):
    gone = row["state"] == "terminated"
    groups = [{"groupId": group, "groupName": "default"} for group in row["groups"]]
    volumes = [volume for volume in call.cloud.state.volumes.values() if volume["instance"] == row["id"]]
    shape = {
        "instanceId": row["id"], "imageId": row["image"], "instanceState": state_of(row["state"]),
        "privateDnsName": "" if gone else private_dns(call, row), "dnsName": "", "reason": row.get("reason", ""),
        "keyName": row["key_name"], "amiLaunchIndex": row["index"], "productCodes": [],
        "instanceType": row["type"], "launchTime": utc_text(row["launch_time"]),
        "placement": {"availabilityZone": row["zone"], "groupName": "", "tenancy": "default"},
        "monitoring": {"state": "enabled" if row["monitoring"] else "disabled"},
        "subnetId": None if gone else row["subnet"], "vpcId": None if gone else call.cloud.network.vpc,
        "privateIpAddress": None if gone else row["private_ip"], "sourceDestCheck": True, "groupSet": groups,
        "stateReason": row.get("state_reason"), "architecture": FAMILIES[row["type"].split(".")[0]],
        "rootDeviceType": "ebs", "rootDeviceName": ROOT_DEVICE,
        "blockDeviceMapping": [] if gone else [
            {"deviceName": volume["device"],
             "ebs": {"volumeId": volume["id"], "status": "attached", "attachTime": utc_text(row["launch_time"]),
                     "deleteOnTermination": volume["delete"]}} for volume in volumes],
        "virtualizationType": "hvm", "clientToken": row["client_token"], "tagSet": tag_set(call, row["id"]),
        "hypervisor": "xen", "networkInterfaceSet": interface(call, row, groups), "ebsOptimized": row["ebs_optimized"],
        "enaSupport": True, "currentInstanceBootMode": "uefi", "platformDetails": "Linux/UNIX",
        "metadataOptions": {"state": "applied", "httpTokens": row["metadata"]["tokens"],
                            "httpPutResponseHopLimit": row["metadata"]["hops"],
                            "httpEndpoint": row["metadata"]["endpoint"], "httpProtocolIpv6": "disabled",
                            "instanceMetadataTags": "enabled" if row["metadata"]["tags"] else "disabled"},
    }
    if row["spot"]:
        shape["instanceLifecycle"] = "spot"
    if row["profile"]:
        shape["iamInstanceProfile"] = {"arn": row["profile"], "id": "AIPASANDBOX0000000000"}
    return shape


@with_names("instance-id", "image-id", "instance-type", "instance-state-name", "instance-state-code", "client-token",
            "private-ip-address", "vpc-id", "subnet-id", "availability-zone", "reservation-id", "key-name",
            "instance-lifecycle", "launch-time", "instance.group-id", "network-interface.addresses.private-ip-address",
            "architecture", "root-device-type", "iam-instance-profile.arn")
def facts(row):
    gone = row["state"] == "terminated"
    known = {"instance-id": row["id"], "image-id": row["image"], "instance-type": row["type"],
             "instance-state-name": row["state"], "instance-state-code": str(STATE_CODES[row["state"]]),
             "client-token": row["client_token"], "availability-zone": row["zone"],
             "reservation-id": row["reservation"], "key-name": row["key_name"] or [], "root-device-type": "ebs",
             "instance-lifecycle": "spot" if row["spot"] else [], "launch-time": utc_text(row["launch_time"]),
             "architecture": FAMILIES[row["type"].split(".")[0]], "iam-instance-profile.arn": row["profile"] or []}
    if not gone:
        known.update({"private-ip-address": row["private_ip"], "subnet-id": row["subnet"], "vpc-id": row["vpc"],
                      "instance.group-id": row["groups"],
                      "network-interface.addresses.private-ip-address": row["private_ip"]})
    return known


def tagged(call, function):
    def with_tags(row):
        return {**function(row), "tags": call.cloud.state.shown_tags(row["id"])}
    return with_tags


def describe_instances(call):
    state = call.cloud.state
    ids = call.params.list("InstanceId")
    if ids and call.params.has("MaxResults"):
        raise ApiError("InvalidParameterCombination",
                       "The parameter instancesSet cannot be used with the parameter maxResults")
    filters = read_filters(call.params)
    check_filters(filters, facts.names)
    with state.lock:
        try:
            rows = find_instances(call, ids) if ids else visible(call)
            if call.is_stale:
                rows = [as_before(row) for row in rows]
            rows = apply_filters(filters, rows, tagged(call, facts))
            rows, token = page(call.params, rows)
            reservations = {}
            for row in rows:
                reservations.setdefault(row["reservation"], []).append(instance_shape(call, row))
        finally:
            count_poll(call)
    return {"reservationSet": [reservation(call, key, shapes) for key, shapes in reservations.items()],
            "nextToken": token}


def reservation(call, reservation_id, shapes):
    return {"reservationId": reservation_id, "ownerId": call.cloud.account, "groupSet": [], "instancesSet": shapes}


@with_names("instance-state-name", "instance-state-code", "availability-zone", "instance-status.status",
            "system-status.status")
def status_facts(row):
    return {"instance-state-name": row["state"], "instance-state-code": str(STATE_CODES[row["state"]]),
            "availability-zone": row["zone"]}


def check_status(call, row):
    if row["state"] != "running":
        return "not-applicable"
    ready = row.get("running_since", 0) + call.cloud.clock.duration("status-check")
    return row.get("status") or ("ok" if time.time() >= ready else "initializing")


def describe_status(call):
    state = call.cloud.state
    ids = call.params.list("InstanceId")
    everything = call.params.boolean("IncludeAllInstances")
    filters = read_filters(call.params)
    check_filters(filters, status_facts.names)
    with state.lock:
        rows = find_instances(call, ids) if ids else visible(call)
        rows = [row for row in rows if row["state"] == "running" or everything]

        def known(row):
            status = check_status(call, row)
            return {**status_facts(row), "instance-status.status": status, "system-status.status": status, "tags": {}}
        rows, token = page(call.params, apply_filters(filters, rows, known))
        shapes = [status_shape(row, check_status(call, row)) for row in rows]
    return {"instanceStatusSet": shapes, "nextToken": token}


def status_shape(row, status):
    detail = {"ok": "passed", "impaired": "failed"}.get(status, status)
    check = {"status": status}
    if status != "not-applicable":
        check["details"] = [{"name": "reachability", "status": detail}]
    return {"instanceId": row["id"], "availabilityZone": row["zone"], "instanceState": state_of(row["state"]),
            "eventsSet": row.get("events", []), "systemStatus": check, "instanceStatus": check,
            "attachedEbsStatus": check}


def describe_attribute(call):
    names = {"userData": lambda row: {"value": row["user_data"] or None},
             "instanceType": lambda row: {"value": row["type"]},
             "disableApiTermination": lambda row: {"value": row["protected"]},
             "instanceInitiatedShutdownBehavior": lambda row: {"value": row["shutdown"]},
             "ebsOptimized": lambda row: {"value": row["ebs_optimized"]},
             "sourceDestCheck": lambda row: {"value": True}}
    name = call.params.choice("Attribute", names) or call.params.required("Attribute")
    with call.cloud.state.lock:
        row = find_instances(call, [call.params.required("InstanceId")])[0]
        return {"instanceId": row["id"], name: names[name](row)}


def console_output(call):
    with call.cloud.state.lock:
        row = find_instances(call, [call.params.required("InstanceId")])[0]
    text = call.cloud.boot.console(row["id"])[-65536:]
    return {"instanceId": row["id"], "timestamp": utc_text(), "output": base64.b64encode(text).decode() or None}


ACTIONS = {
    "DescribeInstances": Action(describe_instances, "InstanceId.N" + PAGED),
    "DescribeInstanceStatus": Action(describe_status, "InstanceId.N IncludeAllInstances" + PAGED),
    "DescribeInstanceAttribute": Action(describe_attribute, "InstanceId Attribute"),
    "GetConsoleOutput": Action(console_output, "InstanceId Latest"),
}
