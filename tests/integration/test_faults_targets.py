#!/usr/bin/env python3
"""Targets that hang while a group is rolled: they stay initial, drain for ever, get no traffic, or their target group goes. The batch
ends within its time and says why; sizes and suspended processes are as before."""
import contextlib
import time
import unittest

import ghostlab
from awslab import AwsLab
from faultlab import FaultCase
from ghostlab import wait_for
from test_scaling import FEATURE

NEVER_OVER = 7200  # seconds of the sandbox's clock: six minutes
THEIRS = "AlarmNotification"  # suspended by an operator
PORT = 8080  # that FEATURE serves


class TargetCase(FaultCase):
    """A group of one behind a balancer, a process of which an operator has suspended."""

    SETTINGS = {"aws.janitor_interval": "1h", "group.ready_timeout": "8s", "job.boot_timeout": "10s"}

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab(cls.SETTINGS))
        (lab.features / "web.sh").write_text(FEATURE)
        cls.autoscaling, cls.elbv2 = lab.boto("autoscaling"), lab.boto("elbv2")
        cls.balancer = lab.load_balancer("front", ghostlab.free_port(), PORT)
        cls.elbv2.modify_target_group_attributes(TargetGroupArn=cls.balancer.target_group, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "2"}])
        cls.group = lab.group("front", target_groups=[cls.balancer.target_group])
        cls.autoscaling.suspend_processes(AutoScalingGroupName=cls.group, ScalingProcesses=[THEIRS])
        cls.app_id = lab.create_app([], features=[{"name": "web", "provisioner": "shell"}],
                                    autoscale={"name": cls.group, "min": 1, "max": 1})
        lab.run(cls.app_id, "buildimage")
        lab.run(cls.app_id, "updateautoscaling")
        (hook,) = cls.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=cls.group)["LifecycleHooks"]
        cls.autoscaling.put_lifecycle_hook(
            AutoScalingGroupName=cls.group, LifecycleHookName=hook["LifecycleHookName"], HeartbeatTimeout=NEVER_OVER,
            LifecycleTransition=hook["LifecycleTransition"], DefaultResult=hook["DefaultResult"])

    def setUp(self):
        super().setUp()
        self.old = self.serving()

    def members(self):
        return {member["InstanceId"] for member in self.lab.group_members(self.group)}

    def serving(self):
        """The group as it should be: one instance, in service and healthy."""
        def look():
            states = [member["LifecycleState"] for member in self.lab.group_members(self.group)]
            members = self.members()
            return states == ["InService"] and self.lab.healthy_targets(self.balancer.target_group) == members and members
        return wait_for("one instance in service and healthy", look, 60)

    def roll(self, expect="done", meanwhile=None):
        since = time.monotonic()
        job_id = self.lab.submit(self.app_id, "recreateinstances")
        if meanwhile:
            meanwhile(job_id)
        job = self.lab.wait_job(job_id, 60)
        self.assertEqual(job["status"], expect, f"{job['message']}\n{self.lab.log(job_id)}")
        self.assertLess(time.monotonic() - since, 45)
        return job

    def assert_as_before(self):
        self.assertEqual(self.lab.group_sizes(self.group), (1, 1, 1))
        self.assertEqual(self.lab.suspended(self.group), [THEIRS])
        self.lab.assert_nothing_left(self)


