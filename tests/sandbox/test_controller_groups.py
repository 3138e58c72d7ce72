"""The controller's own code for Auto Scaling and launch templates (group.c) against the sandbox."""
import subprocess
import sys
import unittest

from sandbox_case import SandboxCase, wait_for

GROUP = None  # the program; given as first argument


class GroupClient(SandboxCase):
    def check(self, name):
        about = self.sandbox.about
        done = subprocess.run([GROUP, about["endpoint"], about["access_key"], about["secret_key"], about["region"],
                               about["base_image_id"], about["subnet_ids"][1], name],
                              capture_output=True, text=True, check=False, timeout=90)
        self.assertEqual(done.returncode, 0, done.stderr)
        template_id, instance_id, _ = done.stdout.split()
        state = wait_for(lambda: name not in (now := self.sandbox.control("state"))["groups"] and now, "no group")
        self.assertNotIn(template_id, state["launch_templates"])
        mine = [row for row in state["instances"]
                if state["tags"].get(row["id"], {}).get("aws:autoscaling:groupName") == name]
        self.assertEqual({row["state"] for row in mine}, {"terminated"})
        self.assertEqual(len(mine), 3, "two, and one in the place of the last")
        self.assertEqual({row["subnet"] for row in mine}, {about["subnet_ids"][1]})
        tags = [state["tags"][row["id"]] for row in mine if row["id"] != instance_id]
        self.assertEqual({(row["role"], row["app"], row["aws:ec2launchtemplate:version"]) for row in tags},
                         {("web", "demo & <co>", "1")})

    def test_life_of_a_group(self):
        self.check("plain")

    def test_lost_and_late_replies(self):
        for action in ("CreateLaunchTemplate", "CreateLaunchTemplateVersion"):
            self.sandbox.control("faults", {"action": action, "when": "reset"})
        self.sandbox.control("faults", {"action": "DescribeAutoScalingGroups", "when": "truncate", "nth": 2})
        self.sandbox.control("faults", {"service": "autoscaling", "error": "ResourceContention", "status": 500,
                                        "nth": 5, "count": 2})
        self.sandbox.control("faults", {"service": "autoscaling", "error": "Throttling", "nth": 12, "count": 2})
        self.check("lost")


if __name__ == "__main__":
    GROUP = sys.argv.pop(1)
    unittest.main()
