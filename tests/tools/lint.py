#!/usr/bin/env python3
"""Runs one outside checker over the tree: lint.py format|tidy|cppcheck|shell|python SOURCE_ROOT BUILD_ROOT

Exit status 77 (skipped) when the checker is not installed."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
OURS = ("proto/", "controller/", "agent/", "ui/", "tests/")


def tracked(root, *patterns):
    """Files of the repository, or of the folder when it is none (a source archive)."""
    listing = subprocess.run(["git", "-C", root, "ls-files", *patterns], capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.split("\n")
    else:
        found = (p for pattern in patterns for p in pathlib.Path(root).rglob(pattern))
        names = [p.relative_to(root).as_posix() for p in found]
    return sorted(n for n in names if n and not n.startswith("build") and os.path.exists(os.path.join(root, n)))


def need(program):
    if not shutil.which(program):
        print(f"{program} is not installed")
        sys.exit(SKIPPED)


def run_all(commands, cwd):
    """Runs commands, as many at once as there are cores; prints what the failing ones said."""
    def run(command):
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(run, commands):
            if result.returncode:
                failed += 1
                print(result.stdout + "\n".join(l for l in result.stderr.splitlines() if "warnings" not in l))
    return 1 if failed else 0


def compiled(root, build):
    """Our own compiled files, each once, with the folder and flags of its first target."""
    found = {}
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        file = pathlib.Path(entry["directory"], entry["file"]).resolve()
        try:
            path = file.relative_to(pathlib.Path(root).resolve()).as_posix()
        except ValueError:
            continue  # generated, or somebody else's
        if path.startswith(OURS):
            found.setdefault(path, entry)
    return found


def check_format(root, _build):
    need("clang-format")
    files = tracked(root, "*.c", "*.h")
    chunks = [files[i::8] for i in range(8) if files[i::8]]
    return run_all([["clang-format", "--dry-run", "--Werror", *chunk] for chunk in chunks], root)


def check_tidy(root, build):
    need("clang-tidy")
    files = sorted(compiled(root, build))
    # Our own headers, not the generated ones of the same name in the build folder.
    headers = rf"(\.\.|/{re.escape(pathlib.Path(root).name)})/(proto|controller|agent|ui|tests)/.*\.h$"
    # __NO_CTYPE: the macros of <ctype.h> would count as complexity of their callers.
    command = ["clang-tidy", "--quiet", "--extra-arg=-D__NO_CTYPE", f"--header-filter={headers}", "-p", build]
    return run_all([[*command, os.path.join(root, file)] for file in files], build)


def check_cppcheck(root, build):
    need("cppcheck")
    database = pathlib.Path(build, "cppcheck-commands.json")
    database.write_text(json.dumps(list(compiled(root, build).values())))
    command = ["cppcheck", f"--project={database}", "--enable=warning,portability,performance", "--inline-suppr",
               "--error-exitcode=1", "--quiet", "-j", str(os.cpu_count()), "--suppress=unknownMacro",
               "--suppress=*:*pb-c.h", "--suppress=*:/usr/include/*"]
    return subprocess.run(command, cwd=build, check=False).returncode


def check_shell(root, _build):
    need("shellcheck")
    scripts = tracked(root, "*.sh", ".ci/*", "packaging/quickstart/demo/hooks/*")
    scripts = [script for script in scripts if "/corpus/" not in script]  # input of fuzzers, broken on purpose
    return run_all([["shellcheck", "-x", script] for script in scripts], root)


def check_python(root, _build):
    failed = 0
    for name in tracked(root, "*.py"):
        try:
            compile(pathlib.Path(root, name).read_text(), name, "exec")
        except SyntaxError as error:
            print(f"{name}:{error.lineno}: {error.msg}")
            failed = 1
    return failed


if __name__ == "__main__":
    checks = {"format": check_format, "tidy": check_tidy, "cppcheck": check_cppcheck, "shell": check_shell,
              "python": check_python}
    sys.exit(checks[sys.argv[1]](sys.argv[2], sys.argv[3]))
