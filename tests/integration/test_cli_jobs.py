#!/usr/bin/env python3
"""The ghost command line runs real jobs: image, instance, deploy, redeploy, and what the controller says to each."""
import json
import os
import subprocess
import unittest

import ghostlab

POST_DEPLOY = "#!/bin/sh\nprintf '\\033[32mdeployed %s\\033[0m\\n' \"$(cat VERSION)\"\n"


class CliJobs(unittest.TestCase):
    def setUp(self):
        self.lab = self.enterContext(ghostlab.Lab())
        self.repository = ghostlab.Repository(self.lab.folder / "site")
        self.repository.commit({"VERSION": "1"}, "first", tag="v1")
        self.repository.commit({"VERSION": "2"}, "second", tag="v2")

    def ghost(self, *words, status=0, typed=None):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.lab.folder),
            "GHOST_URL": f"http://127.0.0.1:{self.lab.http_port}",
            "GHOST_USER": "admin",
            "GHOST_PASSWORD": self.lab.password,
        }
        run = subprocess.run([str(ghostlab.CLI), *words], env=environment, input=typed or "", capture_output=True, text=True, timeout=180 * ghostlab.SLOWNESS)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout if status == 0 else run.stdout + run.stderr

    def live(self, *words, status=0):
        output = self.ghost(*words, "--live-logs", status=status)
        first, second = output.split("\n")[:2]
        self.assertRegex(first, "^Job creation OK - ID : [0-9a-f]{24}$")
        self.assertEqual(second, "Waiting for job logs...")
        return first.split()[-1], output

    def assert_waits_for_approval(self, place, instance):
        """On version 1 before, on version 2 once somebody has said yes; nothing changes where nobody does."""
        
        def version():
            return self.lab.instance_file(instance, "/srv/site/VERSION").read_text()

        self.assertIn("Waits for an approval: start", self.ghost("deploy", place, "-m", "site:v2", "--approve", "start", "--plan"))
        for way, status in (("approve", "done"), ("cancel", "cancelled")):
            job_id = self.ghost("deploy", place, "-m", "site:v2" if way == "approve" else "site:v1", "--approve", "start").split()[-1]
            waiting = ghostlab.wait_for("the question", lambda job_id=job_id: self.lab.call("GET", f"/jobs/{job_id}").json["approval"])
            self.assertEqual(waiting["question"], "nothing is begun yet")
            self.assertEqual(version(), "1" if way == "approve" else "2")
            self.ghost("job", way, job_id)
            self.assertEqual(self.lab.wait_job(job_id)["status"], status)
        self.assertEqual(version(), "2")
        self.assertIn("waits for no approval", self.ghost("job", "approve", job_id, status=1))

    def test_jobs_are_made_followed_and_judged(self):
        module = {"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site", "post_deploy": ghostlab.b64(POST_DEPLOY)}
        place = "shop/dev/webfront"
        app_id = self.lab.create_app([module])

        self.live("buildimage", place)
        self.live("createinstance", place)
        (instance,) = self.lab.instances(app_id)
        self.assertIn(instance["instance_id"], self.ghost("instance", "ls", "--application", "shop"))

        deploy_id, output = self.live("deploy", place, "-m", "site:v1")
        self.assertIn("deployed 1\n", output)
        self.assertEqual(self.lab.instance_file(instance, "/srv/site/VERSION").read_text(), "1")
        (deployment,) = json.loads(self.ghost("deployment", "ls", "--application", "shop", "--output", "json"))
        self.assertEqual((deployment["revision"], deployment["job_id"]["_id"]), ("v1", deploy_id))

        log = self.lab.folder / "second.log"
        _, output = self.live("deploy", place, "--all-modules", "--output", str(log))
        self.assertIn("deployed 2\n", output)
        self.assertIn("\033[32mdeployed 2\033[0m", log.read_text())

        self.live("redeploy", place, deployment["_id"])
        self.assertEqual(self.lab.instance_file(instance, "/srv/site/VERSION").read_text(), "1")

        # What was live before is known without an id; twice is there and back.
        for version in ("2", "1"):
            output = self.ghost("rollback", place, "--live-logs")
            self.assertRegex(output, r"^site goes back to \S+ \([0-9a-f]+\), deployment [0-9a-f]{24}\nJob creation OK")
            self.assertEqual(self.lab.instance_file(instance, "/srv/site/VERSION").read_text(), version)
        self.assertIn("was never deployed", self.ghost("rollback", place, "nothing", status=1))

        self.assert_waits_for_approval(place, instance)

        _, output = self.live("deploy", place, "-m", "site:no-such-branch", status=1)
        self.assertIn("Error: job failed", output)
        self.assertIn("failed", self.ghost("job", "ls", "--status", "failed"))

        # An application with image and deployments goes out and comes in again.
        exported = self.ghost("app", "export", place)
        other = exported.replace("name: shop", "name: other", 1)
        self.assertIn("Application creation OK", self.ghost("app", "create", "-", typed=other))
        self.assertEqual(self.ghost("app", "export", "other/dev/webfront"), other)

        self.live("destroyallinstances", place)
        self.assertIn("Showing all the 0 instances", self.ghost("instance", "ls", "--application", "^shop$", "--state", "ready"))


if __name__ == "__main__":
    unittest.main()
