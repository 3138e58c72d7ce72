#!/usr/bin/env python3
"""The REST API over real sockets: store, API and server of the controller, without jobs and agents."""
import base64
import hashlib
import http.client
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

import restcase
import restlab
from restcase import APP, NOBODY, Reply


class Rest(restcase.RestCase):
    # accounts

    def test_every_route_wants_an_account(self):
        for method, path in [
            ("GET", "/"), ("HEAD", "/"), ("GET", "/apps"), ("POST", "/apps"), ("GET", f"/apps/{NOBODY}"),
            ("PATCH", f"/apps/{NOBODY}"), ("PUT", f"/apps/{NOBODY}"), ("DELETE", f"/apps/{NOBODY}"), ("GET", "/jobs"),
            ("POST", "/jobs"), ("GET", f"/jobs/{NOBODY}"), ("DELETE", f"/jobs/{NOBODY}"),
            ("DELETE", f"/jobs/{NOBODY}/enqueueings"), ("GET", f"/jobs/{NOBODY}/logs"),
            ("GET", f"/jobs/{NOBODY}/logs/stream"), ("GET", "/deployments"), ("GET", f"/deployments/{NOBODY}"),
            ("GET", "/instances"), ("GET", "/instances/i-1"), ("GET", "/commands"), ("GET", "/commands/fields"),
            ("GET", f"/commands/{NOBODY}"), ("GET", "/version"),
        ]:  # fmt: skip
            with self.subTest(f"{method} {path}"):
                reply = self.call(method, path, user=None)
                self.assertEqual(reply.status, 401)
                self.assertEqual(reply.headers["WWW-Authenticate"], 'Basic realm="eve"')

    def test_passwords_and_roles(self):
        good, bad = (base64.b64encode(pair).decode() for pair in (b"vera:secret12", b"vera:guess"))
        self.assertEqual(self.call("GET", "/apps", headers={"Authorization": f"Basic {good}"}).status, 200)
        self.assertEqual(self.call("GET", "/apps", headers={"Authorization": f"Basic {bad}"}).status, 401)
        self.assertEqual(self.call("POST", "/apps", APP, user="vera").status, 403)
        self.assertEqual(self.call("DELETE", f"/jobs/{NOBODY}/enqueueings", user="vera").status, 403)

    # apps

    def test_an_app_lives(self):
        reply = self.call("POST", "/apps/", APP)
        self.assertEqual(reply.status, 201, reply.body)
        receipt = reply.json
        path = f"/apps/{receipt['_id']}"
        self.assertEqual(receipt["_status"], "OK")
        self.assertEqual(receipt["_links"]["self"], {"href": path[1:], "title": "app"})
        self.assertNotIn("name", receipt)
        self.assertEqual(reply.headers["Location"], f"http://127.0.0.1:{self.port}{path}")

        item = self.call("GET", path)
        app = item.json
        self.assertEqual(item.headers["ETag"], f'"{app["_etag"]}1"')
        self.assertEqual(app["user"], "olga")
        self.assertEqual(app["modules"][0]["source"], {"url": "git@x:y", "protocol": "git", "mode": "symlink"})
        self.assertEqual(app["log_notifications"], [])
        self.assertEqual(self.call("GET", path, headers={"If-None-Match": item.headers["ETag"]}).status, 304)

        etag = {"If-Match": app["_etag"]}
        self.assert_error(
            self.call("PATCH", path, {"description": "x"}), 428,
            "To edit a document its etag must be provided using the If-Match header",
        )  # fmt: skip
        stale = self.call("PATCH", path, {"description": "x"}, {"If-Match": "0" * 40})
        self.assertEqual((stale.status, stale.body), (412, b""))
        changed = self.call("PATCH", path, {"description": "x", "_id": app["_id"]}, etag)
        self.assertEqual(changed.status, 200, changed.body)
        self.assertEqual(changed.json["_version"], 2)
        self.assertEqual(self.call("GET", path).json["description"], "x")
        self.assert_error(
            self.call("PATCH", path, {"name": "y"}, {"If-Match": changed.json["_etag"]}), 422,
            'Updates are forbidden for field: "name"',
        )  # fmt: skip
        self.assertEqual(self.call("PUT", path, APP).status, 428)
        self.assertEqual(self.call("PUT", path, APP, {"If-Match": changed.json["_etag"]}).status, 406)

        self.assertEqual(self.call("DELETE", path).status, 428)
        self.assertEqual(self.call("DELETE", path, headers=etag).status, 412)
        gone = self.call("DELETE", path, headers={"If-Match": f'"{changed.json["_etag"]}"'})
        self.assertEqual((gone.status, gone.body), (204, b""))
        for method in ("GET", "DELETE"):
            self.assert_error(self.call(method, path, headers=etag), 404)
        self.assert_error(self.call("PATCH", path, {}, etag), 404)

    def test_wrong_apps_are_refused_field_by_field(self):
        self.assert_error(self.call("POST", "/apps", "{"), 400)
        self.assert_error(self.call("POST", "/apps", "[]"), 400)
        self.assert_error(self.call("POST", "/apps", ""), 400)
        self.assert_error(self.call("POST", "/apps", "x" * 300000), 413)
        text = self.call("POST", "/apps", "{}", {"Content-Type": "text/plain"})
        self.assert_error(text, 400, "Unknown or no Content-Type header supplied")

        wrong = self.call("POST", "/apps", APP | {"provider": "aws", "name": 3, "modules": [{"scope": "own", "uid": -1}]})
        self.assert_error(wrong, 422, "Insertion failure: 1 document(s) contain(s) error(s)")
        self.assertEqual(
            wrong.json["_issues"],
            {
                "provider": "unknown field",
                "name": "must be of string type",
                "modules": {
                    "0": {
                        "name": "required field",
                        "path": "required field",
                        "scope": "unallowed value own",
                        "uid": "min value is 0",
                    }
                },
            },
        )
        module = {"name": "a", "scope": "code", "path": "/etc"}
        self.assert_error(
            self.call("POST", "/apps", APP | {"modules": [module]}), 422, 'Module "a" uses a forbidden path: "/etc"'
        )
        app_id = self.app()
        self.assert_error(
            self.call("POST", "/apps", APP), 409,
            "An app already exist with same name, role and env. Please change one these fields.",
        )  # fmt: skip
        etag = {"If-Match": self.call("GET", f"/apps/{app_id}").json["_etag"]}
        patch = self.call("PATCH", f"/apps/{app_id}", {"ami": "ami-1"}, etag)
        self.assertEqual((patch.status, patch.json), (422, {"_status": "ERR", "_issues": {"ami": "field is read-only"}}))

    def test_collections_are_paged_filtered_and_ordered(self):
        for name in ("b", "c", "a"):
            self.app(name=name)
        page = self.call("GET", "/apps?sort=-name&max_results=2").json
        self.assertEqual([a["name"] for a in page["_items"]], ["c", "b"])
        self.assertEqual(page["_meta"], {"page": 1, "max_results": 2, "total": 3})
        self.assertEqual(page["_links"]["next"]["href"], "apps?max_results=2&sort=-name&page=2")
        self.assertEqual(page["_items"][0]["_links"]["self"]["title"], "app")
        for where, names in [
            ({"name": "a"}, ["a"]),
            ({"name": {"$regex": "^[ab]$"}}, ["b", "a"]),
            ({"$or": [{"name": "c"}, {"role": "none"}]}, ["c"]),
            ({"env": "prod"}, []),
        ]:
            found = self.call("GET", "/apps?where=" + urllib.parse.quote(json.dumps(where))).json
            self.assertEqual([a["name"] for a in found["_items"]], names)
        for bad in ("where={", 'where={"$where":"1"}', "sort=a(", "embedded=x"):
            self.assert_error(self.call("GET", "/apps?" + urllib.parse.quote(bad, safe="=")), 400)
        self.assertEqual(self.call("GET", "/apps?page=9").json["_items"], [])

    # jobs

    def test_a_job_lives(self):
        app_id = self.app()
        job_id = self.job(app_id, "deploy", modules=[{"name": "site"}])
        job = self.call("GET", f"/jobs/{job_id}?embedded=" + urllib.parse.quote('{"app_id":1}')).json
        self.assertEqual((job["status"], job["message"], job["user"]), ("init", "Initializing job", "olga"))
        self.assertEqual(job["modules"], [{"name": "site", "rev": "HEAD"}])
        self.assertEqual(job["app_id"]["name"], "shop")
        etag = {"If-Match": job["_etag"]}
        self.assert_error(
            self.call("DELETE", f"/jobs/{job_id}", headers=etag), 422,
            "Deleting a job not in cancelled, done, failed or aborted status is not possible",
        )  # fmt: skip
        self.assertEqual(self.call("DELETE", f"/jobs/{job_id}/enqueueings").status, 204)
        job = self.call("GET", f"/jobs/{job_id}").json
        self.assertEqual((job["status"], job["message"]), ("cancelled", "Job cancelled"))
        again = self.call("DELETE", f"/jobs/{job_id}/enqueueings")
        self.assert_error(again, 422, "Cancelling a job not in init status is not allowed")
        self.assertEqual(self.call("DELETE", f"/jobs/{job_id}", headers={"If-Match": job["_etag"]}).status, 204)
        self.assertEqual(self.call("GET", f"/jobs/{job_id}").status, 404)
        self.assertEqual(self.call("GET", f"/jobs/{job_id}/enqueueings").status, 405)

    def test_a_running_job_is_asked_to_stop(self):
        job_id = self.job(self.app())
        self.order(f"start {job_id}")
        self.assertEqual(self.call("DELETE", f"/jobs/{job_id}/enqueueings").status, 204)
        self.assertEqual(self.order("stops"), "1")
        self.assertEqual(self.call("GET", f"/jobs/{job_id}").json["status"], "started")

    def test_a_running_job_is_approved_of(self):
        job_id = self.job(self.app())
        path = f"/jobs/{job_id}/approvals"
        self.assert_error(self.call("POST", path, {}), 422, "This job waits for no approval (its status is init)")
        self.order(f"start {job_id}")
        self.order(f"ask {job_id} site.1 one of two batches is done")
        job = self.call("GET", f"/jobs/{job_id}").json
        self.assertEqual((job["status"], job["approval"]["point"], job["approval"]["question"]), ("started", "site.1", "one of two batches is done"))
        self.assertEqual(self.call("POST", path, {}, user="vera").status, 403)
        late = self.call("POST", path, {"point": "start"})
        self.assert_error(late, 422, 'This job waits for the approval of "site.1", not of "start"')
        self.assertEqual(self.call("POST", path, {"points": "start"}).status, 422)
        self.assertIsNotNone(self.call("GET", f"/jobs/{job_id}").json["approval"])
        self.assertEqual(self.call("POST", path, {}).status, 204)
        job = self.call("GET", f"/jobs/{job_id}").json
        self.assertEqual((job["status"], job["approval"]), ("started", None))
        self.assert_error(self.call("POST", path, {}), 422, "This job waits for no approval (its status is started)")
        where = urllib.parse.quote(f'{{"target":"{job_id}","action":"approve"}}')
        (entry,) = self.call("GET", f"/audit?where={where}", user="ann").json["_items"]
        self.assertEqual((entry["user"], entry["resource"]), ("olga", "job"))

    def test_wrong_jobs_are_refused(self):
        app_id = self.app()
        for body, issues in [
            ({"command": "format", "app_id": app_id}, {"command": "unallowed value format"}),
            ({"command": "deploy"}, {"app_id": "required field"}),
            ({"command": "deploy", "app_id": "x"}, {"app_id": "must be of objectid type"}),
            (
                {"command": "deploy", "app_id": NOBODY},
                {"app_id": f"value '{NOBODY}' must exist in resource 'apps', field '_id'."},
            ),
            (
                {"command": "deploy", "app_id": app_id, "status": "done", "options": [True]},
                {"status": "field is read-only", "options": {"0": "must be of string type"}},
            ),
        ]:
            reply = self.call("POST", "/jobs", body)
            self.assertEqual((reply.status, reply.json["_issues"]), (422, issues))
        body = {"command": "deploy", "app_id": app_id, "modules": [{"name": "x"}]}
        self.assert_error(self.call("POST", "/jobs", body), 422, "Module to deploy not found")
        for options, words in (
            (["quick"], "execution strategy 'quick' is unknown: serial or parallel"),
            (["serial", "2by2"], "safe deployment strategy '2by2' is unknown: 1by1, 1/3, 25% or 50%, a number of instances (3), "
                                 "a share of them (10%), or none for all at once"),
            (["serial", "1by1", "min_healty=1"], "option 'min_healty=1' is not known here: those with a name are min_healthy, "
                                                 "max_failures, rollback, approve"),
        ):
            reply = self.call("POST", "/jobs", {"command": "deploy", "app_id": app_id, "options": options, "modules": [{"name": "site"}]})
            self.assert_error(reply, 422, words)

    # logs

    def test_logs_are_downloaded(self):
        job_id = self.job(self.app())
        path = f"/jobs/{job_id}/logs"
        self.assert_error(self.call("GET", f"/jobs/{NOBODY}/logs"), 404, "Specified job_id doesn't exist.")
        self.assert_error(self.call("GET", path), 404, "No log file yet.")
        self.order(f"log {job_id} hello")
        whole = self.call("GET", path)
        self.assertEqual((whole.status, whole.body), (200, b"hello\n"))
        self.assertEqual(whole.headers["Content-Disposition"], f"attachment; filename={job_id}.txt")
        self.assertEqual(whole.headers["Cache-Control"], "no-store")
        part = self.call("GET", path, headers={"Range": "bytes=1-2"})
        self.assertEqual((part.status, part.body, part.headers["Content-Range"]), (206, b"el", "bytes 1-2/6"))
        self.assertEqual(self.call("GET", path, headers={"Range": "bytes=9-"}).status, 416)
        self.assertEqual(self.call("GET", path + "?offset=4").body, b"o\n")
        self.assert_error(self.call("GET", path + "?offset=-1"), 400)
        head = self.call("HEAD", path)
        self.assertEqual((head.status, head.headers["Content-Length"], head.body), (200, "6", b""))

    def event(self, stream):
        event = {}
        while True:
            line = stream.readline().decode()
            self.assertNotEqual(line, "", "the stream ended")
            line = line.rstrip("\n")
            if not line and ("data" in event or "event" in event):
                return event
            if line and not line.startswith((":", "retry")):
                name, value = line.split(": ", 1)
                event[name] = f"{event[name]}\n{value}" if name in event else value

    def test_a_log_is_followed_and_resumed(self):
        job_id = self.job(self.app())
        path = f"/jobs/{job_id}/logs/stream"
        stream = self.open("GET", path)
        self.assertEqual((stream.status, stream.headers["Content-Type"]), (200, "text/event-stream; charset=utf-8"))
        self.order(f"start {job_id}")
        self.order(f"log {job_id} one")
        self.assertEqual(self.event(stream), {"id": "4", "data": "one"})
        self.order(f"log {job_id} two")
        self.assertEqual(self.event(stream), {"id": "8", "data": "two"})
        resumed = self.open("GET", path, headers={"Last-Event-ID": "4"})
        self.assertEqual(self.event(resumed), {"id": "8", "data": "two"})
        self.order(f"end {job_id} done")
        for follower in (stream, resumed, self.open("GET", path + "?offset=8")):
            self.assertEqual(self.event(follower), {"id": "8", "event": "end", "data": "done"})
            self.assertEqual(follower.read(), b"")
        self.assertEqual(self.event(self.open("GET", path)), {"id": "8", "data": "one\ntwo"})
        self.assertEqual(self.call("GET", path + "?offset=x").status, 400)

    def test_many_followers_miss_nothing(self):
        job_id = self.job(self.app())
        self.order(f"start {job_id}")
        streams = [self.open("GET", f"/jobs/{job_id}/logs/stream") for _ in range(30)]
        texts = [None] * len(streams)

        def read(index):
            lines = []
            while (event := self.event(streams[index])).get("event") != "end":
                lines += event["data"].split("\n")
            texts[index] = lines

        threads = [threading.Thread(target=read, args=(i,)) for i in range(len(streams))]
        for thread in threads:
            thread.start()
        for i in range(300):
            self.order(f"log {job_id} line {i}")
        self.order(f"end {job_id} failed")
        for thread in threads:
            thread.join(30)
        self.assertEqual(texts, [[f"line {i}" for i in range(300)]] * len(streams))

    # the rest

    def test_deployments_and_instances_are_read(self):
        app_id = self.app()
        self.order(f"deployment {app_id} site v1")
        newest = self.order(f"deployment {app_id} site v2")
        embedded = urllib.parse.quote('{"app_id":1}')
        items = self.call("GET", f"/deployments?sort=-timestamp&embedded={embedded}").json["_items"]
        self.assertEqual([(d["revision"], d["app_id"]["name"]) for d in items], [("v2", "shop"), ("v1", "shop")])
        self.assertIsInstance(items[0]["timestamp"], int)
        self.assertEqual(self.call("GET", f"/deployments/{newest}").json["revision"], "v2")
        self.assertEqual(self.call("POST", "/deployments", {}).status, 405)
        self.assertEqual(self.call("GET", f"/apps/{app_id}").json["modules"][0]["last_deployment"], newest)

        instance = self.order(f"instance {app_id} i-0abc")
        for name in (instance, "i-0abc"):
            self.assertEqual(self.call("GET", f"/instances/{name}").json["_id"], instance)
        self.assertEqual(self.call("GET", "/instances").json["_meta"]["total"], 1)
        self.assertEqual(self.call("GET", "/instances/i-none").status, 404)

    def test_commands_version_health_and_home(self):
        app_id = self.app()
        general = [name for name, _ in self.call("GET", "/commands/").json]
        self.assertEqual(general, sorted(general))
        self.assertIn("createinstance", general)
        self.assertNotIn("createinstance", [name for name, _ in self.call("GET", f"/commands/{app_id}").json])
        self.assertIn(["deploy", ["modules"]], self.call("GET", "/commands/fields").json)
        self.assertEqual(self.call("GET", f"/commands/{NOBODY}").status, 404)
        self.assertIn("current_revision", self.call("GET", "/version/").json)

        self.assertEqual(self.call("GET", "/health", user=None).json, {"status": "ok"})
        health = self.call("GET", "/health").json
        self.assertEqual((health["agents_connected"], health["jobs_queued"], health["breakers"]), (3, 0, []))
        machine = health["machine"]
        self.assertGreater(machine["processors"], 0)
        self.assertGreaterEqual(machine["load_percent"], 0)
        self.assertGreater(machine["memory_total_bytes"], machine["memory_available_bytes"])
        self.assertGreater(machine["memory_available_bytes"], 0)
        self.order(f"breaker {app_id} 2 no luck")
        self.assertEqual(self.call("GET", "/health", user=None).json, {"status": "ok"})
        (breaker,) = self.call("GET", "/health").json["breakers"]
        self.assertEqual((breaker["app_id"], breaker["failures"], breaker["reason"]), (app_id, 2, "no luck"))

        self.assertIn({"href": "apps", "title": "apps"}, self.call("GET", "/").json["_links"]["child"])
        self.assertEqual(self.call("HEAD", "/").status, 200)
        browser = self.call("GET", "/", headers={"Accept": "text/html,*/*;q=0.8"}, user=None)
        self.assertEqual((browser.status, browser.headers["Location"]), (302, "/web/"))
        self.assert_error(self.call("GET", "/nowhere"), 404)

    def test_the_agents_program_is_handed_out(self):
        reply = self.call("GET", "/agent/ghost-agent", user=None)
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "application/octet-stream"))
        with open(restcase.PROGRAM, "rb") as program:
            self.assertEqual(reply.body, program.read())
        checksum = self.call("GET", "/agent/ghost-agent.sha256", user=None).body.decode()
        self.assertEqual(checksum, f"{hashlib.sha256(reply.body).hexdigest()}  ghost-agent\n")
        self.assertEqual(self.call("GET", "/agent/ca", user=None).body, b"-----BEGIN CERTIFICATE-----\n")

    def test_the_agents_program_is_signed(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-rest-agent-")))
        for name in ("ghost-agent", "ghost-agent.sig", "release-key"):
            reply = self.call("GET", f"/agent/{name}", user=None)
            self.assertEqual(reply.status, 200)
            (folder / name).write_bytes(reply.body)
        self.assertEqual((folder / "ghost-agent.sig").stat().st_size, 64)
        verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "release-key", "-rawin", "-in", "ghost-agent"]
        verify += ["-sigfile", "ghost-agent.sig"]
        self.assertEqual(subprocess.run(verify, cwd=folder, capture_output=True, check=False).returncode, 0)
        with open(folder / "ghost-agent", "ab") as program:
            program.write(b"\0")
        self.assertNotEqual(subprocess.run(verify, cwd=folder, capture_output=True, check=False).returncode, 0)

    def test_tls_is_spoken_when_there_is_a_certificate(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-rest-tls-"))
        certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        server = restlab.RestServer(restcase.PROGRAM, folder, certificate, key)
        self.addCleanup(server.stop)
        trust = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection("localhost", server.port, timeout=20, context=trust)
        self.addCleanup(connection.close)
        connection.request("POST", "/apps", json.dumps(APP), {"Authorization": "Bearer olga", "Content-Type": "application/json"})
        reply = Reply(connection.getresponse())
        self.assertEqual(reply.status, 201)
        self.assertTrue(reply.headers["Location"].startswith("https://localhost:"))
        job = {"app_id": reply.json["_id"], "command": "buildimage"}
        connection.request("POST", "/jobs", json.dumps(job), {"Authorization": "Bearer olga", "Content-Type": "application/json"})
        job_id = Reply(connection.getresponse()).json["_id"]
        connection.request("GET", f"/jobs/{job_id}/logs/stream", headers={"Authorization": "Bearer olga"})
        stream = connection.getresponse()
        server.order(f"start {job_id}")
        server.order(f"log {job_id} one")
        self.assertEqual(self.event(stream), {"id": "4", "data": "one"})
        with socket.create_connection(("127.0.0.1", server.port), 20) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            plain.settimeout(20)
            self.assertNotIn(b"HTTP", plain.recv(1000))

    def test_a_stop_ends_followers(self):
        job_id = self.job(self.app())
        stream = self.open("GET", f"/jobs/{job_id}/logs/stream")
        self.order(f"log {job_id} one")
        self.event(stream)  # the clean-up must not wait for it


if __name__ == "__main__":
    unittest.main()
