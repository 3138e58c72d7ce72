"""The parts of load balancing that need no running sandbox, and what Auto Scaling calls."""
import asyncio
import os
import shutil
import socket
import tempfile
import time
import types
import unittest

import sandbox_case  # noqa: F401: sets the path

from ghost_sandbox.balancing import Balancing, conditions, messages, pools, ports, routes
from ghost_sandbox.balancing.checks import check_once
from ghost_sandbox.errors import ApiError
from ghost_sandbox.state import State

NOBODY = 65534
FREE_NETWORK = "127.253.253.{}"


def request(path="/", method="GET", headers=(), client="127.0.0.1"):
    return messages.Request([method, path, "HTTP/1.1"], list(headers), client)


class Turns(unittest.TestCase):
    def test_weights_are_kept_smoothly(self):
        turns = {}
        order = [routes.next_turn(turns, {"a": 3, "b": 1}) for _ in range(8)]
        self.assertEqual(order, ["a", "a", "b", "a"] * 2)

    def test_who_leaves_is_forgotten(self):
        turns = {}
        for _ in range(5):
            routes.next_turn(turns, {"a": 1, "b": 1})
        self.assertEqual({routes.next_turn(turns, {"b": 1, "c": 1}) for _ in range(2)}, {"b", "c"})
        self.assertNotIn("a", turns)

    def test_slow_start(self):
        backend = routes.Backend(("g", "t"), "127.0.0.1", 80, False, since=100.0, slow_start=10.0)
        self.assertEqual([backend.weight(now) for now in (100.0, 105.0, 110.0, 500.0)], [0.05, 0.5, 1.0, 1.0])


class Conditions(unittest.TestCase):
    def meets(self, field, values, asked, header=None):
        met, = conditions.compiled([{"field": field, "values": values, "header": header}])
        return bool(met(asked))

    def test_each_field(self):
        asked = request("/api/v1?color=blue&x=", "POST", [("Host", "Shop.example:8080"), ("X-Team", "red one")])
        for field, values, header, expected in (
                ("host-header", ["*.EXAMPLE"], None, True), ("host-header", ["example"], None, False),
                ("path-pattern", ["/api/*"], None, True), ("path-pattern", ["/API/*"], None, False),
                ("http-header", ["red*"], "x-team", True), ("http-header", ["blue"], "x-team", False),
                ("http-request-method", ["PUT", "POST"], None, True), ("http-request-method", ["GET"], None, False),
                ("source-ip", ["127.0.0.0/8"], None, True), ("source-ip", ["10.0.0.0/8"], None, False),
                ("query-string", [["color", "bl*"]], None, True), ("query-string", [[None, "blue"]], None, True),
                ("query-string", [["size", "*"]], None, False)):
            self.assertEqual(self.meets(field, values, asked, header), expected, (field, values))


class Messages(unittest.TestCase):
    def read(self, data):
        async def run():
            reader = asyncio.StreamReader(limit=messages.HEAD_LIMIT)
            reader.feed_data(data)
            reader.feed_eof()
            return await messages.read_request(reader, "127.0.0.1")
        return asyncio.run(run())

    def test_request(self):
        found = self.read(b"\r\nPOST /a?b HTTP/1.1\r\nHost: x\r\nConnection: X-Own, keep-alive\r\nX-Own: 1\r\n"
                          b"Content-Length: 3\r\nCookie: a=1; AWSALB=t\r\n\r\nabc")
        self.assertEqual((found.method, found.path, found.query, found.body), ("POST", "/a", "b", 3))
        self.assertEqual([name for name, _ in found.headers_left()], ["Host", "Content-Length", "Cookie"])
        self.assertEqual(found.cookies("AWSALB"), ["t"])
        self.assertTrue(found.keeps_connection)
        self.assertIsNone(self.read(b""))

    def test_nonsense(self):
        for data in (b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nHost", b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
                     b"G" * (messages.HEAD_LIMIT + 10) + b"\r\n\r\n"):
            with self.assertRaises(messages.BadMessage, msg=data[:40]):
                self.read(data)
        for length in (b"-1", b"x", b"1\r\nContent-Length: 2"):
            with self.assertRaises(messages.BadMessage, msg=length):
                self.read(b"GET / HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n").body  # noqa: B018

    def test_codes(self):
        self.assertEqual(routes.code_ranges("200,300-310"), ((200, 200), (300, 310)))


