"""Pools of targets, that is target groups and classic load balancers: who is in, and in which state."""
import time

REGISTRATION = 2.0  # seconds at speed 1 until a new target is looked at
FOR_EVER = 10 * 365 * 86400.0
DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
}
UNKNOWN = {"health": None, "reason": None, "description": None, "streak": 0, "since": 0}


def is_classic(row):
    return "arn" not in row


def pool_id(pool):
    return pool["name"] if is_classic(pool) else pool["arn"]


def find_pools(cloud, target_group_arns, load_balancer_names):
    """Those of them that exist."""
    state = cloud.state
    found = [state.target_groups[arn] for arn in target_group_arns if arn in state.target_groups]
    return found + [state.load_balancers[name] for name in load_balancer_names
                    if name in state.load_balancers and is_classic(state.load_balancers[name])]


def all_pools(cloud):
    return [*cloud.state.target_groups.values(), *filter(is_classic, cloud.state.load_balancers.values())]


def member_key(target_id, port):
    return f"{target_id}:{port}" if port else target_id


def groups_of_actions(actions):
    """{target group: weight} of a list of actions."""
    return {part["arn"]: part["weight"] for action in actions if action["type"] == "forward"
            for part in action["groups"]}


def users_of(cloud, pool):
    """The load balancers that send a pool traffic."""
    state = cloud.state
    if is_classic(pool):
        return [pool]
    arns = [listener["lb"] for listener in state.listeners.values()
            if pool["arn"] in groups_of_actions(listener["actions"])]
    arns += [state.listeners[rule["listener"]]["lb"] for rule in state.rules.values()
             if pool["arn"] in groups_of_actions(rule["actions"])]
    return [state.load_balancers[arn] for arn in dict.fromkeys(arns)]


def drain_seconds(cloud, pool):
    """How long a target of the pool drains, in real seconds."""
    if is_classic(pool):
        draining = pool["attributes"]["draining"]
        return draining["timeout"] / cloud.clock.speed if draining["enabled"] else 0.0
    return int(pool["attributes"]["deregistration_delay.timeout_seconds"]) / cloud.clock.speed


def join(cloud, pool, target_id, port=None):
    """Registers; one that is in already stays as it is, one that drains begins anew."""
    key = member_key(target_id, port)
    if key in pool["members"] and not pool["members"][key]["drained_at"]:
        return
    stuck = cloud.faults.for_resource("stuck-initial")
    wait = FOR_EVER if stuck else REGISTRATION / cloud.clock.speed
    pool["members"][key] = {"id": target_id, "port": port, "ready_at": time.time() + wait, "drained_at": None,
                            **UNKNOWN}


def leave(cloud, pool, key):
    """Begins to drain; returns the real seconds until the target is let go. Where no traffic came, that is at once."""
    member = pool["members"].get(key)
    if member is None:
        return 0.0
    if member["drained_at"] is None and condition(cloud, pool, member)[0] == "unused":
        del pool["members"][key]
        return 0.0
    now = time.time()
    if member["drained_at"] is None:
        stuck = cloud.faults.for_resource("stuck-draining")
        member["drained_at"] = now + (FOR_EVER if stuck else drain_seconds(cloud, pool))
    return max(0.0, member["drained_at"] - now)


def let_go(cloud, now):
    """Ends what is over: members drained, or of instances that are no more. Returns the drained as (pool, key).
    What gets no traffic is no longer known to be healthy: it begins anew."""
    drained = []
    for pool in all_pools(cloud):
        for key, member in list(pool["members"].items()):
            instance = cloud.state.instances.get(member["id"])
            lost = member["id"].startswith("i-") and (instance is None or instance["state"] == "terminated")
            if member["drained_at"] and member["drained_at"] <= now:
                drained.append((pool_id(pool), key))
            elif not lost:
                if condition(cloud, pool, member)[0] == "unused":
                    member.update(UNKNOWN)
                continue
            del pool["members"][key]
    return drained


def next_event(cloud, now):
    """When time alone changes something again, or None."""
    times = [row.get("active_at", 0) for row in cloud.state.load_balancers.values()]
    for pool in all_pools(cloud):
        for member in pool["members"].values():
            times += [member["ready_at"], member["drained_at"] or 0]
    return min((when for when in times if when > now), default=None)


def condition(cloud, pool, member):
    """(state, reason, description) of a member, in the words of the target group API."""
    if member["drained_at"]:
        return described("draining", "Target.DeregistrationInProgress")
    users = users_of(cloud, pool)
    if not users:
        return described("unused", "Target.NotInUse")
    instance = cloud.state.instances.get(member["id"])
    if instance:
        if instance["state"] != "running":
            return "unused", "Target.InvalidState", f"Target is in the {instance['state']} state"
        if instance["zone"] not in {zone for user in users for zone in user["subnets"].values()}:
            return ("unused", "Target.NotInUse",
                    "Target is in an Availability Zone that is not enabled for the load balancer")
    if member["ready_at"] > time.time() or not any(user["state"] == "active" for user in users):
        return described("initial", "Elb.RegistrationInProgress")
    if member["health"] is None:
        return described("initial", "Elb.InitialHealthChecking")
    return member["health"], member["reason"], member["description"]


def described(state, reason):
    return state, reason, DESCRIPTIONS[reason]


def is_checked(cloud, pool, member):
    """Whether health checks are sent to it."""
    state, reason, _ = condition(cloud, pool, member)
    return state in ("healthy", "unhealthy") or reason == "Elb.InitialHealthChecking"


def address_of(cloud, member):
    instance = cloud.state.instances.get(member["id"])
    return instance["private_ip"] if instance else member["id"]


def note_check(pool, member, reason, description):
    """Counts one health check; reason is None for a good one. True when the member's state is another now."""
    before = member["health"], member["reason"], member["description"]
    streak, check = member["streak"], pool["check"]
    if reason is None:
        member["streak"] = max(streak, 0) + 1
        first = member["health"] is None and not is_classic(pool)  # a new target needs one good check
        if member["health"] != "healthy" and member["streak"] >= (1 if first else check["healthy"]):
            member.update(health="healthy", reason=None, description=None, since=time.time())
    else:
        member["streak"] = min(streak, 0) - 1
        if member["health"] == "unhealthy" or -member["streak"] >= check["unhealthy"]:
            member.update(health="unhealthy", reason=reason, description=description)
    return before != (member["health"], member["reason"], member["description"])
