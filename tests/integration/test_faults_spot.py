#!/usr/bin/env python3
"""AWS takes Spot instances back, with a notice: in the middle of a bake, behind a balancer that is used, in the middle of a deploy."""
import pathlib
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import b64, wait_for
from http_load import HttpLoad
from site_server import PORT, SERVER
from truth import assert_truth

LISTENER = 8491
# Waits in the instance itself until the gate is opened.
HOLD = """#!/bin/sh
echo "at the gate"
for i in $(seq 600); do [ -e /var/gate ] && exit 0; sleep 0.1; done
exit 9
"""
# Only where somebody closed the gate.
PRE_DEPLOY = """#!/bin/sh
[ -e /var/closed ] || exit 0
echo "at the gate"
for i in $(seq 600); do sleep 0.1; done
exit 9
"""


class SpotCase(unittest.TestCase):
    LAB_SETTINGS = {"aws.janitor_interval": "1h", "job.agent_wait": "5s"}

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab(cls.LAB_SETTINGS, ["--agent-env", "GHOST_NOTICE_INTERVAL=200ms"]))
        if lab.cloud["isolation"] != "overlay":
            raise unittest.SkipTest("needs instances with a root of their own")
        for name, script in (("hold", HOLD), ("site-server", SERVER)):
            (lab.features / f"{name}.sh").write_text(script)

    def announce(self, instance_id, kind, seconds):
        """In so many real seconds."""
        self.lab.ask_sandbox("POST", f"instances/{instance_id}/notice", {"kind": kind, "seconds": seconds * self.lab.SPEED})

    def known(self, instance_id):
        return self.lab.get(f"/instances/{instance_id}")

    def wait_notice(self, instance_id, kind):
        return wait_for(f"the notice of {kind}", lambda: (lambda i: i.get("notice", {}).get("kind") == kind and i)(self.known(instance_id)))


class Builder(SpotCase):
    def builders(self):
        return [i for i in self.lab.sandbox_instances() if i["state"] in ("pending", "running")]

    def test_a_builder_with_a_notice_is_followed_by_one_on_demand(self):
        lab = self.lab
        app_id = lab.create_app([], features=[{"name": "hold", "provisioner": "shell"}], build_infos={
            "ssh_username": "admin", "subnet_id": lab.cloud["subnet_ids"][0], "source_ami": lab.cloud["base_image_id"], "spot": True})
        job_id = lab.submit(app_id, "buildimage")
        lab.wait_log(job_id, "at the gate")
        (builder,) = self.builders()
        self.assertTrue(builder["spot"])
        self.announce(builder["id"], "spot", 1)
        self.assertEqual(self.wait_notice(builder["id"], "spot_interruption")["purpose"], "bake")
        wait_for("another builder at the gate", lambda: lab.log(job_id).count("at the gate") == 2)
        (second,) = self.builders()
        self.assertFalse(second["spot"])
        (pathlib.Path(second["root"]) / "var/gate").touch()
        job = lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{lab.log(job_id)}")
        self.assertIn(f"AWS took the Spot instance {builder['id']} back", lab.log(job_id))
        self.assertTrue(lab.get(f"/apps/{app_id}")["ami"])
        lab.assert_nothing_left(self)
        self.assertEqual(self.builders(), [])


class Members(SpotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lab = cls.lab
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (1, 2, 3):
            cls.repository.commit({"page.html": f"version {number}\n"}, f"version {number}", tag=f"v{number}")
        cls.balancer = lab.load_balancer("spot", LISTENER, PORT)
        cls.group = lab.group("spot", target_groups=[cls.balancer.target_group], spot=True)
        cls.app_id = lab.create_app(
            [{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site", "pre_deploy": b64(PRE_DEPLOY)}],
            features=[{"name": "site-server", "provisioner": "shell"}], autoscale={"name": cls.group, "min": 2, "max": 4})
        lab.run(cls.app_id, "buildimage")
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.run(cls.app_id, "updateautoscaling")

    def in_service(self, without=None):
        def look():
            members = self.lab.group_members(self.group)
            ids = sorted(m["InstanceId"] for m in members)
            return (len(ids) == 2 and without not in ids and all(m["LifecycleState"] == "InService" for m in members)
                    and set(ids) == self.lab.healthy_targets(self.balancer.target_group) and ids)

        return wait_for("two instances in service and healthy", look, 90)

    def assert_all_serve(self, page):
        """The members serve the page, and nothing else of the application lives."""
        members = self.in_service()
        wait_for("no others", lambda: sorted(i["id"] for i in self.lab.living(self.app_id)) == members)
        wait_for("all others to be known as gone", lambda: sorted(i["instance_id"] for i in self.lab.instances(self.app_id)) == members)
        self.assertEqual([self.lab.page_of(i) for i in self.lab.instances(self.app_id)], [page] * 2)
        self.assertEqual(self.lab.suspended(self.group), [])

    def test_a_member_is_drained_before_it_ends(self):
        lab = self.lab
        victim, other = self.in_service()
        self.announce(victim, "maintenance", 3600)
        self.assertEqual(self.wait_notice(victim, "maintenance")["notice"]["action"], "system-reboot")
        self.announce(other, "rebalance", 0)
        self.wait_notice(other, "rebalance")
        self.assertEqual(self.in_service(), [victim, other])  # shown, and no more
        with HttpLoad(self.balancer.address, LISTENER) as load:
            self.announce(victim, "spot", 8)
            self.wait_notice(victim, "spot_interruption")
            wait_for("it to be drained", lambda: self.known(victim)["drained"])
            lab.restart_controller()  # what was told and done is known afterwards
            self.assertTrue(self.known(victim)["drained"])
            job = lab.deploy(self.app_id, {"site": "v2"})
            self.assertIn(f"left out: {victim} (AWS interrupts it)", job["message"])
            self.assertIn(f"{victim} is left out: AWS interrupts it", lab.log(job["_id"]))
            self.assertEqual(lab.sandbox_instance({"instance_id": victim})["state"], "running")
            members = self.in_service(without=victim)
        print(f"an interrupted member: {load.total} requests, {len(load.failures)} failed")
        self.assertGreater(load.total, 100)
        self.assertEqual(load.failures, [])
        self.assertIn(other, members)
        state = lab.sandbox_instance({"instance_id": victim})
        self.assertEqual(state["state_reason"]["code"], "Server.SpotInstanceTermination")
        self.assert_all_serve("version 2\n")

    def test_one_that_goes_in_the_middle_of_a_deploy_does_not_fail_it(self):
        lab = self.lab
        victim, survivor = self.in_service()
        lab.instance_file({"instance_id": victim}, "/var/closed").touch()
        job_id = lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v3"}], options=["serial"])
        lab.wait_log(job_id, "at the gate")
        self.announce(victim, "spot", 1)
        job = lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{lab.log(job_id)}")
        self.assertIn(f"left out: {victim} (AWS took it away)", job["message"])
        self.assertIn(f"{victim} is left out: AWS took it away", lab.log(job_id))
        self.assertIn(f"{survivor}: deployed", lab.log(job_id))
        self.assertEqual(lab.page_of({"instance_id": survivor}), "version 3\n")
        self.assertIn(survivor, self.in_service(without=victim))
        self.assert_all_serve("version 3\n")
        self.assertTrue(assert_truth(self, lab, self.app_id))


if __name__ == "__main__":
    unittest.main()
