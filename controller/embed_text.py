#!/usr/bin/env python3
"""Writes a C header with a text file as a string: embed_text.py OUTPUT VARIABLE FILE."""
import json
import pathlib
import sys

output, variable, name = sys.argv[1:]
lines = "\n".join("        " + json.dumps(line) for line in pathlib.Path(name).read_text().splitlines(keepends=True))
pathlib.Path(output).write_text(f"/* Made by embed_text.py. */\n#pragma once\n\nstatic const char {variable}[] =\n{lines};\n")
