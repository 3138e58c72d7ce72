#!/usr/bin/env python3
"""The ghost command line against the real REST side of the controller."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import restlab

GHOST, SERVER = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
APP = {
    "name": "shop",
    "env": "dev",
    "role": "webfront",
    "vpc_id": "vpc-1",
    "modules": [
        {"name": "site", "git_repo": "u", "scope": "code", "path": "/srv/site"},
        {"name": "conf", "git_repo": "u", "scope": "system", "path": "/srv/conf"},
    ],
}


class Cli(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-cli-")))
        self.server = restlab.RestServer(SERVER, self.folder)
        self.addCleanup(self.server.stop)
        self.order = self.server.order
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GHOST_URL": self.url,
            "GHOST_USER": "olga",
            "GHOST_PASSWORD": "secret",
        }

    def start(self, *words, environment=None):
        return subprocess.Popen(
            [GHOST, *words], env=environment or self.environment, cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def ghost(self, *words, status=0, environment=None):
        with self.start(*words, environment=environment) as process:
            output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, status, output + errors)
        return output if status == 0 else errors

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content)
        return str(path)

    def app(self):
        output = self.ghost("app", "create", self.write("app.json", json.dumps(APP)))
        self.assertRegex(output, r"^Application creation OK - ID : [0-9a-f]{24}\n$")
        return output.split()[-1]

    def job(self, *words):
        output = self.ghost(*words)
        self.assertRegex(output, r"^Job creation OK - ID : [0-9a-f]{24}\n$")
        job_id = output.split()[-1]
        return job_id, json.loads(self.ghost("--output", "json", "job", "show", job_id))

    def test_an_application_is_made_shown_changed_and_removed(self):
        app_id = self.app()
        self.assertIn(app_id, self.ghost("app", "ls", "--name", "^sh", "--env", "dev"))
        self.assertNotIn(app_id, self.ghost("app", "ls", "--name", "^x"))
        shown = json.loads(self.ghost("--output", "json", "app", "show", "shop/dev/webfront"))
        self.assertEqual(shown["_id"], app_id)
        change = self.write("change.json", '{"description": "new"}')
        self.assertIn("[412]", self.ghost("app", "update", app_id, change, "--etag", "0" * 40, status=1))
        self.ghost("app", "update", app_id, change, "--force")
        self.assertIn("description: new", self.ghost("app", "show", app_id))
        self.ghost("app", "delete", app_id)
        self.assertIn("404", self.ghost("app", "show", app_id, status=1))

    def test_wrong_documents_are_explained(self):
        wrong = self.write("wrong.json", json.dumps(APP | {"modules": [{"name": "a", "scope": "own", "path": "/a"}]}))
        self.assertIn("unallowed value own", self.ghost("app", "create", wrong, status=1))

    def test_job_commands_send_what_casper_sends(self):
        app_id = self.app()
        for words, expected in [
            (["deploy", app_id, "-m", "site:v1", "-m", "conf"], {"modules": [{"name": "site", "rev": "v1"}, {"name": "conf", "rev": "HEAD"}]}),
            (["deploy", "shop/dev/webfront", "--all-modules", "--strategy", "parallel"], {"options": ["parallel"], "modules": [{"name": "site", "rev": "HEAD"}, {"name": "conf", "rev": "HEAD"}]}),
            (["redeploy", app_id, "0123456789abcdef01234567"], {"options": ["0123456789abcdef01234567"]}),
            (["buildimage", app_id, "--instance-type", "m5.large"], {"instance_type": "m5.large"}),
            (["createinstance", app_id, "--subnet-id", "subnet-1", "--private-ip-address", "10.0.0.9"], {"options": ["subnet-1", "10.0.0.9"]}),
            (["destroyinstance", app_id, "i-1"], {"options": ["i-1"]}),
            (["destroyallinstances", app_id], {"options": []}),
        ]:  # fmt: skip
            with self.subTest(words[0]):
                _, job = self.job(*words)
                self.assertEqual((job["command"], job["app_id"]), (words[0], app_id))
                self.assertEqual({name: job.get(name) for name in expected}, expected)
        self.assertIn("Module to deploy not found", self.ghost("deploy", app_id, "-m", "nope", status=1))

    def test_a_job_is_listed_and_cancelled(self):
        job_id, _ = self.job("buildimage", self.app())
        self.assertIn(job_id, self.ghost("job", "ls", "--status", "init"))
        self.ghost("job", "cancel", job_id)
        self.assertIn("status: cancelled", self.ghost("job", "show", job_id))
        self.assertIn("422", self.ghost("job", "cancel", job_id, status=1))

    def follow(self, word):
        job_id, _ = self.job("buildimage", self.app())
        self.order(f"start {job_id}")
        self.order(f"log {job_id} first")
        with self.start("log", "-f", job_id) as process:
            self.assertEqual(process.stdout.readline(), "first\n")
            self.order(f"log {job_id} \033[32msecond\033[0m")
            self.assertEqual(process.stdout.readline(), "second\n")
            self.order(f"end {job_id} {word}")
            process.communicate(timeout=60)
        self.assertEqual(self.ghost("job", "log", job_id).split("\n")[0], "first")
        return process.returncode

    def test_a_followed_log_ends_with_the_status_of_its_job(self):
        self.assertEqual(self.follow("done"), 0)

    def test_a_followed_log_of_a_failed_job_fails(self):
        self.assertEqual(self.follow("failed"), 1)

    def test_deployments_and_instances_are_listed(self):
        app_id = self.app()
        deployment = self.order(f"deployment {app_id} site v1")
        self.order(f"instance {app_id} i-0abc")
        self.assertIn(deployment, self.ghost("deployment", "ls", "--module", "site"))
        self.assertIn("revision: v1", self.ghost("deployment", "show", deployment))
        self.assertIn("i-0abc", self.ghost("instance", "ls", "--application", "shop"))
        self.assertIn("instance_id: i-0abc", self.ghost("instance", "show", "i-0abc"))

    def test_profiles_tell_where_and_who(self):
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        self.ghost("app", "ls", status=1, environment=bare)  # nobody to ask
        self.write(".casper", f"[default]\nendpoint = {self.url}\nusername = olga\npassword = secret\n")
        self.ghost("app", "ls", environment=bare)
        self.write(".ghost", f"[default]\nendpoint={self.url}\ntoken=nonsense\n[good]\nendpoint={self.url}/\ntoken=vera\n")
        self.assertIn("401", self.ghost("app", "ls", status=1, environment=bare))
        self.ghost("--profile", "good", "app", "ls", environment=bare)
        self.ghost("app", "ls", environment=bare | {"GHOST_TOKEN": "vera"})

    def test_usage(self):
        self.assertRegex(self.ghost("--version"), r"\d+\.\d+\.\d+")
        for words in ([], ["deploy"], ["app", "ls"]):
            self.assertIn("ghost", self.ghost(*words, "--help"))
        for words in (["nonsense"], ["app", "ls", "--nonsense"], ["deploy"]):
            self.ghost(*words, status=2)


if __name__ == "__main__":
    unittest.main()
