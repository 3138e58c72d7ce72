"""What groups do over time: look after their instances' health, and have as many of them as they shall."""
import json
import logging
import time

from . import attachments, refreshing
from .activities import at
from .launching import crowd, launch_one
from .steps import COUNTED, PENDING, advance, begin_termination, in_grace, instance_of
from .termination import choose

log = logging.getLogger("sandbox")


class AutoScaling:
    """Looks at every group again and again while there are any. All that it knows stands in the groups' rows, so that
    a restart goes on where the last run was."""

    def __init__(self, cloud):
        self.cloud = cloud
        self._awake = False

    def resume(self):
        """After a restart, when the balancers are ready."""
        self.wake()

    def wake(self):
        """There are groups to be looked at."""
        with self.cloud.state.lock:
            if self.cloud.state.groups and not self._awake:
                self._awake = True
                self.cloud.clock.after(0, self._look)

    def target_state(self, instance_id):
        """What the instance's metadata says of where it is going; None outside of groups."""
        for group in self.cloud.state.groups.values():
            if member := group["instances"].get(instance_id):
                return target_of(member["state"])
        return None

    def _look(self):
        state = self.cloud.state
        changed = False
        with state.lock:
            for group in list(state.groups.values()):
                before = json.dumps(group)
                try:
                    step(self.cloud, group)
                except Exception:  # one broken group must not stop the others
                    log.exception("the group %s cannot go on", group["name"])
                if group["status"] and not group["instances"]:
                    del state.groups[group["name"]]
                    changed = True
                changed = changed or json.dumps(group) != before
            if changed:
                state.save()
            self._awake = bool(state.groups)
            if self._awake:
                self.cloud.clock.after(self.cloud.clock.duration("group-step"), self._look)


def target_of(name):
    if name.startswith("Terminat"):
        return "Terminated"
    return {"EnteringStandby": "Standby", "Standby": "Standby", "Detaching": "Detached",
            "Detached": "Detached"}.get(name, "InService")


def step(cloud, group):
    for member in list(group["instances"].values()):
        before = member["state"]
        advance(cloud, group, member)
        if member["state"] != before:
            log.info("%s %s in %s", member["id"], member["state"], group["name"])
    if group["status"]:
        return
    attachments.step(cloud, group)
    if "HealthCheck" not in group["suspended"]:
        check_health(cloud, group)
    if not {"ReplaceUnhealthy", "Terminate"} & set(group["suspended"]):
        replace_unhealthy(cloud, group)
    refreshing.step(cloud, group)
    scale(cloud, group)


# health

def check_health(cloud, group):
    for member in group["instances"].values():
        if member["state"] == "InService" and member["health"] == "Healthy":
            why = problem_of(cloud, group, member)
            if why:
                member.update(health="Unhealthy", why=why)


def problem_of(cloud, group, member):
    row = instance_of(cloud, member)
    if row is None or row["state"] != "running":
        return "an EC2 health check indicating it has been terminated or stopped."
    if row.get("status") == "impaired" and not in_grace(cloud, group, member):
        return "an EC2 instance status checks failure."
    if group["health_type"] == "ELB" and not in_grace(cloud, group, member) and \
            attachments.is_unhealthy(cloud, group, member["id"]):
        return "an ELB system health check failure."
    return None


def replace_unhealthy(cloud, group):
    for member in list(group["instances"].values()):
        if member["state"] == "InService" and member["health"] == "Unhealthy":
            why = member["why"] or "a user health-check."
            begin_termination(cloud, group, member,
                              at(f"an instance was taken out of service in response to {why}"))


# size

def scale(cloud, group):
    active = [member for member in group["instances"].values() if member["state"] in COUNTED]
    wanted = group["desired"] + refreshing.extra(group)
    if len(active) < wanted:
        if "Launch" not in group["suspended"]:
            grow(cloud, group, len(active), wanted)
    elif len(active) > wanted:
        if "Terminate" not in group["suspended"]:
            shrink(cloud, group, active, len(active) - wanted)
    else:
        group["cause"] = ""
        rebalance(cloud, group, active)


def grow(cloud, group, have, wanted):
    while have < wanted and time.time() >= group["retry_at"]:
        sentence = at("an instance was started in response to a difference between desired and actual capacity, "
                      f"increasing the capacity from {have} to {have + 1}.")
        if launch_one(cloud, group, f"{group['cause']}  {sentence}".strip()) is None:
            return
        have += 1


def shrink(cloud, group, active, surplus):
    extra = group["instances"].get(group["extra"])
    if extra and extra["state"] in PENDING:  # the one that balances zones comes before another goes
        surplus -= 1
    candidates = [member for member in active if not member["protected"]]
    have = len(active)
    while surplus > 0 and candidates:
        member = choose(cloud, group, candidates)
        candidates.remove(member)
        sentence = at("an instance was taken out of service in response to a difference between desired and actual "
                      f"capacity, shrinking the capacity from {have} to {have - 1}.")
        begin_termination(cloud, group, member, f"{group['cause']}  {sentence}".strip())
        surplus, have = surplus - 1, have - 1


def rebalance(cloud, group, active):
    """Launches one in an emptier zone; when it serves, one of the fullest is too many and goes."""
    if {"AZRebalance", "Launch", "Terminate"} & set(group["suspended"]) or refreshing.is_busy(group):
        return
    if time.time() < group["retry_at"] or any(member["state"] != "InService" for member in active):
        return
    counts = crowd(group)
    inside = [counts[zone] for zone in group["zones"]]
    stray = any(zone not in group["zones"] for zone in counts)
    movable = [member for member in active if not member["protected"]]
    if movable and (stray or max(inside) - min(inside) >= 2):
        member = launch_one(cloud, group, at("instances were launched to balance instances in zones "
                                             f"{', '.join(group['zones'])}."), emptiest=True)
        group["extra"] = member["id"] if member else None
