#!/usr/bin/env python3
"""kill -9 of the controller at every call by which a safe deploy takes instances out of their balancers and puts them back, of both
kinds; and what happens when the answers of these calls are lost."""
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import wait_for
from http_load import HttpLoad
from site_server import PORT, SERVER
from sweepcase import SweepCase, Swept
from truth import assert_truth

LISTENER, CLASSIC_LISTENER = 8681, 8682
TARGETS = ("DeregisterTargets", "RegisterTargets")
CLASSIC = ("DeregisterInstancesFromLoadBalancer", "RegisterInstancesWithLoadBalancer")


class Balancers(SweepCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h"}))
        (lab.features / "site-server.sh").write_text(SERVER)
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (0, 1):
            cls.repository.commit({"page.html": f"{number}\n"}, f"version {number}", tag=f"v{number}")
        cls.changes = 0
        cls.balancer = lab.load_balancer("swept", LISTENER, PORT)
        cls.elb = lab.boto("elb")
        cls.elb.create_load_balancer(LoadBalancerName="swept-classic", Subnets=lab.cloud["subnet_ids"][:1], Listeners=[
            {"Protocol": "HTTP", "LoadBalancerPort": CLASSIC_LISTENER, "InstanceProtocol": "HTTP", "InstancePort": PORT}])
        cls.elb.configure_health_check(LoadBalancerName="swept-classic", HealthCheck={
            "Target": f"HTTP:{PORT}/", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2})
        cls.group = lab.group("swept", target_groups=[cls.balancer.target_group], load_balancers=["swept-classic"])
        cls.app_id = lab.create_app(
            [{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}],
            features=[{"name": "site-server", "provisioner": "shell"}], autoscale={"name": cls.group, "min": 2, "max": 4},
            **{"safe-deployment": {"wait_before_deploy": 0, "wait_after_deploy": 0}})
        lab.run(cls.app_id, "buildimage")
        lab.deploy(cls.app_id, {"site": "v0"})
        lab.run(cls.app_id, "updateautoscaling")
        wait_for("two instances that serve", cls.all_serve, 120)
        wait_for("two that are ready", lambda: [i["state"] for i in lab.instances(cls.app_id)] == ["ready"] * 2)

    @classmethod
    def all_serve(cls):
        members = {member["InstanceId"] for member in cls.lab.group_members(cls.group)}
        classic = {row["InstanceId"] for row in cls.elb.describe_instance_health(LoadBalancerName="swept-classic")["InstanceStates"]
                   if row["State"] == "InService"}
        return len(members) == 2 and members == cls.lab.healthy_targets(cls.balancer.target_group) == classic

    def deploy(self):
        type(self).changes += 1
        return self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": f"v{self.changes % 2}"}], options=["serial", "1by1"])

    def check(self):
        wait_for("all to serve", self.all_serve)
        self.assertEqual({self.lab.page_of(i) for i in self.lab.instances(self.app_id)}, {f"{self.changes % 2}\n"})
        assert_truth(self, self.lab, self.app_id, count=2)

    def test_safe_deploy(self):
        self.sweep(Swept("safe deploy", self.deploy, self.check, only=TARGETS + CLASSIC, limit=2))

    def test_answers_that_are_lost(self):
        for action in TARGETS + CLASSIC:
            with self.subTest(action), HttpLoad(self.balancer.address, LISTENER) as load:
                self.lab.clear_faults()
                self.lab.fault(action=action, when="reset", count=2)
                job = self.lab.wait_job(self.deploy(), 120)
                self.assertEqual(job["status"], "done", job["message"])
                self.check()
                self.lab.assert_nothing_left(self)
            self.assertEqual(load.failures, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
