"""Launch templates as boto3 sees them, and instances that are launched from them."""
import base64
import unittest

from boto3_case import Boto3Case
from sandbox_case import own_network

SCRIPT = base64.b64encode(b"#!/bin/sh\necho template\n").decode()


class LaunchTemplates(Boto3Case):
    ARGUMENTS = ("--no-boot", "--network", own_network())

    def make(self, name, **data):
        data = {"ImageId": self.sandbox.about["base_image_id"], **data}
        return self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]

    def add(self, template, source=None, **data):
        extra = {"SourceVersion": source} if source else {}
        return self.ec2.create_launch_template_version(
            LaunchTemplateId=template["LaunchTemplateId"], LaunchTemplateData=data, **extra)["LaunchTemplateVersion"]

    def versions(self, template, **wanted):
        return self.ec2.describe_launch_template_versions(
            LaunchTemplateId=template["LaunchTemplateId"], **wanted)["LaunchTemplateVersions"]

    def full_data(self):
        about = self.sandbox.about
        return {
            "ImageId": about["base_image_id"], "InstanceType": "t3.small", "KeyName": "k", "UserData": SCRIPT,
            "IamInstanceProfile": {"Name": "web"}, "Monitoring": {"Enabled": True}, "EbsOptimized": True,
            "DisableApiTermination": False, "InstanceInitiatedShutdownBehavior": "terminate",
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 3,
                                "InstanceMetadataTags": "enabled"},
            "NetworkInterfaces": [{"DeviceIndex": 0, "Groups": [about["security_group_id"]],
                                   "AssociatePublicIpAddress": False, "DeleteOnTermination": True}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {
                "VolumeSize": 20, "VolumeType": "gp2", "DeleteOnTermination": True, "Encrypted": True}}],
            "TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "app", "Value": "a"},
                                                                  {"Key": "kind", "Value": kind}]}
                                  for kind in ("instance", "volume")]}

    def test_what_is_kept_is_shown(self):
        data = self.full_data()
        made = self.ec2.create_launch_template(
            LaunchTemplateName="full", VersionDescription="hash", LaunchTemplateData=data, TagSpecifications=[
                {"ResourceType": "launch-template", "Tags": [{"Key": "ghost", "Value": "1"}]}])["LaunchTemplate"]
        self.assertEqual((made["DefaultVersionNumber"], made["LatestVersionNumber"]), (1, 1))
        self.assertEqual(made["Tags"], [{"Key": "ghost", "Value": "1"}])
        version = self.versions(made)[0]
        self.assertEqual((version["VersionNumber"], version["VersionDescription"], version["DefaultVersion"]),
                         (1, "hash", True))
        self.assertEqual(version["LaunchTemplateData"], data)
        found = self.ec2.describe_launch_templates(Filters=[{"Name": "tag:ghost", "Values": ["1"]}])["LaunchTemplates"]
        self.assertEqual([row["LaunchTemplateId"] for row in found], [made["LaunchTemplateId"]])
        self.assertEqual(self.ec2.describe_launch_templates(Filters=[
            {"Name": "launch-template-name", "Values": ["nobody"]}])["LaunchTemplates"], [])

    def test_an_instance_has_all_that_its_template_says(self):
        made = self.ec2.create_launch_template(LaunchTemplateName="all", LaunchTemplateData=self.full_data())
        template_id = made["LaunchTemplate"]["LaunchTemplateId"]
        zone_subnet = self.sandbox.about["subnet_ids"][0]
        shown = self.ec2.run_instances(LaunchTemplate={"LaunchTemplateId": template_id}, MinCount=1,
                                       MaxCount=1)["Instances"][0]
        self.assertEqual((shown["InstanceType"], shown["KeyName"], shown["EbsOptimized"], shown["SubnetId"]),
                         ("t3.small", "k", True, zone_subnet))
        self.assertTrue(shown["IamInstanceProfile"]["Arn"].endswith("/web"))
        self.assertEqual(shown["Monitoring"]["State"], "enabled")
        options = shown["MetadataOptions"]
        self.assertEqual((options["HttpPutResponseHopLimit"], options["InstanceMetadataTags"]), (3, "enabled"))
        self.assertEqual({tag["Key"]: tag["Value"] for tag in shown["Tags"]},
                         {"app": "a", "kind": "instance", "aws:ec2launchtemplate:id": template_id,
                          "aws:ec2launchtemplate:version": "1"})
        volume = self.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id",
                                                     "Values": [shown["InstanceId"]]}])["Volumes"][0]
        self.assertEqual((volume["Size"], volume["VolumeType"]), (20, "gp2"))
        self.assertIn({"Key": "kind", "Value": "volume"}, volume["Tags"])
        attribute = self.ec2.describe_instance_attribute(InstanceId=shown["InstanceId"], Attribute="userData")
        self.assertEqual(attribute["UserData"]["Value"], SCRIPT)

    def test_the_request_goes_before_the_template(self):
        template = self.make("over", InstanceType="t3.small", TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "template"}, {"Key": "b", "Value": "t"}]}])
        self.add(template, InstanceType="t3.large", ImageId=self.sandbox.about["base_image_id"])
        run = self.ec2.run_instances
        shown = run(LaunchTemplate={"LaunchTemplateName": "over", "Version": "1"}, MinCount=1, MaxCount=1,
                    InstanceType="t3.medium", TagSpecifications=[
                        {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "request"}]}])["Instances"][0]
        tags = {tag["Key"]: tag["Value"] for tag in shown["Tags"]}
        self.assertEqual((shown["InstanceType"], tags["a"], tags["b"]), ("t3.medium", "request", "t"))
        shown = run(LaunchTemplate={"LaunchTemplateName": "over", "Version": "$Latest"}, MinCount=1, MaxCount=1)
        self.assertEqual(shown["Instances"][0]["InstanceType"], "t3.large")
        self.assertEqual(self.code_of(run, LaunchTemplate={"LaunchTemplateName": "over", "Version": "7"}, MinCount=1,
                                      MaxCount=1), "InvalidLaunchTemplateId.VersionNotFound")
        self.assertEqual(self.code_of(run, LaunchTemplate={"LaunchTemplateName": "none"}, MinCount=1, MaxCount=1),
                         "InvalidLaunchTemplateName.NotFoundException")

    def test_amazons_own_tags_stay(self):
        self.make("stay")
        instance = self.ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "stay"}, MinCount=1,
                                          MaxCount=1)["Instances"][0]["InstanceId"]
        self.assertEqual(self.code_of(self.ec2.delete_tags, Resources=[instance],
                                      Tags=[{"Key": "aws:ec2launchtemplate:id"}]), "InvalidParameterValue")
        self.ec2.delete_tags(Resources=[instance])
        self.assertEqual({key for key in self.sandbox.control("state")["tags"][instance]},
                         {"aws:ec2launchtemplate:id", "aws:ec2launchtemplate:version"})

    def test_versions_are_numbered_and_inherit_when_asked(self):
        template = self.make("numbers", InstanceType="t3.small", SecurityGroupIds=["sg-00000000"], KeyName="one")
        second = self.add(template, InstanceType="t3.large")
        third = self.add(template, source="1", InstanceType="t3.medium", SecurityGroupIds=["sg-00000001"])
        self.assertEqual((second["VersionNumber"], third["VersionNumber"]), (2, 3))
        self.assertEqual(second["LaunchTemplateData"], {"InstanceType": "t3.large"})
        self.assertEqual(third["LaunchTemplateData"], {
            "ImageId": self.sandbox.about["base_image_id"], "InstanceType": "t3.medium", "KeyName": "one",
            "SecurityGroupIds": ["sg-00000001"]})
        self.assertEqual([row["VersionNumber"] for row in self.versions(template)], [3, 2, 1])
        self.assertEqual([row["VersionNumber"] for row in self.versions(template, Versions=["$Latest", "$Default"])],
                         [3, 1])
        self.assertEqual([row["VersionNumber"] for row in self.versions(template, MinVersion="2")], [3, 2])
        pages = self.ec2.get_paginator("describe_launch_template_versions").paginate(
            LaunchTemplateId=template["LaunchTemplateId"], PaginationConfig={"PageSize": 1})
        self.assertEqual([row["VersionNumber"] for page in pages for row in page["LaunchTemplateVersions"]], [3, 2, 1])
        self.assertEqual(self.code_of(self.versions, template=template, Versions=["9"]),
                         "InvalidLaunchTemplateId.VersionNotFound")

    def test_default_and_deleted_versions(self):
        template = self.make("pruned")
        self.add(template, InstanceType="t3.large")
        self.add(template, InstanceType="t3.medium")
        which = {"LaunchTemplateId": template["LaunchTemplateId"]}
        changed = self.ec2.modify_launch_template(DefaultVersion="2", **which)["LaunchTemplate"]
        self.assertEqual((changed["DefaultVersionNumber"], changed["LatestVersionNumber"]), (2, 3))
        done = self.ec2.delete_launch_template_versions(Versions=["1", "2", "8"], **which)
        self.assertEqual([row["VersionNumber"] for row in done["SuccessfullyDeletedLaunchTemplateVersions"]], [1])
        kept = {row["VersionNumber"]: row["ResponseError"]["Code"]
                for row in done["UnsuccessfullyDeletedLaunchTemplateVersions"]}
        self.assertEqual(kept, {2: "unexpectedError", 8: "launchTemplateVersionDoesNotExist"})
        self.assertEqual(self.add(template, InstanceType="t3.micro")["VersionNumber"], 4)
        self.assertEqual(self.code_of(self.ec2.delete_launch_template_versions, Versions=["3", "$Latest"], **which),
                         "InvalidLaunchTemplateVersion.Malformed")
        self.assertEqual([row["VersionNumber"] for row in self.versions(template)], [4, 3, 2])
        self.ec2.delete_launch_template(**which)
        self.assertEqual(self.code_of(self.ec2.delete_launch_template, **which), "InvalidLaunchTemplateId.NotFound")

    def test_names_and_tokens(self):
        create = self.ec2.create_launch_template
        data = {"InstanceType": "t3.micro"}
        first = create(LaunchTemplateName="token", ClientToken="t1", LaunchTemplateData=data)["LaunchTemplate"]
        again = create(LaunchTemplateName="token", ClientToken="t1", LaunchTemplateData=data)["LaunchTemplate"]
        self.assertEqual(first["LaunchTemplateId"], again["LaunchTemplateId"])
        self.assertEqual(self.code_of(create, LaunchTemplateName="token2", ClientToken="t1", LaunchTemplateData=data),
                         "IdempotentParameterMismatch")
        self.assertEqual(self.code_of(create, LaunchTemplateName="token", LaunchTemplateData=data),
                         "InvalidLaunchTemplateName.AlreadyExistsException")
        version = {"LaunchTemplateId": first["LaunchTemplateId"], "LaunchTemplateData": data, "ClientToken": "v"}
        numbers = [self.ec2.create_launch_template_version(**version)["LaunchTemplateVersion"]["VersionNumber"]
                   for _ in range(2)]
        self.assertEqual(numbers, [2, 2])
        self.assertEqual(self.code_of(create, LaunchTemplateName="no spaces", LaunchTemplateData=data),
                         "InvalidLaunchTemplateName.MalformedException")

    def test_unknown_names_are_refused(self):
        self.refused("UnknownParameter", self.sandbox.ec2, "CreateLaunchTemplate", **{
            "LaunchTemplateName": "odd", "LaunchTemplateData.BlockDeviceMappings.1.DeviceName": "/dev/xvda"})
        self.refused("UnknownParameter", self.sandbox.ec2, "DescribeLaunchTemplateVersions", **{"Version.1": "1"})
        self.refused("InvalidParameterValue", self.sandbox.ec2, "CreateLaunchTemplate", **{
            "LaunchTemplateName": "odd", "LaunchTemplateData.EbsOptimized": "yes"})

    def test_templates_survive_a_restart(self):
        template = self.make("lasting")
        self.add(template, InstanceType="t3.large")
        self.sandbox.stop()
        self.sandbox.start()
        type(self).ec2 = self.client("ec2")
        found = self.ec2.describe_launch_templates(LaunchTemplateNames=["lasting"])["LaunchTemplates"][0]
        self.assertEqual((found["LaunchTemplateId"], found["LatestVersionNumber"]), (template["LaunchTemplateId"], 2))


if __name__ == "__main__":
    unittest.main()
