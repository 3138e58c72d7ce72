"""Network interfaces: each instance has one, which is gone with it; others are made, attached to nothing, and deleted."""
from ..action import Action
from ..errors import ApiError
from ..ids import new_id
from ..pages import page
from .catalog import PAGED, select, tag_set, with_names
from .run_instances import mac_of, set_tags
from .tags import read_specifications


def interfaces_of(state):
    living = {row["eni"]: row for row in state.instances.values() if row["state"] != "terminated"}
    return {**living, **state.interfaces}


def status_of(state, row):
    return "available" if row["eni"] in state.interfaces else "in-use"


def create_interface(call):
    state, network = call.cloud.state, call.cloud.network
    with state.lock:
        subnet = network.subnet(call.params.required("SubnetId"))
        tags = read_specifications(call.params, ("network-interface",)).get("network-interface")
        address = network.choose_address(subnet, call.params.text("PrivateIpAddress"))
        row = {"eni": new_id("eni"), "subnet": subnet, "vpc": network.vpc, "zone": network.subnets[subnet]["zone"],
               "private_ip": address, "mac": mac_of(address)}
        state.interfaces[row["eni"]] = row
        set_tags(state, row["eni"], tags)
        state.save()
        return {"networkInterface": shape(call, row)}


def describe_interfaces(call):
    state = call.cloud.state

    @with_names("network-interface-id", "status", "attachment.instance-id", "subnet-id", "vpc-id", "private-ip-address")
    def facts(row):
        return {"network-interface-id": row["eni"], "status": status_of(state, row),
                "attachment.instance-id": row.get("id", []), "subnet-id": row["subnet"], "vpc-id": row["vpc"],
                "private-ip-address": row["private_ip"], "tags": state.tags_of(row["eni"])}
    with state.lock:
        found = select(call, interfaces_of(state), facts, call.params.list("NetworkInterfaceId"),
                       "InvalidNetworkInterfaceID.NotFound")
        rows, token = page(call.params, found)
        return {"networkInterfaceSet": [shape(call, row) for row in rows], "nextToken": token}


def shape(call, row):
    status = status_of(call.cloud.state, row)
    attachment = {"instanceId": row["id"], "deviceIndex": 0, "status": "attached",
                  "deleteOnTermination": True} if status == "in-use" else None
    return {"networkInterfaceId": row["eni"], "subnetId": row["subnet"], "vpcId": row["vpc"], "status": status,
            "availabilityZone": row["zone"], "privateIpAddress": row["private_ip"], "macAddress": row["mac"],
            "ownerId": call.cloud.account, "tagSet": tag_set(call, row["eni"]), "attachment": attachment}


def delete_interface(call):
    state = call.cloud.state
    interface_id = call.params.required("NetworkInterfaceId")
    with state.lock:
        if interface_id not in interfaces_of(state):
            raise ApiError("InvalidNetworkInterfaceID.NotFound",
                           f"The networkInterface ID '{interface_id}' does not exist")
        if interface_id not in state.interfaces:
            raise ApiError("InvalidNetworkInterface.InUse",
                           f"Network interface '{interface_id}' is currently in use.")
        del state.interfaces[interface_id]
        state.tags.pop(interface_id, None)
        state.save()
    return {"return": True}


ACTIONS = {
    "CreateNetworkInterface": Action(
        create_interface, "SubnetId PrivateIpAddress TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key "
        "TagSpecification.N.Tag.N.Value ClientToken"),
    "DescribeNetworkInterfaces": Action(describe_interfaces, "NetworkInterfaceId.N" + PAGED),
    "DeleteNetworkInterface": Action(delete_interface, "NetworkInterfaceId"),
}
