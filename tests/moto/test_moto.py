#!/usr/bin/env python3
"""Every request that the controller can send, made by its own code and judged by moto: signature, names and lists.
What moto did is read back with boto3. Both are other people's work; neither knows Ghost.

Makes a virtual environment of its own and goes on in it; the driver's program is the first argument."""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
if "moto_ready" not in os.environ:
    sys.path.insert(0, str(HERE.parent / "integration"))
    import pypi

    programs = pypi.programs("moto[ec2,iam,server]==5.2.1")
    os.environ["moto_ready"] = str(programs)
    os.execv(programs / "python", ["python", "-B", __file__, *sys.argv[1:]])

import base64
import json
import re
import subprocess
import unittest
import urllib.request

import boto3

DRIVER = sys.argv.pop(1)
REGION = "us-east-1"
ACCOUNT = "123456789012"
TOKEN = "eyJhbGciOiJub25lIn0.e30."

# moto checks a form's signature over what it has read and writes again, with "+" for a blank where we write "%20"; and
# an S3 query with "/" decoded, so that boto3 itself is refused. So there are no blanks in forms here, nor slashes in
# prefixes.
# What moto cannot judge, and why. A call that it takes after all fails the test: then the row is to go.
UNJUDGED = {
    ("autoscaling", "DisableMetricsCollection"): "moto fails inside (HTTP 500)",
    ("autoscaling", "RecordLifecycleActionHeartbeat"): "moto fails inside (HTTP 500)",
    ("autoscaling", "CompleteLifecycleAction"): "moto fails inside (HTTP 500)",
    ("autoscaling", "StartInstanceRefresh"): "moto fails inside (HTTP 500)",
    ("autoscaling", "DescribeInstanceRefreshes"): "moto fails inside (HTTP 500)",
    ("autoscaling", "CancelInstanceRefresh"): "moto fails inside (HTTP 500)",
    ("autoscaling", "RollbackInstanceRefresh"): "moto fails inside (HTTP 500)",
    ("ec2", "DeleteLaunchTemplateVersions"): "moto fails inside (HTTP 500)",
}


class Moto:
    """A moto server that checks signatures, and an account of it that may do everything."""

    def __init__(self):
        programs = pathlib.Path(os.environ["moto_ready"])
        environment = os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [programs / "moto_server", "-H", "127.0.0.1", "-p", "0"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.url = None
        for line in self.process.stdout:
            if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", line):
                self.url = found[1]
                break
        assert self.url, "moto did not start"
        # Its log is not wanted, but the pipe must not fill.
        self.log = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        self.keys = ("AKIDOPEN", "open")
        iam = self.client("iam")
        iam.create_user(UserName="ghost")
        allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="ghost", PolicyName="all", PolicyDocument=json.dumps(allow))
        key = iam.create_access_key(UserName="ghost")["AccessKey"]
        self.keys = (key["AccessKeyId"], key["SecretAccessKey"])
        self.check_signatures()

    def client(self, service):
        return boto3.client(
            service, region_name=REGION, endpoint_url=self.url, aws_access_key_id=self.keys[0], aws_secret_access_key=self.keys[1]
        )

    def check_signatures(self, after="0"):
        request = urllib.request.Request(f"{self.url}/moto-api/reset-auth", after.encode(), {"Content-Type": "text/plain"})
        urllib.request.urlopen(request).close()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.wait(20)
        self.process.stdout.close()


