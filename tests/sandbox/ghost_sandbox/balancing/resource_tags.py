"""ELBv2: tags of load balancers, target groups, listeners and rules."""
from ..errors import ApiError
from .listeners import find_listener
from .load_balancers import find_load_balancer
from .rules import find_rule
from .target_groups import find_target_group
from .wire import TAGS, MemberAction, invalid, merge_tags, read_list, read_tags, tag_shapes

FINDERS = {"loadbalancer": find_load_balancer, "targetgroup": find_target_group, "listener": find_listener,
           "listener-rule": find_rule}
LIMIT = 20


def find_resources(call):
    arns = read_list(call.params, "ResourceArns")
    if not 1 <= len(arns) <= LIMIT:
        raise invalid(f"ResourceArns must name 1 to {LIMIT} resources")
    rows = []
    for arn in arns:
        kind = arn.split(":")[-1].split("/")[0]
        if kind not in FINDERS:
            raise invalid(f"'{arn}' is not a valid ARN of a load balancer, target group, listener or rule")
        rows.append(FINDERS[kind](call, arn))
    return rows


def add(call):
    with call.cloud.state.lock:
        rows, tags = find_resources(call), read_tags(call.params)
        if not tags:
            raise invalid("At least one tag must be specified")
        merged = [merge_tags(row, tags) for row in rows]
        for row, after in zip(rows, merged):
            row["tags"] = after
        call.cloud.state.save()


def remove(call):
    with call.cloud.state.lock:
        rows, keys = find_resources(call), read_list(call.params, "TagKeys")
        if not keys:
            raise ApiError("ValidationError", "At least one tag key must be specified")
        for row in rows:
            for key in keys:
                row["tags"].pop(key, None)
        call.cloud.state.save()


def describe(call):
    with call.cloud.state.lock:
        return {"TagDescriptions": [{"ResourceArn": row["arn"], "Tags": tag_shapes(row)}
                                    for row in find_resources(call)]}


ACTIONS = {
    "AddTags": MemberAction(add, "ResourceArns.member.N" + TAGS),
    "RemoveTags": MemberAction(remove, "ResourceArns.member.N TagKeys.member.N"),
    "DescribeTags": MemberAction(describe, "ResourceArns.member.N"),
}
