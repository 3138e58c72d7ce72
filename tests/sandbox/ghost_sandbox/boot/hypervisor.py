"""Starts, stops and saves machines."""
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading

from .. import metadata
from .disks import AGENT_PATH, Disks
from .machine import NAMESPACES, Machine

log = logging.getLogger("sandbox")
MARKER = "GHOST_SANDBOX_MACHINE"
SERVICES = "/etc/ghost-sandbox/services"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

NARROW = """mkdir -p /run/narrow "$1"
used=$(du -sk --apparent-size "$1" | cut -f1)
mount -t tmpfs -o "size=$((used * 1024 + $2)),mode=755" narrow /run/narrow
cp -a "$1/." /run/narrow/
mount --move /run/narrow "$1"
"""


class Hypervisor:
    """All machines of the cloud. Methods block; each instance is served by one call at a time."""

    def __init__(self, cloud, base, isolation, agent, agent_env, lower="/"):
        self.cloud = cloud
        self.agent = agent
        self.agent_env = agent_env
        os.makedirs(base, mode=0o700, exist_ok=True)
        self.namespaces = can_unshare()
        self.overlay = choose_overlay(base, isolation, self.namespaces)
        self.disks = Disks(base, self.overlay, lower)
        self._machines = {}
        self._endpoints = {}
        self._locks = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def isolation(self):
        return "overlay" if self.overlay else "directory"

    def _instance_lock(self, instance_id):
        with self._lock:
            return self._locks.setdefault(instance_id, threading.RLock())

    def start(self, row):
        """Boots an instance: its disk, its metadata endpoint, its agent."""
        instance_id = row["id"]
        with self._instance_lock(instance_id):
            if self._closed or instance_id in self._machines or row["state"] != "running":
                return
            self._endpoints[instance_id] = self.cloud.listeners.open(
                row["private_ip"], metadata.PORT, metadata.MetadataHandler, cloud=self.cloud, row=row, tokens={})
            self.disks.prepare(instance_id, row["image"])
            if self.agent:
                self._machines[instance_id] = Machine(instance_id, self.disks.instance(instance_id), self._spec(row),
                                                      self.namespaces)

    def _spec(self, row):
        instance_id = row["id"]
        environment = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", **self.marker(instance_id), **self.agent_env,
                       "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{row['private_ip']}:{metadata.PORT}"}
        spec = {"argv": ["/" + AGENT_PATH], "env": environment, "marker": self.marker(instance_id),
                "console": os.path.join(self.disks.instance(instance_id), "console.log"),
                "backoff": self.cloud.clock.duration("restart-backoff"), "services": SERVICES}
        if self.overlay:
            spec["root"] = self.disks.overlay_root(instance_id)
            spec["hostname"] = "ip-" + row["private_ip"].replace(".", "-")
        else:
            disk = self.disks.content(instance_id)
            spec["argv"] = [os.path.join(disk, AGENT_PATH)]
            for name in ("state", "releases", "root"):
                environment[f"GHOST_{name.upper()}_DIR"] = os.path.join(disk, name)
            spec["services"] = environment["GHOST_ROOT_DIR"] + SERVICES
        return spec

    def marker(self, instance_id):
        return {MARKER: f"{instance_id}@{self.disks.base}"}

    def stop(self, instance_id, grace):
        with self._instance_lock(instance_id):
            machine = self._machines.pop(instance_id, None)
            if machine:
                machine.stop(grace)
            endpoint = self._endpoints.pop(instance_id, None)
            if endpoint:
                self.cloud.listeners.close(endpoint)

    def discard(self, instance_id):
        with self._instance_lock(instance_id):
            self.stop(instance_id, 0)
            self.disks.discard(instance_id)

    def capture(self, instance_id, image_id):
        with self._instance_lock(instance_id):
            row = self.cloud.state.instances.get(instance_id)
            if row is None or row["state"] == "terminated":
                raise OSError(f"{instance_id} is terminated")
            self.disks.prepare(instance_id, row["image"])
            self.disks.capture(instance_id, image_id)

    def keep_only_images(self, used):
        with self._lock:
            self.disks.keep_only(used)

    def close(self, grace):
        """Stops every machine, side by side."""
        self._closed = True
        threads = [threading.Thread(target=self.stop, args=(instance_id, grace))
                   for instance_id in list(self._endpoints)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def machine(self, instance_id):
        return self._machines.get(instance_id)

    def root(self, instance_id):
        """The path under which this machine sees the instance's root."""
        if not self.overlay:
            return os.path.join(self.disks.content(instance_id), "root")
        machine = self.machine(instance_id)
        return f"/proc/{machine.pid}/root" if machine and machine.pid else None

    def narrow(self, instance_id, path, free):
        """Puts what is at path of a running instance on a file system of its own with so many bytes free, until the
        instance stops. Returns why it cannot, or None."""
        machine = self.machine(instance_id)
        if not self.overlay or machine is None or machine.pid is None:
            return "only a booted instance with an overlay root has file systems of its own"
        done = subprocess.run(["nsenter", "-t", str(machine.pid), "--mount", "--root", "--wd=/", "sh", "-ec", NARROW,
                               "sh", path, str(free)], capture_output=True, check=False, env={"PATH": PATH})
        return None if done.returncode == 0 else done.stderr.decode(errors="replace").strip()

    def console(self, instance_id):
        try:
            with open(os.path.join(self.disks.instance(instance_id), "console.log"), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def end_leftovers(self):
        """Kills what a sandbox that died badly may have left: only processes that carry this state directory's mark."""
        mark = f"@{self.disks.base}".encode()
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    variables = file.read().split(b"\0")
                if any(part.startswith(MARKER.encode() + b"=") and part.endswith(mark) for part in variables):
                    log.warning("ending process %s of a former run", name)
                    os.kill(int(name), signal.SIGKILL)
            except OSError:
                continue


def can_unshare():
    """Whether instances can have process and mount namespaces of their own."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return subprocess.run([*NAMESPACES, "--mount-proc", "--", "true"], capture_output=True, check=False).returncode == 0


def choose_overlay(base, wanted, namespaces):
    """Whether roots are overlays: tried by booting one, as permissions alone do not tell."""
    if wanted == "directory":
        return False
    problem = "it needs root and namespaces" if not namespaces else try_overlay(base)
    if problem and wanted == "overlay":
        raise OSError(f"overlay roots do not work here: {problem}")
    if problem:
        log.info("instances get private directories, not overlays: %s", problem)
    return not problem


def try_overlay(base):
    with tempfile.TemporaryDirectory(dir=base, prefix="try-") as folder:
        disks = Disks(folder, True)
        try:
            disks.make_base("ami-try", None)
            disks.prepare("i-try", "ami-try")
            spec = {"argv": ["/bin/sh", "-c", "echo tried >/tried && test -x /usr/bin/env"], "env": {}, "marker": {},
                    "backoff": 60, "services": None, "console": os.path.join(folder, "console.log"),
                    "root": disks.overlay_root("i-try")}
            machine = Machine("i-try", disks.instance("i-try"), spec, True, quiet=True)
            for _ in range(500):
                if machine.agent["exit"] is not None or machine.wait(0.01):
                    break
            code, problem = machine.agent["exit"], machine.problem
            machine.stop(0)
            saved = os.path.exists(os.path.join(disks.content("i-try"), "tried"))
        except OSError as error:
            return str(error)
        return problem or (None if code == 0 and saved else f"the trial ended with {code}")
