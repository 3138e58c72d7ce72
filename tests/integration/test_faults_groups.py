#!/usr/bin/env python3
"""Auto Scaling in the way, hooks that run out, refreshes that somebody else began: what a job says, and that the group is as before."""
import contextlib
import unittest

import ghostlab
from awslab import AwsLab
from faultlab import FaultCase
from ghostlab import b64, wait_for
from truth import assert_truth

NEVER_OVER = 7200  # seconds of the sandbox's clock: six minutes
THEIRS = "AlarmNotification"  # suspended by an operator


class GroupFaultCase(FaultCase):
    """A group with the image of the class, a process of which an operator has suspended."""

    SETTINGS = {"group.ready_timeout": "10s", "job.boot_timeout": "12s", "group.breaker": 2}

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h", **cls.SETTINGS}))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        cls.autoscaling = lab.boto("autoscaling")
        cls.made = []

    def make_group(self, size=1, **more):
        lab = self.lab
        name = self.id().rsplit(".", 1)[1].replace("_", "-")[-20:]
        group = lab.group(name, **more)
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, HealthCheckType="EC2")
        self.autoscaling.suspend_processes(AutoScalingGroupName=group, ScalingProcesses=[THEIRS])
        lab.remember_suspended()
        app_id = lab.create_app([self.module], name=name, autoscale={"name": group, "min": 0, "max": 4})
        lab.run(app_id, "buildimage")
        lab.run(app_id, "updateautoscaling")
        self.hook_lasts(group, NEVER_OVER)
        self.addCleanup(self.empty, group)
        self.scale_to(group, size)
        self.in_service(group, size)
        return app_id, group

    def hook_lasts(self, group, seconds):
        (hook,) = self.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]
        self.autoscaling.put_lifecycle_hook(
            AutoScalingGroupName=group, LifecycleHookName=hook["LifecycleHookName"], HeartbeatTimeout=seconds,
            LifecycleTransition=hook["LifecycleTransition"], DefaultResult=hook["DefaultResult"])

    def empty(self, group):
        self.lab.clear_faults()
        with contextlib.suppress(self.autoscaling.exceptions.ClientError):
            self.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)

    def scale_to(self, group, count):
        self.autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=count)

    def in_service(self, group, count):
        wait_for(f"{count} in service", lambda: self.states(group) == ["InService"] * count, 60)

    def states(self, group):
        return [member["LifecycleState"] for member in self.lab.group_members(group)]

    def members(self, group):
        return {member["InstanceId"] for member in self.lab.group_members(group)}

    def assert_as_before(self, group, size=1):
        """Its sizes, what is suspended, and nothing of a bake is left."""
        self.assertEqual(self.lab.group_sizes(group), (0, size, 4))
        self.assertEqual(self.lab.suspended(group), [THEIRS])
        self.lab.assert_nothing_left(self)


