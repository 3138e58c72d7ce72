"""Runs a command of README.md in a Debian root that holds its base system, git, and a clone of this repository's HEAD."""

import argparse
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import machine_config

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path[:0] = [str(SOURCE / "tests/packages"), str(SOURCE / "tests/static_agent")]

import clean_root  # noqa: E402
from root_folders import KEPT as ALL_KEPT  # noqa: E402

KEPT = ALL_KEPT / "fresh"
SKIPPED = 77
SECTIONS = {"quick-start": "Try it", "tests": "Test it"}
CLONE = "/root/ghost"
BUNDLE = "root/ghost.bundle"
FROM_GIT = ["git", "-c", "safe.directory=*", "-C", str(SOURCE)]
DYING_SECONDS = 60


class Interrupted(Exception):
    """By which signal."""


def interrupt(number, _frame):
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


def readme_command(section):
    """The words of the first line in that section of README.md that is a command."""
    text = (SOURCE / "README.md").read_text()
    body = re.search(rf"(?ms)^## {section}\n(.*?)(?=^## |\Z)", text)
    line = re.search(r"(?m)^    (\S.*)$", body[1]) if body else None
    if not line:
        sys.exit(f"README.md gives no command under '{section}'")
    return line[1].split()


def why_not():
    """Why this machine has no fresh root; None: it may."""
    if os.geteuid() != 0:
        return "a root of its own needs root"
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False).returncode != 0:
        return "this machine allows no mount and process namespaces"
    if subprocess.run([*FROM_GIT, "rev-parse", "HEAD"], capture_output=True, check=False).returncode != 0:
        return "this is no clone: there is no HEAD to clone"
    return None


@contextlib.contextmanager
def own_folder():
    """A folder for one root. Those of runs that were killed are removed first: nobody holds their lock."""
    KEPT.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = KEPT / f"run-{os.getpid()}"
    with open(KEPT / "runs.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for other in KEPT.glob("run-*"):
            handle = os.open(other, os.O_RDONLY)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(other)
            os.close(handle)
        folder.mkdir()
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        unmount(folder)
        shutil.rmtree(folder)
        os.close(handle)


def unmount(folder):
    """Whatever is mounted in it, for an interrupted root may have /dev in it. Fails when that fails: nothing may be removed then."""
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed([point for point in points if point.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", point], check=True)


def furnish(root):
    """git, and a clone made by it."""
    machine_config.take_over(root.path)
    try:
        root.run("apt-get", "-q", "update")
        root.apt("install", "git", "ca-certificates")
    except (AssertionError, subprocess.TimeoutExpired) as problem:
        raise LookupError(f"git cannot be installed in it: {problem}") from problem
    subprocess.run([*FROM_GIT, "bundle", "create", "-q", str(root.path / BUNDLE), "HEAD"], check=True)
    root.run("git", "-c", "advice.detachedHead=false", "clone", "-q", f"/{BUNDLE}", CLONE)
    (root.path / BUNDLE).unlink()


def first_process(unshare):
    children = pathlib.Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
    return int(children[0]) if children else unshare


def end(process):
    """It tells all in its namespace to end; what is left is killed with it."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(first_process(process.pid), signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(DYING_SECONDS)
            return
        os.kill(first_process(process.pid), signal.SIGKILL)
    process.wait()


def live(root, command):
    """The exit status of the command on the fresh machine. Nothing of it runs when this returns."""
    login = {name: clean_root.ENVIRONMENT[name] for name in ("PATH", "HOME", "LANG")}
    login |= {"USER": "root", "LOGNAME": "root", "SHELL": "/bin/bash", "TERM": os.environ.get("TERM", "dumb")}
    # Should this program be killed, all of the machine goes with it.
    words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", sys.executable, "-I", "-B"]
    words += [str(HERE / "first_process.py"), str(root.path), CLONE, *command]
    process = subprocess.Popen(words, env=login | machine_config.environment())
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            end(process)


def took(seconds):
    return f"{seconds // 60} min {seconds % 60} s"


def run(command):
    """The command's exit status, said at the end."""
    begin = time.monotonic()
    with own_folder() as folder, clean_root.CleanRoot(KEPT, folder / "root") as root:
        furnish(root)
        name = re.search(r'PRETTY_NAME="(.*)"', (root.path / "etc/os-release").read_text())[1]
        commit = root.run("git", "-C", CLONE, "log", "-1", "--format=%h %s").strip()
        packages = len(root.run("dpkg-query", "-W").splitlines())
        furnished = time.monotonic()
        print(f"fresh root: {name} with {packages} packages, and a clone at {commit}; made in {took(int(furnished - begin))}")
        print(f"fresh root: {CLONE}$ {' '.join(command)}", flush=True)
        status = live(root, command)
        spent = took(int(time.monotonic() - furnished))
    how = "succeeded" if status == 0 else f"FAILED with exit status {status}"
    print(f"\nfresh root: {' '.join(command)} {how} in {spent}, on {name} with nothing but git; all of it is removed again", flush=True)
    return status


def main():
    parser = argparse.ArgumentParser(prog="tests/fresh_root/run.sh", description=__doc__, allow_abbrev=False)
    parser.add_argument("command", choices=SECTIONS, nargs="?", default="quick-start", help="of README.md: 'Try it' (default) or 'Test it'")
    options, more = parser.parse_known_args()
    command = [*readme_command(SECTIONS[options.command]), *more]
    # Both ask before they install packages.
    if not sys.stdin.isatty() and "--yes" not in command:
        command.append("--yes")
    reason = why_not()
    if not reason:
        clean_root.enter_own_mounts()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupt)
        try:
            return run(command)
        except LookupError as problem:
            reason = str(problem)
        except Interrupted as problem:
            print("\nfresh root: interrupted; all of it is removed again", flush=True)
            return 128 + problem.args[0]
    print(f"skipped: {reason}")
    return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
