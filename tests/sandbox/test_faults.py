"""Replies that go wrong in every way, calls that are held, a clock that is wrong."""
import email.utils
import http.client
import threading
import time
import unittest
import urllib.error
import urllib.request

from sandbox_case import Refused, SandboxCase, wait_for

PAGE = {"Action": "DescribeRegions", "Version": "2016-11-15"}
BROKEN = (http.client.HTTPException, OSError)


class Faults(SandboxCase):
    def fault(self, **rule):
        self.sandbox.control("faults", {"service": "ec2", "action": "DescribeRegions", **rule})

    def ask(self):
        return self.sandbox.request(PAGE)

    def test_replies_that_end_early(self):
        for when in ("short", "chunked-truncate", "truncate", "reset"):
            self.fault(when=when)
            with self.assertRaises(BROKEN, msg=when):
                self.ask()
            self.assertIn(b"DescribeRegionsResponse", self.ask())

    def test_slow_replies(self):
        self.fault(when="drip", seconds=0.002)
        self.assertIn(b"</DescribeRegionsResponse>", self.ask())
        self.fault(when="stall", seconds=0.3)
        begin = time.monotonic()
        with self.assertRaises(BROKEN):
            self.ask()
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)

    def test_hostile_replies(self):
        for when, part in (("bomb", b"<!ENTITY a9"), ("wrong-root", b"<Surprise>")):
            self.fault(when=when)
            self.assertIn(part, self.ask())
        self.fault(when="huge")
        self.assertEqual(len(self.ask()), 100 << 20)
        self.fault(when="garbage", status=502, body="")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self.signed(), timeout=30)
        with caught.exception as reply:
            self.assertEqual((reply.code, reply.read()), (502, b""))

    def signed(self):
        """A signed request that is not sent by the helper, to see the bare reply."""
        taken = []
        send, self.sandbox.send = self.sandbox.send, lambda body, headers: taken.append((body, headers))
        try:
            self.ask()
        finally:
            self.sandbox.send = send
        return urllib.request.Request(self.sandbox.about["endpoint"] + "/", *taken[0])

    def test_headers_of_a_throttled_call(self):
        self.fault(error="RequestLimitExceeded", status=503, headers={"x-amz-retry-after": "1500"})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self.signed(), timeout=30)
        with caught.exception as reply:
            self.assertEqual((reply.code, reply.headers["x-amz-retry-after"]), (503, "1500"))

    def test_a_share_of_the_calls_by_a_seed(self):
        def outcomes():
            self.fault(probability=0.5, seed=7, count=0)
            found = []
            for _ in range(20):
                try:
                    self.ask()
                    found.append(True)
                except Refused:
                    found.append(False)
            self.sandbox.control("faults", method="DELETE")
            return found
        first = outcomes()
        self.assertEqual(first, outcomes())
        self.assertEqual(set(first), {True, False})

    def test_held_calls(self):
        for when, made in (("hold-before", 0), ("hold-after", 1)):
            self.sandbox.control("faults", {"action": "CreateTags", "when": when})
            target = self.sandbox.about["vpc_id"]
            form = {"Action": "CreateTags", "Version": "2016-11-15", "ResourceId.1": target, "Tag.1.Key": when,
                    "Tag.1.Value": "v"}
            thread = threading.Thread(target=self.sandbox.request, args=(form,))
            thread.start()
            held = wait_for(lambda: self.sandbox.control("held")["held"], "a held call")
            self.assertEqual([(row["action"], row["when"]) for row in held], [("CreateTags", when)])
            tags = self.sandbox.control("state")["tags"].get(target, {})
            self.assertEqual(int(when in tags), made)
            self.assertEqual(self.sandbox.control("release", {})["released"], 1)
            thread.join(20)
            self.assertFalse(thread.is_alive())
            self.assertIn(when, self.sandbox.control("state")["tags"][target])

    def test_a_held_client_that_goes(self):
        """What it asked for before it went is not done."""
        before = len(self.sandbox.control("calls")["calls"])
        self.fault(when="hold-before")
        request = self.signed()
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.about["port"], timeout=30)
        connection.request("POST", "/", request.data, dict(request.header_items()))
        wait_for(lambda: self.sandbox.control("held")["held"], "a held call")
        connection.close()
        wait_for(lambda: not self.sandbox.control("held")["held"], "the end of the held call")
        wait_for(lambda: len(self.sandbox.control("calls")["calls"]) > before, "the call to be noted")
        self.assertEqual(self.sandbox.control("calls")["calls"][-1]["error"], "RequestCanceled")

    def test_a_clock_that_is_wrong(self):
        self.sandbox.control("skew", {"seconds": 900})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self.signed(), timeout=30)
        with caught.exception as reply:
            body, date = reply.read(), email.utils.parsedate_to_datetime(reply.headers["Date"]).timestamp()
        self.assertIn(b"<Code>RequestExpired</Code>", body)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(date))
        self.assertIn(b"<regionName>", self.sandbox.request(PAGE, stamp=stamp))


if __name__ == "__main__":
    unittest.main()
