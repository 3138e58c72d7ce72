"""The packages as packaging/build-deb.sh makes them, and the same with a later version."""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))

from ghostlab import BUILD  # noqa: E402

KEPT = BUILD / "packages"
NAMES = ("ghost-agent", "ghost-cli", "ghost-controller")


def why_not():
    """Why no package can be built and tried here; None: it can."""
    if os.geteuid() != 0:
        return "a chroot needs root"
    check = subprocess.run([SOURCE / "packaging/dependencies.sh", "--check", "build", "package"], capture_output=True, text=True, check=False)
    if check.returncode != 0:
        return (check.stdout + check.stderr).strip()
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        return "this machine allows no mount namespace"
    return None


@contextlib.contextmanager
def built():
    """Their folder, which is nobody else's until the end. A second build takes only what has changed."""
    KEPT.mkdir(exist_ok=True)
    with open(KEPT / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = KEPT / "debs"
        shutil.rmtree(folder, ignore_errors=True)
        command = [SOURCE / "packaging/build-deb.sh", "--work", KEPT / "work", folder]
        # Not what a sanitizer build has in its environment.
        environment = {name: value for name, value in os.environ.items() if name not in ("CFLAGS", "LDFLAGS")}
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout[-6000:])
        yield folder


def examples():
    """What is to be copied and changed: where a package has it, and where it is from."""
    found = {}
    for package, source, below in (("controller", "monitoring", "/monitoring"), ("agent", "agent", "")):
        folder = SOURCE / "packaging" / source
        for file in folder.rglob("*"):
            if file.is_file() and file.name != "arm64.ini":
                found[f"/usr/share/doc/ghost-{package}/examples{below}/{file.relative_to(folder)}"] = file
    return found


def build_tree():
    """Where meson built their programs; while they are built()."""
    (tree,) = (KEPT / "work/ghost").glob("obj-*")
    return tree


def find(folder):
    """The packages' files by name."""
    found = {file.name.split("_")[0]: file for file in sorted(folder.glob("*.deb"))}
    assert tuple(sorted(found)) == NAMES, found
    return found


def later(folder, target, version):
    """Copies of the packages that say they are of that version."""
    target.mkdir()
    for name, file in find(folder).items():
        tree = target / name
        subprocess.run(["dpkg-deb", "--raw-extract", file, tree], check=True)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, target / f"{name}_{version}.deb"], check=True, capture_output=True)
        shutil.rmtree(tree)
    return target
