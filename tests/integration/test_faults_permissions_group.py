#!/usr/bin/env python3
"""Each permission is missing once to what works on the members of an Auto Scaling group: the job says which, the group is as it was, and
/instances says what runs."""
import subprocess
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import wait_for
from permissioncase import PermissionCase, refusal
from truth import assert_truth

MEMBERS, MOST = 2, 4
# By these the new instances are let in and brought into service; the job waits for what comes of it.
OTHERS = ("CompleteLifecycleAction", "DescribeAutoScalingInstances", "DescribeInstances", "RecordLifecycleActionHeartbeat")


class GroupPermissions(PermissionCase):
    # A deploy without a strategy has no need of the group but to leave it in peace: that it could not is told.
    DISPENSABLE = {"deploy": ("DescribeAutoScalingGroups", "DescribeInstances", "DescribeInstanceRefreshes", "SuspendProcesses",
                              "ResumeProcesses"),
                   "recreateinstances": ("ResumeProcesses",)}

    @classmethod
    def setUpClass(cls):
        # A member that cannot be asked about for a while is not given up meanwhile.
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h", "group.ready_timeout": "2h"}))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (0, 1):
            cls.repository.commit({"page.html": f"{number}\n"}, f"number {number}", tag=f"v{number}")
        cls.group = lab.group("refused")
        cls.app_id = lab.create_app([{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}],
                                    autoscale={"name": cls.group, "min": 0, "max": MOST})
        lab.run(cls.app_id, "buildimage")
        lab.deploy(cls.app_id, {"site": "v0"})
        lab.run(cls.app_id, "updateautoscaling")
        cls.changes = 0

    def setUp(self):
        self.lab.clear_faults()
        self.addCleanup(self.lab.clear_faults)
        self.lab.remember_suspended()

    def members(self):
        """All are in service and ready."""
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=MEMBERS)

        def whole():
            states = [member["LifecycleState"] for member in self.lab.group_members(self.group)]
            return states == ["InService"] * MEMBERS and [i["state"] for i in self.lab.instances(self.app_id)] == ["ready"] * MEMBERS
        wait_for(f"{MEMBERS} in service", whole, 90)

    def check(self, job):
        autoscaling = self.lab.boto("autoscaling")
        if self.lab.suspended(self.group):
            self.assertIn("ResumeProcesses", job["message"])
            autoscaling.resume_processes(AutoScalingGroupName=self.group)
        if self.lab.group_sizes(self.group)[2] != MOST:
            self.assertIn("UpdateAutoScalingGroup", job["message"])
            autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.group, MaxSize=MOST)
        assert_truth(self, self.lab, self.app_id)
        self.lab.assert_nothing_left(self)

    def test_deploy(self):
        def run(expect):
            type(self).changes += 1
            return self.command(self.app_id, "deploy", modules=[{"name": "site", "rev": f"v{self.changes % 2}"}])(expect)
        self.sweep("deploy", run, self.members)

    def test_destroyinstance(self):
        def run(expect):
            return self.command(self.app_id, "destroyinstance", options=[self.lab.instances(self.app_id)[0]["instance_id"]])(expect)
        self.sweep("destroyinstance", run, self.members)

    def test_recreateinstances(self):
        self.sweep("recreateinstances", self.command(self.app_id, "recreateinstances", options=["1by1"]), self.members, OTHERS)

    def status(self):
        environment = {"HOME": str(self.lab.folder), "GHOST_URL": f"http://127.0.0.1:{self.lab.http_port}", "GHOST_USER": "admin",
                       "GHOST_PASSWORD": self.lab.password}
        return subprocess.run([ghostlab.BUILD / "ui/cli/ghost", "status"], env=environment, capture_output=True, text=True, check=True).stdout

    def troubles(self, kind="group_troubles"):
        return [(trouble["group"], trouble["trouble"]) for trouble in self.lab.get("/health")[kind]]

    def test_what_the_watcher_lacks_is_told_and_the_job_goes_on_once_it_may(self):
        for action in ("CompleteLifecycleAction", "DescribeAutoScalingGroups"):
            with self.subTest(action):
                self.members()
                job_id = None
                if action == "CompleteLifecycleAction":
                    self.lab.fault(service="autoscaling", action=action, count=0, **refusal("autoscaling", action))
                    job_id = self.lab.submit(self.app_id, "recreateinstances", options=["1by1"])
                else:
                    self.lab.fault(service="autoscaling", action=action, count=0, **refusal("autoscaling", action))
                wait_for("the refusal to be told", lambda: any(
                    group == self.group and f"{action}: AccessDenied" in trouble for group, trouble in self.troubles()), 60)
                self.assertIn(f"{action}: AccessDenied", self.status())
                self.lab.clear_faults()
                if job_id:
                    job = self.lab.wait_job(job_id, 120)
                    self.assertEqual(job["status"], "done", job["message"])
                wait_for("it to be over", lambda: not self.troubles(), 30)

    def test_that_nobody_can_be_let_in_is_told_until_they_are(self):
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=0)
        wait_for("an empty group", lambda: not self.lab.group_members(self.group), 60)
        self.lab.fault(service="ec2", action="DescribeInstances", count=0, **refusal("ec2", "DescribeInstances"))
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=1)
        (trouble,) = wait_for("the refusal to be told", lambda: self.lab.get("/health")["enrolment_troubles"], 60)
        self.assertEqual((trouble["app_id"], trouble["group"]), (self.app_id, self.group))
        self.assertIn(trouble["instance_id"], [member["InstanceId"] for member in self.lab.group_members(self.group)])
        self.assertIn("DescribeInstances: UnauthorizedOperation", trouble["trouble"])
        self.assertIn("permission", trouble["remedy"])
        told = self.status()
        for part in (trouble["instance_id"], "waits to be let in since", "DescribeInstances: UnauthorizedOperation", trouble["remedy"]):
            self.assertIn(part, told)
        self.lab.clear_faults()
        self.members()
        self.assertEqual(self.troubles("enrolment_troubles"), [])
        self.assertNotIn("waits to be let in", self.status())


if __name__ == "__main__":
    unittest.main(verbosity=2)
