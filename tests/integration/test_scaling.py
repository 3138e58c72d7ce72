#!/usr/bin/env python3
"""Auto Scaling end to end: a group is updated, rolled under HTTP load and made smaller; standalone instances come back where
they were."""
import contextlib
import http.client
import threading
import unittest
import warnings

import ghostlab
from ghostlab import wait_for
from truth import assert_truth

try:
    import boto3
    import botocore.config
except ImportError:
    boto3 = None

GROUP = "shop-web"
# What serves on an instance: its own address, kept running by the instance.
SERVER = r"""#!/usr/bin/python3
import http.server, os, urllib.request
base = os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"].rstrip("/")
token = urllib.request.urlopen(urllib.request.Request(base + "/latest/api/token", method="PUT",
    headers={"X-aws-ec2-metadata-token-ttl-seconds": "600"})).read().decode()
def look(path):
    return urllib.request.urlopen(urllib.request.Request(base + "/latest/meta-data/" + path,
        headers={"X-aws-ec2-metadata-token": token})).read()
NAME = look("instance-id")
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(NAME)))
        self.end_headers()
        self.wfile.write(NAME)
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer((look("local-ipv4").decode(), 8080), Handler).serve_forever()
"""
FEATURE = f"""#!/bin/sh
set -e
folder=$GHOST_ROOT_DIR/etc/ghost-sandbox/services
mkdir -p $folder
cat > $folder/web <<'END'
{SERVER}END
chmod 755 $folder/web
"""


