"""Roots of other systems: an empty one with a shell, and Debian's releases by debootstrap, kept from run to run."""
import fcntl
import os
import pathlib
import shutil
import subprocess

# Not in the build folder: what reads whole trees would read these.
KEPT = pathlib.Path("/var/tmp/ghost-test-roots")
NAME = "ghost-controller.test"
BUSYBOX = "/bin/busybox"
# What the hooks and the provisioning in the tests call.
APPLETS = ("sh", "cat", "echo", "env", "grep", "ls", "mkdir", "rm", "sleep", "test", "true", "uname")
DEBOOTSTRAP_SECONDS = 900


def finish(root):
    """The controller has a name that only this root's own /etc/hosts knows."""
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost {NAME}\n")
    return root


def empty(folder):
    """Nothing but a static shell and /etc/hosts: no libc, no nsswitch.conf, no certificates, no passwd."""
    root = pathlib.Path(folder)
    (root / "bin").mkdir(parents=True)
    shutil.copy2(BUSYBOX, root / "bin/busybox")
    for applet in APPLETS:
        os.symlink("busybox", root / "bin" / applet)
    return finish(root)


def has_static_busybox():
    if not os.path.exists(BUSYBOX):
        return False
    headers = subprocess.run(["readelf", "-l", BUSYBOX], capture_output=True, text=True, check=False).stdout
    return "INTERP" not in headers


def debootstrap(suite, mirror="http://deb.debian.org/debian"):
    """A root of that release, or the reason why there is none."""
    program = shutil.which("debootstrap") or "/usr/sbin/debootstrap"
    if not os.path.exists(program):
        return None, "debootstrap is not installed"
    if os.geteuid() != 0:
        return None, "debootstrap needs root"
    folder = KEPT
    folder.mkdir(mode=0o700, exist_ok=True)
    root, draft = folder / suite, folder / f"{suite}.new"
    with open(folder / f"{suite}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            shutil.rmtree(draft, ignore_errors=True)
            done = subprocess.run([program, "--variant=minbase", suite, str(draft), mirror], capture_output=True, text=True,
                                  timeout=DEBOOTSTRAP_SECONDS, check=False)
            if done.returncode != 0:
                shutil.rmtree(draft, ignore_errors=True)
                return None, f"debootstrap {suite}: {done.stdout[-300:]}{done.stderr[-300:]}"
            for archive in (draft / "var/cache/apt/archives").glob("*.deb"):
                archive.unlink()
            os.rename(draft, root)
    # As on machines where others answer for names, whose plug-ins are made for the system's own libc.
    (root / "etc/nsswitch.conf").write_text("passwd: files systemd\ngroup: files systemd\nhosts: mymachines resolve files myhostname dns\n")
    return finish(root), None
