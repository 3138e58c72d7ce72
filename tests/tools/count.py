#!/usr/bin/env python3
"""Adds up what `meson test` logged: count.py STEP TESTLOG.json FAILED prints one `step suite passed failed skipped` per
suite, and adds to the file FAILED which tests did not pass and how their output ended."""
import json
import re
import sys

BAD = {"FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS", "EXPECTEDFAIL"}
TAP = re.compile(r"^(not )?ok\b[^#\n]*(#\s*skip)?", re.M | re.I)
SHOWN = 25
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


def ending_of(entry):
    """How long it ran and its last lines: the rest is in the log of its build."""
    lines = ((entry.get("stdout") or "") + "\n" + (entry.get("stderr") or "")).splitlines()
    return [f"{entry['result']} after {entry['duration']:.0f} s", *[line[:300] for line in lines if line.strip()][-SHOWN:]]


def main(step, log_name, failed_name):
    totals = {}
    with open(log_name, encoding="utf-8") as log, open(failed_name, "a", encoding="utf-8") as failed:
        for line in log:
            entry = json.loads(line)
            name = entry["name"].split(":")[-1]
            suite = name.split(" / ")[0].split("+")[0]
            totals[suite] = [a + b for a, b in zip(totals.get(suite, (0, 0, 0)), counts_of(entry))]
            if entry["result"] in BAD:
                print(f"{step}: {name}", *ending_of(entry), sep="\n    ", file=failed)
    for suite, (passed, failed, skipped) in sorted(totals.items()):
        print(step, suite, passed, failed, skipped)


main(*sys.argv[1:])
