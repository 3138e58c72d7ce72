"""Tests that have Auto Scaling groups: making them, and waiting for what they shall become."""
import xml.etree.ElementTree as ET

from boto3_case import Boto3Case
from sandbox_case import own_network, wait_for


class GroupCase(Boto3Case):
    ARGUMENTS = ("--no-boot", "--network", own_network())

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect()

    @classmethod
    def connect(cls):
        cls.ec2 = cls.client("ec2")
        cls.groups = cls.client("autoscaling")

    def setUp(self):
        super().setUp()
        self.name = self.id().rsplit(".", 1)[-1].replace("_", "-")

    def tearDown(self):
        for group in self.groups.describe_auto_scaling_groups()["AutoScalingGroups"]:
            self.groups.delete_auto_scaling_group(AutoScalingGroupName=group["AutoScalingGroupName"], ForceDelete=True)
        wait_for(lambda: not self.groups.describe_auto_scaling_groups()["AutoScalingGroups"], "no group is left")
        super().tearDown()

    def template(self, **data):
        """A launch template of the test's name; its id."""
        data = {"ImageId": self.sandbox.about["base_image_id"], "InstanceType": "t3.micro", **data}
        made = self.ec2.create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=data)
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def version(self, template_id, **data):
        """A further version; its number as text."""
        made = self.ec2.create_launch_template_version(LaunchTemplateId=template_id, SourceVersion="1",
                                                       LaunchTemplateData=data)
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    def make(self, size=1, low=0, high=6, subnets=1, **more):
        """A group of the test's name; size None leaves desired to AWS. The template is given or made."""
        if "LaunchTemplate" not in more and "LaunchConfigurationName" not in more:
            more["LaunchTemplate"] = {"LaunchTemplateId": self.template(), "Version": "1"}
        if size is not None:
            more["DesiredCapacity"] = size
        self.groups.create_auto_scaling_group(
            AutoScalingGroupName=self.name, MinSize=low, MaxSize=high,
            VPCZoneIdentifier=",".join(self.sandbox.about["subnet_ids"][:subnets]), **more)

    def call(self, action, **parameters):
        return getattr(self.groups, action)(AutoScalingGroupName=self.name, **parameters)

    def ask(self, action, **form):
        """A call that Debian's boto3 may be too old for, with the names as they are on the wire."""
        form = {"Action": action, "Version": "2011-01-01", "AutoScalingGroupName": self.name, **form}
        return ET.fromstring(self.sandbox.request(form, "autoscaling"))

    def group(self, name=None):
        found = self.groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name or self.name])
        return next(iter(found["AutoScalingGroups"]), None)

    def states(self):
        """{instance: lifecycle state}"""
        return {row["InstanceId"]: row["LifecycleState"] for row in self.group()["Instances"]}

    def in_state(self, state):
        return sorted(key for key, value in self.states().items() if value == state)

    def wait_in_service(self, count):
        """Exactly so many instances, all InService; their ids."""
        return wait_for(lambda: (found := self.states()) and set(found.values()) <= {"InService"}
                        and len(found) == count and sorted(found), f"{count} instances in service")

    def wait_member(self, instance_id, state):
        return wait_for(lambda: self.states().get(instance_id) == state, f"{instance_id} {state}")

    def wait_gone(self, *ids):
        wait_for(lambda: not set(ids) & set(self.states()), f"{ids} gone")

    def activities(self):
        return self.call("describe_scaling_activities")["Activities"]

    def wait_activity(self, text, status):
        """The latest activity with the text, once it has the status."""
        return wait_for(lambda: next((row for row in self.activities() if text in row["Description"]
                                      and row["StatusCode"] == status), None), f"{text}: {status}")

    def refused_with(self, words, function, **parameters):
        code, message = self.error_of(function, **parameters)
        self.assertEqual(code, "ValidationError", message)
        self.assertIn(words, message)

    def instance_tags(self, instance_id):
        return self.sandbox.control("state")["tags"].get(instance_id, {})
