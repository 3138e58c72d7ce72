"""Network interfaces: each instance has one, which is gone with it."""
from ..action import Action
from ..errors import ApiError
from ..pages import page
from .catalog import PAGED, select, tag_set, with_names


def interfaces_of(state):
    return {row["eni"]: row for row in state.instances.values() if row["state"] != "terminated"}


def describe_interfaces(call):
    state = call.cloud.state

    @with_names("network-interface-id", "status", "attachment.instance-id", "subnet-id", "vpc-id", "private-ip-address")
    def facts(row):
        return {"network-interface-id": row["eni"], "status": "in-use", "attachment.instance-id": row["id"],
                "subnet-id": row["subnet"], "vpc-id": row["vpc"], "private-ip-address": row["private_ip"],
                "tags": state.tags_of(row["eni"])}
    with state.lock:
        found = select(call, interfaces_of(state), facts, call.params.list("NetworkInterfaceId"),
                       "InvalidNetworkInterfaceID.NotFound")
        rows, token = page(call.params, found)
        return {"networkInterfaceSet": [shape(call, row) for row in rows], "nextToken": token}


def shape(call, row):
    return {"networkInterfaceId": row["eni"], "subnetId": row["subnet"], "vpcId": row["vpc"], "status": "in-use",
            "availabilityZone": row["zone"], "privateIpAddress": row["private_ip"], "macAddress": row["mac"],
            "ownerId": call.cloud.account, "tagSet": tag_set(call, row["eni"]),
            "attachment": {"instanceId": row["id"], "deviceIndex": 0, "status": "attached",
                           "deleteOnTermination": True}}


def delete_interface(call):
    state = call.cloud.state
    interface_id = call.params.required("NetworkInterfaceId")
    with state.lock:
        if interface_id not in interfaces_of(state):
            raise ApiError("InvalidNetworkInterfaceID.NotFound",
                           f"The networkInterface ID '{interface_id}' does not exist")
        raise ApiError("InvalidNetworkInterface.InUse",
                       f"Network interface '{interface_id}' is currently in use.")


ACTIONS = {
    "DescribeNetworkInterfaces": Action(describe_interfaces, "NetworkInterfaceId.N" + PAGED),
    "DeleteNetworkInterface": Action(delete_interface, "NetworkInterfaceId"),
}
