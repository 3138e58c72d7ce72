#!/usr/bin/env python3
"""Fails on functions that have a better twin, and on file names that say nothing."""
import pathlib
import re
import subprocess
import sys

FUNCTIONS = {
    "strcpy": "xstrdup or Text",
    "strcat": "Text",
    "sprintf": "xasprintf or snprintf",
    "vsprintf": "xvasprintf",
    "gets": "file_read",
    "strtok": "text_split",
    "atoi": "text_parse_uint",
    "system": "process_run",
    "popen": "process_capture",
    "rand": "crypto_random",
    "gmtime": "clock_format (not thread-safe)",
    "localtime": "clock_format (not thread-safe)",
    "ctime": "clock_format (not thread-safe)",
    "asctime": "clock_format (not thread-safe)",
    "setenv": "a child's own environment (not thread-safe)",
    "putenv": "a child's own environment (not thread-safe)",
    "gethostbyname": "getaddrinfo (not thread-safe)",
    "inet_ntoa": "inet_ntop (not thread-safe)",
}
NAMES = ("util", "utils", "common", "misc", "helper", "helpers", "manager")
CALL = re.compile(r"(?<![\w.>])(" + "|".join(FUNCTIONS) + r")\s*\(")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)


def blank(match):
    """Nothing but the line breaks, so that line numbers stay."""
    return "\n" * match.group().count("\n")


def tracked(root):
    listing = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return [root / name for name in listing.stdout.splitlines()]
    return [p for p in root.rglob("*") if p.is_file() and not p.relative_to(root).parts[0].startswith("build")]


def offences(root):
    for file in tracked(root):
        path = file.relative_to(root).as_posix()
        for word in re.split(r"[_\-.]", file.name.lower())[:-1] + [part.lower() for part in file.parent.parts]:
            if word in NAMES and file.suffix in (".c", ".h", ".py", ".sh", ".js"):
                yield f"{path}: a file called '{word}' has no subject"
        if file.suffix not in (".c", ".h") or not file.exists():
            continue
        source = COMMENT_OR_STRING.sub(blank, file.read_text())
        for number, line in enumerate(source.splitlines(), 1):
            for name in CALL.findall(line):
                yield f"{path}:{number}: {name}() is banned; use {FUNCTIONS[name]}"


found = list(offences(pathlib.Path(sys.argv[1])))
if found:
    sys.exit("\n".join(found))
