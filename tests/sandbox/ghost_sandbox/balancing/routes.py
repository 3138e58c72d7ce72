"""What the proxy needs to know, made anew from the state at every change and never changed itself."""
import dataclasses

from . import conditions
from .pools import address_of, all_pools, condition, is_checked, is_classic, pool_id


@dataclasses.dataclass(frozen=True)
class Backend:
    """A target that is healthy. key: (pool, member)"""

    key: tuple
    address: str
    port: int
    secure: bool
    since: float
    slow_start: float

    def weight(self, now):
        """Less than 1 while it starts slowly."""
        age = now - self.since
        return 1.0 if age >= self.slow_start else max(0.05, age / self.slow_start)


@dataclasses.dataclass(frozen=True)
class Pool:
    id: str
    backends: tuple
    sticky: int  # seconds of its cookie, or 0


@dataclasses.dataclass(frozen=True)
class Forward:
    pools: tuple  # of (Pool, weight)
    sticky: int


@dataclasses.dataclass(frozen=True)
class Front:
    """A port that is served."""

    address: str
    port: int
    web: bool
    secure: bool
    active: bool
    idle: int
    client_header: str  # what is done to X-Forwarded-For: append, preserve, remove
    routes: tuple  # of (conditions, action); an action is a Forward or a record of the state


@dataclasses.dataclass(frozen=True)
class Check:
    """How one target is checked; seconds are real."""

    protocol: str
    address: str
    port: int
    path: str
    codes: tuple
    interval: float
    timeout: float


@dataclasses.dataclass(frozen=True)
class Table:
    fronts: dict  # (address, port) → Front
    checks: dict  # (pool, member) → Check


def build(cloud):
    """Called with state.lock held."""
    fronts = {}
    for listener in cloud.state.listeners.values():
        front = listener_front(cloud, cloud.state.load_balancers[listener["lb"]], listener)
        fronts[front.address, front.port] = front
    for row in filter(is_classic, cloud.state.load_balancers.values()):
        for listener in row["listeners"]:
            front = classic_front(cloud, row, listener)
            fronts[front.address, front.port] = front
    return Table(fronts, {(pool_id(pool), key): check_of(cloud, pool, member) for pool in all_pools(cloud)
                          for key, member in pool["members"].items() if is_checked(cloud, pool, member)})


def listener_front(cloud, balancer, listener):
    rules = [rule for rule in cloud.state.rules.values()
             if rule["listener"] == listener["arn"] and rule["priority"] != "default"]
    routes = [(conditions.compiled(rule["conditions"]), action_of(cloud, rule["actions"][-1]))
              for rule in sorted(rules, key=lambda rule: rule["priority"])]
    routes.append(((), action_of(cloud, listener["actions"][-1])))
    attributes = balancer["attributes"]
    return Front(balancer["address"], listener["port"], listener["protocol"] != "TCP",
                 listener["protocol"] == "HTTPS", balancer["state"] == "active",
                 int(attributes.get("idle_timeout.timeout_seconds", 0)),
                 attributes.get("routing.http.xff_header_processing.mode", "append"), tuple(routes))


def action_of(cloud, action):
    if action["type"] != "forward":
        return action
    return Forward(tuple((group_pool(cloud, cloud.state.target_groups[part["arn"]]), part["weight"])
                         for part in action["groups"]), action["sticky"] or 0)


def group_pool(cloud, group):
    attributes = group["attributes"]
    sticky = attributes["stickiness.enabled"] == "true" and int(
        attributes.get("stickiness.lb_cookie.duration_seconds", 0))
    slow = int(attributes.get("slow_start.duration_seconds", 0)) / cloud.clock.speed
    return Pool(group["arn"], backends(cloud, group, group["protocol"] == "HTTPS", slow), int(sticky))


def backends(cloud, pool, secure, slow, port=None):
    return tuple(Backend((pool_id(pool), key), address_of(cloud, member), port or member["port"], secure,
                         member["since"], slow)
                 for key, member in pool["members"].items() if condition(cloud, pool, member)[0] == "healthy")


def classic_front(cloud, row, listener):
    pool = Pool(row["name"], backends(cloud, row, listener["instance_protocol"] == "HTTPS", 0,
                                      listener["instance_port"]), 0)
    return Front(row["address"], listener["port"], listener["protocol"] != "TCP", listener["protocol"] == "HTTPS",
                 True, row["attributes"]["idle"], "append", (((), Forward(((pool, 1),), 0)),))


def check_of(cloud, pool, member):
    check = pool["check"]
    port = member["port"] if check["port"] == "traffic-port" else int(check["port"])
    # The clock may run faster, but the servers do not: they keep a real second to answer in.
    timeout = max(check["timeout"] / cloud.clock.speed, min(check["timeout"], 1.0))
    return Check(check["protocol"], address_of(cloud, member), port, check["path"], code_ranges(check["codes"]),
                 check["interval"] / cloud.clock.speed, timeout)


def code_ranges(text):
    """200,300-310 as ((200, 200), (300, 310))"""
    pairs = [part.partition("-") for part in text.split(",")]
    return tuple((int(low), int(high or low)) for low, _, high in pairs)


def next_turn(turns, weighted):
    """Smooth weighted round robin: the key whose turn it is. turns: {key: credit}, kept from call to call."""
    for stale in [key for key in turns if key not in weighted]:
        del turns[stale]
    for key, weight in weighted.items():
        turns[key] = turns.get(key, 0) + weight
    chosen = max(weighted, key=turns.get)
    turns[chosen] -= sum(weighted.values())
    return chosen
