"""Who is behind which load balancer: what Auto Scaling asks of the balancers, and what keeps them running."""
import copy
import ipaddress
import logging
import time

from ..errors import ApiError
from . import pools, routes
from .engine import Engine
from .ports import Ports

log = logging.getLogger("sandbox")
FIRST, LAST = "127.{}.128.1", "127.{}.254.254"  # of the network: load balancers live above the subnets


class Balancing:
    """Classic load balancers and target groups by instance. Its methods are called with state.lock held."""

    def __init__(self, cloud):
        self.cloud = cloud
        self._ports = Ports()
        self._engine = Engine(self._ports, self._checked)
        self._next = None  # when the clock calls next
        self._views = {}  # (pool, member): what is told of it, and what was before; None: it is not in

    def register(self, instance_id, target_group_arns=(), load_balancer_names=()):
        """Adds the instance, at each target group's own port; one that is in already stays as it is."""
        for pool in pools.find_pools(self.cloud, target_group_arns, load_balancer_names):
            pools.join(self.cloud, pool, instance_id, pool.get("port"))
        self.settle()

    def deregister(self, instance_id, target_group_arns=(), load_balancer_names=()):
        """Begins to drain it; returns in how many seconds the last of them lets it go, 0 when none has it."""
        seconds = [0.0]
        for pool in pools.find_pools(self.cloud, target_group_arns, load_balancer_names):
            for key in self._keys_of(pool, instance_id):
                seconds.append(pools.leave(self.cloud, pool, key))
        self.settle()
        return max(seconds)

    def is_healthy(self, instance_id, target_group_arns=(), load_balancer_names=()):
        """Whether every one of them sends it traffic."""
        found = pools.find_pools(self.cloud, target_group_arns, load_balancer_names)
        return len(found) == len(target_group_arns) + len(load_balancer_names) and all(
            "healthy" in self._states_of(pool, instance_id) for pool in found)

    def _keys_of(self, pool, instance_id):
        return [key for key, member in pool["members"].items() if member["id"] == instance_id]

    def _states_of(self, pool, instance_id):
        return {pools.condition(self.cloud, pool, pool["members"][key])[0] for key in self._keys_of(pool, instance_id)}

    # what the sandbox calls

    def start(self):
        """Goes on with what the last run left."""
        self._engine.start(self.cloud.identity.certificate, self.cloud.identity.key)
        with self.cloud.state.lock:
            for address in self._addresses():
                if not self._ports.take_address(address):
                    log.error("the address %s of a load balancer is in use by another sandbox", address)
            self.settle()

    def stop(self):
        self._engine.stop()
        self._ports.close()

    def instance_changed(self, row):
        """An instance is in another state."""
        if any(member["id"] == row["id"] for pool in pools.all_pools(self.cloud)
               for member in pool["members"].values()):
            self.settle()

    def take_address(self):
        """An address for a new load balancer, its own on this machine."""
        octet = self.cloud.state.settings["octet"]
        first, last = (int(ipaddress.ip_address(text.format(octet))) for text in (FIRST, LAST))
        used = set(self._addresses())
        for number in range(first, last + 1):
            address = str(ipaddress.ip_address(number))
            if address not in used and number & 0xff not in (0, 0xff) and self._ports.take_address(address):
                return address
        raise ApiError("TooManyLoadBalancers", "The network has no address left for a load balancer")

    def open_port(self, address, port):
        """Takes the port for a listener that is about to be, or refuses."""
        self._ports.reserve(address, port)

    def settle(self):
        """After every change: what time has brought, the file, and the routes of the proxy."""
        now = time.time()
        for row in self.cloud.state.load_balancers.values():
            if row["state"] == "provisioning" and row["active_at"] <= now:
                row["state"] = "active"
                log.info("load balancer %s is active at %s", row["name"], row["address"])
        drained = pools.let_go(self.cloud, now)
        self._note_views()
        self._ports.drop_addresses(self._addresses())
        self.cloud.state.save()
        self._engine.apply(routes.build(self.cloud), drained)
        self._wake(pools.next_event(self.cloud, now), now)

    def _note_views(self):
        told = {(pools.pool_id(pool), key): (member["id"], member["port"], pools.condition(self.cloud, pool, member))
                for pool in pools.all_pools(self.cloud) for key, member in pool["members"].items()}
        for key in told.keys() | self._views.keys():
            now, _ = self._views.get(key, (None, None))
            if now != told.get(key):
                self._views[key] = told.get(key), now

    def old_view(self, pool):
        """{member: (target, port, condition)} of a pool as each stood before it changed last."""
        return {key: before for (name, key), (_, before) in self._views.items()
                if name == pools.pool_id(pool) and before is not None}

    def _addresses(self):
        return [row["address"] for row in self.cloud.state.load_balancers.values()]

    def _wake(self, when, now):
        if when is not None and (self._next is None or when < self._next):
            self._next = when
            self.cloud.clock.after(max(0.0, when - now), self._tick)

    def _tick(self):
        with self.cloud.state.lock:
            self._next = None
            self.settle()

    def _checked(self, key, reason, description):
        """A health check has ended; called on the engine's thread, which must never wait for the lock."""
        self.cloud.clock.after(0, self._note_check, key, reason, description)

    def _note_check(self, key, reason, description):
        pool_key, member_key = key
        state = self.cloud.state
        with state.lock:
            pool = state.target_groups.get(pool_key) or state.load_balancers.get(pool_key)
            member = pool["members"].get(member_key) if pool else None
            if member and pools.is_checked(self.cloud, pool, member) and pools.note_check(
                    pool, member, reason, description):
                log.info("%s is %s in %s%s", member_key, member["health"], pool["name"],
                         f": {description}" if reason else "")
                self.settle()

    def description(self):
        """For tests: what there is, where each listener is really served, and what is in flight to each target."""
        state = self.cloud.state
        rows = []
        for front in self._engine.table.fronts.values():
            rows.append({"address": front.address, "port": front.port,
                         "served_at": self._ports.served_at(front.address, front.port)})
        flights = {f"{pools.pool_id(pool)} {key}": self._engine.in_flight((pools.pool_id(pool), key))
                   for pool in pools.all_pools(self.cloud) for key in pool["members"]}
        tables = {name: list(getattr(state, name).values())
                  for name in ("load_balancers", "target_groups", "listeners", "rules")}
        return copy.deepcopy({**tables, "served": rows, "in_flight": flights})
