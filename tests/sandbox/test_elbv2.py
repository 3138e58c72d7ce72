"""Load balancers and target groups through Debian's boto3, with health checks of real servers."""
import unittest

from balancer_case import Elbv2Case, boto3


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class LoadBalancers(Elbv2Case):
    def test_life_of_a_load_balancer(self):
        made = self.balancer("life", Tags=[{"Key": "app", "Value": "web & <co>"}])
        arn = made["LoadBalancerArn"]
        self.assertEqual((made["State"]["Code"], made["Type"], made["Scheme"], made["VpcId"]),
                         ("provisioning", "application", "internet-facing", self.vpc))
        self.assertEqual([zone["SubnetId"] for zone in made["AvailabilityZones"]], self.subnets[:2])
        self.elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn],
                                                              WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        self.assertEqual(self.balancer("life")["LoadBalancerArn"], arn, "made again just so: the same one")
        self.assertEqual(self.code_of(self.elbv2.create_load_balancer, Name="life", Subnets=self.subnets[1:3]),
                         "DuplicateLoadBalancerName")
        found = self.elbv2.describe_load_balancers(Names=["life"])["LoadBalancers"]
        self.assertEqual([row["LoadBalancerArn"] for row in found], [arn])
        self.assertEqual(self.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"],
                         [{"ResourceArn": arn, "Tags": [{"Key": "app", "Value": "web & <co>"}]}])
        self.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
            {"Key": "deletion_protection.enabled", "Value": "true"}])
        self.assertEqual(self.code_of(self.elbv2.delete_load_balancer, LoadBalancerArn=arn), "OperationNotPermitted")
        self.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
            {"Key": "deletion_protection.enabled", "Value": "false"}])
        for _ in range(2):
            self.elbv2.delete_load_balancer(LoadBalancerArn=arn)
        self.assertEqual(self.code_of(self.elbv2.describe_load_balancers, LoadBalancerArns=[arn]),
                         "LoadBalancerNotFound")
        self.elbv2.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn])

    def test_wrong_wishes(self):
        create = self.elbv2.create_load_balancer
        for name in ("-edge", "edge-", "a_b", "x" * 33, "internal-app"):
            self.assertEqual(self.code_of(create, Name=name, Subnets=self.subnets[:2]), "ValidationError", name)
        self.assertEqual(self.code_of(create, Name="one", Subnets=self.subnets[:1]), "ValidationError")
        self.assertEqual(self.code_of(create, Name="one", Subnets=["subnet-1", "subnet-2"]), "SubnetNotFound")
        self.assertEqual(self.code_of(create, Name="one", Subnets=self.subnets[:2], SecurityGroups=["sg-1"]),
                         "InvalidSecurityGroup")

    def test_unknown_names_on_the_wire(self):
        def call(version, **form):
            self.sandbox.request({"Version": version, **form}, service="elasticloadbalancing")
        for form in ({"Action": "DescribeTargetGroups", "TargetGroupArn.member.1": "x"},
                     {"Action": "DescribeTargetGroups", "TargetGroupArns.1": "x"},
                     {"Action": "DescribeTargetGroups", "Names": "not a list"},
                     {"Action": "RegisterTargets", "TargetGroupArn": "x", "Targets.member.1.InstanceId": "i-1"}):
            self.refused("UnknownParameter", call, "2015-12-01", **form)
        self.refused("InvalidAction", call, "2015-12-01", Action="RegisterInstancesWithLoadBalancer")
        self.refused("InvalidAction", call, "2012-06-01", Action="RegisterTargets")
        self.refused("InvalidAction", call, "2011-11-15", Action="DescribeLoadBalancers")
        call("2015-12-01", Action="DescribeTargetGroups", Names="")  # an empty list

    def test_pages(self):
        for number in range(5):
            self.group(f"page-{number}")
        pages = list(self.elbv2.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 2}))
        names = [row["TargetGroupName"] for page in pages for row in page["TargetGroups"]]
        self.assertGreaterEqual(len(pages), 3)
        self.assertEqual(sorted(name for name in names if name.startswith("page-")),
                         [f"page-{number}" for number in range(5)])


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class TargetGroups(Elbv2Case):
    def test_life_of_a_target_group(self):
        arn = self.group("groups-life")
        self.assertEqual(self.group("groups-life"), arn)
        self.assertEqual(self.code_of(self.elbv2.create_target_group, Name="groups-life", Protocol="HTTP", Port=81,
                                      VpcId=self.vpc), "DuplicateTargetGroupName")
        shown = self.elbv2.describe_target_groups(Names=["groups-life"])["TargetGroups"][0]
        self.assertEqual((shown["Matcher"], shown["HealthCheckPort"], shown["TargetType"], shown["LoadBalancerArns"]),
                         ({"HttpCode": "200"}, "traffic-port", "instance", []))
        changed = self.elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/ready", Matcher={"HttpCode": "200-299,404"},
                                                 UnhealthyThresholdCount=4)["TargetGroups"][0]
        self.assertEqual((changed["HealthCheckPath"], changed["UnhealthyThresholdCount"], changed["Matcher"],
                          changed["HealthCheckIntervalSeconds"]), ("/ready", 4, {"HttpCode": "200-299,404"}, 5))
        for wrong in ({"HealthCheckIntervalSeconds": 301}, {"HealthCheckTimeoutSeconds": 5}, {"HealthCheckPath": "x"},
                      {"Matcher": {"HttpCode": "two"}}, {"HealthyThresholdCount": 11}):
            self.assertEqual(self.code_of(self.elbv2.modify_target_group, TargetGroupArn=arn, **wrong),
                             "ValidationError", wrong)
        for _ in range(2):
            self.elbv2.delete_target_group(TargetGroupArn=arn)
        self.assertEqual(self.code_of(self.elbv2.describe_target_groups, TargetGroupArns=[arn]), "TargetGroupNotFound")

    def test_attributes(self):
        arn = self.group("groups-attributes")

        def shown():
            rows = self.elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
            return {row["Key"]: row["Value"] for row in rows}
        self.assertEqual(shown()["deregistration_delay.timeout_seconds"], "300")
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "20"},
            {"Key": "slow_start.duration_seconds", "Value": "30"}, {"Key": "stickiness.enabled", "Value": "true"}])
        self.assertEqual([shown()[key] for key in ("deregistration_delay.timeout_seconds",
                                                   "slow_start.duration_seconds", "stickiness.enabled")],
                         ["20", "30", "true"])
        for key, value in (("deregistration_delay.timeout_seconds", "3601"), ("slow_start.duration_seconds", "5"),
                           ("made.up", "1"), ("stickiness.enabled", "yes")):
            self.assertEqual(self.code_of(self.elbv2.modify_target_group_attributes, TargetGroupArn=arn,
                                          Attributes=[{"Key": key, "Value": value}]), "ValidationError", key)

    def test_in_use(self):
        arn, balancer = self.group("groups-used"), self.balancer("groups-used")
        listener, _ = self.listener(balancer, self.forward(arn))
        self.assertEqual(self.code_of(self.elbv2.delete_target_group, TargetGroupArn=arn), "ResourceInUse")
        found = self.elbv2.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"]
        self.assertEqual([(row["TargetGroupArn"], row["LoadBalancerArns"]) for row in found],
                         [(arn, [balancer["LoadBalancerArn"]])])
        self.elbv2.delete_listener(ListenerArn=listener)
        self.elbv2.delete_target_group(TargetGroupArn=arn)


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Listeners(Elbv2Case):
    def test_weights_are_replaced_whole(self):
        blue, green = self.group("blue"), self.group("green")
        balancer = self.balancer("listeners")
        listener, port = self.listener(balancer, self.forward(blue))

        def shown():
            row = self.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"][0]
            return {part["TargetGroupArn"]: part["Weight"] for part in row["ForwardConfig"]["TargetGroups"]}
        self.assertEqual(shown(), {blue: 1})
        self.elbv2.modify_listener(ListenerArn=listener, DefaultActions=[self.forward((blue, 90), (green, 10))])
        self.assertEqual(shown(), {blue: 90, green: 10})
        self.elbv2.modify_listener(ListenerArn=listener, DefaultActions=[self.forward(green)])
        self.assertEqual(shown(), {green: 1})
        self.elbv2.delete_target_group(TargetGroupArn=blue)
        self.assertEqual(self.code_of(self.elbv2.modify_listener, ListenerArn=listener,
                                      DefaultActions=[self.forward(blue)]), "TargetGroupNotFound")
        self.assertEqual(shown(), {green: 1})
        self.assertEqual(self.code_of(self.elbv2.create_listener, LoadBalancerArn=balancer["LoadBalancerArn"],
                                      Protocol="HTTP", Port=port, DefaultActions=[
                                          {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]),
                         "DuplicateListener")
        listeners = self.elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        self.assertEqual([row["ListenerArn"] for row in listeners], [listener])

    def test_rules(self):
        first, second = self.group("rules-1"), self.group("rules-2")
        listener, _ = self.listener(self.balancer("rules"), self.forward(first))
        path = [{"Field": "path-pattern", "Values": ["/api/*"]}]
        rule = self.elbv2.create_rule(ListenerArn=listener, Priority=10, Conditions=path,
                                      Actions=[self.forward(second)])["Rules"][0]["RuleArn"]
        self.assertEqual(self.code_of(self.elbv2.create_rule, ListenerArn=listener, Priority=10, Conditions=path,
                                      Actions=[self.forward(second)]), "PriorityInUse")
        self.elbv2.modify_rule(RuleArn=rule, Actions=[self.forward((first, 0), (second, 5))])
        self.elbv2.set_rule_priorities(RulePriorities=[{"RuleArn": rule, "Priority": 20}])
        rows = self.elbv2.describe_rules(ListenerArn=listener)["Rules"]
        self.assertEqual([(row["Priority"], row["IsDefault"]) for row in rows], [("20", False), ("default", True)])
        self.assertEqual(rows[0]["Conditions"][0]["PathPatternConfig"], {"Values": ["/api/*"]})
        self.assertEqual([part["Weight"] for part in rows[0]["Actions"][0]["ForwardConfig"]["TargetGroups"]], [0, 5])
        self.assertEqual(rows[1]["Actions"][0]["TargetGroupArn"], first)
        self.assertEqual(self.code_of(self.elbv2.delete_rule, RuleArn=rows[1]["RuleArn"]), "OperationNotPermitted")
        self.assertEqual(self.code_of(self.elbv2.delete_target_group, TargetGroupArn=second), "ResourceInUse")
        self.elbv2.add_tags(ResourceArns=[rule, listener], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
        self.elbv2.remove_tags(ResourceArns=[rule], TagKeys=["a"])
        tags = self.elbv2.describe_tags(ResourceArns=[rule, listener])["TagDescriptions"]
        self.assertEqual([[tag["Key"] for tag in row["Tags"]] for row in tags], [["b"], ["a", "b"]])
        self.elbv2.delete_rule(RuleArn=rule)
        self.assertEqual(self.code_of(self.elbv2.describe_rules, RuleArns=[rule]), "RuleNotFound")
        self.elbv2.delete_target_group(TargetGroupArn=second)


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Health(Elbv2Case):
    def test_states_over_time(self):
        one, other = self.run_instances(2)
        arn, port = self.group("health"), 8080
        server = self.serve(one, port)
        self.register(arn, one, other)
        self.wait_health(arn, "unused", "Target.NotInUse")
        self.assertEqual(server.checks, 0, "a group that no listener uses is not checked")
        self.listener(self.balancer("health"), self.forward(arn))
        self.assertEqual(set(self.health(arn).values()), {("initial", "Elb.RegistrationInProgress")})
        self.wait(lambda: self.health(arn)[one, port] == ("healthy", None), "healthy")
        self.wait(lambda: self.health(arn)[other, port] == ("unhealthy", "Target.FailedHealthChecks"), "no server")
        server.health = 503
        before = server.checks
        self.wait(lambda: self.health(arn)[one, port] == ("unhealthy", "Target.ResponseCodeMismatch"), "bad code")
        self.assertGreaterEqual(server.checks - before, 2, "the threshold")
        server.health = 200
        before = server.checks
        self.wait(lambda: self.health(arn)[one, port] == ("healthy", None), "healthy again")
        self.assertGreaterEqual(server.checks - before, 3, "the threshold")
        stranger = "i-0123456789abcdef0"
        self.assertEqual(self.health(arn, stranger), {(stranger, port): ("unused", "Target.NotRegistered")})

    def test_a_server_that_hangs(self):
        one, = self.run_instances()
        arn = self.group("hangs", HealthCheckPath="/slow?30")
        self.serve(one, 8081)
        self.listener(self.balancer("hangs"), self.forward(arn))
        self.register(arn, one, Port=8081)
        self.wait(lambda: self.health(arn) == {(one, 8081): ("unhealthy", "Target.Timeout")}, "the timeout")

    def test_two_ports_are_two_targets(self):
        one, = self.run_instances()
        arn = self.group("ports", port=8082)
        self.serve(one, 8082)
        self.listener(self.balancer("ports"), self.forward(arn))
        self.register(arn, one)
        self.register(arn, one, Port=8083)
        self.wait(lambda: {key: told[0] for key, told in self.health(arn).items()} ==
                  {(one, 8082): "healthy", (one, 8083): "unhealthy"}, "each its own health")
        self.deregister(arn, one, Port=8083)
        self.assertEqual(self.health(arn)[one, 8083], ("draining", "Target.DeregistrationInProgress"))
        self.assertEqual(self.health(arn)[one, 8082], ("healthy", None))
        self.deregister(arn, one, Port=9999)  # not there: a success

    def test_instances_that_stop_or_end(self):
        one, two = self.run_instances(2)
        arn = self.group("stopped", port=8084)
        for instance_id in (one, two):
            self.serve(instance_id, 8084)
        self.listener(self.balancer("stopped"), self.forward(arn))
        self.register(arn, one, two)
        self.wait_health(arn, "healthy")
        self.ec2.stop_instances(InstanceIds=[one])
        self.wait(lambda: self.health(arn)[one, 8084] == ("unused", "Target.InvalidState"), "stopped")
        self.assertEqual(self.code_of(self.elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": one}]),
                         "InvalidTarget")
        self.sandbox.wait_state(one, "stopped")
        self.ec2.start_instances(InstanceIds=[one])
        self.wait_health(arn, "healthy")
        self.ec2.terminate_instances(InstanceIds=[two])
        self.wait(lambda: list(self.health(arn)) == [(one, 8084)], "the terminated one is gone")
        self.assertEqual(self.code_of(self.elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": two}]),
                         "InvalidTarget")

    def test_targets_by_address(self):
        one, = self.run_instances()
        address = self.sandbox.instance(one)["private_ip"]
        self.serve(one, 8086)
        arn = self.group("addresses", port=8086, TargetType="ip")
        balancer = self.balancer("addresses")
        _, port = self.listener(balancer, self.forward(arn))
        for wrong in ("10.0.0.1", one, "nonsense"):
            self.assertEqual(self.code_of(self.elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": wrong}]),
                             "InvalidTarget", wrong)
        self.register(arn, address)
        self.wait_health(arn, "healthy")
        self.assertEqual(self.request(balancer["DNSName"], port)[2].decode(), one)

    def test_a_target_group_is_of_one_load_balancer(self):
        arn = self.group("association")
        self.listener(self.balancer("association-1"), self.forward(arn))
        other = self.balancer("association-2")
        self.assertEqual(self.code_of(self.elbv2.create_listener, LoadBalancerArn=other["LoadBalancerArn"],
                                      Protocol="HTTP", Port=next(self.ports), DefaultActions=[self.forward(arn)]),
                         "TargetGroupAssociationLimit")
        self.assertEqual(self.elbv2.describe_listeners(LoadBalancerArn=other["LoadBalancerArn"])["Listeners"], [])

    def test_a_zone_that_is_not_enabled(self):
        one, = self.run_instances(subnet=2)
        arn = self.group("zones", port=8085)
        self.serve(one, 8085)
        balancer = self.balancer("zones")
        self.listener(balancer, self.forward(arn))
        self.register(arn, one)
        self.wait_health(arn, "unused", "Target.NotInUse")
        self.elbv2.set_subnets(LoadBalancerArn=balancer["LoadBalancerArn"], Subnets=self.subnets)
        self.wait_health(arn, "healthy")


if __name__ == "__main__":
    unittest.main()
