#!/usr/bin/env python3
"""Writes a C header with a JSON file as a string: embed_json.py OUTPUT VARIABLE FILE."""
import json
import pathlib
import sys

output, variable, name = sys.argv[1:]
text = json.dumps(json.loads(pathlib.Path(name).read_text()), ensure_ascii=True, separators=(",", ":"))
pieces = (text[i : i + 100] for i in range(0, len(text), 100))
lines = "\n".join('        "' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
pathlib.Path(output).write_text(f"/* Made by embed_json.py. */\n#pragma once\n\nstatic const char {variable}[] =\n{lines};\n")
