#!/usr/bin/env python3
"""Each permission that a command needs is missing once: the job says which, and leaves nothing."""
import unittest

from ghostlab import wait_for
from permissioncase import ENCODED, PermissionCase, refusal


class Permissions(PermissionCase):
    # What could not be removed is told in the log, and images are left to the janitor.
    DISPENSABLE = {"buildimage": ("TerminateInstances", "DescribeVolumes", "DescribeNetworkInterfaces"),
                   "updateautoscaling": ("DescribeInstances",)}

    def test_buildimage(self):
        self.sweep("buildimage", self.command(self.app_id, "buildimage"))

    def test_updateautoscaling(self):
        lab = self.lab
        group = lab.group("refused")
        app_id = lab.create_app([self.module], name="refused", autoscale={"name": group, "min": 0, "max": 2})
        lab.run(app_id, "buildimage")
        sizes = iter(range(20, 1000))

        def prepare():
            size = next(sizes)
            lab.change_app(app_id, instance_type=("t3.small", "t3.micro")[size % 2], environment_infos={"root_block_device": {"size": size}})
        self.sweep("updateautoscaling", self.command(app_id, "updateautoscaling"), prepare)

    def test_a_builder_that_may_not_be_ended_is_told_until_it_may(self):
        self.lab.fault(action="TerminateInstances", count=0, **refusal("ec2", "TerminateInstances"))
        job = self.lab.run(self.app_id, "buildimage")
        (builder,) = self.living_of(job)
        self.expire(job)
        wait_for("an alarm", lambda: "TerminateInstances" in (self.lab.get("/health")["janitor"].get("trouble", "")), 30)
        tries = len(self.lab.calls())
        wait_for("more tries", lambda: len([c for c in self.lab.calls()[tries:] if c["action"] == "TerminateInstances"]) > 1, 30)
        self.assertEqual(self.living_of(job), [builder])
        self.lab.clear_faults()
        wait_for("it to go", lambda: not self.living_of(job), 30)
        self.lab.assert_nothing_left(self)
        wait_for("the alarm to end", lambda: not self.lab.get("/health")["janitor"].get("trouble"), 30)

    def test_createinstance(self):
        self.sweep("createinstance", self.command(self.app_id, "createinstance"), lambda: self.lab.settle(self.app_id, 0))

    def test_one_that_may_neither_be_looked_at_nor_ended(self):
        """Once it may, the janitor ends what the failed job left."""
        self.lab.settle(self.app_id, 0)
        self.lab.fault(action="DescribeInstances", count=0, **refusal("ec2", "DescribeInstances"))
        self.lab.fault(action="TerminateInstances", count=0, **refusal("ec2", "TerminateInstances"))
        job = self.lab.run(self.app_id, "createinstance", "failed")
        self.assertIn("DescribeInstances", job["message"])
        self.assertEqual(len(self.living_of(job)), 1)
        self.lab.clear_faults()
        wait_for("it to go", lambda: not self.living_of(job), 30)
        self.lab.assert_nothing_left(self)

    def test_rights_that_a_launch_needs_besides(self):
        """AWS names them in its words: whoever may launch may not yet hand on a role, or tag what it makes."""
        self.lab.settle(self.app_id, 0)
        for right, thing in (("iam:PassRole", "arn:aws:iam::123456789012:role/web-role"),
                             ("ec2:CreateTags", "arn:aws:ec2:eu-west-1:123456789012:instance/*")):
            with self.subTest(right):
                self.lab.clear_faults()
                self.lab.fault(action="RunInstances", count=0, error="UnauthorizedOperation", status=403, message=(
                    "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ghost is not authorized to "
                    f"perform: {right} on resource: {thing} because no identity-based policy allows the {right} action. "
                    f"Encoded authorization failure message: {ENCODED}"))
                for command in ("createinstance", "buildimage"):
                    job = self.lab.run(self.app_id, command, "failed")
                    self.assertIn("RunInstances", job["message"])
                    self.assertIn(f"perform: {right} on resource: {thing}", job["message"])
                    self.assertNotIn(ENCODED[:40], job["message"])
                    self.check(job)


if __name__ == "__main__":
    unittest.main()
