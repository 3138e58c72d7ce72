#!/usr/bin/env python3
"""Instances that hang on their way: stuck pending, stuck stopping, found ill by EC2's checks. Each wait is bounded, says what it waited
for, and leaves nothing."""
import contextlib
import time
import unittest

from faultlab import FaultCase
from ghostlab import free_port, wait_for


class Instances(FaultCase):
    @contextlib.contextmanager
    def settings(self, **values):
        """Those of the controller, for a while."""
        before = dict(self.lab.settings)
        self.lab.settings.update({name.replace("__", "."): value for name, value in values.items()})
        self.lab.write_settings()
        self.lab.restart_controller()
        try:
            yield
        finally:
            self.lab.settings = before
            self.lab.write_settings()
            self.lab.restart_controller()

    def launches(self):
        return [call["client_token"] for call in self.lab.calls() if call["action"] == "RunInstances"]

    def assert_one_launch(self, job):
        """One intent, made once, and what it made is gone."""
        (token,) = self.launches()
        self.assertTrue(token)
        wait_for("what the job launched to be gone", lambda: {
            i["state"] for i in self.lab.sandbox_instances() if i["client_token"] == token} <= {"terminated"})
        self.assertEqual(self.lab.living(self.app_id), [], job["message"])
        self.assertEqual(self.lab.instances(self.app_id), [])

    def test_an_instance_that_stays_pending(self):
        with self.settings(job__boot_timeout="5s"):
            for command in (self.create, self.bake):
                with self.subTest(command.__name__):
                    self.lab.fault(when="stuck-pending")
                    self.lab.forget_calls()
                    job = command("failed")
                    self.assertRegex(job["message"], "instance i-[0-9a-f]+ to be running, it is pending: ")
                    self.assert_one_launch(job)

    def test_a_builder_that_does_not_stop(self):
        """Only force helps: its image is made all the same."""
        with self.settings(image__stop_timeout="3s"):
            self.lab.fault(when="stuck-stopping")
            self.lab.forget_calls()
            job = self.bake()
        self.assertIn(" does not stop, forcing it", self.lab.log(job["_id"]))
        self.assertEqual([call["action"] for call in self.lab.mutations() if call["action"] in (
            "RunInstances", "StopInstances", "CreateImage")], ["RunInstances", "StopInstances", "StopInstances", "CreateImage"])

    def create_ill(self, **status):
        """One whose agent never comes, and of which EC2 says so; the job that waits for it, once it has ended."""
        self.lab.forget_calls()
        job_id = self.lab.submit(self.app_id, "createinstance")
        self.lab.wait_log(job_id, "Waiting for the agent of")
        (instance,) = self.lab.living(self.app_id)
        self.lab.ask_sandbox("POST", f"instances/{instance['id']}/status", status)
        since = time.monotonic()
        job = self.lab.wait_job(job_id)
        self.assertLess(time.monotonic() - since, 40)  # job.boot_timeout is 60 s
        self.assertEqual(job["status"], "failed", job["message"])
        self.assertIn(instance["id"], job["message"])
        self.assert_one_launch(job)
        self.lab.assert_nothing_left(self)
        return job["message"]

    def test_an_instance_that_is_ill(self):
        """Its network is away: no agent comes, and EC2 finds it impaired, or is going to retire its host."""
        with self.settings(link__address=f"127.0.0.1:{free_port()}"):
            self.assertIn("EC2's status checks fail: system impaired, instance impaired", self.create_ill(status="impaired"))
            self.assertIn("EC2 is going to retire it: The instance is running on degraded hardware", self.create_ill(status="ok", events=[
                {"code": "instance-retirement", "description": "The instance is running on degraded hardware"}]))


if __name__ == "__main__":
    unittest.main()
