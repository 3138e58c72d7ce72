"""What Auto Scaling's actions share on the wire: member lists, its validation errors, its pages and filters."""
import re

from ..action import Action
from ..errors import ApiError
from ..filters import check_filters
from ..pages import page
from ..query import Params

PAGED = " MaxRecords NextToken"
FILTERS = " Filters.member.N.Name Filters.member.N.Values.member.N"
BLOCKED = "An Instance Refresh is already in progress and blocks the execution of this operation."


def action(function, names=""):
    """An action whose lists are NAME.member.N; the bare NAME is how an empty one is sent."""
    lists = [name[:at.start()] for name in names.split() for at in re.finditer(r"\.member\.N", name)]
    return Action(function, " ".join([names, *lists]))


def invalid(message):
    return ApiError("ValidationError", message)


def members(params, name):
    """A list, which may be empty: NAME= is sent then."""
    if params.text(name):
        raise invalid(f"{params.prefix}{name} must be a list")
    return params.list(f"{name}.member")


def structs(params, name):
    return params.structs(f"{name}.member")


def need_members(params, name, most=None):
    found = list(dict.fromkeys(members(params, name)))
    if not found:
        raise invalid(f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not "
                      "be empty")
    if most and len(found) > most:
        raise invalid(f"{name} may have at most {most} members")
    return found


def find_group(call, name=None):
    """The group that the call names. There is no code for "no such group": only the words tell."""
    name = name or call.params.required("AutoScalingGroupName")
    group = call.cloud.state.groups.get(name)
    if group is None:
        raise invalid(f"AutoScalingGroup name not found - AutoScalingGroup {name} not found")
    return group


def changing_group(call, name=None):
    """The same, for a change: one that is being deleted takes none."""
    group = find_group(call, name)
    if group["status"]:
        raise ApiError("ScalingActivityInProgress", f"AutoScalingGroup {group['name']} is being deleted")
    return group


def done(call):
    """After a change: it is kept, and the groups are looked at."""
    call.cloud.state.save()
    call.cloud.autoscaling.wake()


def records(params, rows, most=100, usual=50):
    """MaxRecords and NextToken."""
    if params.text("MaxRecords") is None:
        params = Params({**params.form, "MaxRecords": str(usual)}, fault=params.fault)
    return page(params, rows, low=1, high=most, names=("MaxRecords", "NextToken"))


def read_filters(params, names):
    """Filters.member.N: exact values, no wildcards."""
    filters = []
    for part in structs(params, "Filters"):
        values = members(part, "Values")
        filters.append((part.required("Name"), [re.compile(re.escape(value), re.S) for value in values]))
    try:
        check_filters(filters, names)
    except ApiError as error:
        raise invalid(error.message) from error
    return filters
