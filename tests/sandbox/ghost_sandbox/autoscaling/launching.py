"""A group launches an instance: where, from what, with which tags; and how it fails."""
from ..ec2.run_instances import launch
from ..errors import ApiError
from . import activities
from .mixed import choices, market
from .source import launch_call, source_of
from .steps import COUNTED, GROUP_TAG, new_member, note_failure


def crowd(group):
    """{zone: how many instances count there}, of the group's zones."""
    counts = dict.fromkeys(group["zones"], 0)
    for member in group["instances"].values():
        if member["state"] in COUNTED:
            counts[member["zone"]] = counts.get(member["zone"], 0) + 1
    return counts


def launch_one(cloud, group, cause, emptiest=False):
    """Launches in the emptiest zone that has room, or in none but the emptiest. Returns the new member, or None: the
    activity says why."""
    counts = crowd(group)
    zones = {subnet: cloud.network.subnets[subnet]["zone"] for subnet in group["subnets"]}
    subnets = sorted(group["subnets"], key=lambda subnet: counts[zones[subnet]])
    if emptiest:
        subnets = [subnet for subnet in subnets if zones[subnet] == zones[subnets[0]]]
    problem = None
    source = source_of(group)
    more = market(cloud, group, source, COUNTED)
    for template, wanted in choices(source):
        for subnet in subnets:
            try:
                return launch_in(cloud, group, subnet, ({**source, "template": template}, {**wanted, **more}), cause)
            except ApiError as error:
                problem = error
    kind = "Spot" if more else "On-Demand"
    activity = activities.begin(cloud, group, "Launching a new EC2 instance", cause, subnet=subnets[-1])
    activities.finish(cloud, group, activity["id"], "Failed", f"Could not launch {kind} Instances. {problem.code} "
                      f"- {problem.message} Launching EC2 instance failed.")
    note_failure(cloud, group)
    return None


def launch_in(cloud, group, subnet, what, cause):
    """what: the source and further parameters of RunInstances."""
    fault = cloud.faults.for_resource("group-launch-fails")
    if fault:
        raise ApiError(fault.error, fault.message, fault.status)
    call, tags, shown = launch_call(cloud, what[0], subnet, what[1])
    inherited = {key: tag["value"] for key, tag in group["tags"].items() if tag["propagate"]}
    row = launch(call, {**tags, **inherited, GROUP_TAG: group["name"]})[0]
    activity = activities.begin(cloud, group, f"Launching a new EC2 instance: {row['id']}", cause, "PreInService",
                                row["zone"], subnet)
    activities.progress(cloud, group, activity["id"], "PreInService", 30)
    member = new_member(row, shown, activity["id"], group["protect_new"])
    group["instances"][row["id"]] = member
    return member
