"""systemd itself, as process 1 of namespaces of its own in a clean root: what a chroot cannot show of a service.

It gets a control group of its own and sees nothing of this machine but its network; /sys and /proc/sys are read-only. When
process 1 is killed, all of it is gone.
"""

import contextlib
import os
import pathlib
import re
import shlex
import subprocess
import time

from clean_root import ENVIRONMENT

BOOT_SECONDS = 40
CGROUPS = pathlib.Path("/sys/fs/cgroup")
DEVICES = "null zero full random urandom tty"

# The root becomes a mount of its own, without what a chroot had mounted in it.
BOOT = """set -e
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t tmpfs tmpfs dev -o mode=755
for name in {devices}; do touch dev/$name; mount --bind /dev/$name dev/$name; done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666,mode=620
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mount -t sysfs sysfs sys -o ro
{cgroups}
mount -t tmpfs tmpfs run -o mode=755
mkdir -p former
pivot_root . former
umount -l /former
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=basic.target
"""
ONE_HIERARCHY = "mount -t cgroup2 cgroup2 sys/fs/cgroup"
NAMED_HIERARCHY = """mount -t tmpfs tmpfs sys/fs/cgroup -o mode=755
mkdir sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd"""


class NoSystemd(Exception):
    """It does not boot on this machine; why."""


def hierarchy():
    """(folder of our control group's parent, how it is mounted)."""
    if (CGROUPS / "cgroup.controllers").exists():
        return CGROUPS, ONE_HIERARCHY
    if (CGROUPS / "systemd").is_dir():
        return CGROUPS / "systemd", NAMED_HIERARCHY
    raise NoSystemd("this machine has no control groups that systemd could use")


class Booted(contextlib.AbstractContextManager):
    def __init__(self, root, log):
        self.root, self.log, self.first = root, log, None

    def __enter__(self):
        parent, mounting = hierarchy()
        self.group = parent / f"ghost-test-{os.getpid()}"
        try:
            self.group.mkdir()
        except OSError as problem:
            raise NoSystemd(f"no control group can be made: {problem}") from problem
        script = BOOT.format(devices=DEVICES, cgroups=mounting)
        inner = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child", "sh", "-c", script, "sh", str(self.root.path)]
        outer = f"echo $$ > {shlex.quote(str(self.group / 'cgroup.procs'))} && exec " + shlex.join(inner)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["sh", "-c", outer], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.wait_booted()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.end()

    def end(self):
        self.process.kill()
        self.process.wait()
        # Its processes are gone a moment later; only then are its groups empty.
        end = time.monotonic() + BOOT_SECONDS
        while self.group.exists() and time.monotonic() < end:
            for folder in sorted(self.group.rglob("*/"), reverse=True) + [self.group]:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            time.sleep(0.05)

    def find_first(self):
        """Process 1 is the only child of unshare."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def wait_booted(self):
        end = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            self.first = self.first or self.find_first()
            if self.first and self.call("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.1)
        raise NoSystemd(f"systemd does not boot in namespaces here: {self.log.read_text(errors='replace')[-500:]}")

    def call(self, *words, environment=()):
        command = ["nsenter", "-t", str(self.first), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd=/", "--", *map(str, words)]
        return subprocess.run(command, env=ENVIRONMENT | dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300, check=False)

    def run(self, *words, expect=0):
        done = self.call(*words)
        if done.returncode != expect:
            journal = self.call("journalctl", "--no-pager", "-n", "40").stdout
            raise AssertionError(f"{' '.join(map(str, words))}: exit status {done.returncode}\n{done.stdout[-4000:]}\n{journal}")
        return done.stdout

    def show(self, unit):
        return dict(line.split("=", 1) for line in self.run("systemctl", "show", unit).splitlines() if re.match(r"\w+=", line))
