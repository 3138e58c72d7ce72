"""What the tests of the command line share: the program, and the real REST side of the controller behind it."""
import base64
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

RICH = APP | {
    "modules": [
        {"name": "site", "git_repo": "u", "scope": "code", "path": "/srv/site", "uid": 33, "gid": 33,
         "post_deploy": base64.b64encode(b"#!/bin/sh\ntrue\n").decode()},
    ],
    "autoscale": {"name": "asg.shop", "min": 1, "max": 3},
    "env_vars": [{"var_key": "PORT", "var_value": "8080"}, {"var_key": "TRUTH", "var_value": "yes"}],
    "log_notifications": [{"email": "ops@example.com", "job_states": ["failed", "aborted"]}],
    "environment_infos": {"instance_tags": [{"tag_name": "team", "tag_value": "a: b #c"}], "subnet_ids": ["subnet-1"]},
    "description": "line one\nline 'two'",
}  # fmt: skip


class CliCase(unittest.TestCase):
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
            "GHOST_PASSWORD": "secret12",
        }

    def start(self, *words, environment=None, stdin=subprocess.DEVNULL):
        return subprocess.Popen(
            [GHOST, *words], env=environment or self.environment, cwd=self.folder, text=True,
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def ghost(self, *words, status=0, environment=None, typed=None):
        """What it says: the result, or the error when it is to fail."""
        stdin = subprocess.DEVNULL if typed is None else subprocess.PIPE
        with self.start(*words, environment=environment, stdin=stdin) as process:
            output, errors = process.communicate(typed, timeout=60)
        self.assertEqual(process.returncode, status, output + errors)
        return output if status == 0 else errors

    def json(self, *words):
        return json.loads(self.ghost("--output", "json", *words))

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
