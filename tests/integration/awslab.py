"""A lab whose cloud is looked at from all sides: its calls, its faults, what a job left in it; groups and balancers by boto3."""
import contextlib
import functools
import http.client
import json
import re

import boto3

import ghostlab
import intents
from ghostlab import wait_for

MUTATING = re.compile("^(Run|Create|Delete|Terminate|Stop|Start|Reboot|Modify|Deregister|Register|Copy|Put|Complete|Record|Suspend|"
                      "Resume|Update|Set|Attach|Detach|Enter|Exit|Enable|Disable|Cancel|Rollback|Configure)")
LIVING = ("pending", "running", "stopping", "stopped")


class AwsLab(ghostlab.Lab):
    PATIENCE = 1  # how much slower the cloud is than a sandbox
    SPEED = 20  # how much faster the cloud's clock runs than ours

    # ---- the sandbox's own door ----------------------------------------------------------------------------------

    def ask_sandbox(self, method, path, body=None):
        port = int(self.endpoint.rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, f"/_sandbox/{path}", json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status < 300, f"{method} {path}: {answer.status} {text!r}"
            return json.loads(text)

    def fault(self, **rule):
        self.ask_sandbox("POST", "faults", rule)

    def clear_faults(self):
        self.ask_sandbox("DELETE", "faults")

    def calls(self):
        return self.ask_sandbox("GET", "calls")["calls"]

    def forget_calls(self):
        self.ask_sandbox("DELETE", "calls")

    def mutations(self):
        """What was asked for by signed callers and changes something, in order."""
        return [call for call in self.calls() if MUTATING.match(call["action"])]

    def held(self):
        return self.ask_sandbox("GET", "held")["held"]

    def release(self):
        self.ask_sandbox("POST", "release", {})

    @functools.cache
    def boto(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, region_name="eu-west-1",
                            aws_access_key_id=ghostlab.ACCESS_KEY, aws_secret_access_key=ghostlab.SECRET_KEY)

    # ---- the application's instances ----------------------------------------------------------------------------

    def living(self, app_id):
        tags = self.sandbox_state()["tags"]
        return [i for i in self.sandbox_instances() if i["state"] in LIVING and tags.get(i["id"], {}).get("app_id") == app_id]

    def page_of(self, instance):
        return self.instance_file(instance, "/srv/site/page.html").read_text()

    def settle(self, app_id, count):
        """Exactly that many standalone instances, all ready."""
        while len(self.instances(app_id)) > count:
            self.run(app_id, "destroyinstance", options=[self.instances(app_id)[-1]["instance_id"]])
        while len(self.instances(app_id)) < count:
            self.run(app_id, "createinstance")
        wait_for(f"{count} ready instances", lambda: [i["state"] for i in self.instances(app_id)] == ["ready"] * count)
        wait_for("no others", lambda: len(self.living(app_id)) == count)

    # ---- nothing is left -----------------------------------------------------------------------------------------

    def leftovers(self):
        """Everything in EC2 that a bake made and that has still a deadline: nobody claimed it."""
        state = self.sandbox_state()
        baking = {key for key, tags in state["tags"].items() if tags.get("ghost:purpose") == "bake" and "ghost:deadline" in tags}
        left = [f"instance {i['id']} is {i['state']}" for i in state["instances"] if i["id"] in baking and i["state"] in LIVING]
        left += [f"image {i['id']} is {i['state']}" for i in state["images"] if i["id"] in baking and i["state"] != "deregistered"]
        for kind in ("snapshots", "volumes"):
            left += [f"{kind} {i['id']}" for i in state[kind] if i["id"] in baking]
        left += [f"interface {i['eni']}" for i in state["interfaces"] if i["eni"] in baking]
        return left

    def snapshots_without_image(self):
        state = self.sandbox_state()
        used = {snapshot for image in state["images"] for snapshot in image.get("snapshots", {}).values()}
        return [i["id"] for i in state["snapshots"] if i["id"] not in used]

    def suspended_of_all(self):
        return {name: sorted(group["suspended"]) for name, group in self.sandbox_state()["groups"].items()}

    def remember_suspended(self):
        """What is suspended now is what must be suspended in the end."""
        self.suspended_before = self.suspended_of_all()

    def ended_by_aws(self):
        """Instances that AWS took away: their jobs may have launched others."""
        return {i["id"] for i in self.sandbox_instances()
                if (i.get("state_reason") or {}).get("code", "Client.UserInitiatedShutdown") != "Client.UserInitiatedShutdown"}

    def assert_nothing_left(self, test, seconds=30):
        """Once what is being removed is gone: no orphan, nothing was carried out twice for one intent, groups do what they did."""
        wait_for("nothing to be left of a bake: " + ", ".join(self.leftovers()), lambda: not self.leftovers(), seconds)
        test.assertEqual(self.snapshots_without_image(), [])
        calls = self.mutations()
        test.assertEqual(intents.unknown(calls), [])
        test.assertEqual(intents.carried_out_twice(calls, self.ended_by_aws()), {})
        launches = {}
        for instance in self.sandbox_instances():
            launches.setdefault(instance["client_token"], []).append(instance["id"])
        test.assertEqual({token: ids for token, ids in launches.items() if token and len(ids) > 1}, {})
        now = self.suspended_of_all()
        before = {name: getattr(self, "suspended_before", now).get(name, []) for name in now}
        test.assertEqual(now, before)

    # ---- groups and balancers ------------------------------------------------------------------------------------

    def load_balancer(self, name, listener_port, target_port):
        """An application load balancer with one target group; returned once it is active."""
        elbv2, subnets = self.boto("elbv2"), self.cloud["subnet_ids"]
        made = elbv2.create_load_balancer(Name=name, Subnets=subnets[:2])["LoadBalancers"][0]
        group = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=target_port, VpcId=self.cloud["vpc_id"],
                                          HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2,
                                          HealthyThresholdCount=2, UnhealthyThresholdCount=2)["TargetGroups"][0]
        elbv2.modify_target_group_attributes(TargetGroupArn=group["TargetGroupArn"], Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "10"}])
        elbv2.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=listener_port,
                              DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}])
        return Balancer(made["DNSName"], group["TargetGroupArn"])

    def healthy_targets(self, target_group):
        health = self.boto("elbv2").describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        return {row["Target"]["Id"] for row in health if row["TargetHealth"]["State"] == "healthy"}

    def group(self, name, target_groups=(), load_balancers=(), spot=False):
        """An empty group, as an operator makes it before Ghost takes it over."""
        template = self.boto("ec2").create_launch_template(LaunchTemplateName=f"{name}-first", LaunchTemplateData={
            "ImageId": self.cloud["base_image_id"], "InstanceType": "t3.micro"})["LaunchTemplate"]
        first = {"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"}
        launching = {"LaunchTemplate": first} if not spot else {"MixedInstancesPolicy": {
            "LaunchTemplate": {"LaunchTemplateSpecification": first},
            "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0}}}
        self.boto("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=6, DesiredCapacity=0,
            VPCZoneIdentifier=self.cloud["subnet_ids"][0], TargetGroupARNs=list(target_groups), LoadBalancerNames=list(load_balancers),
            HealthCheckType="ELB" if target_groups or load_balancers else "EC2", HealthCheckGracePeriod=60,
            **launching, Tags=[{"Key": "team", "Value": "theirs", "PropagateAtLaunch": True}])
        return name

    def describe_group(self, name):
        (group,) = self.boto("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return group

    def group_members(self, name):
        return self.describe_group(name)["Instances"]

    def group_sizes(self, name):
        group = self.describe_group(name)
        return group["MinSize"], group["DesiredCapacity"], group["MaxSize"]

    def suspended(self, name):
        return sorted(process["ProcessName"] for process in self.describe_group(name)["SuspendedProcesses"])


    def account(self, number, role, **more):
        """Another account with a role in it: what the sandbox says of it."""
        return self.ask_sandbox("POST", "roles", {"account": number, "name": role, **more})

    def account_instances(self, number):
        return self.ask_sandbox("GET", f"accounts/{number}/state")["instances"]


class Balancer:
    def __init__(self, address, target_group):
        self.address, self.target_group = address, target_group
