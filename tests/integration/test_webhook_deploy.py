#!/usr/bin/env python3
"""From a push that a provider tells of to the page that an instance serves."""
import hashlib
import hmac
import json
import unittest

import ghostlab


class WebhookDeploy(unittest.TestCase):
    def setUp(self):
        self.lab = self.enterContext(ghostlab.Lab())
        self.repository = ghostlab.Repository(self.lab.folder / "site")
        self.repository.commit({"page": "one\n"}, "first")
        module = {"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site"}
        self.app_id = self.lab.ready_app([module])

    def hook(self, **fields):
        body = {"app_id": self.app_id, "module": "site", "rev": "^(main|v.*)$", "events": ["push", "tag"], "commands": ["deploy"],
                "options": {"fabric_execution_strategy": "serial", "safe_deployment_strategy": None, "instance_type": ""}}
        reply = self.lab.call("POST", "/webhooks", body | fields)
        self.assertEqual(reply.status, 201, reply.body)
        return reply.json["_id"]

    def deliver(self, hook, payload, headers):
        reply = self.lab.call("POST", f"/webhooks/{hook}/invocations", payload, headers, user=None)
        self.assertEqual(reply.status, 201, reply.body)
        invocation = self.lab.get(f"/webhooks/{hook}/invocations/{reply.json['_id']}")
        job = self.lab.wait_job(invocation["jobs"][0])
        self.assertEqual(job["status"], "done", self.lab.log(job["_id"]))
        self.assertEqual(job["user"], f"webhook_{hook}")
        instance = self.lab.instances(self.app_id)[0]
        return self.lab.instance_file(instance, "/srv/site/page").read_text()

    def test_pushes_and_tags_are_deployed(self):
        self.repository.commit({"page": "two\n"}, "second")
        signed = self.hook(secret_token="key")
        payload = {"ref": "refs/heads/main", "repository": {"url": self.repository.url + ".git"}}
        signature = hmac.new(b"key", json.dumps(payload).encode(), hashlib.sha256).hexdigest()
        github = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": "sha256=" + signature}
        self.assertEqual(self.deliver(signed, payload, github), "two\n")

        # The prefix that GitLab writes once kept git from finding the tag.
        self.repository.commit({"page": "three\n"}, "third", tag="v3")
        payload = {"ref": "refs/tags/v3", "after": "1" * 40, "repository": {"git_http_url": self.repository.url}}
        self.assertEqual(self.deliver(self.hook(), payload, {"X-Gitlab-Event": "Tag Push Hook"}), "three\n")
        deployment = self.lab.get("/deployments?sort=-timestamp")["_items"][0]
        self.assertEqual(deployment["revision"], "v3")


if __name__ == "__main__":
    unittest.main(verbosity=2)
