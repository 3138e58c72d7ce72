#!/usr/bin/env python3
"""The controller serves the documentation: every page, every link of a page, nothing that a browser would refuse."""
import gzip
import html.parser
import http.client
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from markdown_text import DOCS  # noqa: E402
from restlab import RestServer  # noqa: E402

PROGRAM = sys.argv.pop(1)


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.files, self.ids, self.tags, self.current, self.title = [], [], [], set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.add(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
            if given.get("aria-current") == "page":
                self.current.append(given["href"])
        if tag == "img":
            assert given.get("alt"), "a picture without words"
        self.files += [given[name] for name in ("src",) if name in given]
        if tag == "link":
            self.files.append(given["href"])
        assert "style" not in given and not any(name.startswith("on") for name in given), (tag, given)


class Served(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.server = RestServer(PROGRAM, cls.folder)
        cls.addClassCleanup(cls.server.stop)
        if cls.get("/docs/").status == 404:
            raise unittest.SkipTest("this controller was built without the documentation")

    @classmethod
    def get(cls, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", cls.server.port, timeout=20)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    def page(self, name):
        answer = self.get(f"/docs/{name}")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/html; charset=utf-8"), name)
        return Page(answer.body.decode())

    def names(self):
        return [file.stem for file in sorted(DOCS.glob("*.md"))]

    def test_every_page_and_its_markdown(self):
        for name in self.names():
            self.assertIn(f"/docs/{name}" if name != "index" else "/docs/", self.page(name).current)
            raw = self.get(f"/docs/{name}.md")
            self.assertEqual((raw.status, raw.headers["Content-Type"]), (200, "text/markdown; charset=utf-8"))
            self.assertEqual(raw.body, (DOCS / f"{name}.md").read_bytes())
        index = self.get("/docs/index.html").body
        self.assertEqual(self.get("/docs").body, index)
        self.assertEqual(self.get("/docs/").body, index)

    def test_every_link_of_every_page(self):
        pages = {f"/docs/{name}" if name != "index" else "/docs/": self.page(name) for name in self.names()}
        for name, page in pages.items():
            self.assertEqual(len(page.ids), len(set(page.ids)), name)
            for link in page.links:
                path, _, anchor = link.partition("#")
                if re.match(r"[a-z]+:|/web/|/openapi.json", link):
                    continue
                with self.subTest(page=name, link=link):
                    target = pages.get(path or name)
                    if target and anchor:
                        self.assertIn(anchor, target.ids)
                    elif not target:
                        self.assertEqual(self.get(path).status, 200)
            for file in page.files:
                self.assertEqual(self.get(file).status, 200, file)
            self.assertEqual(set(pages) - set(page.links), set(), f"{name} does not lead everywhere")

    def test_nothing_that_the_policy_forbids(self):
        policy = self.get("/docs/").headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        for name in self.names():
            self.assertEqual(self.page(name).tags & {"script", "style", "iframe", "object"}, set(), name)

    def test_markdown_became_pages(self):
        """What the renderer did not understand would stand in the text."""
        for name in self.names():
            text = self.get(f"/docs/{name}").body.decode()
            text = re.sub(r"<(pre|code)>.*?</\1>|<code class=.*?</code>", "", text, flags=re.S)
            for rest in ("```", "](", "|---", "\n## ", "**", "{{"):
                self.assertNotIn(rest, text, name)

    def test_compressed_known_and_absent(self):
        plain = self.get("/docs/hooks")
        packed = self.get("/docs/hooks", **{"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        known = self.get("/docs/hooks", **{"If-None-Match": plain.headers["ETag"]})
        self.assertEqual((known.status, known.body), (304, b""))
        for path in ("/docs/nonsense", "/docs/../hooks", "/docs/hooks/x"):
            self.assertEqual(self.get(path).status, 404, path)
        self.assertEqual(self.get("/docs/api").headers["Content-Type"], "application/json")


if __name__ == "__main__":
    unittest.main(verbosity=2)
