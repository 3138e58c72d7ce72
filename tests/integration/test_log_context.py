#!/usr/bin/env python3
"""The controller's own log: what is written for a request or a job carries its id, so that the journal can be asked for it."""
import re
import unittest

import ghostlab
from awslab import AwsLab

LINE = re.compile(r"^<[3467]>(?P<file>[a-z_/.]+:\d+): (?P<text>.*)$")


class LogContext(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.app_id = lab.ready_app([{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}])

    def lines(self):
        found = [LINE.match(line) for line in (self.lab.folder / "controller.log").read_text().splitlines()]
        self.assertTrue(all(found))
        return [(one["file"].split(":")[0], one["text"]) for one in found]

    def test_an_answer_and_its_line_have_one_id(self):
        reply = self.lab.call("GET", "/apps/0123456789abcdef01234567")
        identity = reply.headers["X-Request-Id"]
        # It is written when the answer has left.
        mine = ghostlab.wait_for("the line", lambda: [text for _, text in self.lines() if f"request={identity}" in text])
        self.assertEqual(len(mine), 1)
        self.assertRegex(mine[0], rf"^GET /apps/0123456789abcdef01234567 404 \d+ ms user=admin peer=127\.0\.0\.1 request={identity}$")

    def test_every_call_to_aws_of_a_job_names_the_job(self):
        job = self.lab.run(self.app_id, "createinstance")
        other = self.lab.run(self.app_id, "buildimage")
        calls = [text for file, text in self.lines() if file.endswith("aws/signed_request.c")]
        launches = [text for text in calls if " RunInstances " in text]
        self.assertEqual(sum(f"job={job['_id']}" in text for text in launches), 1)
        self.assertEqual(sum(f"job={other['_id']}" in text for text in launches), 1)
        self.assertTrue(all(re.search(r" job=[0-9a-f]{24}$", text) for text in launches), launches)

    def test_no_line_has_an_id_twice(self):
        for _, text in self.lines():
            for key in ("request=", "job="):
                self.assertLessEqual(text.count(key), 1, text)


if __name__ == "__main__":
    unittest.main()
