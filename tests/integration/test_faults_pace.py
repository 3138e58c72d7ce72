#!/usr/bin/env python3
"""AWS asks for less, or says nothing at all: how fast Ghost goes on, and who waits."""
import time
import unittest

from faultlab import FaultCase
from ghostlab import wait_for


class Pace(FaultCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.lab.group("paced")
        cls.other = cls.lab.create_app([cls.module], name="paced", autoscale={"name": cls.group, "min": 0, "max": 2})
        cls.lab.run(cls.other, "buildimage")

    def test_a_long_burst_of_throttling(self):
        """The more is refused, the less is asked for, and in the end all is done."""
        def rate(begin, end):
            return len([c for c in self.lab.calls() if begin <= c["time"] < end and c["service"] == "ec2"]) / (end - begin)

        self.lab.fault(when="stuck-image", count=1)
        stuck = self.lab.submit(self.app_id, "buildimage")
        self.lab.wait_log(stuck, "mage")
        wait_for("it to wait for its image", lambda: [c for c in self.lab.calls() if c["action"] == "CreateImage" and c["done"]], 60)
        begin = time.time()
        wait_for("some polls", lambda: time.time() - begin > 3)
        calm = rate(begin, time.time())
        self.lab.fault(service="ec2", error="RequestLimitExceeded", status=503, count=0, probability=0.5, seed=6,
                       headers={"x-amz-retry-after": "700"})
        self.lab.fault(service="autoscaling", error="Throttling", status=400, count=0, probability=0.5, seed=7)
        begin = time.time()
        job_id = self.lab.submit(self.other, "updateautoscaling")
        wait_for("the burst to be over", lambda: time.time() - begin > 15)
        burst = rate(begin + 5, time.time())
        print(f"throttling: {calm:.1f} calls of EC2 a second before, {burst:.1f} in the burst")
        self.lab.clear_faults()
        self.assertLess(burst, calm / 3)
        self.assertEqual(self.lab.wait_job(job_id, 60)["status"], "done")
        self.assertEqual(self.lab.call("DELETE", f"/jobs/{stuck}/enqueueings").status, 204)
        self.assertEqual(self.lab.wait_job(stuck, 60)["status"], "cancelled")
        self.lab.run(self.other, "buildimage")

    def test_an_answer_that_does_not_come_ends_by_its_deadline(self):
        """The head comes and then nothing, for an hour; meanwhile another application's job runs as ever."""
        self.lab.forget_calls()
        self.lab.fault(action="RunInstances", when="stall")
        begin = time.monotonic()
        job_id = self.lab.submit(self.app_id, "createinstance")
        wait_for("the call", lambda: [c for c in self.lab.calls() if c["fault"] == "stall"], 30)
        self.lab.run(self.other, "buildimage")
        undisturbed = time.monotonic() - begin
        self.assertLess(undisturbed, 40)
        self.assertEqual(self.lab.job(job_id)["status"], "started")
        job = self.lab.wait_job(job_id, 120)
        self.assertEqual(job["status"], "done", job["message"])
        self.assertGreater(time.monotonic() - begin, 55)  # the deadline of one call is a minute
        self.assertEqual(len(self.lab.living(self.app_id)), 1)
        self.lab.run(self.app_id, "destroyallinstances")
        self.lab.assert_nothing_left(self)


if __name__ == "__main__":
    unittest.main()