class Groups(GroupFaultCase):
    def test_an_activity_in_progress_is_waited_for(self):
        app_id, group = self.make_group(2)
        old = self.members(group)
        for action in ("UpdateAutoScalingGroup", "SetDesiredCapacity", "TerminateInstanceInAutoScalingGroup"):
            self.lab.fault(service="autoscaling", action=action, error="ScalingActivityInProgress", status=400, count=3,
                           message="Scaling activity 7 is in progress and blocks this action")
        self.lab.run(app_id, "recreateinstances", options=["1by1"])
        self.in_service(group, 2)
        self.assertFalse(old & self.members(group))
        self.assert_as_before(group, 2)
        self.lab.run(app_id, "updateautoscaling")
        self.assert_as_before(group, 2)

    def test_launches_that_fail_are_told_in_the_groups_words(self):
        app_id, group = self.make_group(2)
        old = self.members(group)
        self.lab.fault(when="group-launch-fails", error="InsufficientInstanceCapacity", message="There is no room", count=0)
        job = self.lab.run(app_id, "recreateinstances", "failed", options=["1by1"])
        self.assertIn("did not come into service", job["message"])
        self.assertIn("There is no room", job["message"])
        self.assertEqual(self.members(group), old)
        self.assert_as_before(group, 2)

    def test_a_deploy_outlives_the_controller_and_unhealthy_instances(self):
        """What is marked unhealthy while the group is held stays until it is let go; what an operator suspended stays so."""
        app_id, group = self.make_group(2)
        gate = self.lab.folder / "gate"
        self.lab.change_app(app_id, modules=[dict(self.module, build_pack=b64(f"until [ -e {gate} ]; do sleep 0.1; done\n"))])
        job_id = self.lab.submit(app_id, "deploy", modules=[{"name": "site", "rev": "v1"}])
        wait_for("the group to be held", lambda: {"Launch", "Terminate"} <= set(self.lab.suspended(group)))
        ill = sorted(self.members(group))[0]
        self.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
        self.lab.restart_controller()
        self.lab.wait_log(job_id, "goes on")
        self.assertIn(ill, self.members(group))
        gate.touch()
        job = self.lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", job["message"])
        wait_for("the unhealthy one to be replaced", lambda: ill not in self.members(group), 60)
        self.in_service(group, 2)
        self.assertEqual([self.lab.page_of(i) for i in self.lab.instances(app_id)], ["one\n"] * 2)
        assert_truth(self, self.lab, app_id, count=2)
        self.assert_as_before(group, 2)

    def test_an_instance_that_the_group_ends_in_the_middle(self):
        app_id, group = self.make_group(2)
        old = self.members(group)
        job_id = self.lab.submit(app_id, "recreateinstances", options=["1by1"])
        self.lab.wait_log(job_id, "desired capacity 2 to 3")
        for victim in old:  # also that of the batch
            self.lab.boto("ec2").terminate_instances(InstanceIds=[victim])
        job = self.lab.wait_job(job_id, 90)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{self.lab.log(job_id)}")
        self.in_service(group, 2)
        self.assertFalse(old & self.members(group))
        self.assert_as_before(group, 2)


    def test_a_member_that_the_group_ends_in_the_middle_of_a_deploy(self):
        """It is asked to go while the release is built: the others get it, and so does the one that follows."""
        app_id, group = self.make_group(2)
        gate = self.lab.folder / "gate-of-the-deploy"
        self.lab.change_app(app_id, modules=[dict(self.module, build_pack=b64(f"until [ -e {gate} ]; do sleep 0.1; done\n"))])
        job_id = self.lab.submit(app_id, "deploy", modules=[{"name": "site", "rev": "v1"}])
        wait_for("the group to be held", lambda: {"Launch", "Terminate"} <= set(self.lab.suspended(group)))
        victim = sorted(self.members(group))[0]
        self.autoscaling.terminate_instance_in_auto_scaling_group(InstanceId=victim, ShouldDecrementDesiredCapacity=False)
        gate.touch()
        job = self.lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{self.lab.log(job_id)}")
        wait_for("it to be gone", lambda: victim not in self.members(group), 60)
        self.in_service(group, 2)
        wait_for("both to have the release", lambda: [self.lab.page_of(i) for i in self.lab.instances(app_id)] == ["one\n"] * 2)
        assert_truth(self, self.lab, app_id, count=2)
        self.assert_as_before(group, 2)


class Refreshes(GroupFaultCase):
    def test_a_refresh_of_somebody_elses(self):
        app_id, group = self.make_group()
        old = self.members(group)
        self.autoscaling.suspend_processes(AutoScalingGroupName=group, ScalingProcesses=["InstanceRefresh"])
        refresh = self.autoscaling.start_instance_refresh(AutoScalingGroupName=group)["InstanceRefreshId"]
        self.lab.forget_calls()
        modules = [{"name": "site", "rev": "v1"}]
        for command, more in (("recreateinstances", {}), ("updateautoscaling", {}), ("deploy", {"modules": modules})):
            with self.subTest(command):
                job = self.lab.run(app_id, command, "failed", **more)
                self.assertIn(f"instance refresh {refresh} of Auto Scaling group {group} is ", job["message"])
                self.assertIn("cancel it", job["message"])
        self.assertEqual([c["action"] for c in self.lab.mutations()], [])
        self.assertEqual(self.members(group), old)
        self.autoscaling.cancel_instance_refresh(AutoScalingGroupName=group)
        self.autoscaling.resume_processes(AutoScalingGroupName=group, ScalingProcesses=["InstanceRefresh"])
        wait_for("it to be cancelled", lambda: self.autoscaling.describe_instance_refreshes(
            AutoScalingGroupName=group)["InstanceRefreshes"][0]["Status"] == "Cancelled")
        self.in_service(group, 1)
        self.lab.run(app_id, "recreateinstances")
        self.in_service(group, 1)
        self.assert_as_before(group)


