#!/usr/bin/env python3
"""The documentation fits together: links, anchors, files, messages that it quotes."""
import ast
import pathlib
import re
import unittest

import markdown_text
from markdown_text import DOCS, ROOT, anchors, blocks, links, pages

LITERALS = re.compile(r'(?:"(?:\\.|[^"\\\n])*"\s*(?:PRI\w+\s*|[A-Z_]+_EXPECTED\b\s*)?)+')
CONVERSION = re.compile(r"%[-0-9.*]*(?:hh|h|ll|l|z|j)?[a-zA-Z%]")


class Text(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in pages():
            text = page.read_text()
            for link in links(text):
                with self.subTest(page=page.name, link=link):
                    if re.match(r"[a-z]+:", link):
                        self.assertRegex(link, r"^(https://[\w.-]+(/[^\s]*)?|mailto:[^@\s]+@[\w.-]+)$")
                        continue
                    path, _, anchor = link.partition("#")
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists(), f"{page.name}: {link} is not there")
                    self.assertTrue(target.is_relative_to(ROOT), f"{page.name}: {link} leaves the repository")
                    if anchor:
                        self.assertIn(anchor, anchors(target.read_text()), f"{page.name}: {link} names no heading")

    def test_names_are_those_of_the_programs(self):
        """Settings and environment variables that a page names are there."""
        conf = "".join((ROOT / "packaging/config" / name).read_text() for name in ("controller.conf", "agent.conf"))
        settings = set(re.findall(r"^#([\w.]+) =", conf, re.M))
        groups = {name.split(".")[0] for name in settings if "." in name}
        sources = "".join(file.read_text() for folder in ("proto", "controller", "agent", "ui/cli", "packaging", "tests")
                          for file in sorted((ROOT / folder).rglob("*.*"))
                          if file.suffix in (".c", ".h", ".sh", ".py") and file != pathlib.Path(__file__).resolve())
        for page in DOCS.glob("*.md"):
            text = page.read_text()
            for name in re.findall(r"`([a-z_]+\.[a-z_.]+[a-z])(?: = [^`]*)?`", text):
                if name.split(".")[0] in groups and not name.endswith((".conf", ".c", ".key", ".pem")):
                    self.assertIn(name, settings, page.name)
            for name in set(re.findall(r"\bGHOST_[A-Z_]+[A-Z]\b", text)):
                setting = name.removeprefix("GHOST_").lower()
                known = name.startswith("GHOST_FEATURE_") or any(setting == other.replace(".", "_") for other in settings)
                self.assertTrue(known or name in sources, f"{page.name}: no program knows {name}")

    def test_pages_begin_with_their_title(self):
        for page in DOCS.glob("*.md"):
            text = page.read_text()
            self.assertRegex(text, r"\A# \S", page.name)
            self.assertEqual(len(re.findall(r"^# ", markdown_text.without_blocks(text), re.M)), 1, page.name)

    def test_blocks_say_what_they_are(self):
        for page in DOCS.glob("*.md"):
            for block in blocks(page.read_text()):
                self.assertLessEqual(set(block.words), {"runnable", "output"}, f"{page.name}:{block.line}")

    def test_messages_are_those_of_the_programs(self):
        """Each message in troubleshooting.md is one that the C code can say."""
        said = [literal for folder in ("proto", "controller", "agent", "ui/cli") for file in sorted((ROOT / folder).rglob("*.c"))
                for literal in spoken(file.read_text())]
        text = (DOCS / "troubleshooting.md").read_text()
        quoted = re.findall(r"^\| `([^`]+)` \|", text, re.M)
        self.assertGreater(len(quoted), 40)
        for message in quoted:
            wanted = re.compile(".*".join(re.escape(piece) for piece in message.split("…")), re.S)
            self.assertTrue(any(wanted.fullmatch(literal) for literal in said), f"no program says: {message}")


def spoken(source):
    """Literals, those that stand side by side as one, what is filled in later as …"""
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.S)
    for match in LITERALS.finditer(source):
        parts = re.findall(r'"((?:\\.|[^"\\\n])*)"', match[0])
        yield CONVERSION.sub(lambda found: "%" if found[0] == "%%" else "…", unescape("".join(parts)))


def unescape(text):
    try:
        return ast.literal_eval(f'"{text}"')
    except (SyntaxError, ValueError):
        return text


if __name__ == "__main__":
    unittest.main(verbosity=2)
