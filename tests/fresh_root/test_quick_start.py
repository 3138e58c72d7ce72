#!/usr/bin/env python3
"""The quick start on a fresh Debian with nothing but git, as README.md gives it: installs, builds, deploys v1, v2, and v1 again."""
import pathlib
import re
import subprocess
import sys
import unittest

SKIPPED = 77
RUN = pathlib.Path(__file__).resolve().parent / "run.sh"
SERVED = re.compile(r"^   (i-[0-9a-f]+)  (http://\S+/)  serves (.*)$", re.M)


class QuickStart(unittest.TestCase):
    said = ""

    def part(self, begin, end):
        """What was said between two lines."""
        self.assertIn(f"\n{begin}", self.said)
        after = self.said.split(f"\n{begin}", 1)[1]
        self.assertIn(f"\n{end}", after)
        return after.split(f"\n{end}", 1)[0]

    def assert_served(self, lines, version):
        self.assertEqual([page for _, _, page in lines], [version] * 3)
        self.assertEqual({(instance, address) for instance, address, _ in lines}, self.instances)

    def test_three_instances_serve_v1_then_v2_then_v1(self):
        forth = SERVED.findall(self.part("== 4. ", "== 5. "))
        back = SERVED.findall(self.part("== 5. ", "== Ghost runs"))
        self.instances = {(instance, address) for instance, address, _ in forth}
        self.assertEqual(len(self.instances), 3)
        self.assert_served(forth[:3], "v1")
        self.assert_served(forth[3:], "v2")
        self.assert_served(back, "v1")

    def test_it_installs_what_is_missing_itself(self):
        self.assertIn("Missing Debian packages: ", self.part("== What is needed", "== Building Ghost"))

    def test_it_says_where_ghost_is(self):
        summary = self.part("== Ghost runs", "fresh root: ")
        for word in ("API ", "web UI ", "login ", "--down"):
            self.assertIn(word, summary)


def main():
    done = subprocess.run([RUN, "quick-start"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == SKIPPED:
        print(done.stdout)
        return SKIPPED
    lines = done.stdout.splitlines()
    print("\n".join(lines[-3:] if done.returncode == 0 else lines[-200:]), flush=True)
    if done.returncode != 0:
        return 1
    QuickStart.said = done.stdout
    unittest.main()


if __name__ == "__main__":
    sys.exit(main())
