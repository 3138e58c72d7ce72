#!/usr/bin/env python3
"""Clients that no one here wrote do one thing: create an application, find it, change it by its etag, queue a job,
read the job's log. curl, python-requests, and one generated from the served description."""
import json
import pathlib
import subprocess
import tempfile
import unittest

import pypi
from restcase import APP, RestCase

FOLDER = pathlib.Path(__file__).parent / "clients"
RECIPE = {"app": APP, "job": {"command": "deploy", "modules": [{"name": "site"}]}}


class Clients(RestCase):
    def setUp(self):
        super().setUp()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-clients-"))

    def write_log(self, job_id):
        self.order(f"start {job_id}")
        for line in ("one", "two"):
            self.order(f"log {job_id} {line}")
        self.order(f"end {job_id} done")

    def follow(self, script):
        """The script prints its job's id, and goes on when that has a log and has ended."""
        command = [PROGRAMS / "python", "-B", FOLDER / script, self.url, "olga", json.dumps(RECIPE)]
        with subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            job_id = process.stdout.readline().strip()
            if job_id:
                self.write_log(job_id)
            _, trouble = process.communicate("\n", timeout=60)
        self.assertEqual((process.returncode, trouble), (0, ""))

    def test_requests(self):
        self.follow("with_requests.py")

    def test_a_generated_one(self):
        description = pathlib.Path(self.folder, "openapi.json")
        description.write_bytes(self.call("GET", "/openapi.json", user=None).body)
        made = subprocess.run(
            [PROGRAMS / "openapi-python-client", "generate", "--path", description, "--meta", "none",
             "--output-path", pathlib.Path(self.folder, "ghost_client")],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        # It warns of what it cannot make, and leaves it out.
        self.assertNotIn("ERROR", made.stdout + made.stderr)
        self.assertNotIn("WARNING parsing", made.stdout + made.stderr)
        self.follow("with_generated.py")

    def test_socketio_client(self):
        for transport in ("websocket", "xhr-polling"):
            job_id = self.job(self.app(name=transport.replace("-", "")))
            self.order(f"start {job_id}")
            self.order(f"log {job_id} one")
            token = self.call("GET", f"/jobs/{job_id}/websocket_token/").json["token"]
            command = [PROGRAMS / "python", "-B", FOLDER / "with_socketio.py", str(self.port), job_id, token, transport]
            with self.subTest(transport), subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                try:
                    heard = process.stdout.readline()
                    self.assertEqual(heard, b"one\n", heard or process.stderr.read())
                    for line in ("two", "three"):
                        self.order(f"log {job_id} {line}")
                        self.assertEqual(process.stdout.readline(), f"{line}\n".encode())
                finally:
                    process.kill()

    def curl(self, path, *arguments):
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "20", "--user", "olga:secret12", "--write-out", "\n%{http_code}",
             *arguments, self.url + path],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
        body, status = result.stdout.rsplit("\n", 1)
        return int(status), json.loads(body) if body.startswith(("{", "[")) else body

    def test_curl(self):
        kind = ["--header", "Content-Type: application/json"]
        file = pathlib.Path(self.folder, "app.json")
        file.write_text(json.dumps(APP))
        status, receipt = self.curl("/apps/", *kind, "--data", f"@{file}")
        self.assertEqual(status, 201, receipt)
        item = f"/apps/{receipt['_id']}"
        status, page = self.curl("/apps", "--get", "--data-urlencode", 'where={"name":{"$regex":"^sh"}}')
        self.assertEqual((status, page["_meta"]["total"], page["_items"][0]["_id"]), (200, 1, receipt["_id"]))
        # As people type it, braces and all.
        status, page = self.curl('/apps?where={"env":"dev"}&sort=-_updated', "--globoff")
        self.assertEqual((status, page["_meta"]["total"]), (200, 1))

        change = ["--request", "PATCH", *kind, "--data", '{"description":"by curl"}']
        self.assertEqual(self.curl(item, *change)[0], 428)
        self.assertEqual(self.curl(item, *change, "--header", f"If-Match: {receipt['_etag']}")[0], 200)
        self.assertEqual(self.curl(item, *change, "--header", f"If-Match: {receipt['_etag']}"), (412, ""))
        self.assertEqual(self.curl(item)[1]["description"], "by curl")
        # What curl says of data by itself is no JSON.
        status, refused = self.curl("/jobs", "--data", "command=deploy")
        self.assertEqual((status, refused["_error"]["message"]), (400, "Unknown or no Content-Type header supplied"))

        job = json.dumps(RECIPE["job"] | {"app_id": receipt["_id"]})
        status, receipt = self.curl("/jobs", *kind, "--data", job)
        self.assertEqual(status, 201, receipt)
        self.write_log(receipt["_id"])
        log = f"/jobs/{receipt['_id']}/logs"
        self.assertEqual(self.curl(log), (200, "one\ntwo\n"))
        self.assertEqual(self.curl(log, "--range", "0-2"), (206, "one"))
        self.assertEqual(self.curl(log, "--continue-at", "4"), (206, "two\n"))
        status, events = self.curl(log + "/stream", "--no-buffer")
        self.assertIn("data: one\ndata: two\n", events)
        self.assertIn("event: end\ndata: done\n", events)
        self.assertEqual(self.curl("/apps", "--head")[0], 200)

    def test_curl_waits_for_leave_to_send_much(self):
        file = pathlib.Path(self.folder, "big.json")
        file.write_text(json.dumps(APP | {"description": "x" * 4000, "region": "y" * 60}))
        kind = ["--header", "Content-Type: application/json", "--header", "Expect: 100-continue"]
        self.assertEqual(self.curl("/apps", *kind, "--data", f"@{file}")[0], 201)
        file.write_text("x" * 3000000)
        status, refused = self.curl("/apps", *kind, "--data", f"@{file}")
        self.assertEqual((status, refused["_error"]["code"]), (413, 413))
        chunked = ["--header", "Transfer-Encoding: chunked"]
        file.write_text(json.dumps(APP | {"name": "chunked"}))
        self.assertEqual(self.curl("/apps", *kind, *chunked, "--data", f"@{file}")[0], 201)


if __name__ == "__main__":
    PROGRAMS = pypi.programs(
        "openapi-python-client==0.29.1", "requests==2.34.2", "ruff==0.14.5", "socketIO-client==0.7.2", "websocket-client==0.55.0"
    )
    unittest.main()
