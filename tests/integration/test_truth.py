#!/usr/bin/env python3
"""Whatever happens side by side, instances end on the release that is wanted: one that boots while a deploy fails and goes
back, and one whose agent is silent for the whole of a deploy."""
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import b64, wait_for
from truth import assert_truth

GATE = '#!/bin/sh\nfor i in $(seq 900); do [ -e "$GHOST_ROOT_DIR/var/gate" ] && exit 0; sleep 0.1; done\nexit 9\n'
# Where the mark is, a deploy is in doubt until it is told to fail.
DOUBT = ('#!/bin/sh\n[ -e "$GHOST_ROOT_DIR/var/doubt" ] || exit 0\necho "in doubt"\n'
         'for i in $(seq 900); do [ -e "$GHOST_ROOT_DIR/var/fail" ] && exit 3; sleep 0.1; done\nexit 9\n')


class Truth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"group.watch_interval": "1s", "job.agent_wait": "4s", "link.heartbeat": "1s"}))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")

    def create_app(self, **fields):
        module = {"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site", "post_deploy": b64(DOUBT)}
        app_id = self.lab.create_app([module], **fields)
        self.lab.run(app_id, "buildimage")
        self.lab.deploy(app_id, {"site": "v1"})
        return app_id

    def page(self, instance):
        return self.lab.instance_file(instance, "/srv/site/page.html").read_text()

    def instance_log(self, instance):
        reply = self.lab.call("GET", f"/instances/{instance['instance_id']}/logs")
        return reply.body.decode() if reply.status == 200 else ""

    def touch(self, instance, name):
        self.lab.instance_file(instance, f"/var/{name}").touch()

    def scale_to(self, count):
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName="truth", DesiredCapacity=count)

    def ready(self, app_id):
        return [i for i in self.lab.instances(app_id) if i["state"] == "ready"]

    def assert_all_on(self, app_id, page, count):
        wait_for(f"{count} instances with {page!r}", lambda: [self.page(i) for i in self.ready(app_id)] == [page] * count, 60)
        held = assert_truth(self, self.lab, app_id)
        self.assertEqual(len({tuple(m["site"]) for m in held.values()}), 1, held)

    def test_one_that_boots_while_a_deploy_goes_back(self):
        lab = self.lab
        app_id = self.create_app(name="truth", autoscale={"name": lab.group("truth"), "min": 0, "max": 4},
                                 lifecycle_hooks={"pre_bootstrap": b64(GATE)})
        lab.run(app_id, "updateautoscaling")
        self.addCleanup(self.scale_to, 0)
        self.scale_to(1)
        wait_for("the first", lambda: len(lab.instances(app_id)) == 1, 90)
        (old,) = lab.instances(app_id)
        self.touch(old, "gate")
        wait_for("it to be ready", lambda: self.ready(app_id), 90)
        self.scale_to(2)
        wait_for("the second", lambda: len(lab.instances(app_id)) == 2, 90)
        (new,) = [i for i in lab.instances(app_id) if i["_id"] != old["_id"]]
        wait_for("it to boot", lambda: "Bootstrapping" in self.instance_log(new), 60)

        self.touch(old, "doubt")
        job_id = lab.submit(app_id, "deploy", modules=[{"name": "site", "rev": "v2"}], options=["parallel"])
        lab.wait_log(job_id, "Waiting for what boots")
        self.touch(new, "gate")
        lab.wait_log(job_id, "in doubt")
        wait_for("the new one to have it", lambda: self.page(new) == "two\n", 30)
        self.touch(old, "fail")
        job = lab.wait_job(job_id)
        self.assertEqual(job["status"], "failed", job["message"])
        self.assertIn("the previous release is wanted again", job["message"])
        self.assert_all_on(app_id, "one\n", 2)

    def test_one_that_is_silent_during_a_deploy(self):
        lab = self.lab
        app_id = self.create_app(name="silent")
        for _ in range(2):
            lab.run(app_id, "createinstance")
        silent = lab.instances(app_id)[0]
        signal = f"/_sandbox/instances/{silent['instance_id']}/signal"
        lab.sandbox_post(signal, {"signal": "STOP"})
        try:
            wait_for("it to be away", lambda: not lab.get(f"/instances/{silent['instance_id']}")["connected"], 60)
            job = lab.deploy(app_id, {"site": "v2"}, options=["serial", "max_failures=1"])
        finally:
            lab.sandbox_post(signal, {"signal": "CONT"})
        self.assertIn(silent["instance_id"], job["message"])
        self.assert_all_on(app_id, "two\n", 2)
        self.assertIn("it is on another release than is wanted", self.instance_log(silent))


if __name__ == "__main__":
    unittest.main()