class Hooks(GroupFaultCase):
    # What runs out here is the hook: Ghost itself is patient, also on a busy machine.
    SETTINGS = GroupFaultCase.SETTINGS | {"group.ready_timeout": "2m"}

    def test_somebody_else_completes_the_hook(self):
        """By the time Ghost says so nobody waits there any more: that is as good."""
        app_id, group = self.make_group(0)
        self.lab.fault(service="autoscaling", action="CompleteLifecycleAction", error="ValidationError", status=400,
                       message="No active Lifecycle Action found with instance ID i-1")
        self.scale_to(group, 1)
        (hook,) = self.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]
        wait_for("Ghost to have said so", lambda: any(
            c["action"] == "CompleteLifecycleAction" and c["error"] == "ValidationError" for c in self.lab.calls()), 60)
        (instance,) = self.members(group)
        with contextlib.suppress(self.autoscaling.exceptions.ClientError):  # Ghost may have been quicker with its second word
            self.autoscaling.complete_lifecycle_action(AutoScalingGroupName=group, LifecycleHookName=hook["LifecycleHookName"],
                                                       InstanceId=instance, LifecycleActionResult="CONTINUE")
        self.in_service(group, 1)
        wait_for("it to be ready", lambda: [i["state"] for i in self.lab.instances(app_id)] == ["ready"])
        self.assert_as_before(group)

    def breaker_of(self, app_id):
        return next((one for one in self.lab.get("/health")["breakers"] if one["app_id"] == app_id), None)

    def test_instances_that_never_join(self):
        """Nobody completes their hooks: AWS gives them up, and Ghost counts that and stops it."""
        app_id, group = self.make_group(0)
        self.lab.call("POST", f"/apps/{app_id}/group_token", {})  # what is launched from now on has the old one
        self.hook_lasts(group, 60)  # three seconds
        self.scale_to(group, 1)
        wait_for("the breaker to open", lambda: self.breaker_of(app_id), 60)
        self.assertIn("before an agent of it had joined", self.breaker_of(app_id)["reason"])
        wait_for("Launch to be suspended", lambda: "Launch" in self.lab.suspended(group))
        rows = [i for i in self.lab.get("/instances?max_results=200")["_items"] if i["app_id"] == app_id and i["purpose"] == "group"]
        self.assertGreaterEqual(len(rows), 2)
        self.assertEqual({i["reason"].partition(":")[0] for i in rows}, {"its lifecycle hook ran out before an agent of it had joined"})
        # Before that was so one more may have been launched, which has the old token too.
        wait_for("the last of them to be given up", lambda: not self.members(group), 60)
        self.hook_lasts(group, NEVER_OVER)  # for what is launched as soon as the breaker is closed
        self.lab.run(app_id, "updateautoscaling")  # the new token; closes the breaker
        self.hook_lasts(group, NEVER_OVER)
        self.in_service(group, 1)
        self.assert_as_before(group)

    def test_a_hook_that_runs_out(self):
        """The group gives up what is not bootstrapped in time and launches another: none comes into service unready, and the breaker
        counts them."""
        app_id, group = self.make_group(0)
        self.lab.change_app(app_id, lifecycle_hooks={"pre_bootstrap": b64("#!/bin/sh\nsleep 20\n")})
        self.hook_lasts(group, 60)  # three seconds
        self.scale_to(group, 1)
        seen = set()
        wait_for("a second one", lambda: len(seen.update(self.members(group)) or seen) > 1, 60)
        wait_for("the breaker to open", lambda: self.breaker_of(app_id), 60)
        self.assertEqual(self.breaker_of(app_id)["reason"], "its lifecycle hook ran out before it was bootstrapped")
        wait_for("Launch to be suspended", lambda: "Launch" in self.lab.suspended(group))
        self.hook_lasts(group, NEVER_OVER)
        self.lab.change_app(app_id, lifecycle_hooks={"pre_bootstrap": b64("#!/bin/sh\n")})
        self.lab.run(app_id, "updatelifecyclehooks")  # also closes the breaker
        self.hook_lasts(group, NEVER_OVER)
        self.in_service(group, 1)
        wait_for("it to be the only one, and ready", lambda: [i["state"] for i in self.lab.instances(app_id)] == ["ready"], 60)
        self.assertEqual({i["instance_id"] for i in self.lab.instances(app_id)}, self.members(group))
        self.assert_as_before(group)


if __name__ == "__main__":
    unittest.main()
