"""An instance refresh over time: instances are replaced, no more at once than the group can spare."""
import math
import time

from ..errors import ApiError
from .activities import at
from .source import active_refresh, matches, source_of
from .steps import COUNTED, PENDING, begin_termination

ROLLING = ("InProgress", "RollbackInProgress")
NEEDED = {"InstanceRefresh", "Launch", "Terminate"}  # processes without which it stands still
FAILURES = 3  # launches in a row


def is_busy(group):
    return active_refresh(group) is not None


def old_members(group, refresh):
    """Those that are still to be replaced."""
    found = [group["instances"].get(instance_id) for instance_id in refresh["targets"]]
    return [member for member in found
            if member and (member["state"] in COUNTED or member["state"].endswith("Standby"))]


def is_warm(cloud, member, refresh):
    """Whether it counts as ready: only those that were launched since have to warm up."""
    if member["state"] != "InService" or member["health"] != "Healthy":
        return False
    new = member["joined"] >= refresh["start"]
    warmup = refresh["preferences"]["warmup"] / cloud.clock.speed if new else 0
    return time.time() >= member["in_service_since"] + warmup


def spare(group, refresh):
    """(how many may be missing, how many there may be too many)."""
    preferences, desired = refresh["preferences"], group["desired"]
    missing = desired - math.ceil(desired * preferences["min"] / 100)
    surplus = desired * (preferences["max"] - 100) // 100
    if preferences["max"] > 100:
        surplus = max(surplus, 1)
    return (1 if not missing and not surplus else missing), surplus


def extra(group):
    """How many more than desired there shall be just now."""
    refresh = active_refresh(group)
    if not refresh or refresh["status"] not in ROLLING or NEEDED & set(group["suspended"]) or refresh["hold_until"]:
        return 0
    counted = [member for member in old_members(group, refresh) if member["state"] in COUNTED
               and not (member["protected"] and refresh["preferences"]["protected"] != "Refresh")]
    return min(spare(group, refresh)[1], len(counted))


def targets(cloud, group, refresh):
    """The instances that a refresh has to replace."""
    preferences, source = refresh["preferences"], source_of(group)
    skip = preferences["skip"] or refresh["status"] == "RollbackInProgress"
    found = []
    for member in group["instances"].values():
        standby = member["state"].endswith("Standby")
        if member["state"] not in COUNTED and not standby:
            continue
        if (standby and preferences["standby"] == "Ignore") or (skip and matches(cloud, member, source)):
            continue
        if member["protected"] and preferences["protected"] == "Ignore":
            continue
        found.append(member["id"])
    return found


def begin_rolling(cloud, group, refresh, status):
    refresh["status"] = status
    refresh["targets"] = targets(cloud, group, refresh)
    refresh.update(total=len(refresh["targets"]), progress_at=time.time(), done=0, checkpoint=0, hold_until=None)
    group["failures"] = group["retry_at"] = 0


def step(cloud, group):
    refresh = active_refresh(group)
    if refresh:
        STEPS[refresh["status"]](cloud, group, refresh)


def pending(cloud, group, refresh):
    begin_rolling(cloud, group, refresh, "InProgress")


def roll(cloud, group, refresh):
    now = time.time()
    if NEEDED & set(group["suspended"]):
        refresh["progress_at"] = now
        return
    remaining = old_members(group, refresh)
    warm = [member for member in group["instances"].values() if is_warm(cloud, member, refresh)]
    lacking = max(0, group["desired"] - len(warm))
    note_progress(refresh, refresh["total"] - len(remaining) - lacking)
    if refresh["hold_until"]:
        refresh["progress_at"] = now
        if now < refresh["hold_until"]:
            return
        refresh.update(hold_until=None, reason=None)
    problem = why_failed(cloud, group, refresh)
    if problem:
        fail(cloud, group, refresh, problem)
    elif at_checkpoint(refresh, remaining) and not lacking:
        pass_checkpoint(cloud, group, refresh)
    elif remaining:
        replace(cloud, group, refresh, remaining, len(warm))


def note_progress(refresh, count):
    if count > refresh["done"]:
        refresh.update(done=count, progress_at=time.time())