class Driver:
    def __init__(self, url, keys):
        self.process = subprocess.Popen([DRIVER, url, *keys], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, service, operation, parameters):
        self.process.stdin.write(json.dumps({"service": service, "operation": operation, "parameters": parameters}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(20) == 0
        self.process.stdout.close()


class MotoCase(unittest.TestCase):
    accepted: set[tuple[str, str]] = set()

    @classmethod
    def setUpClass(cls):
        cls.moto = Moto()
        cls.addClassCleanup(cls.moto.stop)
        cls.driver = Driver(cls.moto.url, cls.moto.keys)
        cls.addClassCleanup(cls.driver.stop)
        cls.clients = {}

    def boto(self, service):
        return self.clients.setdefault(service, self.moto.client(service))

    def call(self, service, operation, **parameters):
        answer = self.driver.call(service, operation, parameters)
        self.assertNotIn("error", answer, f"{service} {operation}")
        self.assertNotIn((service, operation), UNJUDGED, "moto judges it now")
        self.accepted.add((service, operation))
        return answer

    def subnet(self):
        return self.boto("ec2").describe_subnets()["Subnets"][0]["SubnetId"]

    def group(self):
        return self.boto("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]

    def launch(self, token="t"):
        return self.call(
            "ec2", "RunInstances", ImageId="ami-1", InstanceType="t3.micro", ClientToken=token, SubnetId=self.subnet(),
            SecurityGroupIds=[self.group()], UserData="#!/bin/sh\necho é&=+ \n", Monitoring={"Enabled": True},
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 9, "VolumeType": "gp3"}}],
            TagSpecifications=[{"Tags": [{"Key": "app", "Value": f"shop-{token}"}]}],
        )["InstanceId"]  # fmt: skip


