#!/usr/bin/env python3
"""Answers that are no answers."""
import re
import time
import unittest

from faultlab import FaultCase

HTML = "<html><head><title>Welcome</title></head><body>of the proxy</body></html>"
DOCTYPE = '<!DOCTYPE r [<!ENTITY x "y">]><DescribeInstancesResponse>&x;</DescribeInstancesResponse>'
CUT = "<DescribeInstancesResponse><reservationSet><item>"
# What an answer may be; the call is not believed and sent again. Either it was not done, or it was and that is not seen.
HOSTILE = {
    "HTML": {"when": "garbage", "status": 200, "body": HTML},
    "DOCTYPE": {"when": "garbage", "status": 200, "body": DOCTYPE},
    "cut XML": {"when": "garbage", "status": 200, "body": CUT},
    "nothing": {"when": "garbage", "status": 200, "body": ""},
    "a bomb": {"when": "bomb"},
    "another root": {"when": "wrong-root"},
    "100 MB": {"when": "huge"},
}
BAKED = ("DescribeInstances", "DescribeImages", "RunInstances", "CreateImage")
MEMORY_BOUND = 400 << 10  # KiB: an answer of 64 MiB may be held while it grows


class Answers(FaultCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.lab.group("wired")
        cls.grouped = cls.lab.create_app([cls.module], name="wired", autoscale={"name": cls.group, "min": 0, "max": 2})
        cls.lab.run(cls.grouped, "buildimage")

    def memory(self, name):
        text = open(f"/proc/{self.lab.controller.pid}/status", encoding="ascii").read()
        return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1))

    def check_well(self):
        self.assertEqual(self.lab.get("/health")["status"], "ok")
        self.lab.assert_nothing_left(self)

    def hits(self, action):
        return [c for c in self.lab.calls() if c["action"] == action and c["fault"]]

    def test_hostile_answers_are_asked_for_again(self):
        for name, rule in HOSTILE.items():
            with self.subTest(name):
                self.lab.clear_faults()
                self.lab.forget_calls()
                for action in (*BAKED, "DescribeAutoScalingGroups"):
                    self.lab.fault(action=action, **rule)
                self.bake()
                self.images += 1
                self.lab.run(self.grouped, "updateautoscaling")
                self.assertEqual([a for a in (*BAKED, "DescribeAutoScalingGroups") if len(self.hits(a)) != 1], [])
                self.check_well()
        self.assertLess(self.memory("VmHWM"), MEMORY_BOUND)
        self.assertLess(self.memory("VmRSS"), MEMORY_BOUND // 3)

    def test_answers_that_are_written_oddly_are_understood(self):
        """Elements in another order, unknown ones, and values that come twice: the first counts."""
        for kind in ("reordered", "duplicated"):
            with self.subTest(kind):
                self.lab.clear_faults()
                self.lab.fault(service="ec2", when=kind, count=0)
                self.lab.fault(service="autoscaling", when=kind, count=0)
                self.bake()
                self.images += 1
                self.lab.run(self.grouped, "updateautoscaling")
                self.check_well()
                self.create()

    def test_lists_that_stay_hostile_end_the_job(self):
        """Within its attempts, and as long as they do other jobs have fewer; an instance that nobody can look at is not ended."""
        self.lab.run(self.app_id, "createinstance")
        (known,) = self.lab.living(self.app_id)
        for command, action, other in (("createinstance", "DescribeInstances", "HTML"), ("buildimage", "DescribeImages", "nothing"),
                                       ("buildimage", "DescribeInstances", "cut XML"),
                                       ("destroyallinstances", "DescribeInstances", "another root")):
            with self.subTest(command, action=action):
                self.lab.clear_faults()
                self.lab.fault(action=action, count=0, **HOSTILE[other])
                since = time.monotonic()
                job = self.lab.wait_job(self.lab.submit(self.app_id, command), 120)
                self.assertLess(time.monotonic() - since, 90)
                self.assertEqual(job["status"], "failed")
                self.assertRegex(job["message"], f"{action}: the answer: ")
                self.lab.clear_faults()
                self.assertEqual([i["id"] for i in self.lab.living(self.app_id)], [known["id"]])
                self.assertEqual(len(self.own_images()), self.images)
                self.check_well()
        self.lab.run(self.app_id, "destroyallinstances")
        self.assertEqual(self.lab.living(self.app_id), [])

    def test_answers_that_stay_hostile_end_the_job(self):
        """Two jobs at a time: each waits for the end of its attempts."""
        for (command, action), other in ((("buildimage", "CreateImage"), "HTML"), (("createinstance", "RunInstances"), "DOCTYPE")):
            with self.subTest(action):
                self.lab.clear_faults()
                self.lab.fault(action=action, count=0, **HOSTILE[other])
                self.lab.fault(action="DescribeAutoScalingGroups", count=0, **HOSTILE["another root"])
                jobs = {action: self.lab.submit(self.app_id, command),
                        "DescribeAutoScalingGroups": self.lab.submit(self.grouped, "updateautoscaling")}
                for name, job_id in jobs.items():
                    job = self.lab.wait_job(job_id, 120)
                    self.assertEqual(job["status"], "failed")
                    self.assertRegex(job["message"], f"after 8 attempts: {name}: the answer: ")
                self.check_well()
                self.assertEqual(len(self.own_images()), self.images)
                self.assertEqual(self.lab.living(self.app_id), [])


if __name__ == "__main__":
    unittest.main()
