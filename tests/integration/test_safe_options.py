#!/usr/bin/env python3
"""What a safe deploy does about instances that fail, as its options say, and behind a load balancer that only knows connections; seen by
those who use the site all the while."""
import contextlib
import unittest

from ghostlab import wait_for
from safecase import SafeCase
from site_server import PORT

TCP_LISTENER = 8583


class SafeOptions(SafeCase):
    def setUp(self):
        """All on one release, which no other test deploys."""
        self.finish(self.submit("v1", "serial", "1by1"))
        self.assert_calm()

    @contextlib.contextmanager
    def held(self):
        """What is deployed meanwhile waits on its first instance."""
        self.hold.touch()
        try:
            yield
        finally:
            self.hold.unlink(missing_ok=True)

    def batch(self, job_id, number):
        """Its instances, by the log."""
        self.wait_words(job_id, "in post_deploy")
        (line,) = [line for line in self.lab.log(job_id).splitlines() if f"  batch {number}: " in line]
        return line.rpartition(": ")[2].split(", ")

    @contextlib.contextmanager
    def unwilling(self, instance_id):
        """No release but the first can be deployed there."""
        mark = self.lab.instance_file({"instance_id": instance_id}, "/unwilling")
        mark.touch()
        try:
            yield
        finally:
            mark.unlink()

    def pages_without(self, *left_out):
        return {page for instance, page in self.pages().items() if instance not in left_out}

    def test_batches_that_are_done_go_back_too(self):
        before = self.pages()
        with self.load("rollback=all") as load, self.held():
            job_id = self.submit("v2", "serial", "50%", "rollback=all")
            victim = self.batch(job_id, 2)[-1]
            done = self.batch(job_id, 1)
            with self.unwilling(victim):
                self.hold.unlink()
                job = self.finish(job_id, "failed")
            self.assert_calm()
        log = self.lab.log(job_id)
        self.assertEqual(load.failures, [], log)
        self.assertGreater(load.counts[b"version 2\n"], 10)  # the first batch did serve it
        self.assertEqual(self.pages(), before)
        self.assertIn("; then that batch goes back, and those before it too", log)
        self.assertIn(f"{victim} (site: post_deploy exited with code 8)", job["message"])
        back = job["message"].partition("back on it: ")[2].partition(";")[0]
        self.assertLessEqual(set(done), set(back.split(", ")), job["message"])
        self.assertNotIn("on the new release", job["message"])
        self.assertNotIn("NOT back", job["message"])

    def test_one_that_fails_is_borne(self):
        with self.load("max_failures=1") as load, self.held():
            job_id = self.submit("v3", "serial", "1by1", "max_failures=1")
            (victim,) = self.batch(job_id, 2)
            with self.unwilling(victim):
                self.hold.unlink()
                job = self.finish(job_id)
                self.assert_calm()
                self.assertIn(f"(FAILED, as many as were allowed to: {victim} (site: post_deploy exited with code 8))", job["message"])
                self.assertEqual(self.pages()[victim], "version 1\n")
                self.assertEqual(self.pages_without(victim), {"version 3\n"})
                deviation = self.lab.get(f"/instances/{victim}")["deviations"]
                self.assertEqual([row["module"] for row in deviation], ["site"])
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertIn("It stops when more than 1 instances fail", self.lab.log(job_id))

    def test_more_than_are_borne_stop_it(self):
        """The batches before stay, without the one that failed there."""
        with self.load("two fail, one may") as load, self.held():
            job_id = self.submit("v4", "serial", "1by1", "max_failures=1")
            (first,), (second,), (last,) = (self.batch(job_id, number) for number in (2, 3, 4))
            with self.unwilling(first), self.unwilling(second):
                self.hold.unlink()
                job = self.finish(job_id, "failed")
                self.assert_calm()
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertEqual({self.pages()[i] for i in (first, second, last)}, {"version 1\n"})
        self.assertEqual(self.pages_without(first, second, last), {"version 4\n"})
        self.assertIn(f"{second} (site: post_deploy exited with code 8)", job["message"])

    def test_so_many_stay_healthy(self):
        before = self.pages()
        with self.load("min_healthy=3") as load:
            refused = self.finish(self.submit("v5", "serial", "50%", "min_healthy=3"), "failed")
            self.assertIn("min_healthy=3 cannot be kept: 3 of 4 instances must stay healthy", refused["message"])
            self.assertEqual(self.pages(), before)
            seen = set()
            job_id = self.submit("v5", "serial", "1by1", "min_healthy=75%")
            wait_for("the deploy to end", lambda: seen.add(len(self.lab.healthy_targets(self.balancer.target_group))) or
                     self.lab.job(job_id)["status"] not in ("init", "started"), 100)
            self.finish(job_id)
            self.assertEqual(seen, {3, 4})
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertEqual(set(self.pages().values()), {"version 5\n"})
        self.assert_calm()

    @contextlib.contextmanager
    def behind_network_balancer(self):
        """The group's target group is one of connections, checked by connections, and no other; yields the address that is served."""
        elbv2, scaling, first = self.lab.boto("elbv2"), self.lab.boto("autoscaling"), self.balancer.target_group
        balancer = elbv2.create_load_balancer(
            Name="connections", Type="network", Subnets=self.lab.cloud["subnet_ids"][:1])["LoadBalancers"][0]
        target_group = elbv2.create_target_group(
            Name="connections", Protocol="TCP", Port=PORT, VpcId=self.lab.cloud["vpc_id"], HealthCheckProtocol="TCP",
            HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2,
            UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
        elbv2.modify_target_group_attributes(TargetGroupArn=target_group, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "10"}])
        elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP", Port=TCP_LISTENER,
                              DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}])

        def use(this, instead_of):
            scaling.attach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[this])
            wait_for("all to be healthy there", lambda: len(self.lab.healthy_targets(this)) == 4, 60)
            scaling.detach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[instead_of])
            wait_for("the other to be left", lambda: self.lab.describe_group(self.group)["TargetGroupARNs"] == [this], 60)

        use(target_group, first)
        try:
            yield balancer["DNSName"], target_group
        finally:
            use(first, target_group)

    def test_connections_are_what_is_balanced(self):
        settings = self.lab.get(f"/apps/{self.app_id}")["safe-deployment"]
        with self.behind_network_balancer() as (address, target_group):
            self.lab.change_app(self.app_id, **{"safe-deployment": {**settings, "load_balancer_type": "nlb"}})
            try:
                with self.load("network load balancer", TCP_LISTENER, address, kept=False) as load:
                    job = self.finish(self.submit("v6", "serial", "1by1"))
                log = self.lab.log(job["_id"])
                self.assertEqual(load.failures, [], log)
                self.assertEqual(set(self.pages().values()), {"version 6\n"})
                self.assertEqual(len(self.lab.healthy_targets(target_group)), 4)
                self.assertIn("Each batch is taken out of target group targetgroup/connections/", log)
                before = self.pages()
                with self.load("network load balancer, a release that fails", TCP_LISTENER, address, kept=False) as load:
                    self.finish(self.submit("broken", "serial", "1by1"), "failed")
                self.assertEqual(load.failures, [])
                self.assertEqual(self.pages(), before)
            finally:
                self.lab.change_app(self.app_id, **{"safe-deployment": settings})
        self.assert_calm()


if __name__ == "__main__":
    unittest.main()
