"""Which instance goes first when a group has too many."""
import time


def choose(cloud, group, candidates):
    """One of them: of the fullest zone, then by the group's policies in their order."""
    counts = {}
    for member in candidates:
        counts[member["zone"]] = counts.get(member["zone"], 0) + 1
    fullest = max(counts.values())
    outside = [member for member in candidates if member["zone"] not in group["zones"]]
    left = outside or [member for member in candidates if counts[member["zone"]] == fullest]
    for policy in group["policies"]:
        for rank in POLICIES.get(policy, []):
            ranks = [rank(cloud, group, member) for member in left]
            left = [member for member, value in zip(left, ranks) if value == min(ranks)]
    return left[0]


def launched(cloud, member):
    row = cloud.state.instances.get(member["id"])
    return row["launch_time"] if row else 0


def oldest(cloud, _group, member):
    return launched(cloud, member)


def newest(cloud, _group, member):
    return -launched(cloud, member)


def oldest_configuration(cloud, _group, member):
    """Those of launch configurations, the oldest of these first; then all others."""
    known = cloud.state.launch_configurations.get(member["configuration"])
    return (1, 0) if not member["configuration"] else (0, known["created"] if known else 0)


def oldest_template(_cloud, group, member):
    """Those of other templates than the group's; then the lowest version."""
    if not member["template"]:
        return 0, 0
    same = group["template"] and group["template"]["id"] == member["template"]["id"]
    return (1, int(member["template"]["version"])) if same else (0, 0)


def next_hour(cloud, _group, member):
    return -((time.time() - launched(cloud, member)) % 3600)


POLICIES = {
    "OldestInstance": [oldest],
    "NewestInstance": [newest],
    "OldestLaunchConfiguration": [oldest_configuration],
    "OldestLaunchTemplate": [oldest_template],
    "ClosestToNextInstanceHour": [next_hour],
    "Default": [oldest_configuration, oldest_template, next_hour],
}
