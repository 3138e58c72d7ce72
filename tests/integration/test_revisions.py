#!/usr/bin/env python3
"""What of a module can be deployed: asked of real repositories, and of a bucket that says what it is told to."""
import concurrent.futures
import socket
import threading
import time
import unittest

from gitcase import Repository
from restcase import RestCase

VERSIONS = """<ListVersionsResult><Name>builds</Name><IsTruncated>false</IsTruncated>
<Version><Key>app.zip</Key><VersionId>v-2</VersionId><IsLatest>true</IsLatest><LastModified>2026-01-31T12:00:00.000Z</LastModified><Size>5</Size></Version>
<Version><Key>app.zip</Key><VersionId>v-1</VersionId><IsLatest>false</IsLatest><LastModified>2026-01-30T12:00:00.000Z</LastModified><Size>3</Size></Version>
<Version><Key>app.zip.sig</Key><VersionId>v-9</VersionId><IsLatest>true</IsLatest><LastModified>2026-01-30T12:00:00.000Z</LastModified><Size>3</Size></Version>
</ListVersionsResult>""".replace("\n", "")  # fmt: skip


class Silent:
    """A server that takes connections and never says a word, until it is closed."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"git://127.0.0.1:{self.listener.getsockname()[1]}/site"
        self.taken = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            while True:
                self.taken.append(self.listener.accept()[0])
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for connection in self.taken:
            connection.close()


class Revisions(RestCase):
    def module(self, url, **changes):
        site = {"name": "site", "git_repo": url, "scope": "code", "path": "/srv/site"}
        return f"/apps/{self.app(modules=[site], **changes)}/modules/site/revisions"

    def until(self, path, what, seconds=20):
        """Answers are kept for a second here."""
        deadline = time.monotonic() + seconds
        while not what(reply := self.call("GET", path, user="vera")):
            self.assertLess(time.monotonic(), deadline, reply.body)
            time.sleep(0.05)
        return reply

    def test_tags_then_branches(self):
        repository = Repository(f"{self.folder}/site")
        first = repository.git("rev-parse", "HEAD")
        repository.git("tag", "v1.9")
        repository.git("branch", "feature/x")
        second = repository.commit("second", {"index.html": "two\n"})
        repository.git("tag", "-m", "ten", "v1.10")
        repository.git("tag", "v1.10-rc1")
        repository.git("update-ref", "refs/pull/7/head", "HEAD")
        repository.git("update-ref", "refs/merge-requests/8/head", "HEAD")
        reply = self.call("GET", self.module(repository.path), user="vera")
        self.assertEqual(reply.status, 200, reply.body)
        rows = [(row["name"], row["type"], row["commit"]) for row in reply.json["revisions"]]
        self.assertEqual(
            rows,
            [
                ("v1.10", "tag", second),
                ("v1.10-rc1", "tag", second),
                ("v1.9", "tag", first),
                ("feature/x", "branch", first),
                ("main", "branch", second),
            ],
        )
        self.assertEqual((reply.json["kind"], reply.json["default"]), ("git", "main"))

    def test_what_is_new_is_seen_soon(self):
        repository = Repository(f"{self.folder}/site")
        path = self.module(repository.path)
        self.assertEqual(self.call("GET", path).json["revisions"][0]["name"], "main")
        repository.git("tag", "v1")
        self.until(path, lambda reply: reply.json["revisions"][0]["name"] == "v1")

    def test_versions_of_an_object(self):
        self.order(f"aws 200 {VERSIONS}")
        site = {"name": "site", "source": {"protocol": "s3", "url": "s3://builds/app.zip"}, "scope": "code", "path": "/srv/site"}
        reply = self.call("GET", f"/apps/{self.app(modules=[site])}/modules/site/revisions")
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual(
            reply.json,
            {
                "kind": "s3",
                "default": "HEAD",
                "revisions": [
                    {"name": "v-2", "type": "version", "modified": "2026-01-31T12:00:00.000Z", "size": 5, "latest": True},
                    {"name": "v-1", "type": "version", "modified": "2026-01-30T12:00:00.000Z", "size": 3, "latest": False},
                ],
            },
        )

    def test_what_cannot_be_asked(self):
        self.assert_error(self.call("GET", f"/apps/{self.app()}/modules/shop/revisions"), 404, 'the application has no module "shop"')
        reply = self.call("GET", self.module(f"{self.folder}/nothing", name="gone"))
        self.assert_error(reply, 502)
        self.assertIn("nothing' does not appear to be a git repository", reply.json["_error"]["message"])
        reply = self.call("GET", self.module("ftp://example.org/x", name="wrong"))
        self.assert_error(reply, 422)
        self.assertIn("'ftp://example.org/x' is not the address of a repository", reply.json["_error"]["message"])
        self.assertEqual(self.call("GET", self.module("git@x:y", name="other"), user=None).status, 401)

    def test_nobody_else_waits_for_one_that_is_silent(self):
        silent = Silent()
        path = self.module(silent.url)
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            replies = [pool.submit(self.call, "GET", path) for _ in range(30)]
            deadline = time.monotonic() + 20
            while not silent.taken:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            for _ in range(20):  # more than the server has threads
                self.assertEqual(self.call("GET", "/apps").status, 200)
            self.assertFalse(any(reply.done() for reply in replies))
            silent.close()
            self.assertEqual({reply.result(20).status for reply in replies}, {502})
        self.assertEqual(len(silent.taken), 1)


if __name__ == "__main__":
    unittest.main()
