#!/usr/bin/env python3
"""What a job would do: the answer of POST /plans with real repositories, and that nothing comes of asking."""
import concurrent.futures
import json
import time
import unittest

from gitcase import Repository
from restcase import NOBODY, RestCase
from test_revisions import Silent

READY = {"bootstrapped": True, "agent_id": "a", "connected": True}


class Plans(RestCase):
    def setUp(self):
        super().setUp()
        self.repository = Repository(f"{self.folder}/site")
        self.app_id = self.app(modules=[{"name": "site", "git_repo": self.repository.path, "scope": "code", "path": "/srv/site"}])

    def instance(self, name, **members):
        id = self.order(f"instance {self.app_id} {name}")
        self.order(f"patch instance {id} {json.dumps(READY | members)}")

    def deploy(self, *options, rev="HEAD", **fields):
        return {"app_id": self.app_id, "command": "deploy", "options": list(options), "modules": [{"name": "site", "rev": rev}]} | fields

    def plan(self, body):
        reply = self.call("POST", "/plans", body)
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json

    def commit_is(self, deployment, commit):
        self.order(f"patch deployment {deployment} {json.dumps({'commit': commit[:8]})}")

    def live(self, commit):
        id = self.order(f"deployment {self.app_id} site main")
        self.commit_is(id, commit)

    def test_the_whole_of_a_deploy(self):
        first = self.repository.git("rev-parse", "HEAD")
        self.live(first)
        second = self.repository.commit("second", {"css/a.css": "blue\n", "index.html": None})
        for name in ("i-1", "i-2", "i-3"):
            self.instance(name, connected=name != "i-3")
        plan = self.plan(self.deploy("serial", "50%", "max_failures=1"))
        module = plan["modules"][0]
        date = module["commit"]["date"]
        commit = {"id": second, "subject": "second", "author": "Ann", "date": date}
        self.assertEqual(
            plan,
            {
                "command": "deploy",
                "app_id": self.app_id,
                "modules": [
                    {
                        "name": "site",
                        "revision": "main",
                        "commit": commit,
                        "from": {"revision": "main", "commit": first[:8]},
                        "commits": [commit],
                        "commits_total": 1,
                        "files": [{"path": "css/a.css", "change": "added"}, {"path": "index.html", "change": "deleted"}],
                        "files_total": 2,
                        "message": "",
                    }
                ],
                "instances": [
                    {"instance_id": "i-1", "agent": "connected"},
                    {"instance_id": "i-2", "agent": "connected"},
                    {"instance_id": "i-3", "agent": "away"},
                ],
                "batches": [["i-1", "i-3"], ["i-2"]],
                "strategy": {"execution": "serial", "safe": "50%", "min_healthy": "0", "max_failures": 1, "rollback": "batch"},
                "capacity": {"total": 3, "min_in_service": 1},
                "warnings": ["i-3 has no agent session: it would be waited for, and named as failed"],
            },
        )
        self.assertRegex(date, r"^\d{4}-\d\d-\d\dT")

    def test_nothing_comes_of_it(self):
        before = [self.call("GET", path, user="ann").json["_meta"]["total"] for path in ("/jobs", "/audit", "/deployments")]
        self.plan(self.deploy())
        after = [self.call("GET", path, user="ann").json["_meta"]["total"] for path in ("/jobs", "/audit", "/deployments")]
        self.assertEqual(before, after)

    def test_it_is_refused_as_a_job_is(self):
        for body in (
            {},
            {"command": "format", "app_id": self.app_id},
            {"command": "deploy", "app_id": NOBODY, "modules": []},
            {"command": "deploy", "app_id": self.app_id},
            self.deploy("sideways"),
            self.deploy("serial", "most"),
            self.deploy("serial", "min_healthy=x"),
            self.deploy(modules=[{"name": "shop"}]),
            self.deploy(rev="-x"),
            {"command": "redeploy", "app_id": self.app_id},
            {"command": "deploy", "app_id": self.app_id, "modules": [{}], "unknown": 1},
            {"command": "swapbluegreen", "app_id": self.app_id},
        ):
            planned, queued = self.call("POST", "/plans", body), self.call("POST", "/jobs", body)
            self.assertEqual(planned.status, 422, planned.body)
            self.assertEqual(planned.json, queued.json)
        self.assertEqual(self.call("POST", "/plans", self.deploy(), user="vera").status, 403)

    def test_a_repository_that_is_not_there(self):
        self.instance("i-1")
        plan = self.plan(self.deploy(rev="v9"))
        self.assertIn("revision 'v9' does not exist in repository", plan["modules"][0]["message"])
        self.assertEqual((plan["modules"][0]["revision"], plan["modules"][0]["commit"]), ("v9", None))
        self.assertEqual(plan["batches"], [["i-1"]])

    def test_a_redeploy_goes_back(self):
        first = self.repository.git("rev-parse", "HEAD")
        old = self.order(f"deployment {self.app_id} site v1")
        self.commit_is(old, first)
        self.live(self.repository.commit("second", {"index.html": "two\n"}))
        plan = self.plan({"command": "redeploy", "app_id": self.app_id, "options": [old]})
        module = plan["modules"][0]
        self.assertEqual((module["commit"]["id"], module["commits_total"], module["files_total"]), (first, 0, 1))
        self.assertEqual(module["message"], "1 commit of what is live is not in it")
        self.assertEqual(module["revision"], "v1")

    def test_the_end_of_all(self):
        for name in ("i-1", "i-2"):
            self.instance(name)
        plan = self.plan({"command": "destroyallinstances", "app_id": self.app_id})
        self.assertIn("2 instances end: i-1, i-2", plan["warnings"])
        self.assertEqual((plan["modules"], plan["capacity"]), ([], {"total": 2, "min_in_service": 0}))

    def test_nobody_else_waits_for_a_repository_that_is_silent(self):
        silent = Silent()
        site = {"name": "site", "git_repo": silent.url, "scope": "code", "path": "/srv/site"}
        app = self.app(name="other", modules=[site])
        body = {"command": "deploy", "app_id": app, "modules": [{"name": "site"}]}
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            replies = [pool.submit(self.call, "POST", "/plans", body) for _ in range(20)]
            deadline = time.monotonic() + 20
            while not silent.taken:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            self.assertEqual(self.plan(self.deploy())["modules"][0]["commit"]["subject"], "first")
            self.assertFalse(any(reply.done() for reply in replies))
            silent.close()
            for reply in replies:
                self.assertEqual(reply.result(20).status, 200)
                self.assertIn(silent.url, reply.result().json["modules"][0]["message"])


if __name__ == "__main__":
    unittest.main()
