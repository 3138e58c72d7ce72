"""The composition root: builds every part, starts and stops them in order."""
import collections
import logging
import os
import platform
import time

from .autoscaling.scaler import AutoScaling
from .balancing import Balancing
from .boot.hypervisor import Hypervisor
from .clock import Clock, utc_text
from .faults import Faults
from .identity import Identity
from .ids import new_id
from .lifecycle import Lifecycle
from .listeners import Listeners
from .network import Network
from .server import ApiHandler
from .signing import Verifier
from .state import State
from . import autoscaling, ec2, iam, s3, ssm, sts
from .balancing import elasticloadbalancing

log = logging.getLogger("sandbox")
ACCOUNT = "123456789012"
VENDOR_ACCOUNT = "136693071363"  # who owns the base image, as Debian owns its own
SERVICES = {"autoscaling": autoscaling, "ec2": ec2, "elasticloadbalancing": elasticloadbalancing, "iam": iam, "s3": s3,
            "ssm": ssm, "sts": sts}
CALLS_KEPT = 20000
BASE_CREATED = 1700000000


class Cloud:
    """What every service may touch."""

    def __init__(self, options):
        self.options = options
        self.region = options.region
        self.account = ACCOUNT
        self.vendor_account = VENDOR_ACCOUNT
        self.services = SERVICES
        self.state = State(os.path.join(options.state_dir, "state.json"))
        self.clock = Clock(options.speed)
        self.network = Network(self.state, options.region)
        self.listeners = Listeners()
        self.identity = Identity(options.state_dir)
        self.faults = Faults()
        self.lifecycle = Lifecycle(self)
        self.balancing = Balancing(self)
        self.autoscaling = AutoScaling(self)
        self.verifier = Verifier({options.access_key: (options.secret_key, None)}, options.region, self.now)
        self.skew = 0.0  # seconds by which this cloud's idea of the time is wrong
        self.calls = collections.deque(maxlen=CALLS_KEPT)
        self.boot = None
        self.api = None

    def start(self):
        """Ready to serve when it returns."""
        options = self.options
        self.state.load()
        self.network.open(options.network)
        self.identity.make_key()
        isolation = self._known_isolation()
        self.boot = Hypervisor(self, os.path.join(options.state_dir, "disks"), isolation, options.agent,
                               options.agent_env)
        self.state.settings["isolation"] = self.boot.isolation
        self.boot.end_leftovers()
        self._make_base_image()
        self.state.save()
        self.clock.start()
        self.listeners.start()
        with self.state.lock:
            self.lifecycle.resume()
        self.balancing.start()
        self.autoscaling.resume()
        self.api = self.listeners.open("127.0.0.1", options.port, ApiHandler, cloud=self)

    def stop(self):
        """Instances stay as they are in the state: the next run boots them again."""
        if self.api:
            self.listeners.close(self.api)
        self.clock.close()
        self.balancing.stop()
        if self.boot:
            self.boot.close(self.clock.duration("stop-grace") / 4)
        self.listeners.close_all()
        self.network.close()
        if self.api:
            self.state.save()

    def now(self):
        """The time as this cloud tells it and judges signatures by it."""
        return time.time() + self.skew

    @property
    def port(self):
        return self.api.server_address[1]

    def _known_isolation(self):
        """The one asked for, or that of the last run: disks of one kind cannot be read as the other."""
        asked = self.options.isolation
        known = self.state.settings.get("isolation", asked)
        if asked not in ("auto", known):
            raise OSError(f"this state directory was made with --isolation {known}")
        return known

    def _make_base_image(self):
        image_id = self.state.settings.setdefault("base_image", new_id("ami"))
        architecture = {"aarch64": "arm64"}.get(platform.machine(), "x86_64")
        self.state.images.setdefault(image_id, {
            "id": image_id, "name": "debian-12-ghost-agent", "state": "available", "created": BASE_CREATED,
            "description": "This machine's own system with ghost-agent", "architecture": architecture, "source": None,
            "snapshots": {}, "public": True})
        self.boot.disks.make_base(image_id, self.options.agent)


    def description(self):
        """What others need to use this cloud: printed at the start, kept in sandbox.json."""
        settings = self.state.settings
        subnets = settings["subnets"]
        return {"endpoint": f"http://127.0.0.1:{self.port}", "port": self.port, "pid": os.getpid(),
                "region": self.region, "account": self.account, "access_key": self.options.access_key,
                "secret_key": self.options.secret_key,
                "base_image_id": settings["base_image"], "vpc_id": settings["vpc"], "subnet_ids": list(subnets),
                "zones": {key: subnet["zone"] for key, subnet in subnets.items()},
                "security_group_id": settings["group"], "instance_type": "t4g.micro" if self._arm() else "t3.micro",
                "network": f"127.{settings['octet']}.0.0/16", "isolation": self.boot.isolation,
                "identity_certificate": os.path.abspath(self.identity.certificate),
                "agent": self.options.agent, "started": utc_text()}

    def _arm(self):
        return self.state.images[self.state.settings["base_image"]]["architecture"] == "arm64"
