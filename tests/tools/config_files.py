#!/usr/bin/env python3
"""Fails unless the shipped configuration files are what the programs print: config_files.py SOURCE_ROOT CONTROLLER AGENT"""
import difflib
import pathlib
import subprocess
import sys

root, controller, agent = sys.argv[1:]
status = 0
for program, name in ((controller, "controller.conf"), (agent, "agent.conf")):
    printed = subprocess.run([program, "--print-settings"], check=True, capture_output=True, text=True).stdout
    shipped = (pathlib.Path(root) / "packaging" / "config" / name).read_text()
    if printed != shipped:
        status = 1
        sys.stdout.writelines(difflib.unified_diff(shipped.splitlines(True), printed.splitlines(True), name, program))
sys.exit(status)