class Ec2(MotoCase):
    def test_an_instance_from_launch_to_end(self):
        instance = self.launch("one")
        seen = self.boto("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        self.assertEqual(seen["SubnetId"], self.subnet())
        self.assertIn({"Key": "app", "Value": "shop-one"}, seen["Tags"])
        data = self.boto("ec2").describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"]["Value"]
        self.assertEqual(base64.b64decode(data).decode(), "#!/bin/sh\necho é&=+ \n")
        found = self.call("ec2", "DescribeInstances", Filters=[{"Name": "tag:app", "Values": ["shop-one"]}])
        self.assertEqual((found["Count"], found["InstanceId"], found["State"]), (1, instance, "running"))
        self.assertEqual(self.call("ec2", "DescribeInstanceStatus", InstanceIds=[instance])["InstanceId"], instance)
        self.call("ec2", "CreateTags", Resources=[instance], Tags=[{"Key": "k", "Value": "v+w=é"}])
        tags = self.boto("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance]}])["Tags"]
        self.assertIn(("k", "v+w=é"), {(tag["Key"], tag["Value"]) for tag in tags})
        self.call("ec2", "GetConsoleOutput", InstanceId=instance)
        self.call("ec2", "StopInstances", InstanceIds=[instance], Force=True)
        self.assertEqual(self.state(instance), "stopped")
        self.call("ec2", "TerminateInstances", InstanceIds=[instance])
        self.assertEqual(self.state(instance), "terminated")

    def state(self, instance):
        return self.boto("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"]

    def test_what_there_is_to_choose_from(self):
        self.boto("ec2").create_key_pair(KeyName="deploy")
        for operation in (
            "DescribeRegions", "DescribeAvailabilityZones", "DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups",
            "DescribeKeyPairs", "DescribeInstanceTypes",
        ):  # fmt: skip
            self.assertGreater(self.call("ec2", operation)["Count"], 0, operation)
        self.assertGreater(self.call("ec2", "DescribeInstanceTypeOfferings", LocationType="region")["Count"], 10)
        vpc = self.boto("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        asked = [{"Name": "vpc-id", "Values": [vpc]}]
        expected = len(self.boto("ec2").describe_subnets(Filters=asked)["Subnets"])
        self.assertEqual(self.call("ec2", "DescribeSubnets", Filters=asked)["Count"], expected)

    def test_interfaces_and_volumes(self):
        interface = self.boto("ec2").create_network_interface(SubnetId=self.subnet())["NetworkInterface"]["NetworkInterfaceId"]
        by_id = [{"Name": "network-interface-id", "Values": [interface]}]
        self.assertEqual(self.call("ec2", "DescribeNetworkInterfaces", Filters=by_id)["First"], interface)
        self.call("ec2", "DeleteNetworkInterface", NetworkInterfaceId=interface)
        self.call("ec2", "DeleteNetworkInterface", NetworkInterfaceId=interface)  # gone is gone
        self.assertEqual(self.boto("ec2").describe_network_interfaces(Filters=by_id)["NetworkInterfaces"], [])
        volume = self.boto("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
        by_id = [{"Name": "volume-id", "Values": [volume]}]
        self.assertEqual(self.call("ec2", "DescribeVolumes", Filters=by_id)["First"], volume)
        self.call("ec2", "DeleteVolume", VolumeId=volume)
        self.call("ec2", "DeleteVolume", VolumeId=volume)

    def test_an_image_from_made_to_gone(self):
        instance = self.launch("bake")
        # Without tags: moto fails on those of snapshots.
        image = self.call("ec2", "CreateImage", InstanceId=instance, Name="shop-1", Description="of_tests")["ImageId"]
        self.assertEqual(self.boto("ec2").describe_images(ImageIds=[image])["Images"][0]["Name"], "shop-1")
        self.assertEqual(self.call("ec2", "DescribeImages", ImageIds=[image])["State"], "available")
        own = self.call("ec2", "DescribeImages", Owners=["self"], Filters=[{"Name": "name", "Values": ["shop-1"]}])
        self.assertEqual(own["Count"], 1)
        self.assertEqual(self.call("ec2", "DescribeImages", Owners=["self"], NamePattern="shop-*")["Count"], 1)
        self.call("ec2", "ModifyImageAttribute", ImageId=image, LaunchPermission={"Add": [{"UserId": "210987654321"}], "Remove": []})
        allowed = self.boto("ec2").describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]
        self.assertEqual(allowed, [{"UserId": "210987654321"}])
        copy = self.call("ec2", "CopyImage", SourceImageId=image, SourceRegion=REGION, Name="copy", ClientToken="c")["ImageId"]
        self.assertEqual(self.boto("ec2").describe_images(ImageIds=[copy])["Images"][0]["Name"], "copy")
        snapshot = self.boto("ec2").describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        by_id = [{"Name": "snapshot-id", "Values": [snapshot]}]
        self.assertEqual(self.call("ec2", "DescribeSnapshots", Filters=by_id)["Count"], 1)
        self.call("ec2", "DeregisterImage", ImageId=image)
        self.call("ec2", "DeleteSnapshot", SnapshotId=snapshot)
        self.assertEqual(self.boto("ec2").describe_snapshots(Filters=by_id)["Snapshots"], [])

    def test_launch_templates(self):
        data = {"ImageId": "ami-1", "InstanceType": "t3.micro", "UserData": "x", "SecurityGroupIds": [self.group()]}
        made = self.call("ec2", "CreateLaunchTemplate", LaunchTemplateName="shop", ClientToken="c", LaunchTemplateData=data)
        template = made["LaunchTemplateId"]
        version = self.call(
            "ec2", "CreateLaunchTemplateVersion", LaunchTemplateId=template, ClientToken="d", LaunchTemplateData=data | {"ImageId": "ami-2"}
        )
        self.assertEqual(version["VersionNumber"], 2)
        self.call("ec2", "ModifyLaunchTemplate", LaunchTemplateId=template, DefaultVersion="2")
        found = self.call("ec2", "DescribeLaunchTemplates", LaunchTemplateNames=["shop"])
        self.assertEqual((found["LaunchTemplateId"], found["DefaultVersionNumber"]), (template, 2))
        self.assertEqual(self.call("ec2", "DescribeLaunchTemplateVersions", LaunchTemplateId=template)["Count"], 2)
        seen = self.boto("ec2").describe_launch_template_versions(LaunchTemplateId=template, Versions=["2"])
        self.assertEqual(seen["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"], "ami-2")
        unjudged(self, "ec2", "DeleteLaunchTemplateVersions", {"LaunchTemplateId": template, "Versions": ["1"]})
        self.call("ec2", "DeleteLaunchTemplate", LaunchTemplateId=template)
        self.assertEqual(self.boto("ec2").describe_launch_templates()["LaunchTemplates"], [])



def unjudged(test, service, operation, parameters):
    """Asked all the same, so that the table stays true."""
    answer = test.driver.call(service, operation, parameters)
    if (service, operation) in UNJUDGED:
        test.assertIn("error", answer, f"{service} {operation}: moto judges it now: its row is to go")
        test.assertEqual(answer["status"], 500, answer)
    else:
        test.assertNotIn("error", answer, f"{service} {operation}")
        test.accepted.add((service, operation))
    return answer


class Others(MotoCase):
    def test_who_one_is(self):
        self.assertEqual(self.call("sts", "GetCallerIdentity")["Arn"], f"arn:aws:iam::{ACCOUNT}:user/ghost")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
        self.boto("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))
        role = f"arn:aws:iam::{ACCOUNT}:role/deployer"
        answer = self.call("sts", "AssumeRole", RoleArn=role, RoleSessionName="ghost", ExternalId="x=1", DurationSeconds=900)
        self.assertEqual(answer["Account"], ACCOUNT)
        self.assertTrue(answer["AccessKeyId"].startswith("ASIA"))
        unjudged(self, "sts", "AssumeRoleWithWebIdentity", {"RoleArn": role, "RoleSessionName": "ghost", "WebIdentityToken": TOKEN})

    def test_instance_profiles(self):
        for number in range(3):
            self.boto("iam").create_instance_profile(InstanceProfileName=f"shop{number}", Path="/ghost/")
        self.assertEqual(self.call("iam", "ListInstanceProfiles", PathPrefix="/ghost/")["Count"], 3)
        arn = self.boto("iam").get_instance_profile(InstanceProfileName="shop1")["InstanceProfile"]["Arn"]
        self.assertEqual(self.call("iam", "GetInstanceProfile", InstanceProfileName="shop1")["Arn"], arn)

    def test_parameters(self):
        self.boto("ssm").put_parameter(Name="/shop/image", Value="ami-1", Type="String")
        self.assertEqual(self.call("ssm", "GetParameter", Name="/shop/image")["Value"], "ami-1")
        answer = self.driver.call("ssm", "GetParameter", {"Name": "/shop/nothing"})
        self.assertEqual(answer["class"], "not_found", answer)

    def test_objects(self):
        s3 = self.boto("s3")
        s3.create_bucket(Bucket="packages")
        s3.put_bucket_versioning(Bucket="packages", VersioningConfiguration={"Status": "Enabled"})
        for key in ("a/b c.txt", "a/~x_y"):
            self.call("s3", "PutObject", Bucket="packages", Key=key, Body="héllo", ContentType="text/plain")
            seen = s3.get_object(Bucket="packages", Key=key)
            self.assertEqual((seen["Body"].read().decode(), seen["ContentType"]), ("héllo", "text/plain"))
            self.assertEqual(self.call("s3", "GetObject", Bucket="packages", Key=key)["Body"], "héllo")
            self.assertEqual(self.call("s3", "HeadObject", Bucket="packages", Key=key)["ContentLength"], 6)
        self.assertEqual(self.call("s3", "ListObjectsV2", Bucket="packages", Prefix="a")["Keys"], ["a/b c.txt", "a/~x_y"])
        self.call("s3", "DeleteObject", Bucket="packages", Key="a/b c.txt")
        self.assertEqual([o["Key"] for o in s3.list_objects_v2(Bucket="packages")["Contents"]], ["a/~x_y"])
        self.assertEqual(len(self.call("s3", "ListObjectVersions", Bucket="packages", Prefix="a")["Keys"]), 3)

    def test_a_wrong_secret_is_refused(self):
        """Else everything here would prove nothing."""
        stranger = Driver(self.moto.url, (self.moto.keys[0], "wrong"))
        self.addCleanup(stranger.stop)
        for service, operation in (("ec2", "DescribeVpcs"), ("sts", "GetCallerIdentity"), ("iam", "ListInstanceProfiles")):
            answer = stranger.call(service, operation, {})
            self.assertIn(answer["class"], ("credentials", "clock"), answer)


class Groups(MotoCase):
    NAME = "ghost-shop"

    def test_a_group(self):
        data = {"ImageId": "ami-1", "InstanceType": "t3.micro"}
        template = self.call("ec2", "CreateLaunchTemplate", LaunchTemplateName="grp", ClientToken="c", LaunchTemplateData=data)
        name, group = self.NAME, {"AutoScalingGroupName": self.NAME}
        tag = {"Key": "app", "Value": "a&b", "PropagateAtLaunch": True, "ResourceId": name, "ResourceType": "auto-scaling-group"}
        asg = self.boto("autoscaling")
        self.call(
            "autoscaling", "CreateAutoScalingGroup", **group, MinSize=0, MaxSize=6, DesiredCapacity=2, HealthCheckType="EC2",
            HealthCheckGracePeriod=30, VPCZoneIdentifier=self.subnet(), TerminationPolicies=["OldestInstance"], Tags=[tag],
            LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"},
        )  # fmt: skip
        seen = asg.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
        self.assertEqual((seen["MinSize"], seen["MaxSize"], seen["TerminationPolicies"]), (0, 6, ["OldestInstance"]))
        self.assertEqual(seen["LaunchTemplate"]["Version"], "1")
        found = self.call("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=[name])
        self.assertEqual((found["Count"], found["Instances"]), (1, 2))
        self.assertEqual(self.call("autoscaling", "DescribeAutoScalingGroups")["Count"], 1)
        self.call("autoscaling", "UpdateAutoScalingGroup", **group, MaxSize=8)
        self.call("autoscaling", "SetDesiredCapacity", **group, DesiredCapacity=3)
        self.assertEqual(asg.describe_auto_scaling_groups()["AutoScalingGroups"][0]["DesiredCapacity"], 3)
        self.call("autoscaling", "CreateOrUpdateTags", Tags=[tag | {"Key": "env", "Value": ""}])
        self.assertEqual({t["Key"] for t in asg.describe_tags()["Tags"]}, {"app", "env"})
        self.call("autoscaling", "DeleteTags", Tags=[tag | {"Key": "env", "Value": ""}])
        self.assertEqual({t["Key"] for t in asg.describe_tags()["Tags"]}, {"app"})
        self.call("autoscaling", "SuspendProcesses", **group, ScalingProcesses=["Launch", "Terminate"])
        self.assertEqual(self.call("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=[name])["SuspendedProcesses"], 2)
        self.call("autoscaling", "ResumeProcesses", **group, ScalingProcesses=["Launch", "Terminate"])
        self.settings(group, asg)
        self.instances(group, asg, found["InstanceId"])
        self.call("autoscaling", "DeleteAutoScalingGroup", **group, ForceDelete=True)
        self.assertEqual(asg.describe_auto_scaling_groups()["AutoScalingGroups"], [])

    def settings(self, group, asg):
        self.call("autoscaling", "EnableMetricsCollection", **group, Granularity="1Minute", Metrics=["GroupMinSize"])
        unjudged(self, "autoscaling", "DisableMetricsCollection", group | {"Metrics": ["GroupMinSize"]})
        hook = {"LifecycleHookName": "wait", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 60}
        self.call("autoscaling", "PutLifecycleHook", **group, **hook, DefaultResult="ABANDON")
        self.assertEqual(self.call("autoscaling", "DescribeLifecycleHooks", **group)["Count"], 1)
        action = group | {"LifecycleHookName": "wait", "InstanceId": "i-1"}
        unjudged(self, "autoscaling", "RecordLifecycleActionHeartbeat", action)
        unjudged(self, "autoscaling", "CompleteLifecycleAction", action | {"LifecycleActionResult": "CONTINUE"})
        self.call("autoscaling", "DeleteLifecycleHook", **group, LifecycleHookName="wait")
        self.assertEqual(asg.describe_lifecycle_hooks(AutoScalingGroupName=self.NAME)["LifecycleHooks"], [])
        unjudged(self, "autoscaling", "DescribeScalingActivities", group | {"MaxRecords": 20})
        preferences = {"MinHealthyPercentage": 50, "InstanceWarmup": 1}
        unjudged(self, "autoscaling", "StartInstanceRefresh", group | {"Preferences": preferences})
        unjudged(self, "autoscaling", "DescribeInstanceRefreshes", group | {"InstanceRefreshIds": ["x"]})
        unjudged(self, "autoscaling", "CancelInstanceRefresh", group)
        unjudged(self, "autoscaling", "RollbackInstanceRefresh", group)
        arn = self.boto("elbv2").create_target_group(Name="asg", Protocol="HTTP", Port=80, VpcId=self.vpc())["TargetGroups"][0]
        arns = {"TargetGroupARNs": [arn["TargetGroupArn"]]}
        self.call("autoscaling", "AttachLoadBalancerTargetGroups", **group, **arns)
        self.assertEqual(self.call("autoscaling", "DescribeLoadBalancerTargetGroups", **group)["Count"], 1)
        self.call("autoscaling", "DetachLoadBalancerTargetGroups", **group, **arns)
        self.boto("elb").create_load_balancer(
            LoadBalancerName="asg", Subnets=[self.subnet()],
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
        )  # fmt: skip
        self.call("autoscaling", "AttachLoadBalancers", **group, LoadBalancerNames=["asg"])
        self.assertEqual(self.call("autoscaling", "DescribeLoadBalancers", **group)["Count"], 1)
        self.call("autoscaling", "DetachLoadBalancers", **group, LoadBalancerNames=["asg"])
        asg.create_launch_configuration(LaunchConfigurationName="old", ImageId="ami-7", InstanceType="t2.micro")
        found = self.call("autoscaling", "DescribeLaunchConfigurations", LaunchConfigurationNames=["old"])
        self.assertEqual(found["ImageId"], "ami-7")

    def vpc(self):
        return self.boto("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]

    def instances(self, group, asg, instance):
        ids = {"InstanceIds": [instance]}
        found = self.call("autoscaling", "DescribeAutoScalingInstances", **ids)
        self.assertEqual((found["Count"], found["State"]), (1, "InService"))
        self.call("autoscaling", "SetInstanceProtection", **group, **ids, ProtectedFromScaleIn=True)
        self.assertTrue(asg.describe_auto_scaling_instances(**ids)["AutoScalingInstances"][0]["ProtectedFromScaleIn"])
        self.call("autoscaling", "SetInstanceHealth", InstanceId=instance, HealthStatus="Unhealthy")
        self.call("autoscaling", "EnterStandby", **group, **ids, ShouldDecrementDesiredCapacity=True)
        self.call("autoscaling", "ExitStandby", **group, **ids)
        self.call("autoscaling", "DetachInstances", **group, **ids, ShouldDecrementDesiredCapacity=True)
        self.assertEqual(asg.describe_auto_scaling_instances(**ids)["AutoScalingInstances"], [])
        self.call("autoscaling", "AttachInstances", **group, **ids)
        self.assertEqual(len(asg.describe_auto_scaling_instances(**ids)["AutoScalingInstances"]), 1)
        self.call("autoscaling", "TerminateInstanceInAutoScalingGroup", InstanceId=instance, ShouldDecrementDesiredCapacity=True)
        self.assertEqual(asg.describe_auto_scaling_instances(**ids)["AutoScalingInstances"], [])


class Balancers(MotoCase):
    def test_a_classic_one(self):
        name, elb = {"LoadBalancerName": "shop"}, self.boto("elb")
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
        self.call(
            "elb", "CreateLoadBalancer", **name, Listeners=[listener], Subnets=[self.subnet()], SecurityGroups=[self.group()],
            Tags=[{"Key": "k", "Value": "v+w=é"}],
        )  # fmt: skip
        seen = elb.describe_load_balancers()["LoadBalancerDescriptions"][0]
        self.assertEqual(seen["ListenerDescriptions"][0]["Listener"]["InstancePort"], 8080)
        self.assertEqual(elb.describe_tags(LoadBalancerNames=["shop"])["TagDescriptions"][0]["Tags"], [{"Key": "k", "Value": "v+w=é"}])
        instances = {"Instances": [{"InstanceId": self.launch("elb")}]}
        self.call("elb", "RegisterInstancesWithLoadBalancer", **name, **instances)
        found = self.call("elb", "DescribeLoadBalancers", LoadBalancerNames=["shop"])
        self.assertEqual(found["InstanceId"], instances["Instances"][0]["InstanceId"])
        self.assertEqual(self.call("elb", "DescribeInstanceHealth", **name, **instances)["State"], "InService")
        check = {"Target": "HTTP:8080/ok", "Interval": 7, "Timeout": 3, "UnhealthyThreshold": 2, "HealthyThreshold": 4}
        self.call("elb", "ConfigureHealthCheck", **name, HealthCheck=check)
        self.assertEqual(elb.describe_load_balancers()["LoadBalancerDescriptions"][0]["HealthCheck"], check)
        draining = {"ConnectionDraining": {"Enabled": True, "Timeout": 45}}
        self.call("elb", "ModifyLoadBalancerAttributes", **name, LoadBalancerAttributes=draining)
        self.assertEqual(self.call("elb", "DescribeLoadBalancerAttributes", **name)["Timeout"], 45)
        self.call("elb", "DeregisterInstancesFromLoadBalancer", **name, **instances)
        self.assertEqual(elb.describe_load_balancers()["LoadBalancerDescriptions"][0]["Instances"], [])
        self.call("elb", "DeleteLoadBalancer", **name)
        self.assertEqual(elb.describe_load_balancers()["LoadBalancerDescriptions"], [])

    def test_an_application_one(self):
        elb, ec2 = self.boto("elbv2"), self.boto("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        group = self.call(
            "elbv2", "CreateTargetGroup", Name="blue", Protocol="HTTP", Port=80, VpcId=vpc, HealthCheckPath="/ok", HealthCheckIntervalSeconds=7,
            HealthCheckTimeoutSeconds=3, HealthyThresholdCount=2, UnhealthyThresholdCount=2, Matcher={"HttpCode": "200-299"},
            Tags=[{"Key": "k", "Value": "v"}],
        )  # fmt: skip
        arn = group["TargetGroupArn"]
        seen = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
        self.assertEqual((seen["HealthCheckPath"], seen["Matcher"]["HttpCode"]), ("/ok", "200-299"))
        self.assertEqual(self.call("elbv2", "DescribeTargetGroups", Names=["blue"])["TargetGroupArn"], arn)
        self.assertEqual(self.call("elbv2", "DescribeTargetGroups", TargetGroupArns=[arn])["Count"], 1)
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
        balancer = elb.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        self.assertEqual(self.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=[balancer])["Count"], 1)
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)["Listeners"][0]["ListenerArn"]
        path = [{"Field": "path-pattern", "Values": ["/x"]}]
        rule = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=path, Actions=forward)["Rules"][0]["RuleArn"]
        self.assertEqual(self.call("elbv2", "DescribeTargetGroups", LoadBalancerArn=balancer)["Count"], 1)
        self.assertEqual(self.call("elbv2", "DescribeListeners", LoadBalancerArn=balancer)["Count"], 1)
        self.assertEqual(self.call("elbv2", "DescribeRules", ListenerArn=listener)["Count"], 2)
        green = elb.create_target_group(Name="green", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
        self.call("elbv2", "ModifyRule", RuleArn=rule, Actions=[{"TargetGroupArn": green}])
        self.assertEqual(elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["TargetGroupArn"], green)
        weighted = [{"TargetGroupArn": arn, "Weight": 1}, {"TargetGroupArn": green, "Weight": 9}]
        self.call("elbv2", "ModifyListener", ListenerArn=listener, DefaultActions=[{"ForwardConfig": {"TargetGroups": weighted}}])
        action = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"][0]
        self.assertEqual(action["ForwardConfig"]["TargetGroups"], weighted)
        self.targets(elb, arn)

    def targets(self, elb, arn):
        one = {"Id": self.launch("alb"), "Port": 8080}
        self.call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=[one])
        health = self.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn, Targets=[one])
        self.assertEqual((health["Count"], health["State"]), (1, "healthy"))
        self.call("elbv2", "DeregisterTargets", TargetGroupArn=arn, Targets=[one])
        self.assertEqual(elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"], [])
        delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "17"}]
        self.call("elbv2", "ModifyTargetGroupAttributes", TargetGroupArn=arn, Attributes=delay)
        self.assertEqual(self.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=arn)["Delay"], "17")
        spare = elb.create_target_group(Name="spare", Protocol="HTTP", Port=80, VpcId=self.boto("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])
        self.call("elbv2", "DeleteTargetGroup", TargetGroupArn=spare["TargetGroups"][0]["TargetGroupArn"])
        self.assertEqual(len(elb.describe_target_groups()["TargetGroups"]), 2)


class Zz(unittest.TestCase):
    """Last: every call that the product has was made."""

    def test_every_call_was_made(self):
        listed = subprocess.run([DRIVER, "--list"], capture_output=True, text=True, check=True).stdout
        calls = {tuple(line.split()) for line in listed.splitlines()}
        missing = calls - MotoCase.accepted - set(UNJUDGED)
        self.assertEqual(missing, set())
        self.assertEqual(set(UNJUDGED) - calls, set())
        print(f"moto took {len(MotoCase.accepted)} of {len(calls)} calls; it cannot judge {len(UNJUDGED)}:")
        for (service, operation), why in UNJUDGED.items():
            print(f"  {service} {operation}: {why}")


if __name__ == "__main__":
    unittest.main()
