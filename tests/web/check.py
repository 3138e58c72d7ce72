#!/usr/bin/env python3
"""What the pages' own tools say of them, as TAP: check.py types|components STAGE."""
import os
import subprocess
import sys

COMMANDS = {
    "types": ["npx", "--no-install", "tsc", "--noEmit"],
    "components": ["npx", "--no-install", "vitest", "run", "--reporter=tap-flat"],
}

check, stage = sys.argv[1:]
done = subprocess.run(COMMANDS[check], cwd=stage, env=dict(os.environ, NO_COLOR="1"), stdin=subprocess.DEVNULL,
                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
if check == "types":
    print("1..1\n" + "".join(f"# {line}\n" for line in done.stdout.splitlines()) + ("not ok" if done.returncode else "ok") + " 1 - types")
else:
    print(done.stdout)
sys.exit(done.returncode)
