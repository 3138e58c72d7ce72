"""Instances of Auto Scaling groups through boto3: hooks, standby, attaching, health, protection, suspended processes,
zones and termination policies."""
import unittest

from group_case import GroupCase
from sandbox_case import wait_for

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"


def hook(transition, name="hook", **more):
    return {"LifecycleHookName": name, "LifecycleTransition": transition, **more}


class Hooks(GroupCase):
    def waiting(self, state, other_than=()):
        return wait_for(lambda: [key for key in self.in_state(state) if key not in other_than], state)[0]

    def complete(self, instance_id, result, name="hook"):
        self.call("complete_lifecycle_action", LifecycleHookName=name, InstanceId=instance_id,
                  LifecycleActionResult=result)

    def test_launching_hook_holds_until_it_is_completed(self):
        self.make(1, LifecycleHookSpecificationList=[hook(LAUNCHING)])
        instance = self.waiting("Pending:Wait")
        self.assertEqual(self.sandbox.instance(instance)["state"], "running")
        self.wait_activity(instance, "MidLifecycleAction")
        self.refused_with("No active Lifecycle Action found with instance ID i-0", self.complete,
                          instance_id="i-00000000", result="CONTINUE")
        self.refused_with("No Lifecycle Hook found", self.complete, instance_id=instance, result="CONTINUE", name="no")
        self.complete(instance, "CONTINUE")
        self.assertEqual(self.wait_in_service(1), [instance])
        self.wait_activity(instance, "Successful")
        self.refused_with(f"No active Lifecycle Action found with instance ID {instance}", self.complete,
                          instance_id=instance, result="CONTINUE")

    def test_completed_by_token(self):
        self.make(1, LifecycleHookSpecificationList=[hook(LAUNCHING)])
        instance = self.waiting("Pending:Wait")
        group = self.sandbox.control("state")["groups"][self.name]
        token = group["instances"][instance]["actions"]["hook"]["token"]
        self.call("complete_lifecycle_action", LifecycleHookName="hook", LifecycleActionToken=token,
                  LifecycleActionResult="CONTINUE")
        self.wait_in_service(1)

    def test_abandoned_launch_is_ended_and_another_launched(self):
        self.make(1, LifecycleHookSpecificationList=[hook(LAUNCHING)])
        first = self.waiting("Pending:Wait")
        self.complete(first, "ABANDON")
        second = self.waiting("Pending:Wait", [first])
        failed = self.wait_activity(f"Launching a new EC2 instance: {first}", "Cancelled")
        self.assertIn("was abandoned: Lifecycle Action Completed with ABANDON Result", failed["StatusMessage"])
        self.complete(second, "CONTINUE")
        self.assertEqual(self.wait_in_service(1), [second])
        self.sandbox.wait_state(first, "terminated")

    def test_timeouts_do_the_default(self):
        self.make(1, LifecycleHookSpecificationList=[hook(LAUNCHING, HeartbeatTimeout=30, DefaultResult="CONTINUE")])
        self.wait_in_service(1)
        self.call("put_lifecycle_hook", **hook(LAUNCHING, HeartbeatTimeout=30, DefaultResult="ABANDON"))
        self.call("set_desired_capacity", DesiredCapacity=2)
        second = self.waiting("Pending:Wait")
        failed = self.wait_activity(f"Launching a new EC2 instance: {second}", "Cancelled")
        self.assertIn("was abandoned: Heartbeat Timeout", failed["StatusMessage"])

    def test_heartbeats_put_the_timeout_off(self):
        self.make(1, LifecycleHookSpecificationList=[hook(LAUNCHING, HeartbeatTimeout=60)])
        instance = self.waiting("Pending:Wait")

        def until():
            group = self.sandbox.control("state")["groups"][self.name]
            return group["instances"][instance]["actions"]["hook"]["until"]
        before = until()
        self.call("record_lifecycle_action_heartbeat", LifecycleHookName="hook", InstanceId=instance)
        self.assertGreater(until(), before)
        self.complete(instance, "CONTINUE")
        self.wait_in_service(1)

    def test_terminating_hook_holds(self):
        self.make(1, LifecycleHookSpecificationList=[hook(TERMINATING)])
        instance = self.wait_in_service(1)[0]
        self.call("set_desired_capacity", DesiredCapacity=0)
        self.wait_member(instance, "Terminating:Wait")
        self.assertEqual(self.sandbox.instance(instance)["state"], "running")
        self.complete(instance, "ABANDON")
        self.wait_gone(instance)
        self.assertEqual(self.sandbox.instance(instance)["state"], "terminated")

    def test_hooks_are_kept(self):
        self.make(1)
        self.wait_in_service(1)
        self.call("put_lifecycle_hook", **hook(LAUNCHING, HeartbeatTimeout=120))
        self.call("put_lifecycle_hook", LifecycleHookName="hook", DefaultResult="CONTINUE")
        found = self.call("describe_lifecycle_hooks")["LifecycleHooks"]
        self.assertEqual([(row["HeartbeatTimeout"], row["GlobalTimeout"], row["DefaultResult"]) for row in found],
                         [(120, 12000, "CONTINUE")])
        self.refused_with("HeartbeatTimeout", self.call, action="put_lifecycle_hook",
                          **hook(LAUNCHING, HeartbeatTimeout=29))
        self.call("set_desired_capacity", DesiredCapacity=2)
        self.waiting("Pending:Wait")
        self.call("delete_lifecycle_hook", LifecycleHookName="hook")
        self.wait_in_service(2)
        self.assertEqual(self.call("describe_lifecycle_hooks")["LifecycleHooks"], [])


