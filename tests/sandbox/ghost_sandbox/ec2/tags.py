"""Tags of every kind of resource."""
import re

from ..action import Action
from ..errors import ApiError
from ..filters import apply_filters, check_filters, read_filters
from ..pages import page
from .catalog import PAGED, with_names

KINDS = {"i": "instance", "ami": "image", "snap": "snapshot", "vol": "volume", "eni": "network-interface",
         "vpc": "vpc", "subnet": "subnet", "sg": "security-group", "lt": "launch-template"}
LIMIT = 50
METADATA_KEY = re.compile(r"[A-Za-z0-9+\-=.,_:@]{1,255}")


def read_tags(params):
    """Tag.N of a call as {key: value}, checked."""
    tags = {}
    for part in params.structs("Tag"):
        key = part.required("Key")
        value = part.text("Value", "")
        if key.startswith("aws:"):
            raise ApiError("InvalidParameterValue",
                           f"Tag keys starting with 'aws:' are reserved for internal use: {key}")
        if len(key) > 127 or len(value) > 256:
            raise ApiError("InvalidParameterValue", f"Tag '{key}' is too long. The key may have 127 characters, "
                           "the value 256.")
        if key in tags:
            raise ApiError("InvalidParameterValue", f"Duplicate tag key '{key}' specified.")
        tags[key] = value
    if len(tags) > LIMIT:
        raise ApiError("TagLimitExceeded", f"More than {LIMIT} tags specified")
    return tags


def own_tags(tags):
    """Without those that AWS itself sets: they do not count, and stay."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def read_specifications(params, allowed):
    """TagSpecification.N as {resource type: tags}."""
    by_type = {}
    for part in params.structs("TagSpecification"):
        kind = part.required("ResourceType")
        if kind not in allowed:
            raise ApiError("InvalidParameterValue",
                           f"'{kind}' is not a valid taggable resource type for this operation.")
        if kind in by_type:
            raise ApiError("InvalidParameterValue",
                           f"The same resource type may not be specified more than once: {kind}")
        by_type[kind] = read_tags(part)
    return by_type


def check_metadata_keys(tags):
    """Tags shown in the metadata may only have keys that are good path names."""
    for key in tags:
        if not METADATA_KEY.fullmatch(key) or key in (".", "..", "_index"):
            raise ApiError("InvalidParameterValue", f"'{key}' is not a valid tag key. Tag keys must match pattern "
                           "([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name ('.', '..', '_index')")


def kind_of(resource_id):
    return KINDS.get(resource_id.split("-")[0], "unknown")


def check_exists(cloud, resource_id):
    kind = kind_of(resource_id)
    state = cloud.state
    network = cloud.network
    tables = {"instance": (state.instances, "InvalidInstanceID.NotFound"),
              "image": (state.images, "InvalidAMIID.NotFound"),
              "snapshot": (state.snapshots, "InvalidSnapshot.NotFound"),
              "volume": (state.volumes, "InvalidVolume.NotFound"),
              "network-interface": ({row["eni"]: row for row in (*state.instances.values(), *state.interfaces.values())},
                                    "InvalidNetworkInterfaceID.NotFound"),
              "subnet": (network.subnets, "InvalidSubnetID.NotFound"), "vpc": ([network.vpc], "InvalidVpcID.NotFound"),
              "security-group": ([network.group], "InvalidGroup.NotFound"),
              "launch-template": (state.launch_templates, "InvalidLaunchTemplateId.NotFound")}
    if kind not in tables:
        raise ApiError("InvalidID", f"The ID '{resource_id}' is not valid")
    table, code = tables[kind]
    if resource_id not in table:
        raise ApiError(code, f"The {kind} ID '{resource_id}' does not exist")


def read_resources(call):
    ids = call.params.list("ResourceId")
    if not ids:
        raise ApiError("MissingParameter", "The request must contain the parameter resourceIdSet")
    for resource_id in ids:
        check_exists(call.cloud, resource_id)
    return ids


def create_tags(call):
    state = call.cloud.state
    with state.lock:
        ids = read_resources(call)
        tags = read_tags(call.params)
        if not tags:
            raise ApiError("MissingParameter", "The request must contain the parameter tagSet")
        merged = {resource_id: {**state.tags_of(resource_id), **tags} for resource_id in ids}
        for resource_id, after in merged.items():
            if len(own_tags(after)) > LIMIT:
                raise ApiError("TagLimitExceeded", f"{resource_id} would have more than {LIMIT} tags")
            if kind_of(resource_id) == "instance" and state.instances[resource_id]["metadata"]["tags"]:
                check_metadata_keys(tags)
        state.tags.update(merged)
        state.save()
    return {"return": True}


def delete_tags(call):
    state = call.cloud.state
    with state.lock:
        for resource_id in read_resources(call):
            kept = dict(state.tags_of(resource_id))
            for part in call.params.structs("Tag"):
                key = part.required("Key")
                if key.startswith("aws:"):
                    raise ApiError("InvalidParameterValue", f"Tag keys starting with 'aws:' are reserved: {key}")
                if part.text("Value") in (None, kept.get(key)):
                    kept.pop(key, None)
            if not call.params.structs("Tag"):
                kept = {key: value for key, value in kept.items() if key not in own_tags(kept)}
            state.tags[resource_id] = kept
        state.save()
    return {"return": True}


@with_names("key", "value", "resource-id", "resource-type")
def facts(row):
    return {"key": row["key"], "value": row["value"], "resource-id": row["resourceId"],
            "resource-type": row["resourceType"], "tags": {row["key"]: row["value"]}}


def describe_tags(call):
    filters = read_filters(call.params)
    check_filters(filters, facts.names)
    state = call.cloud.state
    with state.lock:
        rows = [{"resourceId": resource_id, "resourceType": kind_of(resource_id), "key": key, "value": value}
                for resource_id, tags in sorted(state.tags.items()) for key, value in sorted(tags.items())]
    rows, token = page(call.params, apply_filters(filters, rows, facts))
    return {"tagSet": rows, "nextToken": token}


ACTIONS = {
    "CreateTags": Action(create_tags, "ResourceId.N Tag.N.Key Tag.N.Value"),
    "DeleteTags": Action(delete_tags, "ResourceId.N Tag.N.Key Tag.N.Value"),
    "DescribeTags": Action(describe_tags, PAGED),
}
