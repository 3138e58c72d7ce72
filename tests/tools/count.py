#!/usr/bin/env python3
"""Adds up what `meson test` logged: count.py STEP TESTLOG.json… prints one `step suite passed failed skipped` per suite."""
import json
import re
import sys

BAD = {"FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS", "EXPECTEDFAIL"}
TAP = re.compile(r"^(not )?ok\b[^#\n]*(#\s*skip)?", re.M | re.I)
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*\n+(OK|FAILED)(?: \((.*)\))?", re.M)


def counts_of(entry):
    """Passed, failed, skipped: of the cases inside when the test names them, else of the test as one."""
    failed = entry["result"] in BAD
    if entry["result"] == "SKIP":
        return 0, 0, 1
    stdout, stderr = entry.get("stdout") or "", entry.get("stderr") or ""
    ran = UNITTEST.search(stderr) or UNITTEST.search(stdout)
    if ran:
        parts = dict(p.split("=") for p in (ran.group(3) or "").replace(" ", "").split(",") if "=" in p)
        bad = int(parts.get("failures", 0)) + int(parts.get("errors", 0))
        skipped = int(parts.get("skipped", 0))
        bad = max(bad, 1) if failed else bad
        return max(int(ran.group(1)) - bad - skipped, 0), bad, skipped
    lines = TAP.findall(stdout)
    if not lines:
        return (0, 1, 0) if failed else (1, 0, 0)
    skipped = sum(1 for _, skip in lines if skip)
    bad = sum(1 for wrong, skip in lines if wrong and not skip)
    good = len(lines) - skipped - bad
    return good, max(bad, 1) if failed else bad, skipped


def main(step, files):
    totals = {}
    for name in files:
        with open(name, encoding="utf-8") as log:
            for line in log:
                entry = json.loads(line)
                suite = entry["name"].split(" / ")[0].split(":")[-1].split("+")[0]
                totals[suite] = [a + b for a, b in zip(totals.get(suite, (0, 0, 0)), counts_of(entry))]
    for suite, (passed, failed, skipped) in sorted(totals.items()):
        print(step, suite, passed, failed, skipped)


main(sys.argv[1], sys.argv[2:])
