#!/usr/bin/env python3
"""Runs a cmocka program and marks in its TAP the tests that were skipped: those that said `# skipped NAME`."""
import re
import subprocess
import sys

SAID = re.compile(r"^# skipped (\w+)")
PASSED = re.compile(r"^ok \d+ - (\w+)")

skipped = set()
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, encoding="utf-8", errors="replace") as program:
    for line in program.stdout:
        line = line.rstrip("\n")
        skipped.update(SAID.findall(line))
        name = PASSED.match(line)
        print(line + (" # SKIP" if name and name.group(1) in skipped else ""), flush=True)
if program.returncode < 0:
    print(f"ended by signal {-program.returncode}", file=sys.stderr)
sys.exit(1 if program.returncode < 0 else program.returncode)
