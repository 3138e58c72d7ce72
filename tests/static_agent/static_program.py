"""The static agent as it is shipped: a release build, stripped. Built once for all tests of a build folder."""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))

from ghostlab import BUILD  # noqa: E402

FOLDER = BUILD / "static-agent"
OPTIONS = ["-Dstatic_agent=true", "-Dprefer_static=true", "-Dtests=false", "-Dweb=false", "--buildtype=release"]


def run(*words):
    # Not what a sanitizer build has in its environment.
    environment = {name: value for name, value in os.environ.items() if name not in ("CFLAGS", "LDFLAGS")}
    done = subprocess.run(words, env=environment | {"CC": os.environ.get("CC", "gcc")}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.stdout[-4000:]}{done.stderr[-4000:]}")


def static_agent():
    """The path of the program; what has changed since the last build is built."""
    FOLDER.mkdir(exist_ok=True)
    program = FOLDER / "ghost-agent"
    with open(FOLDER / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tree = FOLDER / "tree"
        if not (tree / "build.ninja").exists():
            shutil.rmtree(tree, ignore_errors=True)
            run("meson", "setup", str(tree), str(SOURCE), *OPTIONS)
        run("ninja", "-C", str(tree), "agent/ghost-agent")
        built = tree / "agent" / "ghost-agent"
        if not program.exists() or program.stat().st_mtime_ns < built.stat().st_mtime_ns:
            run("strip", "-o", f"{program}.new", str(built))
            os.replace(f"{program}.new", program)
    return program
