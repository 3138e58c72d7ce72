#!/usr/bin/env python3
"""Auto Scaling balances its zones: it launches one in the emptier zone and ends one in the fuller. While a job works on the group it does
not, and one that had begun so is waited for."""
import time
import unittest

from ghostlab import b64, wait_for
from test_faults_groups import GroupFaultCase
from truth import assert_truth


class Zones(GroupFaultCase):
    def open_second_zone(self, group):
        """From now on all of its instances are in one of two zones."""
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, VPCZoneIdentifier=",".join(self.lab.cloud["subnet_ids"][:2]))

    def zones(self, group):
        """How many are in service in each."""
        zones = [m["AvailabilityZone"] for m in self.lab.group_members(group) if m["LifecycleState"] == "InService"]
        return sorted(zones.count(zone) for zone in set(zones))

    def balanced_at(self, group):
        """When instances were launched to balance zones."""
        activities = self.autoscaling.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
        return [a["StartTime"].timestamp() for a in activities if "to balance instances in zones" in a["Cause"]]

    def assert_balanced(self, app_id, group, page="one\n"):
        wait_for("the zones to be balanced", lambda: self.zones(group) == [1, 1] and len(self.members(group)) == 2, 60)
        wait_for("all others to be gone", lambda: {i["instance_id"] for i in self.lab.instances(app_id)} == self.members(group))
        wait_for("both to have the release", lambda: [self.lab.page_of(i) for i in self.lab.instances(app_id)] == [page] * 2)
        assert_truth(self, self.lab, app_id, count=2)
        self.assert_as_before(group, 2)

    def gated(self, app_id):
        """A deploy that waits, with the group held, until the gate is there: (job, gate)."""
        gate = self.lab.folder / f"gate-{self.id()}"
        self.lab.change_app(app_id, modules=[dict(self.module, build_pack=b64(f"until [ -e {gate} ]; do sleep 0.1; done\n"))])
        return self.lab.submit(app_id, "deploy", modules=[{"name": "site", "rev": "v1"}]), gate

    def finish(self, job_id):
        job = self.lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{self.lab.log(job_id)}")

    def test_zones_are_balanced_once_a_deploy_is_over(self):
        app_id, group = self.make_group(2)
        old = self.members(group)
        job_id, gate = self.gated(app_id)
        wait_for("the group to be held", lambda: {"AZRebalance", "Launch", "Terminate"} <= set(self.lab.suspended(group)))
        self.open_second_zone(group)
        self.lab.restart_controller()  # still held
        self.lab.wait_log(job_id, "goes on")
        self.assertIn("AZRebalance", self.lab.suspended(group))
        self.assertEqual(self.members(group), old)
        opened = time.time()
        gate.touch()
        self.finish(job_id)
        self.assert_balanced(app_id, group)
        self.assertEqual([when for when in self.balanced_at(group) if when < opened - 1], [])
        self.assertEqual(len(self.members(group) & old), 1)

    def test_a_balancing_that_had_begun_is_waited_for(self):
        """One is launched and another too many when the deploy begins; that one goes when it is over."""
        app_id, group = self.make_group(2)
        self.open_second_zone(group)
        wait_for("a third", lambda: len(self.members(group)) == 3)
        job_id, gate = self.gated(app_id)
        wait_for("the group to be held", lambda: {"AZRebalance", "Launch", "Terminate"} <= set(self.lab.suspended(group)))
        self.assertTrue(self.balanced_at(group))
        gate.touch()
        self.finish(job_id)
        self.assert_balanced(app_id, group)

    def test_zones_stay_as_they_are_while_a_group_is_rolled(self):
        app_id, group = self.make_group(2)
        old = self.members(group)
        job_id = self.lab.submit(app_id, "recreateinstances", options=["1by1"])
        self.lab.wait_log(job_id, "desired capacity 2 to 3")
        self.assertIn("AZRebalance", self.lab.suspended(group))
        self.open_second_zone(group)
        self.finish(job_id)
        self.assert_as_before(group, 2)
        self.assertFalse(self.members(group) & old)
        wait_for("the zones to be balanced", lambda: self.zones(group) == [1, 1], 60)


if __name__ == "__main__":
    unittest.main()
