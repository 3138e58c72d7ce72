#!/usr/bin/env python3
"""executescript: a script on every instance or on one, where and as whom it was asked for; nothing of it stays."""
import os
import pathlib
import unittest

import ghostlab
from ghostlab import b64

ROOT = os.geteuid() == 0


class ExecuteScript(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(ghostlab.Lab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site", "uid": 65534, "gid": 65534}
        cls.app_id = lab.ready_app([module], instances=2, env_vars=[{"var_key": "COLOUR", "var_value": "blue sky"}])
        lab.deploy(cls.app_id, {"site": "v1"})
        cls.instances = lab.instances(cls.app_id)

    def run_script(self, script, *options, expect="done"):
        job = self.lab.run(self.app_id, "executescript", expect, options=[b64(script), *options])
        return job, self.lab.log(job["_id"])

    def lines_of(self, log, instance):
        return [line for line in log.splitlines() if instance["instance_id"] in line]

    def refused(self, words, *options):
        reply = self.lab.call("POST", "/jobs", {"app_id": self.app_id, "command": "executescript", "options": list(options)})
        self.assertEqual(reply.status, 422, reply.body)
        self.assertIn(words, reply.body.decode())

    def test_every_instance_runs_it(self):
        for strategy in ("serial", "parallel"):
            with self.subTest(strategy):
                script = '#!/bin/sh\necho "$GHOST_INSTANCE_ID in $(pwd) says $COLOUR of $GHOST_APP, $GHOST_ROLE"\n'
                job, log = self.run_script(script, "", strategy, "")
                self.assertEqual(job["message"], "Execute script OK for app [shop]")
                for instance in self.instances:
                    said = f"{instance['instance_id']} in "
                    self.assertEqual(log.count(said), 1, log)
                    self.assertIn("says blue sky of shop, webfront", log)

    def test_output_names_its_instance(self):
        _, log = self.run_script('#!/bin/sh\necho "here is $GHOST_INSTANCE_IP"\n', "", "parallel", "")
        for instance in self.instances:
            said = [line for line in log.splitlines() if f"here is {instance['private_ip']}" in line]
            self.assertEqual(len(said), 1)
            self.assertIn(instance["instance_id"], said[0])

    @unittest.skipUnless(ROOT, "other users need root")
    def test_a_module_gives_folder_and_owner(self):
        _, log = self.run_script('#!/bin/bash\necho "I am $(id -u):$(id -g) and see $(cat page.html)"\necho $GHOST_MODULE_NAME\n',
                                 "site", "serial", "")
        self.assertEqual(log.count("I am 65534:65534 and see one"), 2, log)

    @unittest.skipUnless(ROOT, "other users need root")
    def test_a_user_may_be_named(self):
        _, log = self.run_script('#!/bin/sh\necho "I am $(id -un)"\n', "", "parallel", "", "user=nobody")
        self.assertEqual(log.count("I am nobody"), 2, log)
        _, log = self.run_script('#!/bin/sh\necho "I am $(id -un)"\n', "", "parallel", "")
        self.assertEqual(log.count("I am root"), 2, log)
        job, _ = self.run_script("#!/bin/sh\ntrue\n", "", "parallel", "", "user=nobody-here", expect="failed")
        self.assertIn("the instance has no user 'nobody-here'", job["message"])

    def test_a_single_instance(self):
        one, other = self.instances
        for name in (one["private_ip"], one["instance_id"]):
            _, log = self.run_script("#!/bin/sh\necho ran here: $GHOST_INSTANCE_ID\n", "", "single", name)
            self.assertIn(f"ran here: {one['instance_id']}", log)
            self.assertNotIn(f"ran here: {other['instance_id']}", log)
        job, log = self.run_script("#!/bin/sh\ntrue\n", "", "single", "10.9.9.9", expect="failed")
        self.assertEqual(job["message"], "Execute script Failed for app [shop] 10.9.9.9 is no instance of the application")

    def test_what_is_refused(self):
        good = b64("#!/bin/sh\ntrue\n")
        self.refused("needs the instance's private IP", good, "", "single")
        self.refused("needs the instance's private IP", good, "", "single", "")
        self.refused("has no module", good, "nowhere", "serial")
        self.refused("single, serial or parallel", good, "", "sideways")
        self.refused("deadline", good, "", "serial", "", "deadline=never")
        self.refused("'colour=red' is not known here", good, "", "serial", "", "colour=red")

    def test_what_is_no_script(self):
        for script, words in (("", "No valid script provided"), ("!!", "No valid script provided"),
                              (b64("echo hello\n"), "No valid shell script provided (shebang missing)"),
                              (b64("#!/usr/bin/python3\n"), "No valid shell script provided (shebang missing)")):
            with self.subTest(script):
                job = self.lab.run(self.app_id, "executescript", "aborted", options=[script, "", "serial"])
                self.assertTrue(job["message"].startswith(f"Execute script Aborted for app [shop] - {words}"), job["message"])

    def test_a_script_that_lasts_too_long_is_ended(self):
        job, _ = self.run_script("#!/bin/sh\nsleep 300\n", "", "parallel", "", "deadline=1", expect="failed")
        self.assertTrue(job["message"].startswith("Execute script Failed for app [shop] Script execution error on: "), job["message"])
        for instance in self.instances:
            self.assertIn(instance["instance_id"], job["message"])

    def test_one_failure(self):
        fails = self.instances[0]["instance_id"]
        script = f'#!/bin/sh\necho "on $GHOST_INSTANCE_ID"\ntest "$GHOST_INSTANCE_ID" != {fails}\n'
        job, _ = self.run_script(script, "", "parallel", "", expect="failed")
        self.assertIn(f"{fails} (ghost-execute-script exited with code 1)", job["message"])
        self.assertNotIn("not run on", job["message"])
        self.assertIn(f"run on: {self.instances[1]['instance_id']}", job["message"])
        job, log = self.run_script(script, "", "parallel", "", "max_failures=1")
        self.assertIn(fails, job["message"])
        self.assertIn(f"on {self.instances[1]['instance_id']}", log)

    def test_nothing_stays(self):
        self.run_script("#!/bin/sh\necho $0 > /dev/null\n", "", "parallel", "")
        for instance in self.instances:
            root = pathlib.Path(self.lab.sandbox_instance(instance)["root"])
            left = [str(path) for folder in ("tmp", "ghost", "var/lib/ghost-agent") if (root / folder).is_dir()
                    for path in (root / folder).rglob("ghost-execute-script")]
            self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
