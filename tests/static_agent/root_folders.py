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
APPLETS = ("sh", "cat", "echo", "env", "grep", "id", "ls", "mkdir", "rm", "sleep", "test", "true", "uname")
DEBOOTSTRAP_SECONDS = 900


def finish(root):
    """The controller has a name that only this root's own /etc/hosts knows."""
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost {NAME}\n")
    return root


def empty(folder):
    """Nothing but a static shell and /etc/hosts: no libc, no nsswitch.conf, no certificates."""
    root = pathlib.Path(folder)
    (root / "bin").mkdir(parents=True)
    shutil.copy2(BUSYBOX, root / "bin/busybox")
    for applet in APPLETS:
        os.symlink("busybox", root / "bin" / applet)
    finish(root)
    (root / "etc/passwd").write_text("nobody:x:65534:65534::/:/bin/sh\n")
    return root


def has_static_busybox():
    if not os.path.exists(BUSYBOX):
        return False
    headers = subprocess.run(["readelf", "-l", BUSYBOX], capture_output=True, text=True, check=False).stdout
    return "INTERP" not in headers


def debootstrap(suite, mirror=None):
    """A root of that release, or the reason why there is none. Without a mirror: debootstrap's own."""
    program = shutil.which("debootstrap") or "/usr/sbin/debootstrap"
    if not os.path.exists(program):
        return None, "debootstrap is not installed"
    if os.geteuid() != 0:
        return None, "debootstrap needs root"
    folder = KEPT
    folder.mkdir(mode=0o700, exist_ok=True)
    root, draft = folder / suite, folder / f"{suite}.new"
    words = ["--variant=minbase"]
    if mirror and not list(pathlib.Path("/usr/share/keyrings").glob("ubuntu-archive-*")):
        words.append("--no-check-gpg")  # who names a mirror trusts it
    with open(folder / f"{suite}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            shutil.rmtree(draft, ignore_errors=True)
            done = subprocess.run([program, *words, suite, str(draft), *([mirror] if mirror else [])], capture_output=True, text=True,
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


INSTALL = """mount -t proc proc "$0/proc" && cp /etc/resolv.conf "$0/etc/resolv.conf" && chroot "$0" apt-get -q update &&
DEBIAN_FRONTEND=noninteractive exec chroot "$0" apt-get -q -o Dpkg::Options::=--force-unsafe-io install -y --no-install-recommends "$@" """


def with_packages(base, target, packages):
    """A copy of a root with more packages; the reason why it could not be made, or None."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(target)], check=True)
    done = subprocess.run(["unshare", "--mount", "sh", "-c", INSTALL, str(target), *packages], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=DEBOOTSTRAP_SECONDS, check=False)
    return None if done.returncode == 0 else f"apt-get install {' '.join(packages)}: {done.stderr[-300:]}"