class Checks(unittest.TestCase):
    def test_a_port_that_refuses_and_one_that_is_silent(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        port = silent.getsockname()[1]

        def check(protocol, number, timeout=0.2):
            wanted = routes.Check(protocol, "127.0.0.1", number, "/", ((200, 200),), 1.0, timeout)
            return asyncio.run(check_once(types.SimpleNamespace(client_tls=None), wanted))
        self.assertEqual(check("TCP", port), (None, None))
        self.assertEqual(check("HTTP", port)[0], "Target.Timeout")
        with socket.create_server(("127.0.0.1", 0)) as gone:
            number = gone.getsockname()[1]
        self.assertEqual(check("TCP", number)[0], "Target.FailedHealthChecks")


class PortsOfListeners(unittest.TestCase):
    def setUp(self):
        self.ports = ports.Ports()
        self.addCleanup(self.ports.close)

    def test_a_port_is_taken_once(self):
        other = ports.Ports()
        self.addCleanup(other.close)
        address = FREE_NETWORK.format(1)
        self.ports.reserve(address, 23456)
        self.ports.reserve(address, 23456)
        with self.assertRaises(ApiError) as caught:
            other.reserve(address, 23456)
        self.assertIn("in use", caught.exception.message)
        self.assertEqual(self.ports.served_at(address, 23456), f"{address}:23456")

    def test_an_address_is_taken_once(self):
        other = ports.Ports()
        self.addCleanup(other.close)
        self.assertTrue(self.ports.take_address(FREE_NETWORK.format(2)))
        self.assertFalse(other.take_address(FREE_NETWORK.format(2)))
        self.ports.drop_addresses(())
        self.assertTrue(other.take_address(FREE_NETWORK.format(2)))

    def test_ports_below_1024_of_an_ordinary_user(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
            free = int(file.read()) <= 81
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            if os.getuid() == 0:
                os.setuid(NOBODY)
            with ports.bind(FREE_NETWORK.format(3), 81) as bound:
                os.write(writer, str(bound.getsockname()[1]).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as told:
            self.assertEqual(told.read(), "81" if free else "8081")
        os.waitpid(child, 0)


class ForAutoScaling(unittest.TestCase):
    """Balancing with instances that are told about only; time is what the test writes into the members."""

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="ghost-balancing-test-")
        self.addCleanup(shutil.rmtree, folder)
        self.state = State(os.path.join(folder, "state.json"))
        self.cloud = types.SimpleNamespace(
            state=self.state, clock=types.SimpleNamespace(speed=10.0, after=lambda *_: None),
            faults=types.SimpleNamespace(for_resource=lambda _kind: None))
        self.balancing = self.cloud.balancing = Balancing(self.cloud)
        self.addCleanup(self.balancing.stop)
        self.state.instances["i-1"] = {"id": "i-1", "state": "running", "zone": "a", "private_ip": "127.0.0.1"}
        check = {"protocol": "TCP", "port": "traffic-port", "path": "/", "codes": "200", "interval": 30, "timeout": 5,
                 "healthy": 5, "unhealthy": 2}
        self.state.target_groups["arn:group"] = {
            "arn": "arn:group", "name": "group", "protocol": "HTTP", "port": 80, "members": {}, "check": check,
            "attributes": {"deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false"}}
        self.state.load_balancers["arn:lb"] = {"arn": "arn:lb", "name": "lb", "state": "active", "active_at": 0,
                                               "address": FREE_NETWORK.format(4), "subnets": {"subnet-1": "a"},
                                               "attributes": {"idle_timeout.timeout_seconds": "60"}}
        self.state.load_balancers["old"] = {
            "name": "old", "state": "active", "address": FREE_NETWORK.format(5), "subnets": {"subnet-1": "a"},
            "members": {}, "listeners": [], "check": {**check, "port": "80"},
            "attributes": {"idle": 60, "draining": {"enabled": True, "timeout": 100}}}

    def use_group(self):
        self.state.listeners["arn:listener"] = {
            "arn": "arn:listener", "lb": "arn:lb", "port": 23457, "protocol": "HTTP", "actions": [
                {"type": "forward", "sticky": None, "groups": [{"arn": "arn:group", "weight": 1}]}]}

    def both(self, function):
        return function("i-1", ["arn:group"], ["old"])

    def make_healthy(self, *members):
        for member in members:
            member.update(ready_at=time.time(), health="healthy")

    def test_in_healthy_and_out(self):
        self.use_group()
        self.both(self.balancing.register)
        target = self.state.target_groups["arn:group"]["members"]["i-1:80"]
        instance = self.state.load_balancers["old"]["members"]["i-1"]
        self.assertFalse(self.both(self.balancing.is_healthy))
        self.make_healthy(target)
        self.assertTrue(self.balancing.is_healthy("i-1", ["arn:group"]))
        self.assertFalse(self.both(self.balancing.is_healthy), "each of them counts")
        self.make_healthy(instance)
        self.assertTrue(self.both(self.balancing.is_healthy))
        self.both(self.balancing.register)
        self.assertTrue(self.both(self.balancing.is_healthy), "who is in stays as it is")
        self.assertAlmostEqual(self.balancing.deregister("i-1", [], ["old"]), 10, delta=1)
        self.assertAlmostEqual(self.both(self.balancing.deregister), 30, delta=1, msg="the last of them")
        self.assertFalse(self.balancing.is_healthy("i-1", ["arn:group"]))
        target["drained_at"] = instance["drained_at"] = time.time() - 1
        self.assertEqual(self.both(self.balancing.deregister), 0)
        self.balancing.settle()
        self.assertEqual(self.state.target_groups["arn:group"]["members"], {})
        self.assertEqual(self.both(self.balancing.deregister), 0)

    def test_nobody_waits_for_a_group_without_traffic(self):
        self.balancing.register("i-1", ["arn:group"])
        self.assertEqual(self.balancing.deregister("i-1", ["arn:group"]), 0)
        self.assertEqual(self.state.target_groups["arn:group"]["members"], {})

    def test_what_is_not_there(self):
        self.balancing.register("i-1", ["arn:none"], ["none"])
        self.assertEqual(self.balancing.deregister("i-1", ["arn:none"], ["arn:lb"]), 0)
        self.assertFalse(self.balancing.is_healthy("i-1", ["arn:none"]))
        self.assertTrue(self.balancing.is_healthy("i-1"))

    def test_thresholds(self):
        self.use_group()
        self.both(self.balancing.register)
        bad = ("Target.Timeout", "Request timed out")
        for pool, first in ((self.state.target_groups["arn:group"], 1), (self.state.load_balancers["old"], 5)):
            member = next(iter(pool["members"].values()))

            def results(count, *told, pool=pool, member=member):
                for _ in range(count):
                    pools.note_check(pool, member, *told)
                return member["health"]
            self.assertEqual(results(first - 1, None, None), None)
            self.assertEqual(results(1, None, None), "healthy")
            self.assertEqual(results(1, *bad), "healthy")
            self.assertEqual(results(1, None, None), "healthy")
            self.assertEqual(results(1, *bad), "healthy", "in a row")
            self.assertEqual(results(1, *bad), "unhealthy")
            self.assertEqual(results(4, None, None), "unhealthy")
            self.assertEqual(results(1, None, None), "healthy")

    def test_instances_that_stop_and_end(self):
        self.use_group()
        self.both(self.balancing.register)
        group, row = self.state.target_groups["arn:group"], self.state.instances["i-1"]
        self.make_healthy(group["members"]["i-1:80"])
        row["state"] = "stopped"
        self.balancing.instance_changed(row)
        row["state"] = "running"
        self.balancing.instance_changed(row)
        self.assertIsNone(group["members"]["i-1:80"]["health"], "it must be checked anew")
        row["state"] = "terminated"
        self.balancing.instance_changed(row)
        self.assertEqual((group["members"], self.state.load_balancers["old"]["members"]), ({}, {}))


if __name__ == "__main__":
    unittest.main()
