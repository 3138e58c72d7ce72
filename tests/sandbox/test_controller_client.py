"""The controller's own AWS code (bake.c) against the sandbox, with and without failures."""
import subprocess
import sys
import unittest

from sandbox_case import SandboxCase

BAKE = None  # the program; given as first argument


class ControllerClient(SandboxCase):
    def bake(self, job, secret=None):
        about = self.sandbox.about
        return subprocess.run([BAKE, about["endpoint"], about["access_key"], secret or about["secret_key"],
                               about["region"], about["base_image_id"], about["subnet_ids"][1], job],
                              capture_output=True, text=True, check=False, timeout=90)

    def check(self, job):
        """One terminated instance, one available image, all tagged, whatever happened on the way."""
        done = self.bake(job)
        self.assertEqual(done.returncode, 0, done.stderr)
        account, instance_id, image_id = done.stdout.split()
        self.assertEqual(account, self.sandbox.about["account"])
        state = self.sandbox.control("state")
        tagged = sorted(key for key, tags in state["tags"].items() if tags.get("ghost:job") == job)
        image = next(row for row in state["images"] if row["id"] == image_id)
        self.assertEqual(image["state"], "available")
        self.assertEqual(tagged, sorted([instance_id, image_id, *image["snapshots"].values()]))
        self.assertEqual(state["tags"][image_id]["app"], "demo & <co>")
        made = [row for row in state["instances"] if row["client_token"] == f"ghost-bake-{job}-1"]
        self.assertEqual([(row["id"], row["state"]) for row in made], [(instance_id, "terminated")])
        self.assertEqual(made[0]["subnet"], self.sandbox.about["subnet_ids"][1])

    def fault(self, **rule):
        self.sandbox.control("faults", rule)

    def test_bake(self):
        self.check("plain")

    def test_wrong_secret(self):
        done = self.bake("wrong", secret="wrong")
        self.assertEqual(done.returncode, 1)
        self.assertIn("SignatureDoesNotMatch", done.stderr)

    def test_lost_replies_make_nothing_twice(self):
        for action in ("RunInstances", "CreateImage", "StopInstances", "TerminateInstances"):
            self.fault(action=action, when="reset")
        self.check("lost")

    def test_errors_after_the_deed(self):
        for action in ("RunInstances", "CreateImage"):
            self.fault(action=action, when="after", error="InternalError", status=500)
        self.check("after")

    def test_throttling(self):
        self.fault(error="RequestLimitExceeded", status=503, nth=2, count=3)
        self.check("throttled")

    def test_not_visible_yet_and_broken_replies(self):
        self.fault(when="invisible", polls=3)
        self.fault(action="DescribeInstances", when="truncate", nth=2)
        self.fault(action="DescribeImages", when="garbage", status=502)
        self.check("broken")

    def test_launch_that_fails_is_told_with_its_reason(self):
        self.fault(when="launch-fails", error="Client.VolumeLimitExceeded", message="Volume limit exceeded")
        done = self.bake("failing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("VolumeLimitExceeded", done.stderr)

    def test_image_that_fails_is_told_with_its_reason(self):
        self.fault(when="image-fails", error="Client.InternalError", message="the key is not usable")
        done = self.bake("noimage")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the key is not usable", done.stderr)


if __name__ == "__main__":
    BAKE = sys.argv.pop(1)
    unittest.main()
