"""A third party's client, Debian's boto3, drives a whole life: it judges our XML, names and signatures."""
import unittest

from boto3_case import Boto3Case

QUICK = {"Delay": 1, "MaxAttempts": 20}


class Boto3(Boto3Case):
    def run_one(self, **parameters):
        image = self.sandbox.about["base_image_id"]
        reply = self.ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, **parameters)
        return reply["Instances"][0]

    def test_whole_life_of_an_image(self):
        about = self.sandbox.about
        tags = [{"Key": "app", "Value": "web & <co>"}, {"Key": "ghost:job", "Value": "j1"}]
        made = self.run_one(
            InstanceType="t3.micro", ClientToken="ghost-bake-j1-1", UserData="#!/bin/sh\n",
            SubnetId=about["subnet_ids"][0], SecurityGroupIds=[about["security_group_id"]], KeyName="k",
            IamInstanceProfile={"Name": "web"}, InstanceInitiatedShutdownBehavior="terminate",
            MetadataOptions={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3",
                                                                     "DeleteOnTermination": True}}],
            TagSpecifications=[{"ResourceType": kind, "Tags": tags}
                               for kind in ("instance", "volume", "network-interface")])
        instance_id = made["InstanceId"]
        self.assertEqual((made["State"]["Name"], made["ClientToken"]), ("pending", "ghost-bake-j1-1"))
        self.ec2.get_waiter("instance_running").wait(InstanceIds=[instance_id], WaiterConfig=QUICK)
        found = self.ec2.describe_instances(Filters=[
            {"Name": "tag:app", "Values": ["web & <co>"]}, {"Name": "tag-key", "Values": ["ghost:*"]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
            {"Name": "client-token", "Values": ["ghost-bake-j1-1"]},
            {"Name": "image-id", "Values": [about["base_image_id"]]},
            {"Name": "private-ip-address", "Values": [made["PrivateIpAddress"]]}])["Reservations"][0]["Instances"][0]
        self.assertEqual(found["InstanceId"], instance_id)
        self.assertEqual({tag["Key"]: tag["Value"] for tag in found["Tags"]}["app"], "web & <co>")
        self.assertEqual(found["MetadataOptions"]["HttpTokens"], "required")
        self.assertEqual(found["IamInstanceProfile"]["Arn"].split("/")[-1], "web")
        self.assertEqual(found["NetworkInterfaces"][0]["Groups"][0]["GroupId"], about["security_group_id"])
        volume = self.ec2.describe_volumes(Filters=[{"Name": "tag:ghost:job", "Values": ["j1"]}])["Volumes"][0]
        self.assertEqual((volume["Size"], volume["Attachments"][0]["InstanceId"]), (20, instance_id))
        self.assertIn(volume["VolumeId"], [part["Ebs"]["VolumeId"] for part in found["BlockDeviceMappings"]])
        self.ec2.get_waiter("instance_status_ok").wait(InstanceIds=[instance_id], WaiterConfig=QUICK)
        image_id, snapshot_id = self.bake(instance_id, tags)
        self.clean_up(instance_id, image_id, snapshot_id)

    def test_network_interfaces_of_nobody(self):
        subnet = self.sandbox.about["subnet_ids"][0]
        tags = [{"Key": "ghost:job", "Value": "j2"}]
        made = self.ec2.create_network_interface(SubnetId=subnet, TagSpecifications=[
            {"ResourceType": "network-interface", "Tags": tags}])["NetworkInterface"]
        mine, address = made["NetworkInterfaceId"], made["PrivateIpAddress"]
        self.assertEqual((made["Status"], made["TagSet"], made.get("Attachment")), ("available", tags, None))
        self.assertEqual(self.code_of(self.run_one, SubnetId=subnet, PrivateIpAddress=address), "InvalidIPAddress.InUse")
        of_instance = self.run_one(SubnetId=subnet)["NetworkInterfaces"][0]["NetworkInterfaceId"]
        for status, wanted in (("available", mine), ("in-use", of_instance)):
            found = self.ec2.describe_network_interfaces(Filters=[{"Name": "status", "Values": [status]}])["NetworkInterfaces"]
            self.assertIn(wanted, [row["NetworkInterfaceId"] for row in found])
            self.assertEqual({row["Status"] for row in found}, {status})
        self.assertEqual(self.code_of(self.ec2.delete_network_interface, NetworkInterfaceId=of_instance),
                         "InvalidNetworkInterface.InUse")
        self.ec2.delete_network_interface(NetworkInterfaceId=mine)
        self.assertEqual(self.code_of(self.ec2.delete_network_interface, NetworkInterfaceId=mine),
                         "InvalidNetworkInterfaceID.NotFound")
        self.assertEqual(self.ec2.describe_network_interfaces(Filters=[
            {"Name": "tag:ghost:job", "Values": ["j2"]}])["NetworkInterfaces"], [])

    def bake(self, instance_id, tags):
        stopping = self.ec2.stop_instances(InstanceIds=[instance_id])["StoppingInstances"][0]
        self.assertEqual(stopping["CurrentState"]["Name"], "stopping")
        self.ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance_id], WaiterConfig=QUICK)
        image_id = self.ec2.create_image(InstanceId=instance_id, Name="ami.prod.web.1", TagSpecifications=[
            {"ResourceType": kind, "Tags": tags} for kind in ("image", "snapshot")])["ImageId"]
        self.assertEqual(self.ec2.describe_images(ImageIds=[image_id])["Images"][0]["State"], "pending")
        self.assertEqual(self.code_of(self.ec2.create_image, InstanceId=instance_id, Name="ami.prod.web.1"),
                         "InvalidAMIName.Duplicate")
        self.assertEqual(self.code_of(self.ec2.run_instances, ImageId=image_id, MinCount=1, MaxCount=1),
                         "InvalidAMIID.Unavailable")
        self.ec2.get_waiter("image_available").wait(ImageIds=[image_id], WaiterConfig=QUICK)
        image = self.ec2.describe_images(Owners=["self"], Filters=[
            {"Name": "name", "Values": ["ami.prod.*"]}, {"Name": "tag:ghost:job", "Values": ["j1"]},
            {"Name": "state", "Values": ["available"]}])["Images"][0]
        snapshot_id = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        snapshot = self.ec2.describe_snapshots(SnapshotIds=[snapshot_id], OwnerIds=["self"])["Snapshots"][0]
        self.assertEqual((image["ImageId"], snapshot["State"], snapshot["Progress"]), (image_id, "completed", "100%"))
        self.assertEqual({tag["Key"] for tag in snapshot["Tags"]}, {"app", "ghost:job"})
        self.assertEqual(snapshot["Description"], f"Created by CreateImage({instance_id}) for {image_id}")
        return image_id, snapshot_id

    def clean_up(self, instance_id, image_id, snapshot_id):
        self.assertEqual(self.code_of(self.ec2.delete_snapshot, SnapshotId=snapshot_id), "InvalidSnapshot.InUse")
        self.ec2.deregister_image(ImageId=image_id)
        self.assertEqual(self.code_of(self.ec2.describe_images, ImageIds=[image_id]), "InvalidAMIID.NotFound")
        self.ec2.delete_snapshot(SnapshotId=snapshot_id)
        self.assertEqual(self.code_of(self.ec2.delete_snapshot, SnapshotId=snapshot_id), "InvalidSnapshot.NotFound")
        self.ec2.start_instances(InstanceIds=[instance_id])
        self.ec2.get_waiter("instance_running").wait(InstanceIds=[instance_id], WaiterConfig=QUICK)
        self.ec2.terminate_instances(InstanceIds=[instance_id])
        self.ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance_id], WaiterConfig=QUICK)
        left = self.ec2.describe_volumes(Filters=[{"Name": "tag:ghost:job", "Values": ["j1"]}])["Volumes"]
        self.assertEqual(left, [])

    def test_tags(self):
        instance_id = self.run_one()["InstanceId"]
        self.ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        self.ec2.delete_tags(Resources=[instance_id], Tags=[{"Key": "a"}, {"Key": "b", "Value": "other"}])
        found = self.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [instance_id]}])["Tags"]
        self.assertEqual(found, [{"Key": "b", "ResourceId": instance_id, "ResourceType": "instance", "Value": "2"}])
        self.assertEqual(self.code_of(self.ec2.create_tags, Resources=["i-00000000"], Tags=[{"Key": "a", "Value": ""}]),
                         "InvalidInstanceID.NotFound")
        self.assertEqual(self.code_of(self.ec2.create_tags, Resources=[instance_id],
                                      Tags=[{"Key": "aws:x", "Value": ""}]), "InvalidParameterValue")

    def test_pagination(self):
        tag = [{"ResourceType": "instance", "Tags": [{"Key": "page", "Value": "p"}]}]
        made = self.ec2.run_instances(ImageId=self.sandbox.about["base_image_id"], MinCount=12, MaxCount=12,
                                      TagSpecifications=tag)["Instances"]
        pages = list(self.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "tag:page", "Values": ["p"]}], PaginationConfig={"PageSize": 5}))
        found = [row["InstanceId"] for page in pages for part in page["Reservations"] for row in part["Instances"]]
        self.assertEqual(len(pages), 3)
        self.assertEqual(sorted(found), sorted(row["InstanceId"] for row in made))
        self.assertEqual(self.code_of(self.ec2.describe_instances, InstanceIds=found[:1], MaxResults=5),
                         "InvalidParameterCombination")

    def test_attributes(self):
        instance_id = self.run_one(DisableApiTermination=True)["InstanceId"]
        self.assertEqual(self.code_of(self.ec2.terminate_instances, InstanceIds=[instance_id]), "OperationNotPermitted")
        self.ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": False})
        shown = self.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="disableApiTermination")
        self.assertFalse(shown["DisableApiTermination"]["Value"])
        self.ec2.modify_instance_metadata_options(InstanceId=instance_id, HttpPutResponseHopLimit=3)
        shown = self.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
        self.assertEqual(shown["MetadataOptions"]["HttpPutResponseHopLimit"], 3)
        self.ec2.terminate_instances(InstanceIds=[instance_id])

    def test_catalog(self):
        about = self.sandbox.about
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"][0]
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
        self.assertEqual({row["SubnetId"]: row["AvailabilityZone"] for row in subnets}, about["zones"])
        groups = self.ec2.describe_security_groups(GroupIds=[about["security_group_id"]])["SecurityGroups"]
        self.assertEqual(groups[0]["VpcId"], about["vpc_id"])
        self.assertEqual(len(self.ec2.describe_availability_zones()["AvailabilityZones"]), 3)
        self.assertEqual(self.ec2.describe_regions()["Regions"][0]["RegionName"], about["region"])
        kind = self.ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"][0]
        self.assertEqual(kind["ProcessorInfo"]["SupportedArchitectures"], ["x86_64"])
        self.assertTrue(self.ec2.describe_instance_type_offerings()["InstanceTypeOfferings"])
        self.assertTrue(self.ec2.describe_key_pairs()["KeyPairs"])
        base = self.ec2.describe_images(ImageIds=[about["base_image_id"]])["Images"][0]
        self.assertEqual((base["Public"], base["State"]), (True, "available"))

    def test_identity_and_wrong_secret(self):
        self.assertEqual(self.client("sts").get_caller_identity()["Account"], self.sandbox.about["account"])
        self.assertEqual(self.code_of(self.client("sts", "wrong").get_caller_identity), "SignatureDoesNotMatch")
        self.assertEqual(self.code_of(self.client("ec2", "wrong").describe_instances), "SignatureDoesNotMatch")


if __name__ == "__main__":
    unittest.main()
