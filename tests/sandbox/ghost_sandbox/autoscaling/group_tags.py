"""Tags of groups, which instances can inherit."""
from ..ec2.catalog import with_names
from ..filters import apply_filters
from .wire import FILTERS, PAGED, action, changing_group, done, invalid, read_filters, records, structs

KIND = "auto-scaling-group"
LIMIT = 50
NAMES = " ".join(f"Tags.member.N.{name}" for name in ("ResourceId", "ResourceType", "Key", "Value",
                                                       "PropagateAtLaunch"))


def read_tags(params, group_name):
    """Tags.member.N of a new group as {key: {value, propagate}}."""
    tags = {}
    for part in structs(params, "Tags"):
        resource, kind, key = part.text("ResourceId"), part.text("ResourceType"), part.required("Key")
        if kind not in (None, KIND):
            raise invalid(f"Unsupported resource type for a tag: {kind}")
        if resource not in (None, "", group_name):
            raise invalid(f"The tag '{key}' names another group: {resource}")
        if key in tags:
            raise invalid(f"Duplicate tag key '{key}'")
        tags[key] = read_tag(part, key)
    check_count(tags)
    return tags


def read_tag(part, key):
    value = part.text("Value", "")
    if key.startswith("aws:") or len(key) > 128 or len(value) > 256:
        raise invalid(f"The tag '{key}' is not allowed: a key has at most 128 characters, a value 256, and aws: is "
                      "reserved")
    return {"value": value, "propagate": part.boolean("PropagateAtLaunch", True)}


def check_count(tags):
    if len(tags) > LIMIT:
        raise invalid(f"A group has at most {LIMIT} tags")


def each_tag(call):
    """(group, key, part) of each tag that the call names."""
    parts = structs(call.params, "Tags")
    if not parts:
        raise invalid("Tags must not be empty")
    found = []
    for part in parts:
        if part.required("ResourceType") != KIND:
            raise invalid(f"Unsupported resource type for a tag: {part.text('ResourceType')}")
        found.append((changing_group(call, part.required("ResourceId")), part.required("Key"), part))
    return found


def put_tags(call):
    changed = {}
    for group, key, part in each_tag(call):
        tags = changed.setdefault(group["name"], dict(group["tags"]))
        tags[key] = read_tag(part, key)
        check_count(tags)
    for name, tags in changed.items():
        call.cloud.state.groups[name]["tags"] = tags
    done(call)


def delete_tags(call):
    for group, key, part in each_tag(call):
        known = group["tags"].get(key)
        if known and part.text("Value") in (None, "", known["value"]):
            del group["tags"][key]
    done(call)


def shapes(group):
    return [{"ResourceId": group["name"], "ResourceType": KIND, "Key": key, "Value": tag["value"],
             "PropagateAtLaunch": tag["propagate"]} for key, tag in sorted(group["tags"].items())]


@with_names("auto-scaling-group", "key", "value", "propagate-at-launch")
def facts(shape):
    return {"auto-scaling-group": shape["ResourceId"], "key": shape["Key"], "value": shape["Value"], "tags": {},
            "propagate-at-launch": "true" if shape["PropagateAtLaunch"] else "false"}


def describe_tags(call):
    rows = [shape for group in call.cloud.state.groups.values() for shape in shapes(group)]
    rows = apply_filters(read_filters(call.params, facts.names), rows, facts)
    rows, token = records(call.params, rows)
    return {"Tags": rows, "NextToken": token}



ACTIONS = {
    "CreateOrUpdateTags": action(put_tags, NAMES),
    "DeleteTags": action(delete_tags, NAMES),
    "DescribeTags": action(describe_tags, FILTERS + PAGED),
}
