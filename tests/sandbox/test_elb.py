"""Classic load balancers through Debian's boto3, with real health checks and real HTTP."""
import unittest

from balancer_case import BalancerCase, Load, boto3

CHECK = {"Target": "HTTP:8080/health", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Classic(BalancerCase):
    def make(self, name, port=8080, **settings):
        """(its name, its address, its port)"""
        served = next(self.ports)
        made = self.elb.create_load_balancer(**{
            "LoadBalancerName": name, "Subnets": self.subnets[:1],
            "Listeners": [{"Protocol": "HTTP", "LoadBalancerPort": served, "InstancePort": port}], **settings})
        return name, made["DNSName"], served

    def ids(self, reply):
        return [row["InstanceId"] for row in reply["Instances"]]

    def register(self, name, *ids):
        return self.ids(self.elb.register_instances_with_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": one} for one in ids]))

    def deregister(self, name, *ids):
        return self.ids(self.elb.deregister_instances_from_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": one} for one in ids]))

    def health(self, name, *ids):
        """{id: (state, reason code, description)}"""
        asked = {"Instances": [{"InstanceId": one} for one in ids]} if ids else {}
        found = self.elb.describe_instance_health(LoadBalancerName=name, **asked)["InstanceStates"]
        return {row["InstanceId"]: (row["State"], row["ReasonCode"], row["Description"]) for row in found}

    def wait_state(self, name, state, *ids):
        self.wait(lambda: {told[0] for told in self.health(name, *ids).values()} == {state}, state)

    def describe(self, name):
        return self.elb.describe_load_balancers(LoadBalancerNames=[name])["LoadBalancerDescriptions"][0]

    def test_life(self):
        name, address, port = self.make("life", Tags=[{"Key": "app", "Value": "web"}])
        same = {"LoadBalancerName": name, "Subnets": self.subnets[:1], "Tags": [{"Key": "app", "Value": "web"}]}
        listeners = [{"Protocol": "HTTP", "LoadBalancerPort": port, "InstancePort": 8080}]
        self.assertEqual(self.elb.create_load_balancer(Listeners=listeners, **same)["DNSName"], address)
        listeners[0]["InstancePort"] = 1
        self.assertEqual(self.code_of(self.elb.create_load_balancer, Listeners=listeners, **same),
                         "DuplicateLoadBalancerName")
        shown = self.describe(name)
        self.assertEqual((shown["VPCId"], shown["Subnets"], shown["AvailabilityZones"], shown["Scheme"]),
                         (self.vpc, self.subnets[:1], ["eu-west-1a"], "internet-facing"))
        self.assertEqual(shown["HealthCheck"]["Target"], "TCP:8080")
        self.assertEqual(shown["ListenerDescriptions"][0]["Listener"],
                         {"Protocol": "HTTP", "LoadBalancerPort": port, "InstanceProtocol": "HTTP",
                          "InstancePort": 8080})
        self.elb.add_tags(LoadBalancerNames=[name], Tags=[{"Key": "b", "Value": "2"}])
        self.elb.remove_tags(LoadBalancerNames=[name], Tags=[{"Key": "app"}])
        tags = self.elb.describe_tags(LoadBalancerNames=[name])["TagDescriptions"]
        self.assertEqual(tags, [{"LoadBalancerName": name, "Tags": [{"Key": "b", "Value": "2"}]}])
        extra = next(self.ports)
        listener = [{"Protocol": "TCP", "LoadBalancerPort": extra, "InstancePort": 8080}]
        for _ in range(2):
            self.elb.create_load_balancer_listeners(LoadBalancerName=name, Listeners=listener)
        self.assertEqual(len(self.describe(name)["ListenerDescriptions"]), 2)
        listener[0]["InstancePort"] = 2
        self.assertEqual(self.code_of(self.elb.create_load_balancer_listeners, LoadBalancerName=name,
                                      Listeners=listener), "DuplicateListener")
        self.elb.delete_load_balancer_listeners(LoadBalancerName=name, LoadBalancerPorts=[extra])
        self.assertEqual(len(self.describe(name)["ListenerDescriptions"]), 1)
        for _ in range(2):
            self.elb.delete_load_balancer(LoadBalancerName=name)
        for call in (self.elb.describe_load_balancer_attributes, self.elb.describe_instance_health,
                     self.elb.delete_load_balancer_listeners):
            parameters = {"LoadBalancerPorts": [1]} if "listeners" in call.__name__ else {}
            self.assertEqual(self.code_of(call, LoadBalancerName=name, **parameters), "LoadBalancerNotFound")

    def test_attributes_and_subnets(self):
        name, _, _ = self.make("attributes")

        def shown():
            return self.elb.describe_load_balancer_attributes(LoadBalancerName=name)["LoadBalancerAttributes"]
        self.assertEqual((shown()["ConnectionDraining"], shown()["ConnectionSettings"]),
                         ({"Enabled": False, "Timeout": 300}, {"IdleTimeout": 60}))
        self.elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes={
            "ConnectionDraining": {"Enabled": True, "Timeout": 40}, "CrossZoneLoadBalancing": {"Enabled": True}})
        self.elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes={
            "ConnectionSettings": {"IdleTimeout": 90}})
        self.assertEqual((shown()["ConnectionDraining"], shown()["CrossZoneLoadBalancing"],
                          shown()["ConnectionSettings"]),
                         ({"Enabled": True, "Timeout": 40}, {"Enabled": True}, {"IdleTimeout": 90}))
        check = self.elb.configure_health_check(LoadBalancerName=name, HealthCheck=CHECK)["HealthCheck"]
        self.assertEqual(check, CHECK)
        for wrong in ({"Target": "HTTP:8080"}, {"Target": "TCP:80/x"}, {"Target": "GOPHER:70"}, {"Timeout": 5}):
            self.assertEqual(self.code_of(self.elb.configure_health_check, LoadBalancerName=name,
                                          HealthCheck={**CHECK, **wrong}), "ValidationError", wrong)
        self.assertEqual(self.describe(name)["HealthCheck"], CHECK)
        attached = self.elb.attach_load_balancer_to_subnets(LoadBalancerName=name, Subnets=[self.subnets[1]])["Subnets"]
        self.assertEqual(attached, self.subnets[:2])
        left = self.elb.detach_load_balancer_from_subnets(LoadBalancerName=name, Subnets=[self.subnets[0]])["Subnets"]
        self.assertEqual(left, [self.subnets[1]])

    def test_states_over_time(self):
        name, address, port = self.make("states")
        self.elb.configure_health_check(LoadBalancerName=name, HealthCheck=CHECK)
        one, two = self.run_instances(2)
        server = self.serve(one, 8080)
        self.assertEqual(self.register(name, one, two), [one, two])
        self.assertEqual(self.health(name)[one][:2], ("OutOfService", "ELB"))
        self.wait(lambda: self.health(name)[one] == ("InService", "N/A", "N/A"), "in service")
        self.wait(lambda: "UnhealthyThreshold" in self.health(name)[two][2], "no server")
        self.assertEqual(self.health(name)[two][:2], ("OutOfService", "Instance"))
        self.assertEqual(self.request(address, port)[2].decode(), one)
        server.health = 500
        self.wait_state(name, "OutOfService", one)
        self.assertEqual(self.request(address, port)[0], 503)
        server.health = 200
        self.wait_state(name, "InService", one)
        self.assertEqual(self.deregister(name, two), [one])
        self.assertEqual(self.health(name, two)[two][:2], ("OutOfService", "Instance"))
        self.assertEqual(self.ids(self.describe(name)), [one])
        self.ec2.stop_instances(InstanceIds=[one])
        self.wait(lambda: self.health(name)[one][2] == "Instance is in stopped state.", "stopped")
        self.ec2.terminate_instances(InstanceIds=[one])
        self.wait(lambda: self.health(name) == {}, "the terminated one is gone")
        for call in (self.register, self.deregister, self.health):
            self.assertEqual(self.code_of(lambda call=call: call(name, "i-0123456789abcdef0")), "InvalidInstance")

    def test_a_careful_deploy_loses_no_request(self):
        name, address, port = self.make("careful", port=8081)
        self.elb.configure_health_check(LoadBalancerName=name, HealthCheck={**CHECK, "Target": "HTTP:8081/health"})
        self.elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes={
            "ConnectionDraining": {"Enabled": True, "Timeout": 20}})
        servers = {one: self.serve(one, 8081) for one in self.run_instances(2)}
        self.register(name, *servers)
        self.wait_state(name, "InService")
        with Load(address, port, path="/slow?0.05", rate=100) as load:
            for one in list(servers):
                self.assertEqual(len(self.deregister(name, one)), 1)
                self.assertEqual(self.health(name)[one][0::2],
                                 ("InService", "Instance deregistration currently in progress."))
                self.wait(lambda one=one: one not in self.health(name), "drained")
                servers[one].kill()
                servers[one] = self.serve(one, 8081)
                self.register(name, one)
                self.wait_state(name, "InService")
                self.wait(lambda one=one: servers[one].requests, "requests again")
        self.assertEqual(load.failures, [])
        self.assertEqual(set(load.by_name), set(servers))

    def test_without_draining_requests_are_cut(self):
        name, address, port = self.make("cut", port=8082)
        self.elb.configure_health_check(LoadBalancerName=name, HealthCheck={**CHECK, "Target": "TCP:8082"})
        one, = self.run_instances()
        server = self.serve(one, 8082)
        self.register(name, one)
        self.wait_state(name, "InService")
        with Load(address, port, path="/slow?5", rate=1, clients=1) as load:
            self.wait(lambda: server.requests, "a request in flight")
            self.assertEqual(self.deregister(name, one), [])
            self.wait(lambda: load.failures, "cut")
            self.assertEqual(self.health(name), {})


if __name__ == "__main__":
    unittest.main()
