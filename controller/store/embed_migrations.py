#!/usr/bin/env python3
"""Writes migrations.h: the SQL files given, in order, as C strings."""
import pathlib
import sys

target, *sources = sys.argv[1:]
lines = ["/* Made by embed_migrations.py. */", "#pragma once", "", "static const char *const migrations[] = {"]
for number, source in enumerate(sorted(sources, key=lambda name: pathlib.Path(name).name), 1):
    name = pathlib.Path(source).name
    if int(name.split("_")[0]) != number:
        sys.exit(f"{name}: expected number {number:04}")
    # In brackets, so that clang takes the lines of one migration for one string and not for a forgotten comma.
    lines.append("        (")
    for line in pathlib.Path(source).read_text().splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'        "{escaped}\\n"')
    lines.append("        ),")
lines += ["};", f"enum {{ migration_count = {len(sources)} }};", ""]
pathlib.Path(target).write_text("\n".join(lines))
