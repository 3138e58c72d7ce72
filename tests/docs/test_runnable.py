#!/usr/bin/env python3
"""What the documentation says to type is typed: the blocks marked "sh runnable" of each page, in order, in one shell,
against a fresh controller with a sandbox. A block "text output" below one is what it must print: … stands for anything in
a line, a line of … for any lines."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import ghostlab  # noqa: E402
from markdown_text import DOCS, blocks  # noqa: E402

MARK = "@@ghost-docs@@"


def pairs(text):
    """Each runnable block with what it must print, or None."""
    found = []
    for block in blocks(text):
        if "runnable" in block.words:
            found.append([block, None])
        elif "output" in block.words:
            found[-1][1] = block
    return found


def as_pattern(expected):
    lines = []
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*".join(re.escape(piece) for piece in line.split("…")) + r"\n")
    return re.compile("".join(lines))


class Runnable(unittest.TestCase):
    def environment(self, lab, repository):
        home = lab.folder / "home"
        home.mkdir()
        return {
            "PATH": f"{ghostlab.CLI.parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "GHOST_URL": f"http://127.0.0.1:{lab.http_port}",
            "GHOST_USER": "admin",
            "GHOST_PASSWORD": lab.password,
            "VPC": lab.cloud["vpc_id"],
            "SUBNET": lab.cloud["subnet_ids"][0],
            "SECURITY_GROUP": lab.cloud["security_group_id"],
            "SOURCE_IMAGE": lab.cloud["base_image_id"],
            "REPOSITORY": repository.url,
        }

    def run_page(self, page, found):
        with ghostlab.Lab() as lab:
            repository = ghostlab.Repository(lab.folder / "site")
            repository.commit({"index.html": "one\n"}, "The first page", tag="v1")
            repository.commit({"index.html": "two\n"}, "A better page", tag="v2")
            script = "set -euo pipefail\n" + "".join(f"echo {MARK}\n{block.text}" for block, _ in found)
            run = subprocess.run(["bash", "-c", script], env=self.environment(lab, repository), cwd=lab.folder, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200 * ghostlab.SLOWNESS)
            printed = run.stdout.split(f"{MARK}\n")[1:]
            last = found[len(printed) - 1][0].line if printed else 0
            self.assertEqual(run.returncode, 0, f"{page.name}:{last}: {printed[-1:]}")
            self.assertEqual(len(printed), len(found))
            for (block, expected), output in zip(found, printed):
                if expected:
                    output = output.rstrip("\n") + "\n"
                    self.assertTrue(as_pattern(expected.text).fullmatch(output), f"{page.name}:{block.line} printed\n{output}instead of\n{expected.text}")

    def test_applications_that_are_shown(self):
        """Those on the page about AWS are taken by a controller, one after the other."""
        text = (DOCS / "first-deploy-on-aws.md").read_text()
        whole, change = [block.text for block in blocks(text) if block.language == "yaml"]
        with ghostlab.Lab() as lab:
            environment = self.environment(lab, ghostlab.Repository(lab.folder / "site"))
            for words, document in (("app create -", whole), ("app update shop/prod/webfront - --force", change)):
                run = subprocess.run(["ghost", *words.split()], env=environment, input=document, text=True, cwd=lab.folder,
                                     capture_output=True, timeout=60 * ghostlab.SLOWNESS)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_pages(self):
        ran = 0
        for page in sorted(DOCS.glob("*.md")):
            found = pairs(page.read_text())
            if found:
                with self.subTest(page.name):
                    self.run_page(page, found)
                    ran += 1
        self.assertGreaterEqual(ran, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
