"""Process 1 of the fresh machine: makes a folder the root as a machine has it, runs a command there, and ends all that is left.

It is this machine's Python, loaded before the root changes, for the fresh one has none.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

ENDING_SECONDS = 15
# A mount of its own, not a chroot: programs in it can make namespaces and change the root themselves.
ENTER = """set -e
mount --rbind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t tmpfs tmpfs run -o mode=755
mkdir run/lock run/former
pivot_root . run/former
umount --lazy /run/former
rmdir /run/former
"""


class Interrupted(Exception):
    """By which signal."""


def interrupt(number, _frame):
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


def reap(command):
    """Waits until the command has ended, also for whatever else ends meanwhile; its exit status."""
    while True:
        process, status = os.wait()
        if process == command:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def end_all():
    """What does not listen ends with process 1."""
    end = time.monotonic() + ENDING_SECONDS
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(-1, signal.SIGTERM)
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)


def main(root, folder, *command):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        subprocess.run(["sh", "-c", ENTER, "sh", root], check=True)
        running = subprocess.Popen(command, cwd=folder)
        status = reap(running.pid)
    except Interrupted as reason:
        status = 128 + reason.args[0]
    end_all()
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
