#!/usr/bin/env python3
"""Health checks of modules on a real instance: what is not well goes back, and the job says what was asked and answered."""
import http.server
import threading
import unittest

import ghostlab
from ghostlab import b64, wait_for
from truth import assert_truth

class Health(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(ghostlab.Lab())
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")
        cls.app_id = cls.lab.ready_app([cls.module()])
        cls.lab.deploy(cls.app_id, {"site": "v1"})

    @classmethod
    def module(cls, **changes):
        module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        module.update(changes)
        return module

    def setUp(self):
        self.lab.change_app(self.app_id, modules=[self.module()])
        self.lab.deploy(self.app_id, {"site": "v1"})
        (self.instance,) = self.lab.instances(self.app_id)

    def check(self, **check):
        self.lab.change_app(self.app_id, modules=[self.module(health_check=check)])

    def page(self):
        return self.lab.instance_file(self.instance, "/srv/site/page.html").read_text()

    def server(self, answer):
        """Serves answer(path) at the instance's private address; returns the port. It lives as long as the test."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status = answer(self.path)
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer((self.instance["private_ip"], 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def fails(self, *words):
        job = self.lab.deploy(self.app_id, {"site": "v2"}, expect="failed")
        for word in words:
            self.assertIn(word, job["message"])
        self.assertEqual(self.page(), "one\n")
        self.assertIn("the link is back on release", self.lab.log(job["_id"]))
        (told,) = assert_truth(self, self.lab, self.app_id).values()
        self.assertEqual(told["site"][2], "v1")
        return job

    def test_http_that_is_well_late(self):
        asked = []

        def answer(path):
            asked.append(path)
            return 200 if len(asked) > 2 else 503

        port = self.server(answer)
        self.check(type="http", port=port, path="/up?deep=1", interval=1)
        job = self.lab.deploy(self.app_id, {"site": "v2"})
        log = self.lab.log(job["_id"])
        self.assertEqual(self.page(), "two\n")
        self.assertEqual(asked, ["/up?deep=1"] * 3)
        self.assertEqual(log.count("status 503"), 1)
        self.assertIn(f"site: health check (http {self.instance['private_ip']}:{port}/up?deep=1) is well: status 200 (try 3, after ", log)
        assert_truth(self, self.lab, self.app_id)

    def test_http_that_is_never_well(self):
        port = self.server(lambda path: 503)
        self.check(type="http", port=port, path="/up", interval=1, retries=2)
        self.fails(f"health check (http {self.instance['private_ip']}:{port}/up) failed: 3 tries in ", "the last answer: status 503")

    def test_a_redirect_is_an_answer_and_not_followed(self):
        asked = []

        def answer(path):
            asked.append(path)
            return 302

        port = self.server(answer)
        self.check(type="http", port=port, path="/", interval=1, retries=0, status="200-299")
        self.fails("1 tries in ", "the last answer: status 302")
        self.assertEqual(set(asked), {"/"})

    def test_a_port_that_nobody_opens(self):
        self.check(type="tcp", port=ghostlab.free_port(), interval=1, deadline=3)
        self.fails("health check (tcp ", "the last answer: Connection refused")

    def test_a_port_that_is_open(self):
        port = self.server(lambda path: 200)
        self.check(type="tcp", port=port)
        self.lab.deploy(self.app_id, {"site": "v2"})
        self.assertEqual(self.page(), "two\n")

    def test_a_command(self):
        self.check(type="command", command=b64("#!/bin/sh\necho \"asked about $(cat page.html)\"\ngrep -q one page.html\n"), interval=1, retries=1)
        job = self.fails("health check (command) failed: 2 tries in ", "the last answer: health_check exited with code 1")
        self.assertEqual(self.lab.log(job["_id"]).count("asked about two"), 2)
        self.check(type="command", command=b64("#!/bin/sh\ngrep -q two page.html\n"))
        self.lab.deploy(self.app_id, {"site": "v2"})
        self.assertEqual(self.page(), "two\n")

    def test_a_new_instance_that_is_not_well_is_no_instance(self):
        self.check(type="command", command=b64("#!/bin/sh\nexit 3\n"), interval=1, retries=0)
        job = self.lab.run(self.app_id, "createinstance", "failed")
        self.assertIn("health check (command) failed: 1 tries in ", job["message"])
        wait_for("the failed instance to be gone", lambda: len(self.lab.instances(self.app_id)) == 1)
        assert_truth(self, self.lab, self.app_id)

    def test_a_check_that_cannot_be_is_refused(self):
        etag = self.lab.get(f"/apps/{self.app_id}")["_etag"]
        modules = [self.module(health_check={"type": "http", "port": 80})]
        reply = self.lab.call("PATCH", f"/apps/{self.app_id}", {"modules": modules}, {"If-Match": etag})
        self.assertEqual(reply.status, 422)
        self.assertIn('Module \\"site\\": health_check: type \\"http\\" needs path', reply.body.decode())


if __name__ == "__main__":
    unittest.main()
