"""Auto Scaling groups through boto3: what they are told, and what they do by themselves."""
import unittest

from group_case import GroupCase
from sandbox_case import wait_for


class Groups(GroupCase):
    def test_a_group_launches_what_its_template_says(self):
        template_id = self.template(TagSpecifications=[{"ResourceType": "instance", "Tags": [
            {"Key": "both", "Value": "template"}, {"Key": "only", "Value": "template"}]}])
        self.make(2, subnets=2, LaunchTemplate={"LaunchTemplateId": template_id, "Version": "1"}, Tags=[
            {"Key": "both", "Value": "group", "PropagateAtLaunch": True},
            {"Key": "own", "Value": "group", "PropagateAtLaunch": False}])
        ids = self.wait_in_service(2)
        group = self.group()
        self.assertEqual((group["MinSize"], group["MaxSize"], group["DesiredCapacity"]), (0, 6, 2))
        self.assertEqual(group["LaunchTemplate"], {"LaunchTemplateId": template_id, "LaunchTemplateName": self.name,
                                                   "Version": "1"})
        self.assertEqual({row["AvailabilityZone"] for row in group["Instances"]},
                         {self.sandbox.about["zones"][subnet] for subnet in self.sandbox.about["subnet_ids"][:2]})
        self.assertEqual({(row["HealthStatus"], row["LaunchTemplate"]["Version"]) for row in group["Instances"]},
                         {("Healthy", "1")})
        self.assertEqual(self.instance_tags(ids[0]), {
            "both": "group", "only": "template", "aws:autoscaling:groupName": self.name,
            "aws:ec2launchtemplate:id": template_id, "aws:ec2launchtemplate:version": "1"})
        found = self.groups.describe_auto_scaling_instances(InstanceIds=[ids[0], "i-00000000"])
        self.assertEqual([(row["InstanceId"], row["AutoScalingGroupName"]) for row in found["AutoScalingInstances"]],
                         [(ids[0], self.name)])
        activity = self.wait_activity(ids[0], "Successful")
        self.assertIn("changing the desired capacity from 0 to 2", activity["Cause"])

    def test_wrong_groups_are_refused(self):
        template = {"LaunchTemplateId": self.template(), "Version": "1"}
        self.refused_with("must be between the specified min size", self.make, size=9, LaunchTemplate=template)
        self.refused_with("must be greater than or equal to min bound", self.make, size=2, low=3, high=2,
                          LaunchTemplate=template)
        self.refused_with("fully-formed launch template", self.make,
                          LaunchTemplate={**template, "Version": "5"})
        self.refused_with("Target Groups may not be valid", self.make, LaunchTemplate=template,
                          TargetGroupARNs=["arn:aws:elasticloadbalancing:x:1:targetgroup/none/1"])
        self.ec2.create_launch_template_version(LaunchTemplateId=template["LaunchTemplateId"],
                                                LaunchTemplateData={"ImageId": "ami-00000000000000000"})
        self.refused_with("ami-00000000000000000", self.make, LaunchTemplate={**template, "Version": "2"})
        self.refused_with("termination policy", self.make, LaunchTemplate=template, TerminationPolicies=["Luck"])
        self.assertIsNone(self.group())
        self.make(0, LaunchTemplate=template)
        self.assertEqual(self.code_of(self.make, size=0, LaunchTemplate=template), "AlreadyExists")

    def test_unknown_wire_names_are_refused(self):
        def ask(action, **form):
            return self.sandbox.request({"Action": action, "Version": "2011-01-01", **form}, "autoscaling")
        self.refused("UnknownParameter", ask, "DescribeAutoScalingGroups", **{"AutoScalingGroupName.member.1": "x"})
        self.refused("UnknownParameter", ask, "AttachInstances", **{"InstanceIds.1": "i"})
        self.refused("InvalidAction", ask, "MakeCoffee")
        self.refused("ValidationError", ask, "DescribeAutoScalingGroups", MaxRecords="101")
        self.refused("ValidationError", ask, "DeleteAutoScalingGroup")
        self.refused("SignatureDoesNotMatch", self.sandbox.request, {"Action": "DescribeTags"}, service="autoscaling",
                     secret="wrong")

    def test_describing_pages_and_filters(self):
        template = {"LaunchTemplateId": self.template(), "Version": "1"}
        for number in range(3):
            self.groups.create_auto_scaling_group(
                AutoScalingGroupName=f"paged-{number}", MinSize=0, MaxSize=0, LaunchTemplate=template,
                VPCZoneIdentifier=self.sandbox.about["subnet_ids"][0],
                Tags=[{"Key": "number", "Value": str(number % 2)}])
        pages = list(self.groups.get_paginator("describe_auto_scaling_groups").paginate(
            PaginationConfig={"PageSize": 2}))
        self.assertEqual([len(page["AutoScalingGroups"]) for page in pages], [2, 1])
        found = self.groups.describe_auto_scaling_groups(Filters=[{"Name": "tag:number", "Values": ["0"]}])
        self.assertEqual([row["AutoScalingGroupName"] for row in found["AutoScalingGroups"]], ["paged-0", "paged-2"])
        found = self.groups.describe_auto_scaling_groups(AutoScalingGroupNames=["paged-1", "nobody"])
        self.assertEqual([row["AutoScalingGroupName"] for row in found["AutoScalingGroups"]], ["paged-1"])
        self.assertEqual(self.code_of(self.groups.describe_auto_scaling_groups, NextToken="made-up"),
                         "InvalidNextToken")

    def test_sizes(self):
        self.make(1, low=1, high=3)
        first = self.wait_in_service(1)
        self.call("set_desired_capacity", DesiredCapacity=3, HonorCooldown=False)
        self.wait_in_service(3)
        self.refused_with("above max value 3", self.groups.set_desired_capacity, AutoScalingGroupName=self.name,
                          DesiredCapacity=4)
        self.refused_with("below min value 1", self.groups.set_desired_capacity, AutoScalingGroupName=self.name,
                          DesiredCapacity=0)
        self.refused_with("name not found", self.groups.set_desired_capacity, AutoScalingGroupName="none",
                          DesiredCapacity=0)
        self.assertEqual(self.code_of(self.groups.set_desired_capacity, AutoScalingGroupName=self.name,
                                      DesiredCapacity=2, HonorCooldown=True), "ScalingActivityInProgress")
        self.call("update_auto_scaling_group", MaxSize=1, TerminationPolicies=["NewestInstance"])
        self.assertEqual(self.group()["DesiredCapacity"], 1)
        self.assertEqual(self.wait_in_service(1), first)
        self.call("update_auto_scaling_group", MinSize=2, MaxSize=2)
        self.wait_in_service(2)
        self.assertEqual(self.group()["DesiredCapacity"], 2)

    def test_a_terminated_instance_is_replaced(self):
        self.make(1)
        first = self.wait_in_service(1)[0]
        self.ec2.terminate_instances(InstanceIds=[first])
        second = wait_for(lambda: [key for key in self.in_state("InService") if key != first], "a replacement")[0]
        self.assertNotEqual(second, first)
        self.wait_gone(first)
        ended = self.wait_activity(f"Terminating EC2 instance: {first}", "Successful")
        self.assertIn("EC2 health check", ended["Cause"])

    def test_a_stopped_or_impaired_instance_is_replaced(self):
        self.make(2)
        stopped, impaired = self.wait_in_service(2)
        self.ec2.stop_instances(InstanceIds=[stopped])
        self.sandbox.control(f"instances/{impaired}/status", {"status": "impaired"})
        self.wait_gone(stopped, impaired)
        self.wait_in_service(2)

    def test_launch_that_fails_tells_why_and_is_tried_again(self):
        self.sandbox.control("faults", {"when": "group-launch-fails", "error": "InsufficientInstanceCapacity",
                                        "message": "no t3.micro left", "count": 2})
        self.make(1, subnets=2)
        failed = self.wait_activity("Launching", "Failed")
        self.assertIn("InsufficientInstanceCapacity - no t3.micro left", failed["StatusMessage"])
        self.wait_in_service(1)

    def test_capacity_missing_in_one_zone_is_found_in_another(self):
        self.sandbox.control("faults", {"when": "group-launch-fails", "error": "InsufficientInstanceCapacity"})
        self.make(1, subnets=2)
        self.wait_in_service(1)
        self.assertEqual(self.group()["Instances"][0]["AvailabilityZone"],
                         self.sandbox.about["zones"][self.sandbox.about["subnet_ids"][1]])

    def test_instance_that_never_runs_is_told_and_replaced(self):
        self.sandbox.control("faults", {"when": "launch-fails", "error": "Client.VolumeLimitExceeded",
                                        "message": "Volume limit exceeded"})
        self.make(1)
        failed = self.wait_activity("Launching", "Failed")
        self.assertIn("Client.VolumeLimitExceeded: Volume limit exceeded", failed["StatusMessage"])
        self.wait_in_service(1)

    def test_deleting(self):
        self.make(1)
        instance = self.wait_in_service(1)[0]
        self.assertEqual(self.code_of(self.call, action="delete_auto_scaling_group"), "ResourceInUse")
        self.call("set_desired_capacity", DesiredCapacity=0)
        self.wait_member(instance, "Terminating:Proceed")
        self.assertEqual(self.code_of(self.call, action="delete_auto_scaling_group"), "ScalingActivityInProgress")
        self.wait_gone(instance)
        self.call("delete_auto_scaling_group")
        self.assertIsNone(self.group())
        self.refused_with("name not found", self.call, action="delete_auto_scaling_group")
        found = self.groups.describe_scaling_activities(AutoScalingGroupName=self.name, IncludeDeletedGroups=True)
        self.assertEqual(found["Activities"][0]["AutoScalingGroupState"], "Deleted")

    def test_deleting_by_force(self):
        self.make(2, LifecycleHookSpecificationList=[
            {"LifecycleHookName": "end", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}])
        ids = self.wait_in_service(2)
        self.call("delete_auto_scaling_group", ForceDelete=True)
        self.assertEqual(self.group()["Status"], "Delete in progress")
        self.assertEqual(self.code_of(self.call, action="set_desired_capacity", DesiredCapacity=1),
                         "ScalingActivityInProgress")
        wait_for(lambda: self.group() is None, "no group")
        for instance in ids:
            self.assertEqual(self.sandbox.instance(instance)["state"], "terminated")

    def test_tags(self):
        def tag(value, **more):
            return {"ResourceId": self.name, "ResourceType": "auto-scaling-group", "Key": "k", "Value": value, **more}
        self.make(0)
        self.groups.create_or_update_tags(Tags=[tag("a & <b>", PropagateAtLaunch=False)])
        self.groups.create_or_update_tags(Tags=[tag("new", PropagateAtLaunch=True)])
        self.assertEqual(self.group()["Tags"], [tag("new", PropagateAtLaunch=True)])
        found = self.groups.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": [self.name]}])
        self.assertEqual(found["Tags"], [tag("new", PropagateAtLaunch=True)])
        self.groups.delete_tags(Tags=[tag("new")])
        self.assertEqual(self.group()["Tags"], [])
        self.refused_with("reserved", self.groups.create_or_update_tags, Tags=[{**tag(""), "Key": "aws:x"}])

    def test_metrics_and_lists(self):
        self.make(0)
        self.call("enable_metrics_collection", Granularity="1Minute", Metrics=["GroupMinSize", "GroupMaxSize"])
        self.call("disable_metrics_collection", Metrics=["GroupMinSize"])
        self.assertEqual(self.group()["EnabledMetrics"], [{"Metric": "GroupMaxSize", "Granularity": "1Minute"}])
        self.call("enable_metrics_collection", Granularity="1Minute")
        self.assertGreater(len(self.group()["EnabledMetrics"]), 8)
        self.assertEqual(len(self.groups.describe_scaling_process_types()["Processes"]), 9)
        self.assertIn("Default", self.groups.describe_termination_policy_types()["TerminationPolicyTypes"])
        self.assertEqual(len(self.groups.describe_lifecycle_hook_types()["LifecycleHookTypes"]), 2)
        self.assertTrue(self.groups.describe_metric_collection_types()["Metrics"])
        self.assertEqual(self.groups.describe_account_limits()["NumberOfAutoScalingGroups"], 1)

    def test_launch_configurations(self):
        about = self.sandbox.about
        configuration = {
            "LaunchConfigurationName": self.name, "ImageId": about["base_image_id"], "InstanceType": "t3.small",
            "KeyName": "k", "UserData": "#!/bin/sh\n", "SecurityGroups": [about["security_group_id"]],
            "IamInstanceProfile": "web", "EbsOptimized": True, "AssociatePublicIpAddress": True,
            "InstanceMonitoring": {"Enabled": False},
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "VolumeType": "gp2"}}]}
        self.groups.create_launch_configuration(**configuration)
        self.assertEqual(self.code_of(self.groups.create_launch_configuration, **configuration), "AlreadyExists")
        shown = self.groups.describe_launch_configurations(
            LaunchConfigurationNames=[self.name, "nobody"])["LaunchConfigurations"][0]
        for key in ("ImageId", "InstanceType", "SecurityGroups", "EbsOptimized", "BlockDeviceMappings",
                    "InstanceMonitoring", "IamInstanceProfile"):
            self.assertEqual(shown[key], configuration[key], key)
        self.make(1, LaunchConfigurationName=self.name)
        instance = self.wait_in_service(1)[0]
        self.assertEqual(self.group()["Instances"][0]["LaunchConfigurationName"], self.name)
        row = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        self.assertEqual((row["InstanceType"], row["KeyName"], row["IamInstanceProfile"]["Arn"].split("/")[-1]),
                         ("t3.small", "k", "web"))
        self.assertEqual(self.code_of(self.groups.delete_launch_configuration, LaunchConfigurationName=self.name),
                         "ResourceInUse")
        template = {"LaunchTemplateId": self.template(), "Version": "1"}
        self.call("update_auto_scaling_group", LaunchTemplate=template)
        self.assertNotIn("LaunchConfigurationName", self.group())
        self.groups.delete_launch_configuration(LaunchConfigurationName=self.name)

    def policy(self, template_id, version="1", **distribution):
        return {"LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": template_id, "Version": version},
            "Overrides": [{"InstanceType": "t3.small"}, {"InstanceType": "t3.medium"}]},
            "InstancesDistribution": distribution}

    def make_mixed(self, size, **distribution):
        template_id = self.template()
        self.groups.create_auto_scaling_group(
            AutoScalingGroupName=self.name, MinSize=0, MaxSize=6, DesiredCapacity=size,
            VPCZoneIdentifier=self.sandbox.about["subnet_ids"][0],
            MixedInstancesPolicy=self.policy(template_id, **distribution))
        self.wait_in_service(size)
        return template_id

    def test_mixed_instances(self):
        self.sandbox.control("faults", {"when": "group-launch-fails", "error": "InsufficientInstanceCapacity"})
        template_id = self.make_mixed(1)
        group = self.group()
        self.assertEqual(group["Instances"][0]["InstanceType"], "t3.medium")  # there was no t3.small
        self.assertNotIn("LaunchTemplate", group)
        shown = group["MixedInstancesPolicy"]
        self.assertEqual([row["InstanceType"] for row in shown["LaunchTemplate"]["Overrides"]],
                         ["t3.small", "t3.medium"])
        self.assertEqual(shown["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"], 100)
        number = self.version(template_id, KeyName="other")
        self.call("update_auto_scaling_group", DesiredCapacity=2,
                  MixedInstancesPolicy=self.policy(template_id, version=number))
        self.wait_in_service(2)
        self.assertEqual(sorted((row["InstanceType"], row["LaunchTemplate"]["Version"])
                                for row in self.group()["Instances"]), [("t3.medium", "1"), ("t3.small", number)])
        self.call("update_auto_scaling_group", LaunchTemplate={"LaunchTemplateId": template_id, "Version": number})
        self.assertNotIn("MixedInstancesPolicy", self.group())

    def test_mixed_with_spot(self):
        self.make_mixed(4, OnDemandBaseCapacity=1, OnDemandPercentageAboveBaseCapacity=0)
        rows = self.ec2.describe_instances(InstanceIds=list(self.states()))["Reservations"]
        found = [row.get("InstanceLifecycle") for part in rows for row in part["Instances"]]
        self.assertEqual((found.count("spot"), found.count(None)), (3, 1))
        self.refused_with("WeightedCapacity can only be 1", self.groups.update_auto_scaling_group,
                          AutoScalingGroupName=self.name, MixedInstancesPolicy={"LaunchTemplate": {
                              "Overrides": [{"InstanceType": "t3.small", "WeightedCapacity": "2"}]}})

    def test_groups_survive_a_restart(self):
        self.make(2, LifecycleHookSpecificationList=[
            {"LifecycleHookName": "boot", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}])
        ids = wait_for(lambda: len(found := self.in_state("Pending:Wait")) == 2 and found, "two waiting instances")
        self.sandbox.stop()
        self.sandbox.start()
        self.connect()
        self.assertEqual(self.in_state("Pending:Wait"), ids)
        for instance in ids:
            self.call("complete_lifecycle_action", LifecycleHookName="boot", InstanceId=instance,
                      LifecycleActionResult="CONTINUE")
        self.assertEqual(self.wait_in_service(2), ids)
        self.ec2.terminate_instances(InstanceIds=ids[:1])
        wait_for(lambda: self.in_state("Pending:Wait"), "a replacement")


if __name__ == "__main__":
    unittest.main()