class Members(GroupCase):
    def test_standby_and_back(self):
        self.make(2, low=1)
        instance, other = self.wait_in_service(2)
        activity = self.call("enter_standby", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True)
        self.assertIn("Standby", activity["Activities"][0]["Description"])
        self.wait_member(instance, "Standby")
        self.assertEqual(self.group()["DesiredCapacity"], 1)
        self.refused_with("min-size=1", self.call, action="enter_standby", InstanceIds=[other],
                          ShouldDecrementDesiredCapacity=True)
        self.refused_with("is not in InService", self.call, action="enter_standby", InstanceIds=[instance],
                          ShouldDecrementDesiredCapacity=True)
        self.call("exit_standby", InstanceIds=[instance])
        self.assertEqual(self.wait_in_service(2), sorted([instance, other]))
        self.assertEqual(self.group()["DesiredCapacity"], 2)
        self.refused_with("is not in Standby", self.call, action="exit_standby", InstanceIds=[instance])

    def test_standby_is_filled_up_when_the_size_stays(self):
        self.make(1, high=1)
        instance = self.wait_in_service(1)[0]
        self.call("enter_standby", InstanceIds=[instance], ShouldDecrementDesiredCapacity=False)
        wait_for(lambda: sorted(self.states().values()) == ["InService", "Standby"], "another instance")
        self.refused_with("max-size=1", self.call, action="exit_standby", InstanceIds=[instance])

    def test_an_instance_in_standby_is_left_alone(self):
        self.make(1)
        instance = self.wait_in_service(1)[0]
        self.call("enter_standby", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True)
        self.wait_member(instance, "Standby")
        self.ec2.stop_instances(InstanceIds=[instance])
        self.sandbox.wait_state(instance, "stopped")
        self.call("set_desired_capacity", DesiredCapacity=1)  # a look at the group comes after this one
        wait_for(lambda: self.in_state("InService"), "another instance")
        self.assertEqual(self.states()[instance], "Standby")

    def test_detaching_and_attaching(self):
        self.make(2, low=1, high=2)
        instance, other = self.wait_in_service(2)
        self.call("detach_instances", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True)
        self.wait_gone(instance)
        self.assertEqual(self.sandbox.instance(instance)["state"], "running")
        self.assertNotIn("aws:autoscaling:groupName", self.instance_tags(instance))
        found = self.groups.describe_auto_scaling_instances(InstanceIds=[instance])
        self.assertEqual(found["AutoScalingInstances"], [])
        self.call("attach_instances", InstanceIds=[instance])
        self.assertEqual(self.wait_in_service(2), sorted([instance, other]))
        self.assertEqual(self.instance_tags(instance)["aws:autoscaling:groupName"], self.name)
        self.assertEqual(self.group()["DesiredCapacity"], 2)
        self.refused_with("already part", self.call, action="attach_instances", InstanceIds=[instance])
        self.call("detach_instances", InstanceIds=[instance], ShouldDecrementDesiredCapacity=False)
        self.wait_gone(instance)
        self.wait_in_service(2)
        self.refused_with("max-size=2", self.call, action="attach_instances", InstanceIds=[instance])
        self.ec2.terminate_instances(InstanceIds=[instance])
        self.refused_with("not in correct state", self.call, action="attach_instances", InstanceIds=[instance])

    def test_terminating_one(self):
        self.make(2, low=1)
        instance, other = self.wait_in_service(2)
        end = self.groups.terminate_instance_in_auto_scaling_group
        activity = end(InstanceId=instance, ShouldDecrementDesiredCapacity=True)["Activity"]
        self.assertEqual(self.states()[instance], "Terminating")
        again = end(InstanceId=instance, ShouldDecrementDesiredCapacity=True)["Activity"]
        self.assertEqual(again["ActivityId"], activity["ActivityId"])
        self.wait_gone(instance)
        self.assertEqual(self.group()["DesiredCapacity"], 1)
        self.refused_with("desiredSize equals minSize (1)", end, InstanceId=other, ShouldDecrementDesiredCapacity=True)
        self.refused_with("Instance Id not found", end, InstanceId=instance, ShouldDecrementDesiredCapacity=True)
        end(InstanceId=other, ShouldDecrementDesiredCapacity=False)
        self.wait_gone(other)
        self.wait_in_service(1)

    def test_health_by_hand(self):
        self.make(1, HealthCheckGracePeriod=7200)
        instance = self.wait_in_service(1)[0]
        self.groups.set_instance_health(InstanceId=instance, HealthStatus="Unhealthy")
        self.assertEqual(self.group()["Instances"][0]["HealthStatus"], "Healthy")  # the grace period is respected
        self.groups.set_instance_health(InstanceId=instance, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
        self.wait_gone(instance)
        self.assertIn("user health-check", self.wait_activity(f"Terminating EC2 instance: {instance}",
                                                              "Successful")["Cause"])

    def test_protected_instances_stay_at_scale_in(self):
        self.make(3, NewInstancesProtectedFromScaleIn=True)
        ids = self.wait_in_service(3)
        self.call("set_instance_protection", InstanceIds=ids[:1], ProtectedFromScaleIn=False)
        self.call("set_desired_capacity", DesiredCapacity=0)
        self.assertEqual(self.wait_in_service(2), ids[1:])
        self.call("set_instance_protection", InstanceIds=ids[1:], ProtectedFromScaleIn=False)
        wait_for(lambda: not self.states(), "an empty group")


class Processes(GroupCase):
    def suspended(self):
        return sorted(row["ProcessName"] for row in self.group()["SuspendedProcesses"])

    def ticks(self):
        """Waits until groups were surely looked at: another group was filled after this call."""
        other = self.name + "-clock"
        self.groups.create_auto_scaling_group(
            AutoScalingGroupName=other, MinSize=1, MaxSize=1, VPCZoneIdentifier=self.sandbox.about["subnet_ids"][0],
            LaunchTemplate={"LaunchTemplateName": self.name, "Version": "1"})
        wait_for(lambda: [row for row in self.group(other)["Instances"] if row["LifecycleState"] == "InService"],
                 "the other group")
        self.groups.delete_auto_scaling_group(AutoScalingGroupName=other, ForceDelete=True)
        wait_for(lambda: self.group(other) is None, "no other group")

    def test_suspending_and_resuming(self):
        self.make(0)
        self.call("suspend_processes", ScalingProcesses=["Launch", "Terminate"])
        self.call("suspend_processes", ScalingProcesses=["Launch", "HealthCheck"])
        self.assertEqual(self.suspended(), ["HealthCheck", "Launch", "Terminate"])
        self.call("resume_processes", ScalingProcesses=["Launch"])
        self.assertEqual(self.suspended(), ["HealthCheck", "Terminate"])
        self.call("suspend_processes")
        self.assertEqual(len(self.suspended()), 9)
        self.call("resume_processes")
        self.assertEqual(self.suspended(), [])
        self.refused_with("'Dance' is not one of", self.call, action="suspend_processes", ScalingProcesses=["Dance"])

    def test_launch(self):
        self.make(1)
        self.wait_in_service(1)
        self.call("suspend_processes", ScalingProcesses=["Launch"])
        self.call("set_desired_capacity", DesiredCapacity=2)
        self.ticks()
        self.assertEqual(len(self.states()), 1)
        self.call("resume_processes", ScalingProcesses=["Launch"])
        self.wait_in_service(2)

    def test_terminate(self):
        self.make(2)
        instance, other = self.wait_in_service(2)
        self.call("suspend_processes", ScalingProcesses=["Terminate"])
        self.call("set_desired_capacity", DesiredCapacity=1)
        self.groups.set_instance_health(InstanceId=instance, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
        self.ticks()
        self.assertEqual(self.in_state("InService"), sorted([instance, other]))
        self.call("resume_processes", ScalingProcesses=["Terminate"])
        self.assertEqual(self.wait_in_service(1), [other])  # marked while suspended, killed at resume

    def test_health_check_and_replace_unhealthy(self):
        self.make(1)
        instance = self.wait_in_service(1)[0]
        self.call("suspend_processes", ScalingProcesses=["HealthCheck", "ReplaceUnhealthy"])
        self.ec2.stop_instances(InstanceIds=[instance])
        self.sandbox.wait_state(instance, "stopped")
        self.ticks()
        self.assertEqual(self.group()["Instances"][0]["HealthStatus"], "Healthy")
        self.call("resume_processes", ScalingProcesses=["HealthCheck"])
        wait_for(lambda: self.group()["Instances"][0]["HealthStatus"] == "Unhealthy", "an unhealthy instance")
        self.ticks()
        self.assertEqual(self.in_state("InService"), [instance])
        self.call("resume_processes", ScalingProcesses=["ReplaceUnhealthy"])
        self.wait_gone(instance)


class Choosing(GroupCase):
    def zones(self):
        counts = {}
        for row in self.group()["Instances"]:
            if row["LifecycleState"] == "InService":
                counts[row["AvailabilityZone"]] = counts.get(row["AvailabilityZone"], 0) + 1
        return sorted(counts.values())

    def test_oldest_instance(self):
        self.make(1, TerminationPolicies=["OldestInstance"])
        first = self.wait_in_service(1)[0]
        self.call("set_desired_capacity", DesiredCapacity=2)
        both = self.wait_in_service(2)
        self.call("set_desired_capacity", DesiredCapacity=1)
        self.assertEqual(self.wait_in_service(1), [key for key in both if key != first])

    def test_default_ends_what_is_out_of_date(self):
        template_id = self.template()
        self.make(1, LaunchTemplate={"LaunchTemplateId": template_id, "Version": "1"})
        first = self.wait_in_service(1)[0]
        number = self.version(template_id, InstanceType="t3.small")
        self.call("update_auto_scaling_group", DesiredCapacity=3,
                  LaunchTemplate={"LaunchTemplateId": template_id, "Version": number})
        self.wait_in_service(3)
        self.call("set_desired_capacity", DesiredCapacity=2)
        self.assertNotIn(first, self.wait_in_service(2))

    def test_oldest_launch_configuration(self):
        image = self.sandbox.about["base_image_id"]
        for part in ("a", "b"):
            self.groups.create_launch_configuration(LaunchConfigurationName=self.name + part, ImageId=image,
                                                    InstanceType="t3.micro")
        self.make(1, LaunchConfigurationName=self.name + "a", TerminationPolicies=["OldestLaunchConfiguration"])
        first = self.wait_in_service(1)[0]
        self.call("update_auto_scaling_group", LaunchConfigurationName=self.name + "b", DesiredCapacity=3)
        self.wait_in_service(3)
        self.call("set_desired_capacity", DesiredCapacity=2)
        self.assertNotIn(first, self.wait_in_service(2))

    def test_zones_are_balanced(self):
        self.make(4, subnets=1)
        self.wait_in_service(4)
        self.assertEqual(self.zones(), [4])
        self.call("suspend_processes", ScalingProcesses=["AZRebalance"])
        self.call("update_auto_scaling_group", VPCZoneIdentifier=",".join(self.sandbox.about["subnet_ids"][:2]))
        self.call("resume_processes", ScalingProcesses=["AZRebalance"])
        wait_for(lambda: self.zones() == [2, 2] and len(self.states()) == 4, "balanced zones")

    def test_balancing_waits_for_room_in_the_emptier_zone(self):
        self.make(4, subnets=1)
        self.wait_in_service(4)
        self.sandbox.control("faults", {"when": "group-launch-fails", "error": "InsufficientInstanceCapacity"})
        self.call("update_auto_scaling_group", VPCZoneIdentifier=",".join(self.sandbox.about["subnet_ids"][:2]))
        wait_for(lambda: self.zones() == [2, 2] and len(self.states()) == 4, "balanced zones")
        launched = [row["StatusCode"] for row in self.activities() if "Launching" in row["Description"]]
        self.assertEqual((launched.count("Successful"), launched.count("Failed")), (6, 1))

    def test_scale_in_begins_in_the_fullest_zone(self):
        self.make(5, subnets=2)
        self.wait_in_service(5)
        self.assertEqual(self.zones(), [2, 3])
        self.call("set_desired_capacity", DesiredCapacity=4)
        self.wait_in_service(4)
        self.assertEqual(self.zones(), [2, 2])


if __name__ == "__main__":
    unittest.main()
