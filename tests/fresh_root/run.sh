#!/bin/bash
# Runs a command of README.md in a fresh Debian with nothing but git: tests/fresh_root/run.sh --help
exec /usr/bin/python3 -B "$(dirname "${BASH_SOURCE[0]}")/fresh_root.py" "$@"
