"""Instances of an Auto Scaling group that really boot: each runs what the launch template gives it, reads in its own
metadata where it goes, and is gone when the group ends it."""
import base64
import unittest

from group_case import GroupCase
from sandbox_case import wait_for

# Tells its target state whenever it changes; a shell's trap would not be enough: the group ends it without a word.
SCRIPT = """exec /usr/bin/python3 -B -c '
import os, sys, time, urllib.request
base = os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/latest/"
def ask(path, method="GET", **headers):
    request = urllib.request.Request(base + path, method=method, headers=headers)
    return urllib.request.urlopen(request, timeout=5).read().decode()
token = ask("api/token", "PUT", **{"X-aws-ec2-metadata-token-ttl-seconds": "600"})
last = None
while True:
    state = ask("meta-data/autoscaling/target-lifecycle-state", **{"X-aws-ec2-metadata-token": token})
    if state != last:
        print("going to", state, file=sys.stderr, flush=True)
    last = state
    time.sleep(0.02)
'
"""


class BootedGroup(GroupCase):
    ARGUMENTS = ("--isolation", "directory", "--agent", "{agent}")

    def hook(self, transition):
        return {"LifecycleHookName": transition.lower(), "DefaultResult": "CONTINUE",
                "LifecycleTransition": f"autoscaling:EC2_INSTANCE_{transition}"}

    def complete(self, instance, transition):
        self.call("complete_lifecycle_action", LifecycleHookName=transition.lower(), InstanceId=instance,
                  LifecycleActionResult="CONTINUE")

    def test_bootstrap_service_and_end(self):
        template_id = self.template(UserData=base64.b64encode(SCRIPT.encode()).decode())
        self.make(1, LaunchTemplate={"LaunchTemplateId": template_id, "Version": "1"},
                  LifecycleHookSpecificationList=[self.hook("LAUNCHING"), self.hook("TERMINATING")])
        instance = wait_for(lambda: self.in_state("Pending:Wait"), "an instance at its hook")[0]
        self.sandbox.wait_console(instance, "going to InService")
        self.complete(instance, "LAUNCHING")
        self.wait_in_service(1)
        self.call("set_desired_capacity", DesiredCapacity=0)
        self.wait_member(instance, "Terminating:Wait")
        self.sandbox.wait_console(instance, "going to Terminated")
        self.assertTrue(self.sandbox.instance(instance)["agent"]["running"])
        self.complete(instance, "TERMINATING")
        self.sandbox.wait_state(instance, "terminated")
        self.assertIsNone(self.sandbox.instance(instance)["agent"])

    def test_a_lost_instance_is_replaced_by_one_that_runs(self):
        template_id = self.template(UserData=base64.b64encode(SCRIPT.encode()).decode())
        self.make(1, LaunchTemplate={"LaunchTemplateId": template_id, "Version": "1"})
        first = self.wait_in_service(1)[0]
        self.sandbox.control(f"instances/{first}/interrupt", {"error": "Server.SpotInstanceTermination"})
        self.wait_gone(first)
        second = self.wait_in_service(1)[0]
        self.sandbox.wait_console(second, "going to InService")


if __name__ == "__main__":
    unittest.main()
