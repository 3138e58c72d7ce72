#!/usr/bin/env python3
"""Writes a C header with the files of the web interface: embed.py OUTPUT [FILE…]."""
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

output, *names = sys.argv[1:]
rows = []
for name in names:
    file = pathlib.Path(name)
    lines = file.read_text().splitlines()
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    text = "\n".join(f'          "{line}\\n"' for line in escaped)
    rows.append(f'        {{ "{file.name}", "{TYPES[file.suffix]}",\n{text} }},')
pathlib.Path(output).write_text(
    "/* Made by embed.py. */\n#pragma once\n\n"
    "typedef struct WebFile {\n        const char *name, *type, *content;\n} WebFile;\n\n"
    "static const WebFile web_files[] = {\n" + "\n".join(rows) + "\n        { 0 },\n};\n"
)
