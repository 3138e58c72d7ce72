"""A running sandbox for a test class, and a small signed client so that most tests need nothing but Python."""
import base64
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from ghost_sandbox import signing  # noqa: E402: the path comes first
from ghost_sandbox.network import GUARD_PORT  # noqa: E402

PROGRAM = str(HERE / "ghost-sandbox")
PATIENCE = 20

# Stands in for ghost-agent: runs its user data as a script.
STAND_IN = """#!/usr/bin/python3 -B
import os, subprocess, sys, urllib.request
base = os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/latest"
ask = urllib.request.Request(base + "/api/token", method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
token = urllib.request.urlopen(ask, timeout=5).read().decode()
ask = urllib.request.Request(base + "/user-data", headers={"X-aws-ec2-metadata-token": token})
script = urllib.request.urlopen(ask, timeout=5).read()
print("stand-in runs", len(script), "bytes", file=sys.stderr, flush=True)
os.execv("/bin/sh", ["/bin/sh", "-c", script.decode()])
"""


def own_network():
    """A network for --network that no other sandbox takes while this one is restarted: by themselves they begin low."""
    for octet in random.sample(range(180, 250), 70):
        with socket.socket() as guard:
            try:
                guard.bind((f"127.{octet}.0.1", GUARD_PORT))
                return str(octet)
            except OSError:
                continue
    raise AssertionError("no network is free")


class Refused(Exception):
    """An error reply."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body.decode(errors='replace')}")
        self.status = status
        self.body = body
        found = [part.text for part in ET.fromstring(body).iter() if part.tag.endswith("Code")]
        self.code = found[0] if found else None


def wait_for(condition, what, seconds=PATIENCE):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def texts(tree, name):
    return [part.text or "" for part in tree.iter() if part.tag.rsplit("}")[-1] == name]


class Sandbox:
    """One ghost-sandbox process."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.arguments = arguments
        self.process = None
        self.about = None

    def start(self):
        about = os.path.join(self.folder, "sandbox.json")
        if os.path.exists(about):
            os.remove(about)
        with open(os.path.join(self.folder, "log"), "ab") as log:
            argv = [PROGRAM, "--state-dir", self.folder, "--fast", *self.arguments]
            self.process = subprocess.Popen(argv, stdout=log, stderr=log)
        wait_for(lambda: os.path.exists(about) or self.process.poll() is not None, "the sandbox's start")
        if self.process.poll() is not None:
            raise AssertionError("no start: " + self.log())
        with open(about, encoding="utf-8") as file:
            self.about = json.load(file)
        return self

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)

    def request(self, form, service="ec2", secret=None, key=None, region=None, stamp=None):
        """The body of the reply to one signed call."""
        body = urllib.parse.urlencode(form).encode()
        stamp = stamp or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-Amz-Date": stamp,
                   "Host": f"127.0.0.1:{self.about['port']}"}
        values = {name.lower(): [value] for name, value in headers.items()}
        names = sorted(values)
        scope = f"{stamp[:8]}/{region or self.about['region']}/{service}/aws4_request"
        canonical = signing.canonical_request("POST", "/", values, names, body, service)
        signature = signing.sign(secret or self.about["secret_key"], stamp, scope, canonical)
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={key or self.about['access_key']}/{scope}, "
                                    f"SignedHeaders={';'.join(names)}, Signature={signature}")
        return self.send(body, headers)

    def send(self, body, headers):
        request = urllib.request.Request(self.about["endpoint"] + "/", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read()) from None

    def ec2(self, action, **parameters):
        """names with dots as keyword dictionaries: ec2("StopInstances", **{"InstanceId.1": …})"""
        form = {"Action": action, "Version": "2016-11-15", **parameters}
        return ET.fromstring(self.request(form))

    def control(self, path, request=None, method=None):
        data = None if request is None else json.dumps(request).encode()
        ask = urllib.request.Request(f"{self.about['endpoint']}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(ask, timeout=30) as reply:
            body = reply.read()
        return json.loads(body) if reply.headers["Content-Type"] == "application/json" else body

    def run_instance(self, script="", image=None, **parameters):
        tree = self.ec2("RunInstances", ImageId=image or self.about["base_image_id"], MinCount="1", MaxCount="1",
                        UserData=base64.b64encode(script.encode()).decode(), **parameters)
        return texts(tree, "instanceId")[0]

    def instance(self, instance_id):
        return next(row for row in self.control("state")["instances"] if row["id"] == instance_id)

    def wait_state(self, instance_id, state):
        return wait_for(lambda: (row := self.instance(instance_id))["state"] == state and row, f"{instance_id} {state}")

    def console(self, instance_id):
        return self.control(f"instances/{instance_id}/console").decode()

    def wait_console(self, instance_id, text):
        return wait_for(lambda: text in self.console(instance_id), f"{text!r} on the console of {instance_id}")

    def image_state(self, image):
        return texts(self.ec2("DescribeImages", **{"ImageId.1": image}), "imageState")[0]

    def make_image(self, instance_id, name, **parameters):
        image = texts(self.ec2("CreateImage", InstanceId=instance_id, Name=name, **parameters), "imageId")[0]
        wait_for(lambda: self.image_state(image) == "available", image)
        return image


class SandboxCase(unittest.TestCase):
    """One sandbox for all tests of a class."""

    ARGUMENTS = ("--no-boot",)

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ghost-sandbox-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.agent = os.path.join(cls.folder, "stand-in")
        with open(cls.agent, "w", encoding="utf-8") as file:
            file.write(STAND_IN)
        os.chmod(cls.agent, 0o755)
        cls.sandbox = Sandbox(cls.folder, *[argument.format(agent=cls.agent) for argument in cls.ARGUMENTS])
        cls.sandbox.start()
        cls.addClassCleanup(lambda: cls.sandbox.stop())

    def tearDown(self):
        if self.sandbox.process.poll() is None:
            self.sandbox.control("faults", method="DELETE")

    def refused(self, code, function, *arguments, **parameters):
        with self.assertRaises(Refused) as caught:
            function(*arguments, **parameters)
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        return caught.exception
