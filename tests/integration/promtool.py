"""promtool, from Debian's package of Prometheus: unpacked into a cache, not installed, so that no server is started by it."""
import fcntl
import pathlib
import shutil
import subprocess

import pypi


def path():
    """The program; None when it cannot be had."""
    found = shutil.which("promtool")
    if found:
        return found
    folder = pypi.cache() / "promtool"
    program = folder / "usr" / "bin" / "promtool"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            try:
                subprocess.run(["apt-get", "download", "-q", "prometheus"], cwd=folder, check=True, capture_output=True, timeout=120)
                (package,) = pathlib.Path(folder).glob("prometheus_*.deb")
                subprocess.run(["dpkg", "-x", package, folder], check=True, capture_output=True, timeout=120)
                package.unlink()
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                print("promtool cannot be had:", error)
                return None
    return str(program)
