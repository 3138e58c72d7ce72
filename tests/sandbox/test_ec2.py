"""The EC2 protocol over a small signed client: refusals, tokens, states, faults."""
import base64
import concurrent.futures
import http.client
import json
import socket
import unittest
import urllib.error

from sandbox_case import Refused, SandboxCase, texts, wait_for


class Calls(SandboxCase):
    def test_signature_is_checked(self):
        form = {"Action": "DescribeInstances", "Version": "2016-11-15"}
        self.assertEqual(self.refused("SignatureDoesNotMatch", self.sandbox.request, form, secret="wrong").status, 403)
        self.assertEqual(self.refused("AuthFailure", self.sandbox.request, form, key="NOBODY").status, 401)
        self.refused("AuthFailure", self.sandbox.request, form, region="us-east-1")
        self.refused("RequestExpired", self.sandbox.request, form, stamp="20200101T000000Z")
        self.refused("AuthFailure", self.sandbox.send, b"Action=DescribeInstances&Version=2016-11-15", {})
        self.refused("SignatureDoesNotMatch", self.sandbox.request, {"Action": "GetCallerIdentity"}, service="sts",
                     secret="wrong")

    def test_unknown_things_are_refused(self):
        self.assertEqual(self.refused("InvalidAction", self.sandbox.ec2, "MakeCoffee").status, 400)
        self.refused("UnknownParameter", self.sandbox.ec2, "DescribeInstances", Instance="i")
        self.refused("InvalidParameterValue", self.sandbox.ec2, "DescribeInstances",
                     **{"Filter.1.Name": "nothing", "Filter.1.Value.1": "x"})
        self.refused("InvalidInstanceID.Malformed", self.sandbox.ec2, "StopInstances", **{"InstanceId.1": "i-nope"})
        self.refused("InvalidInstanceID.NotFound", self.sandbox.ec2, "StopInstances", **{"InstanceId.1": "i-00000000"})

    def test_run_instances_checks_its_input(self):
        run = self.sandbox.run_instance
        self.refused("InvalidAMIID.Malformed", run, image="ami-x")
        self.refused("InvalidAMIID.NotFound", run, image="ami-00000000000000000")
        self.refused("InvalidSubnetID.NotFound", run, SubnetId="subnet-00000000")
        self.refused("InvalidGroup.NotFound", run, **{"SecurityGroupId.1": "sg-00000000"})
        self.refused("InvalidParameterValue", run, InstanceType="t3.enormous")
        self.refused("InvalidParameterValue", run, PrivateIpAddress="10.0.0.1")
        self.refused("InvalidParameterValue", run, script="x" * 16385)
        self.refused("InvalidParameterCombination", run, **{"NetworkInterface.1.DeviceIndex": "0", "SubnetId": "x"})
        self.refused("InvalidParameterValue", run, **{
            "MetadataOptions.InstanceMetadataTags": "enabled", "TagSpecification.1.ResourceType": "instance",
            "TagSpecification.1.Tag.1.Key": "a b", "TagSpecification.1.Tag.1.Value": "v"})
        self.assertEqual(self.refused("DryRunOperation", run, DryRun="true").status, 412)

    def test_client_token(self):
        first = self.sandbox.run_instance(ClientToken="token-1", InstanceType="t3.small")
        self.assertEqual(self.sandbox.run_instance(ClientToken="token-1", InstanceType="t3.small"), first)
        self.refused("IdempotentParameterMismatch", self.sandbox.run_instance, ClientToken="token-1",
                     InstanceType="t3.large")
        self.assertNotEqual(self.sandbox.run_instance(ClientToken="token-2", InstanceType="t3.small"), first)

    def test_same_token_at_the_same_moment_makes_one_instance(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: self.sandbox.run_instance(ClientToken="storm"), range(16)))
        self.assertEqual(len(set(made)), 1)

    def test_states_take_time(self):
        instance = self.sandbox.run_instance()
        self.assertEqual(self.sandbox.instance(instance)["state"], "pending")
        self.sandbox.wait_state(instance, "running")
        reply = self.sandbox.ec2("StopInstances", **{"InstanceId.1": instance})
        self.assertEqual(texts(reply, "name"), ["stopping", "running"])
        self.refused("IncorrectInstanceState", self.sandbox.ec2, "StartInstances", **{"InstanceId.1": instance})
        self.sandbox.wait_state(instance, "stopped")
        self.sandbox.ec2("TerminateInstances", **{"InstanceId.1": instance})
        row = self.sandbox.wait_state(instance, "terminated")
        self.assertEqual(row["state_reason"]["code"], "Client.UserInitiatedShutdown")
        again = self.sandbox.ec2("TerminateInstances", **{"InstanceId.1": instance})
        self.assertEqual(texts(again, "name"), ["terminated", "terminated"])
        self.refused("IncorrectInstanceState", self.sandbox.ec2, "StartInstances", **{"InstanceId.1": instance})
        volumes = self.sandbox.control("state")["volumes"]
        self.assertEqual([volume for volume in volumes if volume["instance"] == instance], [])

    def test_address_is_free_only_after_termination(self):
        first = self.sandbox.wait_state(self.sandbox.run_instance(), "running")
        again = {"PrivateIpAddress": first["private_ip"], "SubnetId": first["subnet"]}
        self.refused("InvalidIPAddress.InUse", self.sandbox.run_instance, **again)
        self.sandbox.ec2("TerminateInstances", **{"InstanceId.1": first["id"]})
        self.sandbox.wait_state(first["id"], "terminated")
        second = self.sandbox.instance(self.sandbox.run_instance(**again))
        self.assertEqual(second["private_ip"], first["private_ip"])

    def test_all_or_nothing(self):
        instance = self.sandbox.run_instance()
        self.sandbox.wait_state(instance, "running")
        self.refused("InvalidInstanceID.NotFound", self.sandbox.ec2, "TerminateInstances",
                     **{"InstanceId.1": instance, "InstanceId.2": "i-00000000"})
        self.assertEqual(self.sandbox.instance(instance)["state"], "running")

    def test_user_data_is_kept_as_it_came(self):
        instance = self.sandbox.run_instance("#!/bin/sh\nexit\n")
        reply = self.sandbox.ec2("DescribeInstanceAttribute", InstanceId=instance, Attribute="userData")
        self.assertEqual(base64.b64decode(texts(reply, "value")[0]), b"#!/bin/sh\nexit\n")

    def test_connections_are_kept(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.about["port"], timeout=10)
        sockets = set()
        for _ in range(3):
            connection.request("GET", "/_sandbox/calls")
            reply = connection.getresponse()
            json.loads(reply.read())
            sockets.add(connection.sock)
        self.assertEqual(len(sockets - {None}), 1)
        connection.close()

    def test_garbage_does_not_stop_it(self):
        for data in (b"\x16\x03\x01\x02\x00\x01", b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                     b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.sandbox.about["port"]), timeout=10) as peer:
                peer.sendall(data)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
        self.assertTrue(self.sandbox.control("state"))


