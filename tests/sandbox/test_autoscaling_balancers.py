"""Auto Scaling groups behind load balancers of both kinds, with real health checks of real servers."""
import unittest

from balancer_case import QUICK_CHECK, InstanceServer
from group_case import GroupCase
from sandbox_case import wait_for

PORT = 8080
CLASSIC_CHECK = {"Target": f"TCP:{PORT}", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}


class BehindBalancers(GroupCase):
    @classmethod
    def connect(cls):
        super().connect()
        cls.elbv2, cls.elb = cls.client("elbv2"), cls.client("elb")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ports = iter(range(21001, 22000))

    def setUp(self):
        super().setUp()
        self.servers = {}
        self.addCleanup(lambda: [server.kill() for server in self.servers.values()])

    def target_group(self, name, delay=20):
        """With a listener of its own. Its ARN."""
        arn = self.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=PORT, **QUICK_CHECK,
                                             VpcId=self.sandbox.about["vpc_id"])["TargetGroups"][0]["TargetGroupArn"]
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}])
        balancer = self.elbv2.create_load_balancer(Name=name, Subnets=self.sandbox.about["subnet_ids"][:2])
        self.elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"], Protocol="HTTP",
                                   Port=next(self.ports),
                                   DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
        return arn

    def serve(self):
        """A server on every instance of the group, from its first moment."""
        for instance_id in self.states():
            if instance_id not in self.servers:
                address = self.sandbox.instance(instance_id)["private_ip"]
                self.servers[instance_id] = InstanceServer(address, PORT, instance_id)

    def health(self, arn):
        found = self.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {row["Target"]["Id"]: row["TargetHealth"]["State"] for row in found}

    def wait_healthy(self, arn, count):
        def healthy():
            self.serve()
            found = self.health(arn)
            return len(found) == count and set(found.values()) == {"healthy"} and sorted(found)
        return wait_for(healthy, f"{count} healthy targets")

    def attachment(self, arn):
        found = self.call("describe_load_balancer_target_groups")["LoadBalancerTargetGroups"]
        return {row["LoadBalancerTargetGroupARN"]: row["State"] for row in found}.get(arn)

    def test_instances_are_registered_in_service_and_drained_before_they_end(self):
        arn = self.target_group("drained")
        self.make(2, TargetGroupARNs=[arn], LifecycleHookSpecificationList=[
            {"LifecycleHookName": "boot", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}])
        ids = wait_for(lambda: len(found := self.in_state("Pending:Wait")) == 2 and found, "two at their hook")
        self.assertEqual(self.health(arn), {})  # not before the hook is done
        for instance in ids:
            self.call("complete_lifecycle_action", LifecycleHookName="boot", InstanceId=instance,
                      LifecycleActionResult="CONTINUE")
        self.assertEqual(self.wait_healthy(arn, 2), ids)
        wait_for(lambda: self.attachment(arn) == "InService", "the target group is in service")
        activity = self.groups.terminate_instance_in_auto_scaling_group(
            InstanceId=ids[0], ShouldDecrementDesiredCapacity=True)["Activity"]
        self.assertEqual(activity["StatusCode"], "WaitingForELBConnectionDraining")
        self.assertEqual(self.health(arn)[ids[0]], "draining")
        wait_for(lambda: ids[0] not in self.health(arn) or self.states().get(ids[0]) != "Terminating", "the next step")
        self.assertNotIn(ids[0], self.health(arn))  # only then it goes on
        self.wait_gone(ids[0])
        self.assertEqual(self.sandbox.instance(ids[0])["state"], "terminated")
        self.assertEqual(self.wait_healthy(arn, 1), ids[1:])

    def test_standby_is_drained_too_and_comes_back(self):
        arn = self.target_group("standby")
        self.make(1, TargetGroupARNs=[arn])
        instance = self.wait_healthy(arn, 1)[0]
        self.call("enter_standby", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True)
        self.assertEqual((self.states()[instance], self.health(arn)[instance]), ("EnteringStandby", "draining"))
        self.wait_member(instance, "Standby")
        self.assertEqual(self.health(arn), {})
        self.call("exit_standby", InstanceIds=[instance])
        self.assertEqual(self.wait_healthy(arn, 1), [instance])

    def test_unhealthy_target_is_replaced(self):
        arn = self.target_group("ill", delay=0)
        self.make(1, TargetGroupARNs=[arn], HealthCheckType="ELB", HealthCheckGracePeriod=20)
        first = self.wait_healthy(arn, 1)[0]
        self.servers[first].health = 500
        self.wait_gone(first)
        self.assertIn("ELB system health check", self.wait_activity(f"Terminating EC2 instance: {first}",
                                                                    "Successful")["Cause"])
        self.assertNotEqual(self.wait_healthy(arn, 1), [first])

    def test_instances_of_an_unused_target_group_are_not_ill(self):
        arn = self.elbv2.create_target_group(Name="unused", Protocol="HTTP", Port=PORT,
                                             VpcId=self.sandbox.about["vpc_id"])["TargetGroups"][0]["TargetGroupArn"]
        self.make(1, TargetGroupARNs=[arn], HealthCheckType="ELB")
        instance = self.wait_in_service(1)[0]
        self.call("set_desired_capacity", DesiredCapacity=2)
        self.wait_in_service(2)
        self.assertEqual(self.states()[instance], "InService")
        self.assertEqual(set(self.health(arn).values()), {"unused"})

    def test_suspended_add_to_load_balancer(self):
        arn = self.target_group("held")
        self.make(0, TargetGroupARNs=[arn])
        self.call("suspend_processes", ScalingProcesses=["AddToLoadBalancer"])
        self.call("set_desired_capacity", DesiredCapacity=1)
        self.wait_in_service(1)
        self.call("resume_processes", ScalingProcesses=["AddToLoadBalancer"])
        self.call("set_desired_capacity", DesiredCapacity=2)
        self.wait_in_service(2)
        self.assertEqual(len(self.health(arn)), 1)  # who was launched meanwhile is not added later

    def test_attaching_and_detaching(self):
        first, second = self.target_group("first"), self.target_group("second")
        self.make(1, TargetGroupARNs=[first])
        instance = self.wait_healthy(first, 1)[0]
        self.call("attach_load_balancer_target_groups", TargetGroupARNs=[second])
        self.wait_healthy(second, 1)
        self.assertEqual(self.group()["TargetGroupARNs"], [first, second])
        self.call("detach_load_balancer_target_groups", TargetGroupARNs=[first])
        self.assertEqual((self.attachment(first), self.health(first)), ("Removing", {instance: "draining"}))
        wait_for(lambda: self.attachment(first) is None, "the target group is gone from the group")
        self.assertEqual(self.health(first), {})
        self.assertEqual(self.group()["TargetGroupARNs"], [second])
        self.refused_with("not part of the group", self.call, action="detach_load_balancer_target_groups",
                          TargetGroupARNs=[first])
        self.call("suspend_processes", ScalingProcesses=["InstanceRefresh"])
        self.call("start_instance_refresh")
        self.assertEqual(self.code_of(self.call, action="attach_load_balancer_target_groups", TargetGroupARNs=[first]),
                         "InstanceRefreshInProgress")

    def test_classic_load_balancers(self):
        for name in ("old-blue", "old-green"):
            self.elb.create_load_balancer(
                LoadBalancerName=name, Subnets=self.sandbox.about["subnet_ids"][:1],
                Listeners=[{"Protocol": "TCP", "LoadBalancerPort": next(self.ports), "InstancePort": PORT}])
            self.elb.configure_health_check(LoadBalancerName=name, HealthCheck=CLASSIC_CHECK)

        def in_service(name):
            self.serve()
            found = self.elb.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
            return [row["InstanceId"] for row in found if row["State"] == "InService"]
        self.make(1, LoadBalancerNames=["old-blue"])
        instance = wait_for(lambda: in_service("old-blue"), "in service behind blue")
        self.call("attach_load_balancers", LoadBalancerNames=["old-green"])
        self.assertEqual(wait_for(lambda: in_service("old-green"), "in service behind green"), instance)
        wait_for(lambda: {row["State"] for row in self.call("describe_load_balancers")["LoadBalancers"]}
                 == {"InService"}, "both in service")
        self.call("detach_load_balancers", LoadBalancerNames=["old-blue"])
        wait_for(lambda: self.group()["LoadBalancerNames"] == ["old-green"], "blue is left")
        self.assertEqual(in_service("old-blue"), [])
        self.refused_with("Load Balancers may not be valid", self.call, action="attach_load_balancers",
                          LoadBalancerNames=["nobody"])

    def test_draining_goes_on_after_a_restart(self):
        arn = self.target_group("restarted", delay=60)
        self.make(1, TargetGroupARNs=[arn])
        instance = self.wait_healthy(arn, 1)[0]
        self.call("set_desired_capacity", DesiredCapacity=0)
        self.wait_member(instance, "Terminating")
        self.sandbox.stop()
        self.sandbox.start()
        self.connect()
        self.assertEqual((self.states()[instance], self.health(arn)[instance]), ("Terminating", "draining"))
        self.wait_gone(instance)


if __name__ == "__main__":
    unittest.main()
