#!/usr/bin/env python3
"""The commands of groups, and what they leave as it was."""
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import wait_for


class GroupCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab())
        cls.repository = ghostlab.Repository(lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")

    def make_app(self, name, **fields):
        module = {"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site"}
        app_id = self.lab.create_app([module], name=name, **fields)
        self.lab.run(app_id, "buildimage")
        self.lab.deploy(app_id, {"site": "v1"})
        return app_id

    def versions(self, app_id):
        ec2 = self.lab.boto("ec2")
        return ec2.describe_launch_template_versions(LaunchTemplateName=f"ghost-{app_id}")["LaunchTemplateVersions"]

    def in_service(self, group, count):
        wait_for(f"{count} in service", lambda: [m["LifecycleState"] for m in self.lab.group_members(group)] == ["InService"] * count, 90)

    def test_a_group_is_brought_up_to_date(self):
        lab = self.lab
        group = lab.group("tended")
        app_id = self.make_app("tended", autoscale={"name": group, "min": 0, "max": 3},
                               environment_infos={"subnet_ids": lab.cloud["subnet_ids"][:2],
                                                  "security_groups": [lab.cloud["security_group_id"]],
                                                  "instance_tags": [{"tag_name": "cost", "tag_value": "42"}]})
        lab.run(app_id, "updateautoscaling")
        now = lab.describe_group(group)
        tags = {tag["Key"]: (tag["Value"], tag["PropagateAtLaunch"]) for tag in now["Tags"]}
        self.assertEqual(tags["team"], ("theirs", True))  # somebody else's stays
        self.assertEqual((tags["app"], tags["app_id"], tags["cost"]), (("tended", True), (app_id, True), ("42", True)))
        self.assertEqual((now["MinSize"], now["DesiredCapacity"], now["MaxSize"]), (0, 0, 3))
        self.assertEqual(set(now["VPCZoneIdentifier"].split(",")), set(lab.cloud["subnet_ids"][:2]))
        self.assertTrue(now["LaunchTemplate"]["Version"].isdigit())
        (hook,) = lab.boto("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]
        self.assertEqual((hook["LifecycleHookName"], hook["DefaultResult"]), ("ghost-bootstrap", "ABANDON"))
        data = self.versions(app_id)[0]["LaunchTemplateData"]
        self.assertEqual(data["MetadataOptions"]["HttpTokens"], "required")
        self.assertEqual({d["Ebs"]["Encrypted"] for d in data["BlockDeviceMappings"]}, {True})

        # The same content is the same version; other content another, and tags that are gone go.
        before = len(self.versions(app_id))
        lab.run(app_id, "updateautoscaling")
        self.assertEqual(len(self.versions(app_id)), before)
        lab.change_app(app_id, environment_infos={"instance_tags": [{"tag_name": "owner", "tag_value": "us"}]}, instance_type="t3.small")
        lab.run(app_id, "updateautoscaling")
        now = lab.describe_group(group)
        tags = {tag["Key"]: tag["Value"] for tag in now["Tags"]}
        self.assertEqual((tags["team"], tags["owner"], tags.get("cost")), ("theirs", "us", None))
        newest = max(self.versions(app_id), key=lambda version: version["VersionNumber"])
        self.assertEqual((newest["LaunchTemplateData"]["InstanceType"], newest["DefaultVersion"]), ("t3.small", True))
        self.assertEqual(now["LaunchTemplate"]["Version"], str(newest["VersionNumber"]))
        # A new image is what the group launches from then on.
        lab.run(app_id, "buildimage")
        newest = max(self.versions(app_id), key=lambda version: version["VersionNumber"])
        self.assertEqual(newest["LaunchTemplateData"]["ImageId"], lab.get(f"/apps/{app_id}")["ami"])
        self.assertEqual(lab.describe_group(group)["LaunchTemplate"]["Version"], str(newest["VersionNumber"]))

    def test_one_member_is_destroyed(self):
        lab = self.lab
        group = lab.group("thinned")
        app_id = self.make_app("thinned", autoscale={"name": group, "min": 0, "max": 3})
        lab.run(app_id, "updateautoscaling")
        lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=2)
        self.in_service(group, 2)
        victim = lab.instances(app_id)[0]["instance_id"]
        lab.run(app_id, "destroyinstance", options=[victim])
        self.in_service(group, 1)
        self.assertNotIn(victim, [m["InstanceId"] for m in lab.group_members(group)])
        self.assertEqual(lab.group_sizes(group), (0, 1, 3))  # nothing is launched in its place
        lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=0)
        wait_for("the group to be empty", lambda: lab.group_members(group) == [])

    def test_standalone_instances_keep_their_addresses(self):
        lab = self.lab
        app_id = self.make_app("alone")
        for _ in range(2):
            lab.run(app_id, "createinstance")
        before = {i["id"]: i["private_ip"] for i in lab.living(app_id)}
        lab.run(app_id, "recreateinstances")
        after = {i["id"]: i["private_ip"] for i in lab.living(app_id)}
        self.assertEqual(sorted(after.values()), sorted(before.values()))
        self.assertFalse(set(after) & set(before))
        self.assertEqual([i["state"] for i in lab.instances(app_id)], ["ready"] * 2)
        lab.run(app_id, "destroyallinstances")

    def test_what_cannot_be_updated_is_said(self):
        lab = self.lab
        app_id = self.make_app("astray")
        lab.change_app(app_id, autoscale={"name": "no-such-group", "min": 0, "max": 1})
        job = lab.run(app_id, "buildimage", expect="failed")
        self.assertIn("Autoscaling group update failed", job["message"])
        self.assertIn(lab.get(f"/apps/{app_id}")["ami"], job["message"])  # the image is there all the same
        job = lab.run(app_id, "updateautoscaling", expect="failed")
        self.assertIn("no-such-group", job["message"])
        self.assertIn("Scripts Update", lab.run(app_id, "updatelifecyclehooks", expect="failed")["message"])


if __name__ == "__main__":
    unittest.main()
