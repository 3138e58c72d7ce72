#!/usr/bin/env python3
"""Writes a C header with a table of certificates by region: embed_regions.py OUTPUT REGION.pem…"""
import json
import pathlib
import sys

rows = []
for name in sorted(sys.argv[2:]):
    path = pathlib.Path(name)
    lines = "\n".join("          " + json.dumps(line) for line in path.read_text().splitlines(keepends=True))
    rows.append(f'        {{ "{path.stem}",\n{lines} }},')
pathlib.Path(sys.argv[1]).write_text(
    "/* Made by embed_regions.py. */\n#pragma once\n\nstatic const RegionCertificate region_certificates[] = {\n"
    + "\n".join(rows) + "\n};\n")
