"""What clients of a load balancer see: real HTTP through it, under load, while targets come, drain, go and die."""
import hashlib
import http.client
import os
import socket
import ssl
import threading
import time
import unittest

from balancer_case import Elbv2Case, Load, boto3

DELAY = 20  # seconds of draining; the fast clock makes one of it


class TrafficCase(Elbv2Case):
    def behind(self, name, count=4, port=8080):
        """(target group, address, port, {instance: server}) with all of them healthy."""
        ids = self.run_instances(count)
        servers = {one: self.serve(one, port) for one in ids}
        arn = self.group(name, port=port)
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": str(DELAY)}])
        balancer = self.balancer(name)
        self.listener_arn, served = self.listener(balancer, self.forward(arn))
        self.register(arn, *ids)
        self.wait_health(arn, "healthy")
        return arn, balancer["DNSName"], served, servers

    def wait_unused(self, arn, one):
        self.wait(lambda: set(self.health(arn, one).values()) == {("unused", "Target.NotRegistered")}, "drained")


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Http(TrafficCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.arn, cls.address, cls.port, cls.servers = case.behind("http", count=2)
        cls.addClassCleanup(case.doCleanups)

    def test_methods_headers_and_bodies(self):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            sent = b"body of " + method.encode()
            status, headers, body = self.request(self.address, self.port, "/x?y=z", method, sent)
            self.assertEqual((status, headers["X-Method"], body), (200, method, sent))
        status, headers, body = self.request(self.address, self.port, method="HEAD")
        self.assertEqual((status, headers["X-Method"], body), (200, "HEAD", b""))
        status, _, body = self.request(self.address, self.port, headers={"X-Forwarded-For": "192.0.2.1", "X-Mine": "1"})
        seen = self.servers[body.decode()].last_headers
        self.assertEqual((seen["X-Forwarded-For"], seen["X-Forwarded-Proto"], seen["X-Forwarded-Port"], seen["X-Mine"],
                          seen["Host"]), ("192.0.2.1, 127.0.0.1", "http", str(self.port), "1",
                                          f"{self.address}:{self.port}"))

    def test_large_and_chunked_bodies(self):
        data = os.urandom(3 << 20)
        _, _, body = self.request(self.address, self.port, method="POST", body=data)
        self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(data).digest())
        _, _, body = self.request(self.address, self.port, "/chunks?500")
        self.assertEqual(body, b"".join(b"chunk %d\n" % number for number in range(500)))
        pieces = [os.urandom(size) for size in (1, 70000, 3)]
        _, _, body = self.request(self.address, self.port, method="PUT", body=iter(pieces))
        self.assertEqual(body, b"".join(pieces))

    def test_a_client_that_asks_before_it_sends(self):
        with socket.create_connection((self.address, self.port), 20) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
                               b"Connection: close\r\n\r\n")
            answer = connection.makefile("rb")
            self.assertEqual(answer.readline().split()[1], b"100")
            connection.sendall(b"body")
            self.assertTrue(answer.read().endswith(b"\r\n\r\nbody"))

    def test_kept_connection(self):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=20)
        names = []
        for _ in range(6):
            connection.request("GET", "/")
            own = connection.sock
            names.append(connection.getresponse().read().decode())
            self.assertIs(connection.sock, own, "the connection is kept")
        connection.close()
        self.assertEqual({name: names.count(name) for name in self.servers}, dict.fromkeys(self.servers, 3), names)

    def test_half_a_response_does_not_look_whole(self):
        with self.assertRaises((http.client.IncompleteRead, OSError)):
            self.request(self.address, self.port, "/die")

    def test_nonsense_is_refused(self):
        for text in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/3\r\n\r\n"):
            with socket.create_connection((self.address, self.port), 20) as connection:
                connection.sendall(text)
                self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 400 "), text)

    def test_fixed_and_redirected(self):
        self.elbv2.create_rule(ListenerArn=self.listener_of(), Priority=1, Conditions=[
            {"Field": "path-pattern", "Values": ["/closed*"]}], Actions=[
                {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418", "MessageBody": "no",
                                                                   "ContentType": "text/plain"}}])
        self.elbv2.create_rule(ListenerArn=self.listener_of(), Priority=2, Conditions=[
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Old", "Values": ["y*"]}}], Actions=[
                {"Type": "redirect", "RedirectConfig": {"Host": "new.example", "StatusCode": "HTTP_302"}}])
        status, headers, body = self.request(self.address, self.port, "/closed/now")
        self.assertEqual((status, headers["Content-Type"], body), (418, "text/plain", b"no"))
        status, headers, _ = self.request(self.address, self.port, "/a?b=c", headers={"X-Old": "yes"})
        self.assertEqual((status, headers["Location"]), (302, f"http://new.example:{self.port}/a?b=c"))
        self.assertEqual(self.request(self.address, self.port, "/open")[0], 200)

    def test_sticky(self):
        self.elbv2.modify_target_group_attributes(TargetGroupArn=self.arn, Attributes=[
            {"Key": "stickiness.enabled", "Value": "true"}])
        _, headers, name = self.request(self.address, self.port)
        cookie = headers["Set-Cookie"].split(";")[0]
        self.assertTrue(cookie.startswith("AWSALB="))
        again = {self.request(self.address, self.port, headers={"Cookie": cookie})[2] for _ in range(5)}
        self.assertEqual(again, {name})
        self.elbv2.modify_target_group_attributes(TargetGroupArn=self.arn, Attributes=[
            {"Key": "stickiness.enabled", "Value": "false"}])

    def listener_of(self):
        balancer = self.elbv2.describe_load_balancers(Names=["http"])["LoadBalancers"][0]["LoadBalancerArn"]
        return self.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Draining(TrafficCase):
    def test_a_careful_deploy_loses_no_request(self):
        """One by one: deregister, wait until drained, replace the server, register, wait until healthy."""
        arn, address, port, servers = self.behind("careful", port=8090)
        with Load(address, port) as load:
            for one, server in list(servers.items()):
                self.deregister(arn, one)
                self.wait_unused(arn, one)
                before = server.requests
                server.kill()
                servers[one] = self.serve(one, 8090)
                self.assertEqual(server.requests, before)
                self.register(arn, one)
                self.wait(lambda one=one: set(self.health(arn, one).values()) == {("healthy", None)}, "healthy again")
                self.wait(lambda one=one: servers[one].requests, "requests again")
        self.assertEqual(load.failures, [])
        self.assertEqual(set(load.by_name), set(servers))
        self.assertGreater(load.sent / load.seconds, 150, "the load was kept up")

    def test_a_careless_deploy_is_seen(self):
        arn, address, port, servers = self.behind("careless", port=8091)
        victim = next(iter(servers))
        with Load(address, port) as load:
            servers[victim].kill()
            self.wait(lambda: self.health(arn)[victim, 8091][0] == "unhealthy", "found out")
            settled = len(load.failures)
            sent = load.sent
            self.wait(lambda: load.sent > sent + 200, "more requests")
            self.assertLess(len(load.failures) - settled, 5, "an unhealthy target gets no requests")
        self.assertIn(502, load.failures)

    def test_requests_in_flight_are_finished(self):
        arn, address, port, servers = self.behind("flight", count=2, port=8092)
        answers = []
        asking = [threading.Thread(target=lambda: answers.append(self.request(address, port, "/slow?0.7")))
                  for _ in range(2)]
        for thread in asking:
            thread.start()
        self.wait(lambda: all(server.requests for server in servers.values()), "one request at each")
        gone = next(iter(servers))
        self.deregister(arn, gone)
        self.assertEqual(self.health(arn)[gone, 8092], ("draining", "Target.DeregistrationInProgress"))
        flights = self.sandbox.control("state")["load_balancing"]["in_flight"]
        self.assertEqual(flights[f"{arn} {gone}:8092"], 1)
        new = {self.request(address, port)[2].decode() for _ in range(6)}
        self.assertNotIn(gone, new, "no new request")
        for thread in asking:
            thread.join(20)
        self.assertEqual(sorted((status, body.decode()) for status, _, body in answers),
                         sorted((200, one) for one in servers))
        self.wait_unused(arn, gone)

    def test_what_outlasts_the_delay_is_cut(self):
        arn, address, port, servers = self.behind("cut", count=1, port=8093)
        one = next(iter(servers))
        failures = []

        def ask():
            try:
                self.request(address, port, "/slow?8")
            except (OSError, http.client.HTTPException) as problem:
                failures.append(problem)
        asking = threading.Thread(target=ask)
        asking.start()
        self.wait(lambda: servers[one].requests, "the request is there")
        began = time.monotonic()
        self.deregister(arn, one)
        asking.join(20)
        self.assertEqual(len(failures), 1)
        self.assertLess(time.monotonic() - began, 6)
        self.assertEqual(self.request(address, port)[0], 503, "no target is left")

    def test_no_healthy_target(self):
        arn, address, port, servers = self.behind("none", count=1, port=8094)
        next(iter(servers.values())).health = 500
        self.wait_health(arn, "unhealthy", "Target.ResponseCodeMismatch")
        self.assertEqual(self.request(address, port)[0], 503)


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class BlueGreen(TrafficCase):
    def test_a_swap_by_weights_loses_no_request(self):
        blue, address, port, blues = self.behind("swap", count=2, port=8095)
        greens = {one: self.serve(one, 8095) for one in self.run_instances(2)}
        green = self.group("swap-green", port=8095)
        self.register(green, *greens)
        self.wait_health(green, "unused", "Target.NotInUse")
        with Load(address, port) as load:
            for weights in ((1, 0), (3, 1), (0, 1)):
                self.elbv2.modify_listener(ListenerArn=self.listener_arn, DefaultActions=[
                    self.forward((blue, weights[0]), (green, weights[1]))])
                self.wait_health(green, "healthy")
                before = dict(load.by_name), load.sent
                self.wait(lambda before=before: load.sent >= before[1] + 200, "some load")
                after = dict(load.by_name)
                fresh = sum(after.get(one, 0) - before[0].get(one, 0) for one in greens)
                total = sum(after.values()) - sum(before[0].values())
                self.assertAlmostEqual(fresh / total, weights[1] / sum(weights), delta=0.1)
        self.assertEqual(load.failures, [])
        self.assertTrue(all(server.requests for server in blues.values()))


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Streams(TrafficCase):
    def test_network_load_balancer(self):
        one, = self.run_instances()
        self.serve(one, 8096)
        made = self.elbv2.create_target_group(Name="tcp", Protocol="TCP", Port=8096, VpcId=self.vpc,
                                              HealthCheckIntervalSeconds=11)["TargetGroups"][0]
        self.assertEqual(made["HealthCheckProtocol"], "TCP")
        balancer = self.balancer("tcp", Type="network")
        _, port = self.listener(balancer, self.forward(made["TargetGroupArn"]), Protocol="TCP")
        self.register(made["TargetGroupArn"], one)
        self.wait_health(made["TargetGroupArn"], "healthy")
        self.assertEqual(self.request(balancer["DNSName"], port, method="POST", body=b"through")[2], b"through")
        self.assertEqual(self.code_of(self.elbv2.modify_listener, ListenerArn=self.elbv2.describe_listeners(
            LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"][0]["ListenerArn"],
            DefaultActions=[self.forward(self.group("web-for-tcp"))]), "IncompatibleProtocols")


    def test_secure_listener(self):
        one, = self.run_instances()
        self.serve(one, 8098)
        arn = self.group("secure", port=8098)
        listener, port = self.listener(self.balancer("secure"), self.forward(arn))
        self.register(arn, one)
        self.wait_health(arn, "healthy")
        address = self.elbv2.describe_load_balancers(Names=["secure"])["LoadBalancers"][0]["DNSName"]
        self.assertEqual(self.request(address, port)[0], 200)
        self.assertEqual(self.code_of(self.elbv2.modify_listener, ListenerArn=listener, Protocol="HTTPS"),
                         "CertificateNotFound")
        self.elbv2.modify_listener(ListenerArn=listener, Protocol="HTTPS", Certificates=[
            {"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}])
        context = ssl.create_default_context(cafile=self.sandbox.about["identity_certificate"])
        context.check_hostname = False

        def ask():
            connection = http.client.HTTPSConnection(address, port, timeout=20, context=context)
            try:
                connection.request("POST", "/", b"over TLS")
                return connection.getresponse().read()
            except OSError:  # the port changes over
                return None
            finally:
                connection.close()
        self.assertEqual(self.wait(ask, "the secure port"), b"over TLS")

    def test_upgraded_connection(self):
        one, = self.run_instances()
        arn = self.group("upgraded", port=8099)
        self.serve(one, 8099)
        balancer = self.balancer("upgraded")
        _, port = self.listener(balancer, self.forward(arn))
        self.register(arn, one)
        self.wait_health(arn, "healthy")
        with socket.create_connection((balancer["DNSName"], port), 20) as connection:
            connection.sendall(b"GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
            answer = connection.makefile("rb")
            head = []
            while (line := answer.readline().strip()):
                head.append(line)
            self.assertEqual(head[0].split()[1], b"101")
            self.assertIn(b"Upgrade: echo", head)
            for text in (b"one\n", b"two\n"):
                connection.sendall(text)
                self.assertEqual(answer.readline(), text)

    def test_old_clients(self):
        one, = self.run_instances()
        arn = self.group("old", port=8100)
        self.serve(one, 8100)
        balancer = self.balancer("old")
        _, port = self.listener(balancer, self.forward(arn))
        self.register(arn, one)
        self.wait_health(arn, "healthy")
        with socket.create_connection((balancer["DNSName"], port), 20) as connection:
            connection.sendall(b"GET /chunks?2 HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertNotIn(b"chunked", head.lower())
        self.assertEqual(body, b"chunk 0\nchunk 1\n")


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Stuck(TrafficCase):
    def test_targets_that_get_stuck(self):
        one, two = self.run_instances(2)
        arn = self.group("stuck", port=8101)
        for instance_id in (one, two):
            self.serve(instance_id, 8101)
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "1"}])
        self.listener(self.balancer("stuck"), self.forward(arn))
        self.sandbox.control("faults", {"when": "stuck-initial"})
        self.sandbox.control("faults", {"when": "stuck-draining"})
        self.register(arn, one, two)
        self.wait(lambda: self.health(arn)[two, 8101] == ("healthy", None), "the second is healthy")
        self.assertEqual(self.health(arn)[one, 8101], ("initial", "Elb.RegistrationInProgress"))
        self.deregister(arn, two, one)
        self.wait_unused(arn, one)
        self.assertEqual(self.health(arn)[two, 8101], ("draining", "Target.DeregistrationInProgress"))


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Restart(TrafficCase):
    def test_everything_survives(self):
        arn, address, port, servers = self.behind("lasting", count=2, port=8097)
        gone, kept = servers
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "120"}])
        self.deregister(arn, gone)
        self.sandbox.stop()
        self.sandbox.start()
        type(self).elbv2 = self.client("elbv2")
        self.assertEqual(self.health(arn)[gone, 8097][0], "draining")
        self.wait(lambda: self.health(arn)[kept, 8097] == ("healthy", None), "healthy again")
        self.assertEqual({self.request(address, port)[2].decode() for _ in range(4)}, {kept})
        self.wait_unused(arn, gone)


if __name__ == "__main__":
    unittest.main()
