"""What both APIs of elasticloadbalancing share on the wire: actions with member lists, markers, names, tags."""
import re

from ..action import Action
from ..errors import ApiError
from ..pages import page
from ..query import pattern_of

TAG_LIMIT = 50
PAGED = " Marker PageSize"
TAGS = " Tags.member.N.Key Tags.member.N.Value"
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")


class MemberAction(Action):
    """An action whose lists are NAME.member.N; the bare NAME with no value is the empty list."""

    def __init__(self, function, names=""):
        super().__init__(function, names)
        self.lists = frozenset(name[:at.start()] for name in self.names for at in re.finditer(r"\.member\.N", name))

    def check(self, params):
        empty = {name for name, value in params.form.items() if value == "" and pattern_of(name) in self.lists}
        params.check_names(self.names | {pattern_of(name) for name in empty})


def invalid(message):
    return ApiError("ValidationError", message)


def read_list(params, name):
    return params.list(f"{name}.member")


def read_structs(params, name):
    return params.structs(f"{name}.member")


def need_structs(params, name):
    parts = read_structs(params, name)
    if not parts:
        raise invalid(f"1 validation error detected: {params.prefix}{name} must not be empty")
    return parts


def marked_page(params, rows):
    return page(params, rows, low=1, high=400, names=("PageSize", "Marker"))


def read_name(params, name, what):
    value = params.required(name)
    if not NAME.fullmatch(value):
        raise invalid(f"{what} name '{value}' must have at most 32 letters, digits and hyphens, and no hyphen at "
                      "its ends")
    if value.startswith("internal-"):
        raise invalid(f"{what} name '{value}' cannot begin with 'internal-'")
    return value


def read_tags(params):
    """Tags.member.N as {key: value}."""
    tags = {}
    for part in read_structs(params, "Tags"):
        key = part.required("Key")
        if key in tags:
            raise ApiError("DuplicateTagKeys", f"The tag key '{key}' is given twice")
        if key.startswith("aws:") or len(key) > 128 or len(part.text("Value", "")) > 256:
            raise invalid(f"The tag '{key}' is not allowed: a key has at most 128 characters, a value 256, and aws: "
                          "is not yours")
        tags[key] = part.text("Value", "")
    return tags


def merge_tags(row, tags):
    after = {**row["tags"], **tags}
    if len(after) > TAG_LIMIT:
        raise ApiError("TooManyTags", f"A resource has at most {TAG_LIMIT} tags")
    return after


def tag_shapes(row):
    return [{"Key": key, "Value": value} for key, value in sorted(row["tags"].items())]


def read_subnets(call, names):
    """{subnet: zone} of subnets, at most one in a zone."""
    known = call.cloud.network.subnets
    found = {}
    for name in names:
        if name not in known:
            raise ApiError("SubnetNotFound", f"The subnet ID '{name}' does not exist")
        zone = known[name]["zone"]
        if zone in found.values() and name not in found:
            raise ApiError("InvalidConfigurationRequest", f"A load balancer cannot be attached to two subnets of "
                           f"one Availability Zone: {zone}", 400)
        found[name] = zone
    return found


def read_groups(call, names):
    for name in names:
        if name != call.cloud.network.group:
            raise ApiError("InvalidSecurityGroup", f"The security group '{name}' does not exist")
    return names or [call.cloud.network.group]