class Failures(SandboxCase):
    def fault(self, **rule):
        self.sandbox.control("faults", rule)

    def count(self):
        return len(self.sandbox.control("state")["instances"])

    def test_capacity_then_success(self):
        self.fault(action="RunInstances", error="InsufficientInstanceCapacity", status=500)
        before = self.count()
        self.assertEqual(self.refused("InsufficientInstanceCapacity", self.sandbox.run_instance).status, 500)
        self.assertEqual(self.count(), before)
        self.sandbox.run_instance()

    def test_reset_after_forwarding_leaves_an_instance_that_the_token_finds(self):
        self.fault(action="RunInstances", when="reset")
        before = self.count()
        with self.assertRaises((urllib.error.URLError, ConnectionError)):
            self.sandbox.run_instance(ClientToken="lost")
        self.assertEqual(self.count(), before + 1)
        found = self.sandbox.run_instance(ClientToken="lost")
        self.assertEqual(self.count(), before + 1)
        self.assertEqual(self.sandbox.instance(found)["client_token"], "lost")

    def test_after_truncate_and_garbage(self):
        before = self.count()
        self.fault(action="RunInstances", when="after", error="InternalError", status=500)
        self.refused("InternalError", self.sandbox.run_instance)
        self.assertEqual(self.count(), before + 1)
        self.fault(action="DescribeInstances", when="truncate")
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.sandbox.ec2("DescribeInstances")
        self.fault(action="DescribeInstances", when="garbage", status=502, body="<b>Bad Gateway</b>")
        with self.assertRaises(Refused) as caught:
            self.sandbox.ec2("DescribeInstances")
        self.assertEqual(caught.exception.status, 502)

    def test_not_visible_yet(self):
        self.fault(when="invisible", polls=2)
        instance = self.sandbox.run_instance()
        for _ in range(2):
            self.refused("InvalidInstanceID.NotFound", self.sandbox.ec2, "DescribeInstances",
                         **{"InstanceId.1": instance})
        self.assertEqual(texts(self.sandbox.ec2("DescribeInstances", **{"InstanceId.1": instance}), "instanceId")[:1],
                         [instance])

    def test_launch_that_fails(self):
        self.fault(when="launch-fails", error="Client.VolumeLimitExceeded", message="Volume limit exceeded")
        row = self.sandbox.wait_state(self.sandbox.run_instance(), "terminated")
        self.assertEqual(row["state_reason"]["code"], "Client.VolumeLimitExceeded")

    def test_stop_that_needs_force(self):
        instance = self.sandbox.run_instance()
        self.sandbox.wait_state(instance, "running")
        self.fault(when="stuck-stopping")
        self.sandbox.ec2("StopInstances", **{"InstanceId.1": instance})
        self.assertEqual(self.sandbox.instance(instance)["state"], "stopping")
        self.sandbox.ec2("StopInstances", Force="true", **{"InstanceId.1": instance})
        self.sandbox.wait_state(instance, "stopped")

    def test_image_that_fails(self):
        instance = self.sandbox.run_instance()
        self.sandbox.wait_state(instance, "running")
        self.fault(when="image-fails", error="Client.InternalError")
        image = texts(self.sandbox.ec2("CreateImage", InstanceId=instance, Name="never"), "imageId")[0]
        wait_for(lambda: self.sandbox.image_state(image) == "failed", image)

    def test_interruption(self):
        instance = self.sandbox.run_instance()
        self.sandbox.wait_state(instance, "running")
        self.sandbox.control(f"instances/{instance}/interrupt", {})
        row = self.sandbox.wait_state(instance, "terminated")
        self.assertEqual(row["state_reason"]["code"], "Server.SpotInstanceTermination")


if __name__ == "__main__":
    unittest.main()
