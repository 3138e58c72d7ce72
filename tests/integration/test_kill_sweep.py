#!/usr/bin/env python3
"""kill -9 of the controller at every call that changes something in AWS: before it is done, and after it is done but before the
controller hears of it. After the restart the end is the same as without a kill, and nothing is left over.

Which calls there are is not written here (sweepcase.py). What acts without a job is in test_kill_sweep_watchers.py."""
import contextlib
import json
import sqlite3
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import b64
from sweepcase import SweepCase, Swept
from truth import assert_truth

BUCKET = "packages-of-the-sweep"
THEIRS = ["AlarmNotification"]  # what an operator has suspended stays so

class Standalone(SweepCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(AwsLab({
            "aws.janitor_interval": "1h", "image.retention": 1, "packages.store": "s3", "packages.bucket": BUCKET}))
        cls.lab.boto("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.changes = 1
        cls.app_id = cls.lab.ready_app([{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}])

    def submit(self, command, options=()):
        return self.lab.submit(self.app_id, command, options=list(options))

    def test_buildimage(self):
        """Each image takes the place of the one before, which goes with its snapshots."""
        def images():
            return [i for i in self.lab.sandbox_state()["images"] if not i["public"] and i["state"] != "deregistered"]

        known = {}
        self.lab.settle(self.app_id, 0)  # an image that an instance runs would stay

        def prepare():
            known["before"] = {i["id"] for i in images()}
            self.assertEqual(len(known["before"]), 1)

        def check():
            (made,) = images()  # one new image, neither none nor two
            self.assertNotIn(made["id"], known["before"])
            self.assertEqual((self.lab.get(f"/apps/{self.app_id}")["ami"], made["state"]), (made["id"], "available"))
            snapshots = [i["id"] for i in self.lab.sandbox_state()["snapshots"]]
            self.assertEqual(sorted(snapshots), sorted(made["snapshots"].values()))

        self.sweep(Swept("buildimage", lambda: self.submit("buildimage"), check, prepare))

    def test_createinstance(self):
        self.sweep(Swept("createinstance", lambda: self.submit("createinstance"),
                         lambda: self.assertEqual(len(self.lab.living(self.app_id)), 2), lambda: self.lab.settle(self.app_id, 1)))

    def test_deploy(self):
        """A new package is put into the bucket: as one object of each kind, in one version."""
        self.lab.settle(self.app_id, 1)

        def objects():
            return {row["Key"]: row["ETag"] for row in self.lab.boto("s3").list_object_versions(Bucket=BUCKET).get("Versions", [])}

        def prepare():
            type(self).changes += 1
            self.repository.commit({"page.html": f"{self.changes}\n"}, "next", tag=f"v{self.changes}")
            self.before_deploy = objects()

        def check():
            (instance,) = self.lab.instances(self.app_id)
            self.assertEqual(self.lab.page_of(instance), f"{self.changes}\n")
            assert_truth(self, self.lab, self.app_id, count=1)
            new = set(objects()) - set(self.before_deploy)
            self.assertEqual(sorted(key.rpartition(".")[2] for key in new), ["manifest", "pack", "signature"])

        self.sweep(Swept("deploy of a new package", lambda: self.lab.submit(
            self.app_id, "deploy", modules=[{"name": "site", "rev": f"v{self.changes}"}]), check, prepare))

    def test_destroyinstance(self):
        self.sweep(Swept("destroyinstance", lambda: self.submit(
            "destroyinstance", [self.lab.instances(self.app_id)[-1]["instance_id"]]),
            lambda: self.assertEqual(len(self.lab.living(self.app_id)), 1), lambda: self.lab.settle(self.app_id, 2)))

    def test_destroyallinstances(self):
        self.sweep(Swept("destroyallinstances", lambda: self.submit("destroyallinstances"),
                         lambda: self.assertEqual(self.lab.living(self.app_id), []), lambda: self.lab.settle(self.app_id, 2)))

    def test_recreateinstances(self):
        """The same addresses, other instances."""
        known = {}

        def addresses():
            return {i["id"]: i["private_ip"] for i in self.lab.living(self.app_id)}

        def prepare():
            self.lab.settle(self.app_id, 2)
            known["before"] = addresses()

        def check():
            self.assertEqual(sorted(addresses().values()), sorted(known["before"].values()))
            self.assertFalse(set(addresses()) & set(known["before"]))

        self.sweep(Swept("recreateinstances", lambda: self.submit("recreateinstances"), check, prepare))


class Group(SweepCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h"}))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (1, 2):
            cls.repository.commit({"page.html": f"{number}\n"}, f"number {number}", tag=f"v{number}")
        cls.group = lab.group("swept")
        cls.app_id = lab.create_app([{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}],
                                    autoscale={"name": cls.group, "min": 0, "max": 4})
        lab.run(cls.app_id, "buildimage")
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.run(cls.app_id, "updateautoscaling")
        lab.boto("autoscaling").suspend_processes(AutoScalingGroupName=cls.group, ScalingProcesses=THEIRS)
        lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=cls.group, DesiredCapacity=2)
        cls.changes = 0

    def setUp(self):
        super().setUp()
        self.in_service(2)

    def in_service(self, count):
        def look():
            states = [m["LifecycleState"] for m in self.lab.group_members(self.group)]
            return states == ["InService"] * count and [i["state"] for i in self.lab.instances(self.app_id)] == ["ready"] * count

        ghostlab.wait_for(f"{count} in service", look, 90)

    def check(self):
        self.in_service(2)
        self.assertEqual(self.lab.suspended(self.group), THEIRS)
        self.assertEqual(self.lab.group_sizes(self.group), (0, 2, 4))
        self.assertEqual(len(self.lab.living(self.app_id)), 2)
        assert_truth(self, self.lab, self.app_id, count=2)

    def test_updateautoscaling(self):
        def prepare():
            type(self).changes += 1
            self.lab.change_app(self.app_id, environment_infos={"instance_tags": [{"tag_name": "number", "tag_value": str(self.changes)}]},
                                instance_type=("t3.small", "t3.micro")[self.changes % 2])

        def check():
            self.check()
            tags = {tag["Key"]: tag["Value"] for tag in self.lab.describe_group(self.group)["Tags"]}
            self.assertEqual((tags["number"], tags["team"]), (str(self.changes), "theirs"))

        self.sweep(Swept("updateautoscaling", lambda: self.lab.submit(self.app_id, "updateautoscaling"), check, prepare))

    def test_first_updateautoscaling(self):
        """The group as an operator made it: no hook, no launch template of Ghost's."""
        autoscaling, ec2, name = self.lab.boto("autoscaling"), self.lab.boto("ec2"), f"ghost-{self.app_id}"

        def hooks():
            return [h["LifecycleHookName"] for h in autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=self.group)["LifecycleHooks"]]

        def prepare():
            autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.group, LaunchTemplate={
                "LaunchTemplateName": f"{self.group}-first", "Version": "1"})
            for hook in hooks():
                autoscaling.delete_lifecycle_hook(AutoScalingGroupName=self.group, LifecycleHookName=hook)
            ec2.delete_launch_template(LaunchTemplateName=name)

        def check():
            self.check()
            template = self.lab.describe_group(self.group)["LaunchTemplate"]
            self.assertEqual((template["LaunchTemplateName"], template["Version"]), (name, "1"))
            self.assertEqual(len(hooks()), 1)

        self.sweep(Swept("the first updateautoscaling", lambda: self.lab.submit(self.app_id, "updateautoscaling"), check, prepare,
                         only=("CreateLaunchTemplate", "PutLifecycleHook", "UpdateAutoScalingGroup")))

    def test_updatelifecyclehooks(self):
        def prepare():
            # What a version holds is known by its content: only another content makes a call.
            type(self).changes += 1
            self.lab.change_app(self.app_id, environment_infos={"root_block_device": {"size": 20 + self.changes}},
                                lifecycle_hooks={"post_bootstrap": ghostlab.b64(f"#!/bin/sh\necho {self.changes}\n")})

        def check():
            self.check()
            with contextlib.closing(sqlite3.connect(self.lab.folder / "data" / "ghost.db")) as database:
                row = database.execute("SELECT content FROM boot_hooks WHERE app_id = ?", (self.app_id,)).fetchone()
            hooks = self.lab.get(f"/apps/{self.app_id}")["lifecycle_hooks"]
            self.assertEqual(json.loads(row[0])["lifecycle_hooks"], hooks)

        self.sweep(Swept("updatelifecyclehooks", lambda: self.lab.submit(self.app_id, "updatelifecyclehooks"), check, prepare))

    def test_executescript(self):
        """No instance runs it twice."""
        script = b64('#!/bin/sh\necho ran >>"$GHOST_ROOT_DIR/srv/ran"\n')
        runs = dict.fromkeys((i["instance_id"] for i in self.lab.instances(self.app_id)), 0)

        def start():
            for instance in runs:
                runs[instance] += 1
            return self.lab.submit(self.app_id, "executescript", options=[script, "", "serial"])

        def check():
            self.check()
            self.assertEqual({i["instance_id"]: self.lab.instance_file(i, "/srv/ran").read_text().count("ran")
                              for i in self.lab.instances(self.app_id)}, runs)

        self.sweep(Swept("executescript", start, check))

    def test_deploy_and_redeploy(self):
        def deploy():
            type(self).changes += 1
            return self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": f"v{self.changes % 2 + 1}"}])

        def redeploy():
            """Of the newest deployment of the other version than the one that is there."""
            there = {self.lab.page_of(i).strip() for i in self.lab.instances(self.app_id)}
            items = self.lab.get("/deployments?sort=-timestamp")["_items"]
            wanted = next(d for d in items if d["revision"].removeprefix("v") not in there)
            self.wanted_page = wanted["revision"].removeprefix("v") + "\n"
            return self.lab.submit(self.app_id, "redeploy", options=[wanted["_id"]])

        def check_redeploy():
            self.check()
            self.assertEqual({self.lab.page_of(i) for i in self.lab.instances(self.app_id)}, {self.wanted_page})

        def check_deploy():
            self.check()
            pages = {self.lab.page_of(i) for i in self.lab.instances(self.app_id)}
            self.assertEqual(pages, {f"{self.changes % 2 + 1}\n"})

        self.sweep(Swept("deploy", deploy, check_deploy))
        self.sweep(Swept("redeploy", redeploy, check_redeploy))

    def test_recreateinstances(self):
        known = {}

        def prepare():
            self.in_service(2)
            known["before"] = {m["InstanceId"] for m in self.lab.group_members(self.group)}

        def check():
            self.check()
            self.assertFalse(known["before"] & {m["InstanceId"] for m in self.lab.group_members(self.group)})

        self.sweep(Swept("recreateinstances of a group", lambda: self.lab.submit(self.app_id, "recreateinstances", options=["1by1"]),
                         check, prepare, limit=1))

    def test_destroyinstance(self):
        def prepare():
            self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=3)
            self.in_service(3)

        self.sweep(Swept("destroyinstance of a group", lambda: self.lab.submit(
            self.app_id, "destroyinstance", options=[self.lab.instances(self.app_id)[0]["instance_id"]]), self.check, prepare))


if __name__ == "__main__":
    unittest.main()
