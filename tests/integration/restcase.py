"""Tests of the REST API, each with a server of its own; the server's program is the script's first argument."""
import http.client
import json
import sys
import tempfile
import unittest
import urllib.parse

import restlab

PROGRAM = sys.argv.pop(1)
NOBODY = "0123456789abcdef01234567"
APP = {
    "name": "shop",
    "env": "dev",
    "role": "webfront",
    "vpc_id": "vpc-1",
    "modules": [{"name": "site", "git_repo": "git@x:y", "scope": "code", "path": "/srv/site"}],
}


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class RestCase(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-rest-"))
        self.server = restlab.RestServer(PROGRAM, self.folder)
        self.addCleanup(self.server.stop)
        self.port, self.order = self.server.port, self.server.order

    def open(self, method, path, body=None, headers=None, user="olga", source=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=source and (source, 0))
        self.addCleanup(connection.close)
        sent = {"Authorization": f"Bearer {user}"} if user else {}
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, body, sent | (headers or {}))
        response = connection.getresponse()
        response.connection = connection
        return response

    def call(self, *args, **kwargs):
        return Reply(self.open(*args, **kwargs))

    def created(self, path, body):
        reply = self.call("POST", path, body)
        self.assertEqual(reply.status, 201, reply.body)
        return reply.json["_id"]

    def app(self, **changes):
        return self.created("/apps", APP | changes)

    def job(self, app_id, command="buildimage", **fields):
        return self.created("/jobs", {"app_id": app_id, "command": command} | fields)

    def assert_error(self, reply, code, message=None):
        self.assertEqual(reply.status, code, reply.body)
        self.assertEqual(reply.json["_status"], "ERR")
        if message:
            self.assertEqual(reply.json["_error"], {"code": code, "message": message})

    def etag(self, path):
        return {"If-Match": self.call("GET", path).json["_etag"]}

    def query(self, path, **parameters):
        words = {k: v if isinstance(v, (str, int)) else json.dumps(v) for k, v in parameters.items()}
        return self.call("GET", f"{path}?{urllib.parse.urlencode(words)}")
