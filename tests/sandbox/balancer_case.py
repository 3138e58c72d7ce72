"""What the tests of load balancers share: instances' servers, boto3's clients, and a constant load."""
import http.client
import http.server
import threading
import time
import warnings

from sandbox_case import SandboxCase, wait_for

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    boto3 = None

QUICK_CHECK = {"HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
               "HealthyThresholdCount": 3, "UnhealthyThresholdCount": 2}


class InstanceHandler(http.server.BaseHTTPRequestHandler):
    """server.owner is the InstanceServer. /health, /slow?SECONDS, /chunks?COUNT, /upgrade, /die (ends
    half-way); anything else echoes its body, or tells the instance's name."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format, *args):
        """Quiet."""

    def do_GET(self):
        owner = self.server.owner
        body = self.read_body()
        path, _, query = self.path.partition("?")
        if path == "/health":
            owner.checks += 1
            self.reply(owner.health, b"")
            return
        owner.requests += 1
        owner.last_headers = self.headers
        if path == "/slow":
            time.sleep(float(query))
        if path == "/chunks":
            self.chunks(int(query))
        elif path == "/upgrade":
            self.echo()
        elif path == "/die":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        else:
            self.reply(200, body or owner.name.encode())

    def echo(self):
        """Another protocol: every line comes back."""
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        for line in self.rfile:
            self.wfile.write(line)
        self.close_connection = True

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET

    def read_body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Method", self.command)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunks(self, count):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(count):
            text = b"chunk %d\n" % number
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.write(b"0\r\n\r\n")


class InstanceServer(http.server.ThreadingHTTPServer):
    """What an application on an instance would be: an HTTP server on the instance's own address."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, port, name):
        super().__init__((address, port), InstanceHandler)
        self.owner = self
        self.name = name
        self.health = 200
        self.requests = 0
        self.checks = 0
        self.last_headers = None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients go away as they like."""

    def kill(self):
        self.shutdown()
        self.server_close()


class Load:
    """A constant rate of requests on keep-alive connections; what fails is kept."""

    def __init__(self, address, port, rate=200, clients=20, path="/"):
        self.address, self.port, self.path = address, port, path
        self.interval = clients / rate
        self.sent = 0
        self.failures = []
        self.by_name = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number * self.interval / clients,), daemon=True)
                         for number in range(clients)]

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join(30)
        self.seconds = time.monotonic() - self.began

    def _run(self, shift):
        connection = None
        due = time.monotonic() + shift
        while not self._ended.wait(max(0, due - time.monotonic())):
            due += self.interval
            try:
                connection = connection or http.client.HTTPConnection(self.address, self.port, timeout=20)
                connection.request("GET", self.path)
                reply = connection.getresponse()
                name = reply.read().decode()
                self._note(name if reply.status == 200 else None, reply.status)
            except (OSError, http.client.HTTPException) as problem:
                self._note(None, repr(problem))
                connection.close()
                connection = None
        if connection:
            connection.close()

    def _note(self, name, status):
        with self._lock:
            self.sent += 1
            if name is None:
                self.failures.append(status)
            else:
                self.by_name[name] = self.by_name.get(name, 0) + 1


class BalancerCase(SandboxCase):
    """One sandbox; its instances are told about only, the servers run here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ec2, cls.elb, cls.elbv2 = (cls.client(name) for name in ("ec2", "elb", "elbv2"))
        cls.subnets = cls.sandbox.about["subnet_ids"]
        cls.vpc = cls.sandbox.about["vpc_id"]
        cls.ports = iter(range(20001, 30000))

    @classmethod
    def client(cls, service):
        about = cls.sandbox.about
        return boto3.client(service, endpoint_url=about["endpoint"], region_name=about["region"],
                            aws_access_key_id=about["access_key"], aws_secret_access_key=about["secret_key"],
                            config=botocore.config.Config(retries={"max_attempts": 1},
                                                           parameter_validation=False))

    def setUp(self):
        warnings.simplefilter("ignore", ResourceWarning)  # botocore keeps its connections

    def code_of(self, function, **parameters):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            function(**parameters)
        return caught.exception.response["Error"]["Code"]

    def run_instances(self, count=1, subnet=0):
        made = self.ec2.run_instances(ImageId=self.sandbox.about["base_image_id"], MinCount=count, MaxCount=count,
                                      SubnetId=self.subnets[subnet])["Instances"]
        ids = [row["InstanceId"] for row in made]
        for instance_id in ids:
            self.sandbox.wait_state(instance_id, "running")
        return ids

    def serve(self, instance_id, port):
        server = InstanceServer(self.sandbox.instance(instance_id)["private_ip"], port, instance_id)
        self.addCleanup(server.kill)
        return server

    def request(self, address, port, path="/", method="GET", body=None, headers=None):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection(address, port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            connection.close()

    def wait(self, condition, what, seconds=30):
        return wait_for(condition, what, seconds)


class Elbv2Case(BalancerCase):
    """Load balancers with target groups."""

    def group(self, name, port=8080, **settings):
        made = self.elbv2.create_target_group(**{"Name": name, "Protocol": "HTTP", "Port": port, "VpcId": self.vpc,
                                                 **QUICK_CHECK, **settings})
        return made["TargetGroups"][0]["TargetGroupArn"]

    def balancer(self, name, **settings):
        made = self.elbv2.create_load_balancer(**{"Name": name, "Subnets": self.subnets[:2], **settings})
        return made["LoadBalancers"][0]

    def listener(self, balancer, *actions, **settings):
        """(its ARN, its port)"""
        port = next(self.ports)
        made = self.elbv2.create_listener(**{"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP",
                                             "Port": port, "DefaultActions": list(actions), **settings})
        return made["Listeners"][0]["ListenerArn"], port

    def forward(self, *arns):
        return {"Type": "forward", "TargetGroupArn": arns[0]} if len(arns) == 1 else {
            "Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": weight}
                                                                  for arn, weight in arns]}}

    def register(self, arn, *ids, **port):
        self.elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": one, **port} for one in ids])

    def deregister(self, arn, *ids, **port):
        self.elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": one, **port} for one in ids])

    def health(self, arn, *ids):
        """{(id, port): (state, reason)}"""
        asked = {"Targets": [{"Id": one} for one in ids]} if ids else {}
        found = self.elbv2.describe_target_health(TargetGroupArn=arn, **asked)["TargetHealthDescriptions"]
        return {(row["Target"]["Id"], row["Target"]["Port"]):
                (row["TargetHealth"]["State"], row["TargetHealth"].get("Reason")) for row in found}

    def wait_health(self, arn, state, reason=None, ids=()):
        self.wait(lambda: set(self.health(arn, *ids).values()) == {(state, reason)}, f"{state} {reason}")