class Load(contextlib.AbstractContextManager):
    """Requests on kept connections, as long as it is open; what fails is kept."""

    def __init__(self, address, port, clients=8):
        self.address, self.port = address, port
        self.failures, self.names = [], set()
        self.sent = 0
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join(30)

    def run(self):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=20)
        while not self.ended.wait(0.05):
            try:
                connection.request("GET", "/")
                reply = connection.getresponse()
                self.note(reply.read().decode(), reply.status)
            except (OSError, http.client.HTTPException) as problem:
                self.note("", repr(problem))
                connection.close()
        connection.close()

    def note(self, name, status):
        with self.lock:
            self.sent += 1
            if status == 200:
                self.names.add(name)
            else:
                self.failures.append(status)


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Scaling(unittest.TestCase):
    def setUp(self):
        self.lab = self.enterContext(ghostlab.Lab({"group.ready_timeout": "2h"}))
        warnings.simplefilter("ignore", ResourceWarning)  # botocore keeps its connections
        (self.lab.features / "web.sh").write_text(FEATURE)
        self.cloud = self.lab.cloud
        self.autoscaling, self.elbv2, self.ec2 = (self.client(name) for name in ("autoscaling", "elbv2", "ec2"))

    def client(self, service):
        return boto3.client(service, endpoint_url=self.lab.endpoint, region_name="eu-west-1", aws_access_key_id=ghostlab.ACCESS_KEY,
                            aws_secret_access_key=ghostlab.SECRET_KEY, config=botocore.config.Config(retries={"max_attempts": 3}))

    def app(self, **fields):
        app_id = self.lab.create_app([], features=[{"name": "web", "provisioner": "shell"}], **fields)
        self.lab.run(app_id, "buildimage")
        return app_id

    def balancer(self):
        """(target group, address, port)"""
        group = self.elbv2.create_target_group(
            Name="web", Protocol="HTTP", Port=8080, VpcId=self.cloud["vpc_id"], HealthCheckPath="/", HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2, UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
        self.elbv2.modify_target_group_attributes(
            TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "20"}])
        made = self.elbv2.create_load_balancer(Name="web", Subnets=self.cloud["subnet_ids"][:2])["LoadBalancers"][0]
        port = ghostlab.free_port()
        self.elbv2.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=port,
                                   DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
        return group, made["DNSName"], port

    def make_group(self, target_group):
        """An empty one, as somebody else set it up."""
        self.ec2.create_launch_template(LaunchTemplateName="placeholder", LaunchTemplateData={
            "ImageId": self.cloud["base_image_id"], "InstanceType": "t3.micro"})
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=GROUP, MinSize=0, MaxSize=0, VPCZoneIdentifier=self.cloud["subnet_ids"][0],
            LaunchTemplate={"LaunchTemplateName": "placeholder", "Version": "1"}, TargetGroupARNs=[target_group],
            Tags=[{"Key": "cost-centre", "Value": "42", "PropagateAtLaunch": False, "ResourceId": GROUP,
                   "ResourceType": "auto-scaling-group"}])

    def group(self):
        return self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]

    def in_service(self):
        return {row["InstanceId"] for row in self.group()["Instances"] if row["LifecycleState"] == "InService"}

    def wait_serving(self, target_group, count):
        def look():
            targets = self.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
            healthy = {row["Target"]["Id"] for row in targets if row["TargetHealth"]["State"] == "healthy"}
            return len(self.group()["Instances"]) == count and healthy == self.in_service() and len(healthy) == count and healthy
        return wait_for(f"{count} healthy instances in service", look, 120)

    def test_the_life_of_a_group(self):
        target_group, address, port = self.balancer()
        self.make_group(target_group)
        app_id = self.app(autoscale={"name": GROUP, "min": 2, "max": 4}, environment_infos={
            "subnet_ids": [self.cloud["subnet_ids"][0]], "security_groups": [self.cloud["security_group_id"]],
            "instance_tags": [{"tag_name": "team", "tag_value": "blue"}]})

        job = self.lab.run(app_id, "updateautoscaling")
        self.assertEqual(job["message"], f"AutoScaling [{GROUP}] updated")
        self.autoscaling.set_desired_capacity(AutoScalingGroupName=GROUP, DesiredCapacity=4, HonorCooldown=False)
        old = self.wait_serving(target_group, 4)
        self.check_group(app_id)

        self.lab.run(app_id, "updateautoscaling")
        self.check_group(app_id)

        with Load(address, port) as load:
            wait_for("requests to be answered by all", lambda: old <= load.names, 30)
            job = self.lab.run(app_id, "recreateinstances", options=["25%"], seconds=240)
            new = self.wait_serving(target_group, 4)
            wait_for("requests to be answered by all", lambda: new <= load.names, 30)
        self.assertEqual(job["message"], "Re-create instances OK: [shop]")
        self.assertEqual(load.failures, [], f"of {load.sent}")
        self.assertFalse(old & new)
        self.check_group(app_id)
        print(f"rolled under load: {load.sent} requests, {len(load.failures)} failed")

        gone = sorted(new)[0]
        self.lab.run(app_id, "destroyinstance", options=[gone])
        group = self.group()
        self.assertEqual((group["MinSize"], group["DesiredCapacity"]), (2, 3))
        self.assertEqual(self.in_service(), new - {gone})

    def test_the_controller_dies_while_a_group_is_rolled(self):
        target_group, address, port = self.balancer()
        self.make_group(target_group)
        self.autoscaling.suspend_processes(AutoScalingGroupName=GROUP, ScalingProcesses=["AlarmNotification"])
        app_id = self.app(autoscale={"name": GROUP, "min": 2, "max": 2})
        self.lab.run(app_id, "updateautoscaling")
        old = self.wait_serving(target_group, 2)
        with Load(address, port, clients=4) as load:
            job_id = self.lab.submit(app_id, "recreateinstances", options=["1by1"])
            for words in ("desired capacity 2 to 3", "Ending"):
                self.lab.wait_log(job_id, words)
                self.lab.restart_controller()
            job = self.lab.wait_job(job_id, 240)
            self.assertEqual(job["status"], "done", job["message"])
            new = self.wait_serving(target_group, 2)
        self.assertEqual(load.failures, [], f"of {load.sent}")
        self.assertFalse(old & new)
        group = self.group()
        self.assertEqual((group["MinSize"], group["MaxSize"], group["DesiredCapacity"]), (2, 2, 2))
        self.assertEqual([row["ProcessName"] for row in group["SuspendedProcesses"]], ["AlarmNotification"])

    def check_group(self, app_id):
        """As the application says, whatever was done meanwhile."""
        group = self.group()
        tags = {row["Key"]: row["Value"] for row in group["Tags"]}
        self.assertEqual((tags["cost-centre"], tags["app"], tags["app_id"], tags["team"]), ("42", "shop", app_id, "blue"))
        self.assertEqual((group["MinSize"], group["MaxSize"], group["DesiredCapacity"]), (2, 4, 4))
        self.assertEqual(group["SuspendedProcesses"], [])
        self.assertEqual(group["LaunchTemplate"]["LaunchTemplateName"], f"ghost-{app_id}")
        versions = self.ec2.describe_launch_template_versions(LaunchTemplateName=f"ghost-{app_id}")["LaunchTemplateVersions"]
        self.assertEqual([group["LaunchTemplate"]["Version"]], [str(row["VersionNumber"]) for row in versions], "one content, one version")
        self.assertEqual(versions[0]["LaunchTemplateData"]["MetadataOptions"]["HttpTokens"], "required")

    def test_standalone_instances_come_back_where_they_were(self):
        app_id = self.app()
        for _ in range(2):
            self.lab.run(app_id, "createinstance")
        before = {row["private_ip"]: row["instance_id"] for row in self.lab.instances(app_id)}
        job = self.lab.run(app_id, "recreateinstances", seconds=180)
        after = {row["private_ip"]: row["instance_id"] for row in self.lab.instances(app_id)}
        self.assertEqual(job["message"], "Re-create instances OK: [shop]")
        self.assertEqual(set(before), set(after))
        self.assertFalse(set(before.values()) & set(after.values()))

    def test_a_deploy_holds_the_group(self):
        target_group, _, _ = self.balancer()
        self.make_group(target_group)
        self.autoscaling.suspend_processes(AutoScalingGroupName=GROUP, ScalingProcesses=["Launch", "AZRebalance"])
        repository = ghostlab.Repository(self.lab.folder / "site")
        repository.commit({"page": "1"}, "first", tag="v1")
        go = self.lab.folder / "go"
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site",
                  "build_pack": ghostlab.b64(f"#!/bin/sh\nuntil [ -e {go} ]; do sleep 0.1; done\n")}
        app_id = self.lab.create_app([module], autoscale={"name": GROUP, "min": 0, "max": 1})

        def suspended():
            return sorted(row["ProcessName"] for row in self.group()["SuspendedProcesses"])

        job_id = self.lab.submit(app_id, "deploy", modules=[{"name": "site", "rev": "v1"}])
        wait_for("the group to be held", lambda: suspended() == [
            "AZRebalance", "AlarmNotification", "HealthCheck", "InstanceRefresh", "Launch", "ReplaceUnhealthy", "ScheduledActions", "Terminate"])
        self.lab.restart_controller()
        wait_for("the job to go on", lambda: "goes on" in self.lab.log(job_id))
        go.touch()
        job = self.lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", job["message"])
        self.assertEqual(suspended(), ["AZRebalance", "Launch"])
        assert_truth(self, self.lab, app_id)
        self.assertIn(f"INFO: Auto-scaling group {GROUP} found", self.lab.log(job_id))

    def test_what_cannot_be_done_is_said(self):
        app_id = self.app()
        job = self.lab.run(app_id, "updateautoscaling")
        self.assertEqual(job["message"], "Done")
        job = self.lab.run(app_id, "updatelifecyclehooks")
        self.assertEqual(job["message"], "Scripts Update OK")
        self.lab.change_app(app_id, autoscale={"name": "nobody", "min": 0, "max": 1})
        job = self.lab.run(app_id, "updateautoscaling", expect="failed")
        self.assertEqual(job["message"], "there is no Auto Scaling group 'nobody' in eu-west-1: make it, or correct autoscale.name")
        job = self.lab.run(app_id, "recreateinstances", expect="aborted")
        self.assertEqual(job["message"], "Re-create instances aborted, no instances found: [shop]")
        job = self.lab.run(app_id, "updatelifecyclehooks", expect="failed")
        self.assertTrue(job["message"].startswith("Scripts Update Failed: there is no Auto Scaling group 'nobody'"))
        job = self.lab.run(app_id, "buildimage", expect="failed")
        self.assertTrue(job["message"].startswith("Autoscaling group update failed for [nobody]: there is no"), job["message"])


if __name__ == "__main__":
    unittest.main()
