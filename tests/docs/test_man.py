#!/usr/bin/env python3
"""The manual pages are what mandoc finds nothing wrong with: test_man.py GHOST PAGE…"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

GHOST, *PAGES = sys.argv[1:]
# What differs from one system to the next: which pages it has, what it calls itself.
NOT_OURS = ("referenced manual not found", "operating system explicitly specified", "lower case character in document title")


@unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
class Man(unittest.TestCase):
    def check(self, page):
        run = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True, check=False)
        said = [line for line in run.stdout.splitlines() + run.stderr.splitlines() if not any(words in line for words in NOT_OURS)]
        self.assertEqual(said, [])

    def text(self, page):
        return subprocess.run(["mandoc", "-Tutf8", page], capture_output=True, text=True, check=True).stdout

    def test_pages(self):
        self.assertEqual(len(PAGES), 4)
        for page in PAGES:
            with self.subTest(page):
                self.check(page)
                self.assertNotIn("@", pathlib.Path(page).read_text().replace("user@host", ""))
                self.assertGreater(len(self.text(page)), 1000)

    def test_ghost(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "ghost.1"
            page.write_text(subprocess.run([GHOST, "--man"], capture_output=True, text=True, check=True).stdout)
            self.check(str(page))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
