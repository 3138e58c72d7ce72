#!/usr/bin/env python3
"""A day of an Auto Scaling group behind a load balancer, with real agents, seen by those who use the site."""
import contextlib
import os
import pathlib
import signal
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import wait_for
from http_load import HttpLoad
from site_server import PORT, SERVER

LISTENER = 8481


class GroupFlows(unittest.TestCase):
    LAB = AwsLab  # tests/aws-live has another

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(cls.LAB())
        (lab.features / "site-server.sh").write_text(SERVER)
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (1, 2, 3):
            cls.repository.commit({"page.html": f"version {number}\n"}, f"version {number}", tag=f"v{number}")
        cls.balancer = lab.load_balancer("flows", LISTENER, PORT)
        cls.group = lab.group("flows", target_groups=[cls.balancer.target_group])
        cls.app_id = lab.create_app(
            [{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}],
            features=[{"name": "site-server", "provisioner": "shell"}],
            autoscale={"name": cls.group, "min": 2, "max": 6},
            **{"safe-deployment": {"load_balancer_type": "alb", "wait_before_deploy": 0, "wait_after_deploy": 0}},
        )
        lab.run(cls.app_id, "buildimage", seconds=90 * lab.PATIENCE)
        lab.run(cls.app_id, "createinstance", seconds=90 * lab.PATIENCE)
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.run(cls.app_id, "destroyallinstances", seconds=90 * lab.PATIENCE)

    def members(self):
        return self.lab.group_members(self.group)

    def scale_to(self, count):
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=count)

    def in_service(self, count):
        def look():
            members = self.members()
            healthy = self.lab.healthy_targets(self.balancer.target_group)
            return (len(members) == count and all(m["LifecycleState"] == "InService" for m in members)
                    and {m["InstanceId"] for m in members} == healthy and members)

        return wait_for(f"{count} instances in service and healthy", look, 120 * self.lab.PATIENCE)

    def server_pid(self, instance_id):
        """Of the instance's web server, as this machine sees it; None while there is none."""
        (address,) = [i["private_ip"] for i in self.lab.sandbox_instances() if i["id"] == instance_id]
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"ghost-sandbox/services/site" in (process / "cmdline").read_bytes() \
                        and f"http://{address}:".encode() in (process / "environ").read_bytes():
                    return int(process.name)
        return None

    def some_server(self):
        """One that was torn away may be about to be replaced with its instance."""
        return next(filter(None, (self.server_pid(member["InstanceId"]) for member in self.members())), None)

    def pages(self):
        """What each member serves from its disk."""
        members = {m["InstanceId"] for m in self.members()}
        found = [i for i in self.lab.instances(self.app_id) if i["instance_id"] in members]
        return {i["instance_id"]: self.lab.page_of(i) for i in found}

    def test_a_day_of_a_group(self):
        lab = self.lab
        lab.run(self.app_id, "updateautoscaling")
        self.in_service(2)  # min: nobody asked for more
        self.scale_to(4)
        self.in_service(4)
        self.assertEqual(set(self.pages().values()), {"version 1\n"})

        with self.subTest("scale out in the middle of a deploy"):
            job_id = lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v2"}], options=["serial"])
            self.scale_to(5)
            job = lab.wait_job(job_id, 120 * lab.PATIENCE)
            self.assertEqual(job["status"], "done", f"{job['message']}\n{lab.log(job_id)[-3000:]}")
            self.in_service(5)
            self.assertEqual(list(self.pages().values()), ["version 2\n"] * 5)
            self.assertEqual(lab.suspended(self.group), [])

        with self.subTest("scale in"):
            with HttpLoad(self.balancer.address, LISTENER) as load:
                self.scale_to(4)
                self.in_service(4)
                wait_for("the instance that left to be known as gone", lambda: len(lab.instances(self.app_id)) == 4, 60 * lab.PATIENCE)
            self.assertEqual(load.failures, [])

        with self.subTest("rolling recreate under load"):
            before = {m["InstanceId"] for m in self.members()}
            with HttpLoad(self.balancer.address, LISTENER) as load:
                job = lab.run(self.app_id, "recreateinstances", options=["25%"], seconds=400 * lab.PATIENCE)
                self.in_service(4)
            after = {m["InstanceId"] for m in self.members()}
            print(f"rolling recreate: {load.total} requests, {len(load.failures)} failed")
            self.assertGreater(load.total, 100)
            self.assertEqual(load.failures, [], lab.log(job["_id"]))
            self.assertFalse(before & after)
            self.assertEqual(set(load.counts), {b"version 2\n"})
            self.assertEqual(lab.suspended(self.group), [])
            self.assertEqual(lab.group_sizes(self.group), (2, 4, 6))

        if not lab.endpoint:  # no sandbox: processes of instances are out of reach
            return
        with self.subTest("without care requests do fail"):
            # The check above is able to fail: a server that is torn away is noticed by those who use the site.
            with HttpLoad(self.balancer.address, LISTENER) as load:
                for _ in range(5):
                    os.kill(wait_for("a server", self.some_server), signal.SIGKILL)
                wait_for("somebody to notice", lambda: load.failures, 60)
            self.in_service(4)


    def tearDown(self):
        self.lab.assert_nothing_left(self)


if __name__ == "__main__":
    unittest.main()
