"""A virtual environment with packages from PyPI, made once and kept: what only tests need, and Debian has not."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77  # what meson takes for "skipped"


def cache():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "ghost-tests"


def make(folder, requirements):
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        ["/usr/bin/python3", "-m", "venv", folder],
        [f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", *requirements],
    ):
        result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if result.returncode != 0:
            lines = (result.stdout + result.stderr).strip().splitlines() or ["no reason given"]
            raise OSError(f"{' '.join(map(str, command[:3]))}: {lines[-1]}")
    (folder / "complete").touch()


def programs(*requirements):
    """The folder of the environment's programs. Without network, and nothing kept: the test is skipped."""
    name = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:12]
    folder = cache() / f"venv-{name}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with open(folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "complete").exists():
                make(folder, requirements)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"skipped: {', '.join(requirements)} cannot be installed: {error}")
        sys.exit(SKIPPED)
    return folder / "bin"
