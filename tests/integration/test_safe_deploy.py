#!/usr/bin/env python3
"""Safe deploys of a group of four behind its load balancer, seen by those who use the site all the while."""
import unittest

from ghostlab import wait_for
from safecase import SafeCase
from site_server import PORT

CLASSIC_LISTENER = 8582


class SafeDeploy(SafeCase):
    def test_nobody_notices(self):
        for strategy, revision in (("1by1", "v2"), ("25%", "v3"), ("50%", "v4")):
            with self.subTest(strategy), self.load(f"safe deploy {strategy}") as load:
                job = self.finish(self.submit(revision, "serial", strategy))
            self.assertEqual(load.failures, [], self.lab.log(job["_id"]))
            self.assertEqual(set(self.pages().values()), {f"version {revision[1:]}\n"})
            self.assert_calm()
        log = self.lab.log(job["_id"])
        self.assertLess(log.index("in 2 batches (50%)"), log.index("Batch 1 of 2"))
        self.assertIn("Each batch is taken out of target group targetgroup/safe/", log)

    def test_a_release_that_fails_goes_back(self):
        before = self.pages()
        with self.load("a release that fails") as load:
            job = self.finish(self.submit("broken", "serial", "1by1"), "failed")
        print(job["message"] + "\n" + self.lab.log(job["_id"]), flush=True)
        self.assertEqual(load.failures, [], self.lab.log(job["_id"]))
        self.assertEqual(self.pages(), before)
        self.assertIn("exited with code 7", job["message"])
        self.assertIn("the previous release is wanted again; went back: ", job["message"])
        self.assert_calm()

    def test_a_release_that_is_not_well_goes_back(self):
        before = self.pages()
        self.lab.change_app(self.app_id, modules=[self.checked])
        try:
            with self.load("a release that is not well") as load:
                job = self.finish(self.submit("sick", "serial", "1by1"), "failed")
        finally:
            self.lab.change_app(self.app_id, modules=[self.module])
        self.assertEqual(load.failures, [], self.lab.log(job["_id"]))
        self.assertEqual(self.pages(), before)
        self.assertIn("the last answer: status 503", job["message"])
        self.assert_calm()

    def test_an_instance_is_killed_in_the_middle(self):
        self.hold.touch()
        with self.load("an instance killed in the middle") as load:
            job_id = self.submit("v5", "serial", "1by1")
            self.wait_words(job_id, "in post_deploy")
            victim = [line for line in self.lab.log(job_id).splitlines() if "in post_deploy" in line][0].split("[")[1].split("]")[0]
            self.lab.boto("ec2").terminate_instances(InstanceIds=[victim])
            self.hold.unlink()
            job = self.finish(job_id)
            self.assertEqual(load.failures, [], self.lab.log(job_id))
            self.in_service(4)
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertNotIn(victim, self.pages())
        self.assertEqual(set(self.pages().values()), {"version 5\n"}, job["message"])
        self.assert_calm()

    def test_the_controller_is_killed_in_the_middle(self):
        with self.load("the controller killed in the middle") as load:
            job_id = self.submit("v6", "serial", "1by1")
            for words in ("Taking out of", "in post_deploy", "Batch 2 of 4", "Putting back into"):
                self.wait_words(job_id, words)
                self.lab.restart_controller()
                if words == "in post_deploy":
                    self.lab.restart_controller()
                    break
            job = self.finish(job_id)
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertEqual(set(self.pages().values()), {"version 6\n"}, job["message"])
        self.assert_calm()

    def test_without_care_requests_do_fail(self):
        with self.load("parallel, without a safe strategy") as load:
            self.finish(self.submit("v7", "parallel"))
            wait_for("somebody to notice", lambda: load.failures, 60)
        self.assert_calm()

    def test_through_a_classic_balancer(self):
        lab, scaling = self.lab, self.lab.boto("autoscaling")
        elb = lab.boto("elb")
        address = elb.create_load_balancer(
            LoadBalancerName="safe-classic", Subnets=lab.cloud["subnet_ids"][:1],
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": CLASSIC_LISTENER, "InstanceProtocol": "HTTP", "InstancePort": PORT}],
        )["DNSName"]
        elb.configure_health_check(LoadBalancerName="safe-classic", HealthCheck={
            "Target": f"HTTP:{PORT}/", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2})
        elb.modify_load_balancer_attributes(LoadBalancerName="safe-classic", LoadBalancerAttributes={
            "ConnectionDraining": {"Enabled": True, "Timeout": 10}})
        scaling.attach_load_balancers(AutoScalingGroupName=self.group, LoadBalancerNames=["safe-classic"])

        def serving():
            states = elb.describe_instance_health(LoadBalancerName="safe-classic")["InstanceStates"]
            return [state["State"] for state in states] == ["InService"] * 4

        wait_for("the classic load balancer to serve", serving, 60)
        scaling.detach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[self.balancer.target_group])
        wait_for("the target group to be left", lambda: not lab.healthy_targets(self.balancer.target_group), 60)
        settings = {"load_balancer_type": "elb", "wait_before_deploy": 0, "wait_after_deploy": 0}
        lab.change_app(self.app_id, **{"safe-deployment": settings})
        try:
            with self.load("safe deploy 1by1, classic", CLASSIC_LISTENER, address) as load:
                job = self.finish(self.submit("v8", "serial", "1by1"))
            self.assertEqual(load.failures, [], lab.log(job["_id"]))
            self.assertEqual(set(self.pages().values()), {"version 8\n"})
            wait_for("all to be in the classic load balancer", serving, 60)
        finally:
            scaling.attach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[self.balancer.target_group])
            scaling.detach_load_balancers(AutoScalingGroupName=self.group, LoadBalancerNames=["safe-classic"])
            lab.change_app(self.app_id, **{"safe-deployment": {**settings, "load_balancer_type": "alb"}})
        self.assert_calm()


if __name__ == "__main__":
    unittest.main()