class Targets(TargetCase):
    def test_a_target_that_stays_initial(self):
        self.lab.fault(when="stuck-initial")
        job = self.roll("failed")
        self.assertRegex(job["message"], "batch 1 of 1: the new instances did not come into service: i-[0-9a-f]+ is initial in "
                                         "targetgroup/front/[0-9a-f]+ ")
        wait_for("the new one to be gone", lambda: self.members() == self.old)
        self.assert_as_before()
        self.assertEqual(self.serving(), self.old)

    @contextlib.contextmanager
    def second_target_group(self, port, name="back"):
        """Attached beside the first; with a listener, unless port is None."""
        elbv2 = self.elbv2
        balancer = None
        if port:
            balancer = self.lab.load_balancer(name, port, PORT)
            arn = balancer.target_group
        else:
            arn = elbv2.create_target_group(Name="idle", Protocol="HTTP", Port=PORT,
                                            VpcId=self.lab.cloud["vpc_id"])["TargetGroups"][0]["TargetGroupArn"]
        self.autoscaling.attach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[arn])
        states = {"healthy"} if port else {"unused"}
        wait_for("it to be registered there", lambda: {row["TargetHealth"]["State"] for row in elbv2.describe_target_health(
            TargetGroupArn=arn)["TargetHealthDescriptions"]} == states)
        try:
            yield arn
        finally:
            self.autoscaling.detach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[arn])
            wait_for("it to be detached", lambda: arn not in self.lab.describe_group(self.group)["TargetGroupARNs"])

    def delete_listener(self, target_group):
        for balancer in self.elbv2.describe_load_balancers()["LoadBalancers"]:
            for listener in self.elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
                if listener["DefaultActions"][0]["TargetGroupArn"] == target_group:
                    self.elbv2.delete_listener(ListenerArn=listener["ListenerArn"])

    def test_a_target_group_that_nobody_uses(self):
        """Nothing is sent there, so that nothing is to be waited for."""
        with self.second_target_group(None):
            self.roll()
            self.assertFalse(self.serving() & self.old)
            self.assert_as_before()

    def test_a_target_group_that_goes_meanwhile(self):
        """Nobody can say any more whether the new instances serve: they are ended, the old ones stay."""
        with self.second_target_group(ghostlab.free_port()) as target_group:
            def delete(job_id):
                self.lab.wait_log(job_id, "Waiting: ")
                self.delete_listener(target_group)
                self.elbv2.delete_target_group(TargetGroupArn=target_group)

            self.lab.fault(when="stuck-initial")
            job = self.roll("failed", delete)
            self.assertRegex(job["message"], "batch 1 of 1: .*TargetGroupNotFound.*")
            self.assertIn(target_group, job["message"])
            wait_for("the new one to be gone", lambda: self.members() == self.old)
            self.assert_as_before()
        self.assertEqual(self.serving(), self.old)


    def test_a_listener_that_goes_meanwhile(self):
        """Its target group is used by nobody then, and was when the job began: whether the new ones would serve nobody can say."""
        with self.second_target_group(ghostlab.free_port(), "closed") as target_group:
            def delete(_):
                wait_for("the new instance to be asked for", self.lab.held)
                self.delete_listener(target_group)
                self.lab.release()

            self.lab.fault(action="SetDesiredCapacity", when="hold-before")
            job = self.roll("failed", delete)
            self.assertRegex(job["message"], "batch 1 of 1: the new instances did not come into service: .*is unused in "
                                             r"targetgroup/closed/[0-9a-f]+ \(Target.NotInUse\)")
            wait_for("the new one to be gone", lambda: self.members() == self.old)
            self.assert_as_before()
            # A job that begins with it so has nothing to wait for there.
            self.roll()
            self.assertFalse(self.serving() & self.old)
            self.assert_as_before()

    def test_a_zone_that_the_load_balancer_does_not_serve(self):
        """A target there gets nothing, and is called as unused as one of a target group that nobody uses."""
        subnets = self.lab.cloud["subnet_ids"]
        # Else the group would bring its one instance there as soon as it may.
        self.autoscaling.suspend_processes(AutoScalingGroupName=self.group, ScalingProcesses=["AZRebalance"])
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.group, VPCZoneIdentifier=subnets[2])
        try:
            job = self.roll("failed")
            self.assertRegex(job["message"], r"is unused in targetgroup/front/[0-9a-f]+ \(Target.NotInUse\)")
            wait_for("the new one to be gone", lambda: self.members() == self.old)
        finally:
            self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.group, VPCZoneIdentifier=subnets[0])
            self.autoscaling.resume_processes(AutoScalingGroupName=self.group, ScalingProcesses=["AZRebalance"])
        self.assert_as_before()
        self.assertEqual(self.serving(), self.old)


class Draining(TargetCase):
    def test_a_target_that_drains_for_ever(self):
        """Its replacement serves meanwhile."""
        self.lab.fault(when="stuck-draining")
        job = self.roll("failed")
        (old,) = self.old
        self.assertRegex(job["message"], f"batch 1 of 1: .*have not left Auto Scaling group {self.group}: {old} is Terminating")
        self.assert_as_before()
        (new,) = self.members() - self.old
        self.assertEqual(self.lab.healthy_targets(self.balancer.target_group), {new})


if __name__ == "__main__":
    unittest.main()
