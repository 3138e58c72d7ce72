#!/usr/bin/env python3
"""`ghost-controller check` against a cloud: what is well, what is wrong, and what is said to do about it."""
import json
import subprocess
import unittest

import ghostlab
from awslab import AwsLab


class Check(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(AwsLab())

    def setUp(self):
        self.lab.clear_faults()
        self.addCleanup(self.lab.clear_faults)

    def check(self, *words, config=None, **environment):
        done = subprocess.run([ghostlab.CONTROLLER, "--config", config or self.lab.config, "check", "--json", *words],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        self.assertEqual(["ok", "warning", "problem"].index(report["level"]), done.returncode)
        for finding in report["findings"]:
            self.assertEqual("remedy" in finding, finding["level"] != "ok", finding)
        return report

    def found(self, report, check):
        return [(one["level"], one["what"]) for one in report["findings"] if one["check"] == check]

    def changed(self, **settings):
        text = self.lab.config.read_text()
        for name, value in settings.items():
            name = name.replace("__", ".")
            text = "".join(line for line in text.splitlines(True) if not line.startswith(f"{name} =")) + f"{name} = {value}\n"
        path = self.lab.folder / "changed.conf"
        path.write_text(text)
        return path

    def test_a_ghost_that_is_well(self):
        report = self.check()
        levels = {one["check"]: one["level"] for one in report["findings"] if one["check"] != "disk"}
        self.assertEqual(set(levels.values()), {"ok"}, report)
        self.assertEqual(set(levels), {"settings", "secrets", "database", "certificates", "listen", "git", "clock", "aws identity", "aws permissions"})
        self.assertEqual(len(self.found(report, "listen")), 2)
        self.assertIn("a controller listens", self.found(report, "listen")[0][1])
        self.assertRegex(self.found(report, "aws identity")[0][1], "^arn:aws:.* of account 123456789012$")
        self.assertEqual([call["action"] for call in self.lab.mutations() if call["done"]], [])  # asked, and nothing done

    def test_what_is_not_allowed_is_named(self):
        for service, action, error in (("ec2", "DescribeSubnets", "UnauthorizedOperation"), ("autoscaling", "DescribeAutoScalingGroups", "AccessDenied")):
            self.lab.fault(service=service, action=action, count=0, when="before", error=error, status=403, message="no policy allows it")
        report = self.check()
        self.assertEqual(report["level"], "problem")
        refused = [what.split()[0] for level, what in self.found(report, "aws permissions") if level == "problem"]
        self.assertEqual(refused, ["ec2:DescribeSubnets", "autoscaling:DescribeAutoScalingGroups"])

    def test_a_wrong_clock_is_measured(self):
        self.lab.ask_sandbox("POST", "skew", {"seconds": 600})
        ((level, what),) = self.found(self.check(), "clock")
        self.assertEqual(level, "problem")
        self.assertRegex(what, "^this machine's clock is -(59[89]|60[0-2]) s off AWS's$")
        self.lab.ask_sandbox("POST", "skew", {"seconds": 0})

    def test_keys_that_are_nobodys(self):
        report = self.check(config=self.changed(aws__secret_access_key="wrong"))
        ((level, what),) = self.found(report, "aws identity")
        self.assertEqual(level, "problem")
        self.assertIn("SignatureDoesNotMatch", what)
        self.assertEqual(self.found(report, "aws permissions"), [])

    def test_settings_that_cannot_be_read(self):
        report = self.check(config=self.changed(job__timeout="soon"))
        ((level, what),) = self.found(report, "settings")
        self.assertEqual(level, "problem")
        self.assertIn("job.timeout", what)

    def test_it_speaks_to_people_too(self):
        done = subprocess.run([ghostlab.CONTROLLER, "--config", self.changed(git__program="no-such-git"), "check"],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertRegex(done.stdout, "problem  git: .*no-such-git.*\n +-> install git")
        self.assertIn("1 problems, ", done.stdout)
        done = subprocess.run([ghostlab.CONTROLLER, "--config", self.lab.config, "check", "--nonsense"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("Usage: ghost-controller", done.stderr)


if __name__ == "__main__":
    unittest.main()
