"""The composition root: builds every part, starts and stops them in order."""
import collections
import logging
import os
import platform
import time

from .accounts import Accounts
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
    """What every service may touch: one account's resources. The physical world (clock, listeners, who signs, faults) is one for
    all accounts; the first account's cloud makes it."""

    def __init__(self, options, first=None, account=ACCOUNT):
        self.options = options
        self.region = options.region
        self.account = account
        self.vendor_account = VENDOR_ACCOUNT
        self.services = SERVICES
        self.first = first or self
        self.folder = os.path.join(options.state_dir, f"account-{account}") if first else options.state_dir
        self.state = State(os.path.join(self.folder, "state.json"))
        self.network = Network(self.state, options.region)
        if first:
            self.clock, self.listeners, self.identity = first.clock, first.listeners, first.identity
            self.faults, self.verifier, self.calls = first.faults, first.verifier, first.calls
        else:
            self.clock = Clock(options.speed)
            self.listeners = Listeners()
            self.identity = Identity(options.state_dir)
            self.faults = Faults()
            self.verifier = Verifier({options.access_key: (options.secret_key, None)}, options.region, self.now)
            self.calls = collections.deque(maxlen=CALLS_KEPT)
            self.accounts = Accounts(self)
        self.lifecycle = Lifecycle(self)
        self.balancing = Balancing(self)
        self.autoscaling = AutoScaling(self)
        self.skew = 0.0  # seconds by which this cloud's idea of the time is wrong
        self.boot = None
        self.api = None

    def start(self):
        """Ready to serve when it returns."""
        self.identity.make_key()
        self._open()
        self.clock.start()
        self.listeners.start()
        self._resume()
        self.accounts.resume()
        self.api = self.listeners.open("127.0.0.1", self.options.port, ApiHandler, cloud=self)

    def join(self):
        """Another account, in the world that the first one has started."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self._open()
        self._resume()

    def _open(self):
        options = self.options
        self.state.load()
        self.network.open(options.network if self.first is self else None)
        isolation = self._known_isolation()
        self.boot = Hypervisor(self, os.path.join(self.folder, "disks"), isolation, options.agent, options.agent_env,
                               getattr(options, "root", "/"))
        self.state.settings["isolation"] = self.boot.isolation
        self.boot.end_leftovers()
        self._make_base_image()
        self.state.save()

    def _resume(self):
        with self.state.lock:
            self.lifecycle.resume()
        self.balancing.start()
        self.autoscaling.resume()

    def stop(self):
        """Instances stay as they are in the state: the next run boots them again."""
        if self.api:
            self.listeners.close(self.api)
        self.clock.close()
        for cloud in (*self.accounts.others(), self):
            cloud.leave()
        self.listeners.close_all()
        for cloud in (*self.accounts.others(), self):
            cloud.network.close()
            if self.api:
                cloud.state.save()

    def leave(self):
        self.balancing.stop()
        if self.boot:
            self.boot.close(self.clock.duration("stop-grace") / 4)

    def now(self):
        """The time as this cloud tells it and judges signatures by it."""
        return time.time() + self.first.skew

    @property
    def port(self):
        return self.first.api.server_address[1]

    def _known_isolation(self):
        """The one asked for, or that of the last run: disks of one kind cannot be read as the other."""
        asked = self.options.isolation
        known = self.state.settings.get("isolation", asked)
        if asked not in ("auto", known):
            raise OSError(f"this state directory was made with --isolation {known}")
        return known

    def _make_base_image(self):
        known = new_id("ami") if self.first is self else self.first.state.settings["base_image"]
        image_id = self.state.settings.setdefault("base_image", known)  # the same for all accounts
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