def why_failed(cloud, group, refresh):
    if group["failures"] >= FAILURES:
        return f"The last {group['failures']} launches failed; the group's scaling activities tell why."
    if time.time() > refresh["progress_at"] + cloud.clock.duration("refresh-patience"):
        return "Instance Refresh has been without progress for too long. " + (refresh["reason"] or "")
    return None


def limit(refresh):
    """How many may be replaced up to the next checkpoint."""
    points = refresh["preferences"]["checkpoints"] or [100]
    return math.ceil(refresh["total"] * points[refresh["checkpoint"]] / 100)


def at_checkpoint(refresh, remaining):
    return refresh["total"] - len(remaining) >= limit(refresh)


def pass_checkpoint(cloud, group, refresh):
    preferences = refresh["preferences"]
    if refresh["checkpoint"] + 1 < len(preferences["checkpoints"]):
        refresh["checkpoint"] += 1
        refresh["hold_until"] = time.time() + preferences["delay"] / cloud.clock.speed
        refresh["reason"] = "Waiting at a checkpoint."
    elif refresh["status"] == "InProgress" and preferences["bake"]:
        refresh.update(status="Baking", bake_until=time.time() + preferences["bake"] / cloud.clock.speed)
    else:
        conclude(group, refresh)


def replace(cloud, group, refresh, remaining, warm):
    """Ends as many old instances as can be spared now; new ones come by themselves."""
    room = min(warm - (group["desired"] - spare(group, refresh)[0]),
               limit(refresh) - (refresh["total"] - len(remaining)))
    for member in remaining:
        standby = member["state"].endswith("Standby")
        kept = waits_for(refresh["preferences"], member, standby)
        if kept:
            refresh["reason"] = kept
            continue
        if not standby and member["health"] == "Healthy" and member["state"] == "InService":
            if room <= 0:
                continue
            room -= 1
        elif member["state"] in PENDING and not standby:
            continue  # it is replaced once it serves
        begin_termination(cloud, group, member, at("an instance was taken out of service in response to an instance "
                                                   "refresh."))


def waits_for(preferences, member, standby):
    if standby and preferences["standby"] == "Wait":
        return f"Waiting for {member['id']} to leave Standby."
    if member["protected"] and preferences["protected"] == "Wait":
        return f"Waiting for {member['id']}, which is protected from scale in."
    return None


def bake(_cloud, group, refresh):
    if time.time() >= refresh["bake_until"]:
        conclude(group, refresh)


def conclude(group, refresh):
    rolled_back = refresh["status"] == "RollbackInProgress"
    if not rolled_back and refresh["desired"]:
        group.update(refresh["desired"])
    refresh.update(status="RollbackSuccessful" if rolled_back else "Successful", end=time.time(),
                   done=refresh["total"], reason=None)


def fail(cloud, group, refresh, reason):
    if refresh["status"] == "RollbackInProgress":
        refresh.update(status="RollbackFailed", end=time.time(), reason=reason)
    elif refresh["preferences"]["rollback"]:
        roll_back(cloud, group, refresh, reason)
    else:
        refresh.update(status="Failed", end=time.time(), reason=reason)


def roll_back(cloud, group, refresh, reason):
    """Back to what the group launched before, which is what it says still."""
    if not refresh["desired"]:
        raise ApiError("IrreversibleInstanceRefresh", "The instance refresh has no desired configuration: there is "
                       "nothing to go back to.")
    refresh["rollback"] = {"reason": reason, "start": time.time()}
    refresh["status"] = "RollbackInProgress"
    begin_rolling(cloud, group, refresh, "RollbackInProgress")
    refresh["reason"] = reason


def cancelling(_cloud, group, refresh):
    moving = [member for member in group["instances"].values()
              if member["state"] in PENDING or member["state"].startswith("Terminat")]
    if not moving or not refresh["wait"]:
        refresh.update(status="Cancelled", end=time.time(), reason="Cancelled due to user request.")


STEPS = {"Pending": pending, "InProgress": roll, "RollbackInProgress": roll, "Baking": bake, "Cancelling": cancelling}
