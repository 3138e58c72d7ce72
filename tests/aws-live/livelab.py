"""A lab whose cloud is a real AWS account: as AwsLab, but what is there is asked of AWS, and everything takes its time."""
import os
import time

import boto3

import awslab
from ghostlab import wait_for

NEEDED = {"GHOST_LIVE_SUBNETS": "two subnets of one VPC, separated by a comma",
          "GHOST_LIVE_SECURITY_GROUP": "a security group of that VPC that lets its members reach each other",
          "GHOST_LIVE_ADDRESS": "the address of this machine as instances of that VPC reach it (ports 5000 and 5001)",
          "GHOST_LIVE_AGENT": "a static ghost-agent (-Dstatic_agent=true)"}
SOURCE_IMAGE = "/aws/service/debian/release/12/latest/amd64"


def missing():
    return {name: meaning for name, meaning in NEEDED.items() if not os.environ.get(name)}


class LiveLab(awslab.AwsLab):
    PATIENCE = 20

    def start_sandbox(self):
        """There is none: what tests want to know of the cloud, from the environment."""
        self.region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "eu-west-1"
        subnets = os.environ["GHOST_LIVE_SUBNETS"].split(",")
        (subnet,) = self.boto("ec2").describe_subnets(SubnetIds=subnets[:1])["Subnets"]
        self.cloud = {"subnet_ids": subnets, "vpc_id": subnet["VpcId"], "security_group_id": os.environ["GHOST_LIVE_SECURITY_GROUP"],
                      "base_image_id": self.boto("ssm").get_parameter(Name=SOURCE_IMAGE)["Parameter"]["Value"],
                      "identity_certificate": None}
        self.endpoint = None
        self.http_port, self.link_port = 5000, 5001

    def write_settings(self):
        address = os.environ["GHOST_LIVE_ADDRESS"]
        values = {"data_dir": self.folder / "data", "http.listen": f"0.0.0.0:{self.http_port}", "link.listen": f"0.0.0.0:{self.link_port}",
                  "link.address": f"{address}:{self.link_port}", "git.allow_file": "yes", "features.dir": self.features,
                  "aws.region": self.region, "agent.program": os.environ["GHOST_LIVE_AGENT"],
                  "agent.url": f"http://{address}:{self.http_port}", "job.timeout": "2h", "log.level": "debug"}
        self.config = self.folder / "controller.conf"
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in {**values, **self.settings}.items()))

    def boto(self, service):
        return boto3.client(service, region_name=self.region, endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))

    def wait_job(self, job_id, seconds=90):
        return super().wait_job(job_id, max(seconds, 90 * self.PATIENCE))

    def create_app(self, modules, name="ghost-live", features=(), **fields):
        return super().create_app(modules, name=name, features=features, region=self.region, **fields)

    def load_balancer(self, name, listener_port, target_port):
        balancer = super().load_balancer(f"ghost-live-{name}", listener_port, target_port)
        elbv2 = self.boto("elbv2")
        elbv2.get_waiter("load_balancer_available").wait(Names=[f"ghost-live-{name}"])
        (made,) = elbv2.describe_load_balancers(Names=[f"ghost-live-{name}"])["LoadBalancers"]
        elbv2.set_security_groups(LoadBalancerArn=made["LoadBalancerArn"], SecurityGroups=[self.cloud["security_group_id"]])
        self.made = made["LoadBalancerArn"], balancer.target_group
        return balancer

    def group(self, name, target_groups=(), load_balancers=()):
        self.made_group = super().group(f"ghost-live-{name}", target_groups, load_balancers)
        return self.made_group

    def page_of(self, instance):
        """By the release that its agent tells: v2 is the one whose page says so."""
        (module,) = [m for m in instance["modules"] if m["module"] == "site"]
        return f"version {module['revision'].removeprefix('v')}\n"

    def instances_by_tag(self, **tags):
        filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        filters.append({"Name": "instance-state-name", "Values": list(awslab.LIVING)})
        pages = self.boto("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        return [i for page in pages for r in page["Reservations"] for i in r["Instances"]]

    def leftovers(self):
        ec2, filters = self.boto("ec2"), [{"Name": "tag:ghost:purpose", "Values": ["bake"]}, {"Name": "tag-key", "Values": ["ghost:deadline"]}]
        left = [i["InstanceId"] for i in self.instances_by_tag(**{"ghost:purpose": "bake"})]
        left += [i["ImageId"] for i in ec2.describe_images(Owners=["self"], Filters=filters)["Images"]]
        left += [s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"], Filters=filters)["Snapshots"]]
        left += [v["VolumeId"] for v in ec2.describe_volumes(Filters=filters)["Volumes"]]
        return left

    def assert_nothing_left(self, test, seconds=300):
        wait_for("nothing to be left of a bake", lambda: not self.leftovers(), seconds)

    def close(self):
        """What the test made itself goes too: the group and its instances, the balancer, the images."""
        if not self.ended:
            self.tidy()
        super().close()

    def tidy(self):
        autoscaling, elbv2, ec2 = self.boto("autoscaling"), self.boto("elbv2"), self.boto("ec2")
        if getattr(self, "made_group", None):
            autoscaling.delete_auto_scaling_group(AutoScalingGroupName=self.made_group, ForceDelete=True)
            ec2.delete_launch_template(LaunchTemplateName=f"{self.made_group}-first")
        if getattr(self, "made", None):
            elbv2.delete_load_balancer(LoadBalancerArn=self.made[0])
            elbv2.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[self.made[0]])
            elbv2.delete_target_group(TargetGroupArn=self.made[1])
        for image in ec2.describe_images(Owners=["self"], Filters=[{"Name": "tag:app", "Values": ["ghost-live"]}])["Images"]:
            ec2.deregister_image(ImageId=image["ImageId"])
            for device in image["BlockDeviceMappings"]:
                if "Ebs" in device:
                    ec2.delete_snapshot(SnapshotId=device["Ebs"]["SnapshotId"])
        for template in ec2.describe_launch_templates(Filters=[{"Name": "tag:app", "Values": ["ghost-live"]}])["LaunchTemplates"]:
            ec2.delete_launch_template(LaunchTemplateId=template["LaunchTemplateId"])
        end = time.monotonic() + 600
        while self.instances_by_tag(app="ghost-live") and time.monotonic() < end:
            ec2.terminate_instances(InstanceIds=[i["InstanceId"] for i in self.instances_by_tag(app="ghost-live")])
            time.sleep(10)

