#!/usr/bin/env python3
"""kill -9 of the controller at every call of what acts without a job: the watcher of groups with its breaker, and the janitor."""
import contextlib
import sqlite3
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import wait_for
from sweepcase import SweepCase, Swept

THEIRS = ["AlarmNotification"]  # what an operator has suspended stays so
CLOSED, OPEN = 0, 1
OPENED = "launches nothing more until"


class Breaker(SweepCase):
    """A group whose instances cannot be bootstrapped."""

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h", "group.breaker": 2}))
        cls.group = lab.group("hopeless")
        cls.app_id = lab.create_app([], autoscale={"name": cls.group, "min": 0, "max": 2},
                                    lifecycle_hooks={"pre_bootstrap": ghostlab.b64("#!/bin/sh\nexit 3\n")})
        lab.run(cls.app_id, "buildimage")
        lab.run(cls.app_id, "updateautoscaling")
        lab.boto("autoscaling").suspend_processes(AutoScalingGroupName=cls.group, ScalingProcesses=THEIRS)

    def scale_to(self, count):
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=count)

    def breaker(self):
        """(state, whether Ghost has suspended)"""
        with contextlib.closing(sqlite3.connect(self.lab.folder / "data" / "ghost.db")) as database:
            row = database.execute("SELECT state, suspended FROM group_breakers WHERE app_id = ?", (self.app_id,)).fetchone()
        return row or (CLOSED, 0)

    def is_open(self):
        return self.breaker() == (OPEN, 1) and self.lab.suspended(self.group) == [*THEIRS, "Launch"]

    def is_closed(self):
        return self.breaker() == (CLOSED, 0) and self.lab.suspended(self.group) == THEIRS

    def failed(self):
        return {i["instance_id"] for i in self.lab.get("/instances?max_results=200")["_items"] if i.get("reason")}

    def openings(self):
        return (self.lab.folder / "controller.log").read_text(errors="replace").count(OPENED)

    def close(self):
        self.scale_to(0)
        wait_for("the group to be empty", lambda: not self.lab.group_members(self.group))
        if not self.is_closed():
            self.lab.run(self.app_id, "updateautoscaling")
        wait_for("the breaker to be closed", self.is_closed)

    def open(self):
        self.close()
        self.scale_to(1)
        wait_for("the breaker to open", self.is_open)
        self.scale_to(0)

    def test_it_opens(self):
        def prepare():
            self.close()
            self.known = self.failed(), self.openings()

        def check():
            self.scale_to(0)
            done = [c for c in self.lab.calls() if c["action"] == "SuspendProcesses" and c["status"] == 200]
            self.assertEqual((len(done), self.openings() - self.known[1]), (1, 1))
            self.assertGreaterEqual(len(self.failed() - self.known[0]), 2)  # no failure was counted twice
            self.assertTrue(self.is_open())
            self.lab.remember_suspended()  # that is how it shall be

        self.sweep(Swept("a breaker that opens", lambda: self.scale_to(1), check, prepare, self.is_open,
                         only=("CompleteLifecycleAction", "SuspendProcesses"), limit=2))
        self.close()

    def test_it_closes(self):
        def check():
            done = [c for c in self.lab.calls() if c["action"] == "SuspendProcesses"]
            self.assertEqual(done, [])
            self.assertTrue(self.is_closed())
            self.lab.remember_suspended()  # that is how it shall be

        self.sweep(Swept("a breaker that closes", lambda: self.lab.submit(self.app_id, "updateautoscaling"), check, self.open,
                         self.is_closed, only=("ResumeProcesses",)))


class Janitor(SweepCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "200ms"}))
        app_id = lab.create_app([])
        lab.run(app_id, "updateautoscaling")  # Ghost has been here
        cls.source = cls.launch([])
        wait_for("what an image is made of", lambda: [i["state"] for i in lab.sandbox_instances() if i["id"] == cls.source] == ["running"])

    @classmethod
    def launch(cls, tags):
        """An instance with a volume that outlives it."""
        made = cls.lab.boto("ec2").run_instances(
            ImageId=cls.lab.cloud["base_image_id"], InstanceType=cls.lab.cloud["instance_type"], MinCount=1, MaxCount=1,
            BlockDeviceMappings=[{"DeviceName": "/dev/xvdb", "Ebs": {"VolumeSize": 1, "DeleteOnTermination": not tags}}],
            TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume") if tags])
        return made["Instances"][0]["InstanceId"]

    def leave_behind(self):
        tags = [{"Key": key, "Value": value} for key, value in {
            "ghost:purpose": "bake", "ghost:job": "0" * 24, "ghost:deadline": "1000"}.items()]
        self.lab.boto("ec2").create_image(InstanceId=self.source, Name=f"left {len(self.lab.sandbox_state()['images'])}", NoReboot=True,
                                          TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("image", "snapshot")])
        self.launch(tags)
        self.lab.boto("ec2").create_network_interface(SubnetId=self.lab.cloud["subnet_ids"][0], TagSpecifications=[
            {"ResourceType": "network-interface", "Tags": tags}])

    def test_what_is_left_goes(self):
        def check():
            state = self.lab.sandbox_state()
            self.assertEqual((state["snapshots"], state["interfaces"]), ([], []))
            self.assertEqual([v["id"] for v in state["volumes"] if v["instance"] != self.source], [])
            self.assertEqual([i["id"] for i in state["instances"] if i["state"] == "running"], [self.source])
            self.assertEqual(self.lab.get("/health")["status"], "ok")

        self.sweep(Swept("the janitor", self.leave_behind, check, ended=lambda: not self.lab.leftovers(), limit=1,
                         only=("TerminateInstances", "DeregisterImage", "DeleteSnapshot", "DeleteVolume", "DeleteNetworkInterface")))


if __name__ == "__main__":
    unittest.main()
