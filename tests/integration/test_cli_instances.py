#!/usr/bin/env python3
"""The command line about instances, and groups that stand still."""
import json
import unittest

from clicase import CliCase, RICH


class CliInstances(CliCase):
    def test_deployments_and_instances_are_listed(self):
        app_id = self.app()
        deployment = self.order(f"deployment {app_id} site v1")
        self.order(f"instance {app_id} i-0abc")
        listed = self.ghost("deployment", "ls", "--module", "it", "--revision", "v1")  # its job is gone: crashed Casper
        self.assertIn(deployment, listed)
        self.assertRegex(listed, r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
        self.assertNotIn(deployment, self.ghost("deployment", "ls", "--module", "other"))
        self.assertIn("revision: v1", self.ghost("deployment", "show", deployment))
        self.assertIn("i-0abc", self.ghost("instance", "ls", "--application", "shop"))
        self.assertIn("instance_id: i-0abc", self.ghost("instance", "show", "i-0abc"))
        self.assertIn("[400]", self.ghost("instance", "show", "../apps", status=1))


    def instance(self, app_id, name, **members):
        instance = self.order(f"instance {app_id} {name}")
        for member, value in members.items():
            self.order(f"set {instance} {member} {value}")
        return instance

    def test_the_reason_of_a_failed_one_is_shown(self):
        app_id = self.app()
        self.instance(app_id, "i-bad", state="bootstrap_failed", reason="pre_bootstrap exited with code 3")
        self.assertIn("pre_bootstrap exited with code 3", self.ghost("instance", "ls"))
        self.assertIn("reason: pre_bootstrap exited with code 3", self.ghost("instance", "show", "i-bad"))

    def test_one_that_failed_is_listed_when_it_is_gone(self):
        app_id = self.app()
        self.instance(app_id, "i-failed", state="gone", reason="bootstrap of i-failed: pre_bootstrap exited with code 3")
        self.instance(app_id, "i-ended", state="gone")
        self.instance(app_id, "i-there", state="ready")
        listed = self.ghost("instance", "ls", "--application", "shop")
        self.assertRegex(listed, "(?m)i-failed .* gone .* pre_bootstrap exited with code 3")
        self.assertIn("i-there", listed)
        self.assertNotIn("i-ended", listed)
        gone = self.ghost("instance", "ls", "--state", "gone")
        self.assertIn("i-failed", gone)
        self.assertIn("i-ended", gone)

    def test_the_log_of_one(self):
        app_id = self.app()
        self.assertIn("nothing was done on it yet", self.ghost("instance", "log", self.instance(app_id, "i-new"), status=1))
        job_id = "0123456789abcdef01234567"
        self.instance(app_id, "i-job", job_id=job_id)
        self.assertIn(f"ghost log {job_id}", self.ghost("instance", "log", "i-job", status=1))
        for line in ("Job processing started", "Bootstrapping i-job", "[i-job] hello", "[i-other] hello i-job", "Bootstrapping i-job2"):
            self.order(f"log {job_id} {line}")
        self.assertEqual(self.ghost("instance", "log", "i-job"), "Bootstrapping i-job\n[i-job] hello\n")
        self.assertIn("[404]", self.ghost("instance", "log", "i-none", status=1))
        instance = self.instance(app_id, "i-one", state="ready")
        self.order(f"log {instance} first \033[32mgreen\033[0m")
        self.assertEqual(self.ghost("instance", "log", "i-one"), "first green\n")
        copy = self.folder / "copy.log"
        self.ghost("instance", "log", instance, "--output", str(copy))
        self.assertEqual(copy.read_text(), "first \033[32mgreen\033[0m\n")

    def follow(self, state, **members):
        """What is said until it ends, and how it ends."""
        instance = self.instance(self.app(), "i-way", state="bootstrapping")
        with self.start("instance", "log", "--follow", "i-way") as process:
            for line in ("one", "two"):  # there is no log at first
                self.order(f"log {instance} {line}")
                self.assertEqual(process.stdout.readline(), f"{line}\n")
            for member, value in members.items():
                self.order(f"set {instance} {member} {value}")
            self.order(f"set {instance} state {state}")
            self.order(f"log {instance} last")
            output, errors = process.communicate(timeout=60)
        self.assertEqual(output, "last\n")
        return process.returncode, errors

    def test_a_followed_log_ends_when_it_is_ready(self):
        self.assertEqual(self.follow("ready"), (0, ""))

    def test_a_followed_log_of_one_that_fails_says_why(self):
        status, errors = self.follow("bootstrap_failed", reason="no luck")
        self.assertEqual(status, 1)
        self.assertIn("bootstrap_failed: no luck", errors)

    def test_status_names_groups_that_stand_still(self):
        well = self.ghost("status")
        self.assertRegex(well, r"(?m)^Controller \S+ +ok$")
        self.assertRegex(well, r"(?m)^Agents connected +3$")
        self.assertNotIn("launches nothing", well)
        self.assertEqual(self.json("status")["breakers"], [])
        self.ghost("app", "create", self.write("rich.json", json.dumps(RICH)))
        app_id = self.json("app", "show", "shop/dev/webfront")["_id"]
        self.order(f"breaker {app_id} 3 pre_bootstrap exited with code 3")
        self.order("breaker 0123456789abcdef01234567 3 of an application that is gone")
        shown = self.ghost("status")
        self.assertRegex(shown, r"(?m)^Group asg.shop of shop/dev/webfront launches nothing since \w{3}, .* GMT:$")
        self.assertIn("3 instances in a row could not be bootstrapped, the last one: pre_bootstrap exited with code 3\n", shown)
        self.assertIn("ghost updateautoscaling shop/dev/webfront", shown)
        (breaker,) = self.json("status")["breakers"]
        self.assertEqual((breaker["app_id"], breaker["app"], breaker["group"]), (app_id, "shop/dev/webfront", "asg.shop"))
        self.assertEqual((breaker["failures"], breaker["reason"]), (3, "pre_bootstrap exited with code 3"))
        self.assertIn("updateautoscaling", breaker["remedy"])
        self.assertIn("status: ok", self.ghost("--output", "yaml", "status"))  # the controller itself is well

    def test_instances_that_are_not_on_what_is_wanted_are_named(self):
        self.assertEqual(self.json("status")["deviations"], [])
        app_id = self.app()
        self.instance(app_id, "i-behind", state="ready")
        self.instance(app_id, "i-ended", state="gone")
        for name in ("i-behind", "i-ended"):
            self.order(f"deviation {name} site tried 3 times without a job, and then left alone: no luck")
        (found,) = self.json("status")["deviations"]
        self.assertEqual(found, {"app_id": app_id, "app": "shop/dev/webfront", "instance_id": "i-behind", "module": "site", "wanted": "",
                                 "job_id": "", "why": "tried 3 times without a job, and then left alone: no luck"})
        shown = self.ghost("status")
        self.assertRegex(shown, r"(?m)^Instance i-behind of shop/dev/webfront is not on what is wanted:$")
        self.assertIn("module site, wanted is no release: tried 3 times without a job, and then left alone: no luck\n", shown)
        self.assertIn("ghost deploy shop/dev/webfront", shown)
        self.assertIn("site: tried 3 times without a job", self.ghost("instance", "ls"))
        (one,) = self.json("instance", "show", "i-behind")["deviations"]
        self.assertEqual((one["module"], one["why"]), ("site", found["why"]))
        self.assertIn("tried 3 times without a job", self.ghost("instance", "show", "i-behind"))

    def test_the_token_of_a_group_is_changed_by_an_admin(self):
        app_id = self.app()
        self.assertIn("[403]", self.ghost("app", "rotate-token", "shop/dev/webfront", status=1))
        admin = self.environment | {"GHOST_USER": "ann"}
        said = self.ghost("app", "rotate-token", "shop/dev/webfront", environment=admin)
        self.assertEqual(said.split("\n")[0], f"Group token change OK - ID : {app_id}")
        self.assertIn("updateautoscaling", said)
        self.assertIn("Running instances are not touched", said)
        self.assertRegex(self.ghost("audit", "ls", environment=admin), rf"(?m)  ann .*  rotate-token  app  .*{app_id}$")
        self.assertIn("[404]", self.ghost("app", "rotate-token", "0123456789abcdef01234567", status=1, environment=admin))


if __name__ == "__main__":
    unittest.main()
