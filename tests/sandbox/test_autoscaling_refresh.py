"""Instance refreshes through boto3: what they replace, how many at once, and how they end."""
import unittest

from group_case import GroupCase
from sandbox_case import texts, wait_for

ALL_AT_ONCE = {"MinHealthyPercentage": "0", "InstanceWarmup": "0"}


class Refreshes(GroupCase):
    def setUp(self):
        super().setUp()
        self.template_id = self.template()

    def begin(self, size, **more):
        self.make(size, LaunchTemplate={"LaunchTemplateId": self.template_id, "Version": "1"}, **more)
        return self.wait_in_service(size)

    def start(self, version=None, **preferences):
        form = {f"Preferences.{name}": "true" if value is True else value
                for name, value in (preferences or ALL_AT_ONCE).items()}
        if version:
            form.update({"DesiredConfiguration.LaunchTemplate.LaunchTemplateId": self.template_id,
                         "DesiredConfiguration.LaunchTemplate.Version": version})
        return texts(self.ask("StartInstanceRefresh", **form), "InstanceRefreshId")[0]

    def refresh(self, refresh_id):
        return self.call("describe_instance_refreshes", InstanceRefreshIds=[refresh_id])["InstanceRefreshes"][0]

    def wait_status(self, refresh_id, status):
        return wait_for(lambda: (row := self.refresh(refresh_id))["Status"] == status and row, status)

    def versions(self):
        return sorted(row["LaunchTemplate"]["Version"] for row in self.group()["Instances"])

    def test_all_are_replaced_by_the_wanted_version(self):
        old = self.begin(3)
        number = self.version(self.template_id, InstanceType="t3.small")
        refresh_id = self.start(number)
        self.assertEqual(self.group()["LaunchTemplate"]["Version"], "1")  # until it is done
        done = self.wait_status(refresh_id, "Successful")
        self.assertEqual((done["PercentageComplete"], done["InstancesToUpdate"]), (100, 0))
        self.assertEqual(done["DesiredConfiguration"]["LaunchTemplate"]["Version"], number)
        self.assertFalse(set(self.wait_in_service(3)) & set(old))
        self.assertEqual(self.versions(), [number] * 3)
        self.assertEqual(self.group()["LaunchTemplate"]["Version"], number)

    def watch(self, refresh_id):
        """(fewest in service, most that count) until the refresh has ended."""
        seen = []

        def ended():
            states = list(self.states().values())
            counted = [state for state in states if state.startswith("Pending") or state == "InService"]
            seen.append((states.count("InService"), len(counted)))
            return self.refresh(refresh_id)["Status"] == "Successful"
        wait_for(ended, "the end of the refresh", 60)
        return min(low for low, _ in seen), max(high for _, high in seen)

    def test_no_more_are_missing_than_allowed(self):
        self.begin(4)
        refresh_id = self.start(MinHealthyPercentage=75, InstanceWarmup=0)
        low, high = self.watch(refresh_id)
        self.assertEqual((low, high), (3, 4))

    def test_new_ones_come_first_where_more_are_allowed(self):
        self.begin(4)
        refresh_id = self.start(MinHealthyPercentage=100, MaxHealthyPercentage=150, InstanceWarmup=0)
        low, high = self.watch(refresh_id)
        self.assertEqual((low, high), (4, 6))

    def test_those_that_match_are_skipped(self):
        old = self.begin(2)
        number = self.version(self.template_id, InstanceType="t3.small")
        self.call("update_auto_scaling_group", DesiredCapacity=3,
                  LaunchTemplate={"LaunchTemplateId": self.template_id, "Version": number})
        kept = set(self.wait_in_service(3)) - set(old)
        self.wait_status(self.start(SkipMatching=True, **ALL_AT_ONCE), "Successful")
        self.assertLess(kept, set(self.wait_in_service(3)))
        self.assertEqual(self.versions(), [number] * 3)

    def test_one_at_a_time(self):
        self.begin(1)
        self.call("suspend_processes", ScalingProcesses=["InstanceRefresh"])
        refresh_id = self.start()
        self.refused("InstanceRefreshInProgress", self.start)
        self.assertEqual(self.code_of(self.call, action="attach_load_balancer_target_groups", TargetGroupARNs=["x"]),
                         "ValidationError")
        cancelled = self.call("cancel_instance_refresh")["InstanceRefreshId"]
        self.assertEqual(cancelled, refresh_id)
        self.wait_status(refresh_id, "Cancelled")
        self.assertEqual(self.code_of(self.call, action="cancel_instance_refresh"), "ActiveInstanceRefreshNotFound")
        self.refused("ActiveInstanceRefreshNotFound", self.ask, "RollbackInstanceRefresh")

    def test_cancelled_half_way(self):
        old = self.begin(2)
        number = self.version(self.template_id, InstanceType="t3.small")
        refresh_id = self.start(number, MinHealthyPercentage=50, InstanceWarmup=7200)
        wait_for(lambda: self.versions() == ["1", number], "one new instance")
        self.call("cancel_instance_refresh")
        self.wait_status(refresh_id, "Cancelled")
        self.assertEqual(len(set(self.wait_in_service(2)) & set(old)), 1)
        self.assertEqual(self.group()["LaunchTemplate"]["Version"], "1")

    def test_rolled_back_by_hand(self):
        self.begin(2)
        number = self.version(self.template_id, InstanceType="t3.small")
        refresh_id = self.start(number, MinHealthyPercentage=50, InstanceWarmup=60)
        wait_for(lambda: self.versions() == ["1", number], "one new instance")
        self.ask("RollbackInstanceRefresh")
        self.assertEqual(self.refresh(refresh_id)["Status"], "RollbackInProgress")
        reason = texts(self.ask("DescribeInstanceRefreshes"), "RollbackReason")
        self.assertEqual(reason, ["Rolled back due to user request."])
        wait_for(lambda: self.refresh(refresh_id)["Status"] == "RollbackSuccessful", "the way back", 60)
        self.assertEqual(self.versions(), ["1", "1"])

    def test_fails_where_nothing_can_be_launched(self):
        self.begin(1)
        self.sandbox.control("faults", {"when": "group-launch-fails", "error": "InsufficientInstanceCapacity",
                                        "count": 0})
        failed = self.wait_status(self.start(), "Failed")
        self.assertIn("launches failed", failed["StatusReason"])

    def test_rolls_back_by_itself(self):
        self.begin(2)
        number = self.version(self.template_id, InstanceType="t3.small")
        self.call("put_lifecycle_hook", LifecycleHookName="boot",
                  LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING")
        refresh_id = self.start(number, MinHealthyPercentage=50, InstanceWarmup=0, AutoRollback=True)
        for _ in range(3):
            instance = wait_for(lambda: self.in_state("Pending:Wait"), "an instance at its hook")[0]
            self.call("complete_lifecycle_action", LifecycleHookName="boot", InstanceId=instance,
                      LifecycleActionResult="ABANDON")
            wait_for(lambda: instance not in self.in_state("Pending:Wait"), "the instance is given up")
        self.wait_status(refresh_id, "RollbackInProgress")
        self.call("delete_lifecycle_hook", LifecycleHookName="boot")
        self.wait_status(refresh_id, "RollbackSuccessful")
        self.wait_in_service(2)
        self.assertEqual(self.versions(), ["1", "1"])
        self.refused("ValidationError", self.start, AutoRollback=True)  # there is nothing to go back from

    def test_checkpoints_and_baking(self):
        old = self.begin(2)
        refresh_id = self.start(MinHealthyPercentage=0, InstanceWarmup=0, CheckpointDelay=40, BakeTime=40,
                                **{"CheckpointPercentages.member.1": 50, "CheckpointPercentages.member.2": 100})
        held = wait_for(lambda: "checkpoint" in (row := self.refresh(refresh_id)).get("StatusReason", "") and row,
                        "a checkpoint")
        self.assertEqual((held["PercentageComplete"], held["InstancesToUpdate"]), (50, 1))
        self.assertEqual(len(set(self.in_state("InService")) & set(old)), 1)
        self.wait_status(refresh_id, "Baking")
        self.wait_status(refresh_id, "Successful")
        self.assertFalse(set(self.wait_in_service(2)) & set(old))

    def test_protected_ones(self):
        protected, other = self.begin(2)
        self.call("set_instance_protection", InstanceIds=[protected], ProtectedFromScaleIn=True)
        refresh_id = self.start(**ALL_AT_ONCE)
        wait_for(lambda: protected in self.refresh(refresh_id).get("StatusReason", ""), "waiting for the protected one")
        self.wait_gone(other)
        self.call("set_instance_protection", InstanceIds=[protected], ProtectedFromScaleIn=False)
        self.wait_status(refresh_id, "Successful")
        ids = self.wait_in_service(2)
        self.call("set_instance_protection", InstanceIds=ids[:1], ProtectedFromScaleIn=True)
        self.wait_status(self.start(ScaleInProtectedInstances="Ignore", **ALL_AT_ONCE), "Successful")
        self.assertIn(ids[0], self.wait_in_service(2))


if __name__ == "__main__":
    unittest.main()
