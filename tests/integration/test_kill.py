#!/usr/bin/env python3
"""kill -9 of the controller and of an agent at each stage of a deployment: then back, and the end is true."""
import os
import signal
import unittest

import ghostlab
import truth
from ghostlab import b64, wait_for

# Each stage holds until its gate file appears, so that a test can kill at exactly that moment.
HOLD = '#!/bin/bash\necho "at {stage}"\nfor i in $(seq 300); do [ -e {gate} ] && exit 0; sleep 0.1; done\nexit 9\n'
STAGES = ("build_pack", "pre_deploy", "post_deploy")


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(ghostlab.Lab())
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")
        cls.app_id = cls.lab.ready_app([cls.module()])

    @classmethod
    def module(cls, **changes):
        module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        module.update(changes)
        return module

    def begin(self, stage):
        """v1 is there; a deploy of v2 now waits in that stage. Returns job id and the gate that lets it go on."""
        self.lab.change_app(self.app_id, modules=[self.module(build_pack="", pre_deploy="", post_deploy="")])
        self.lab.deploy(self.app_id, {"site": "v1"})
        gate = self.lab.folder / f"gate-{stage}-{self.id().rsplit('.', 1)[1]}"
        self.lab.change_app(self.app_id, modules=[self.module(**{stage: b64(HOLD.format(stage=stage, gate=gate))})])
        job_id = self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v2"}])
        self.lab.wait_log(job_id, f"at {stage}")
        return job_id, gate

    def page(self):
        (instance,) = self.lab.instances(self.app_id)
        return self.lab.instance_file(instance, "/srv/site/page.html").read_text()

    def assert_truth(self, job):
        """The page and what is reported are what the job's end says, and the next deployment works."""
        live = "v2" if job["status"] == "done" else "v1"
        self.assertEqual(self.page(), "two\n" if live == "v2" else "one\n", job["message"])
        (told,) = truth.assert_truth(self, self.lab, self.app_id).values()
        self.assertEqual(told["site"][2], live)
        self.lab.change_app(self.app_id, modules=[self.module(build_pack="", pre_deploy="", post_deploy="")])
        self.lab.deploy(self.app_id, {"site": "v2"})
        self.assertEqual(self.page(), "two\n")

    def test_the_controller_is_killed(self):
        for stage in STAGES:
            with self.subTest(stage):
                job_id, gate = self.begin(stage)
                self.lab.kill_controller()
                gate.touch()
                self.lab.start_controller()
                job = self.lab.wait_job(job_id)
                self.assertIn(job["status"], ("done", "failed", "aborted"))
                if stage != "build_pack":  # the build pack is run again; an agent's hook never is
                    self.assertEqual(self.lab.log(job_id).count(f"] at {stage}"), 1)
                self.assert_truth(job)

    def test_the_agent_is_killed(self):
        for stage in STAGES[1:]:
            with self.subTest(stage):
                job_id, gate = self.begin(stage)
                (instance,) = self.lab.instances(self.app_id)
                os.kill(self.lab.agent_pid(instance), signal.SIGKILL)
                gate.touch()
                job = self.lab.wait_job(job_id)
                self.assertIn(job["status"], ("done", "failed"))
                self.assert_truth(job)

    def test_a_running_job_is_cancelled(self):
        for stage in STAGES:
            with self.subTest(stage):
                job_id, gate = self.begin(stage)
                self.assertEqual(self.lab.call("DELETE", f"/jobs/{job_id}/enqueueings").status, 204)
                job = self.lab.wait_job(job_id)
                self.assertEqual(job["status"], "cancelled")
                gate.touch()
                self.assert_truth(job)

    def test_a_queued_job_is_cancelled(self):
        job_id, gate = self.begin("build_pack")
        queued = self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v1"}])
        self.assertEqual(self.lab.call("DELETE", f"/jobs/{queued}/enqueueings").status, 204)
        self.assertEqual(self.lab.job(queued)["status"], "cancelled")
        gate.touch()
        self.assertEqual(self.lab.wait_job(job_id)["status"], "done")

    def test_the_controller_is_killed_while_jobs_of_instances_run(self):
        for command in ("createinstance", "buildimage"):
            with self.subTest(command):
                before = len(self.lab.instances(self.app_id))
                job_id = self.lab.submit(self.app_id, command)
                wait_for("the launch", lambda: len(self.live()) > before)
                self.lab.restart_controller()
                job = self.lab.wait_job(job_id)
                self.assertEqual(job["status"], "done", job["message"])
                after = before + (command == "createinstance")
                wait_for("no instance too many", lambda: len(self.live()) == after)

    def live(self):
        return [i for i in self.lab.sandbox_instances() if i["state"] in ("pending", "running", "stopping", "stopped")]

    def tearDown(self):
        extra = self.lab.instances(self.app_id)[1:]
        for instance in extra:
            self.lab.run(self.app_id, "destroyinstance", options=[instance["instance_id"]])


if __name__ == "__main__":
    unittest.main()
