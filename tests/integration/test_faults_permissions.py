#!/usr/bin/env python3
"""Each permission that a command needs is missing once: the job says which, and leaves nothing. Which ones it needs is read from an
undisturbed run."""
import unittest

from awslab import LIVING
from faultlab import FaultCase
from ghostlab import wait_for

# Without these the work is done all the same; what could not be removed is told in the log, and images are left to the janitor.
CLEANING = {"buildimage": ("TerminateInstances", "DescribeVolumes", "DescribeNetworkInterfaces"),
            "updateautoscaling": ("DescribeInstances",)}
# What the janitor alone asks meanwhile, beside a command that has no need of it.
JANITORS = ("DescribeVolumes", "DescribeNetworkInterfaces")
QUERY = ("autoscaling", "elasticloadbalancing", "iam", "sts")  # they say AccessDenied; EC2 says UnauthorizedOperation
ENCODED = "hcaMQK7PcVyPzSaFTDWTRd3Pb3lOYnXyzLwa" * 20


def refusal(service, action):
    """As AWS words it."""
    if service in QUERY:
        return {"error": "AccessDenied", "status": 403, "message": f"User: arn:aws:iam::123456789012:user/ghost is not authorized to perform: "
                f"{service}:{action} on resource: * because no identity-based policy allows the {service}:{action} action"}
    return {"error": "UnauthorizedOperation", "status": 403, "message": "You are not authorized to perform this operation. User: "
            f"arn:aws:iam::123456789012:user/ghost is not authorized to perform: ec2:{action} on resource: * because no identity-based "
            f"policy allows the ec2:{action} action. Encoded authorization failure message: {ENCODED}"}


class Permissions(FaultCase):
    SETTINGS = {"aws.janitor_interval": "1s"}  # what a job may not remove, it removes once it may

    def needed(self, name, run):
        """What an undisturbed run calls."""
        self.lab.forget_calls()
        run("done")
        others = () if name == "buildimage" else JANITORS
        return sorted({(call["service"], call["action"]) for call in self.lab.calls()
                       if call["service"] not in ("s3", "-") and call["action"] not in others})

    def sweep(self, name, run, prepare=lambda: None):
        prepare()
        needed = self.needed(name, run)
        told = 0
        for service, action in needed:
            with self.subTest(command=name, action=action):
                self.lab.clear_faults()
                prepare()
                self.lab.fault(service=service, action=action, count=0, **refusal(service, action))
                self.lab.forget_calls()
                job = run(None)
                if not [c for c in self.lab.calls() if c["fault"]]:
                    self.assertEqual(job["status"], "done", job["message"])  # it had no need of it this time
                elif action in CLEANING.get(name, ()):
                    self.assertEqual(job["status"], "done", job["message"])
                    self.assertIn(f"{action}: {refusal(service, action)['error']}", self.lab.log(job["_id"]))
                else:
                    self.assertEqual(job["status"], "failed", f"{name} without {action}: {self.lab.log(job['_id'])[-1500:]}")
                    self.assertIn(action, job["message"])
                    self.assertIn(refusal(service, action)["error"], job["message"])
                    self.assertIn(f"{action} action", job["message"])
                    self.assertNotIn(ENCODED[:40], job["message"])
                    told += 1
                self.lab.clear_faults()
                self.check(job)
        print(f"{name}: {len(needed)} actions, {told} refusals told")

    def check(self, job):
        """Nothing is left once the janitor may have what the job was not allowed to remove."""
        self.expire(job)
        wait_for("no instance of the job to live", lambda: job["status"] == "done" or not self.living_of(job), 30)
        self.lab.assert_nothing_left(self)

    def expire(self, job):
        """As if the time of all that carries a deadline were over: only then the janitor takes it."""
        for thing, tags in self.lab.sandbox_state()["tags"].items():
            if tags.get("ghost:job") == job["_id"] and "ghost:deadline" in tags:
                self.lab.boto("ec2").create_tags(Resources=[thing], Tags=[{"Key": "ghost:deadline", "Value": "1"}])

    def living_of(self, job):
        state = self.lab.sandbox_state()
        return [i["id"] for i in state["instances"] if i["state"] in LIVING and state["tags"].get(i["id"], {}).get("ghost:job") == job["_id"]]

    def command(self, app_id, command, **fields):
        def run(expect):
            job = self.lab.wait_job(self.lab.submit(app_id, command, **fields), 120)
            if expect:
                self.assertEqual(job["status"], expect, job["message"])
            return job
        return run

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
