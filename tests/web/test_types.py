#!/usr/bin/env python3
"""The pages' types are those of the API that is served: test_types.py PROGRAM STAGE. With GHOST_WRITE_TYPES=1 they are written."""
import os
import pathlib
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))
STAGE = pathlib.Path(sys.argv.pop(2))

from restcase import RestCase  # noqa: E402 (its folder was made known above)

TYPES = SOURCE / "ui" / "web" / "src" / "api" / "schema.d.ts"


class Types(RestCase):
    def test_they_are_made_of_the_served_description(self):
        description, made = pathlib.Path(self.folder, "openapi.json"), pathlib.Path(self.folder, "schema.d.ts")
        description.write_bytes(self.call("GET", "/openapi.json", user=None).body)
        words = ["npx", "--no-install", "openapi-typescript", str(description), "-o", str(made)]
        done = subprocess.run(words, cwd=STAGE, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        if os.environ.get("GHOST_WRITE_TYPES"):
            TYPES.write_text(made.read_text())
        self.assertEqual(made.read_text(), TYPES.read_text(), f"make {TYPES.name} anew: GHOST_WRITE_TYPES=1 meson test -C build web/types")


if __name__ == "__main__":
    unittest.main()
