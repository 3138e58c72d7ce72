#!/usr/bin/env python3
"""What a page hears of changes over /events/stream, from the server as it is."""
import json
import unittest

import restcase
import restlab

PATH = "/events/stream"


class Events(restcase.RestCase):
    def next(self, stream):
        """The next event as (name, data, id); the id None when it has none."""
        event = {}
        while True:
            line = stream.readline().decode()
            self.assertNotEqual(line, "", "the stream ended")
            line = line.rstrip("\n")
            if not line and event:
                return event["event"], json.loads(event["data"]), event.get("id")
            if line and not line.startswith((":", "retry")):
                name, value = line.split(": ", 1)
                event[name] = value

    def follow(self, **kwargs):
        stream = self.open("GET", PATH, **kwargs)
        self.assertEqual((stream.status, stream.headers["Content-Type"]), (200, "text/event-stream; charset=utf-8"))
        name, data, self.last = self.next(stream)
        self.assertEqual(name, "hello")
        self.assertEqual(list(data), ["sequence"])
        return stream

    def change(self, stream):
        name, data, self.last = self.next(stream)
        self.assertEqual(name, "change")
        self.assertEqual(sorted(data), ["app_id", "collection", "deleted", "etag", "id"])
        return data

    def test_every_write_is_heard_of_once(self):
        stream = self.follow(user="vera")
        app = self.app()
        etag = self.call("GET", f"/apps/{app}").json["_etag"]
        self.assertEqual(
            self.change(stream), {"collection": "apps", "id": app, "app_id": app, "etag": etag, "deleted": False}
        )
        job = self.job(app)
        change = self.change(stream)
        self.assertEqual((change["collection"], change["id"], change["app_id"]), ("jobs", job, app))
        self.assertEqual(change["etag"], self.call("GET", f"/jobs/{job}").json["_etag"])
        instance = self.order(f"instance {app} i-1")
        change = self.change(stream)
        self.assertEqual((change["collection"], change["id"], change["app_id"]), ("instances", instance, app))
        self.order(f"set {instance} state gone")
        self.assertEqual(self.change(stream)["id"], instance)
        self.order(f"start {job}")
        self.assertEqual(self.change(stream)["id"], job)
        self.order(f"end {job} done")
        self.assertEqual(self.change(stream)["id"], job)
        self.assertEqual(self.call("DELETE", f"/jobs/{job}", headers=self.etag(f"/jobs/{job}")).status, 204)
        self.assertEqual(
            self.change(stream), {"collection": "jobs", "id": job, "app_id": app, "etag": None, "deleted": True}
        )

    def test_what_was_missed_comes_after_the_return(self):
        self.follow().close()
        seen = self.last
        first, second = self.app(name="one"), self.app(name="two")
        stream = self.follow(headers={"Last-Event-ID": seen})
        self.assertEqual(self.last, seen)
        self.assertEqual([self.change(stream)["id"] for _ in range(2)], [first, second])
        self.assertGreater(int(self.last), int(seen))

    def test_a_number_of_another_start_is_a_reset(self):
        self.follow().close()
        seen = self.last
        self.server.stop()
        self.server = restlab.RestServer(restcase.PROGRAM, self.folder)
        self.addCleanup(self.server.stop)
        self.port, self.order = self.server.port, self.server.order
        for last in (seen, "1", "x", "99999999999999999"):
            stream = self.open("GET", PATH, headers={"Last-Event-ID": last})
            name, data, number = self.next(stream)
            self.assertEqual((name, number), ("hello", None))
            self.assertEqual(self.next(stream), ("reset", data, str(data["sequence"])))
        app = self.app()
        self.assertEqual(self.change(stream)["id"], app)

    def test_accounts_are_heard_of_by_admins_alone(self):
        admin, viewer = self.follow(user="ann"), self.follow(user="vera")
        reply = self.call("POST", "/users", {"name": "otto", "role": "viewer", "password": "secret1234"}, user="ann")
        self.assertEqual(reply.status, 201, reply.body)
        change = self.change(admin)
        while change["collection"] == "tokens":  # that they were used just now
            change = self.change(admin)
        self.assertEqual((change["collection"], change["app_id"]), ("users", None))
        app = self.app()
        self.assertEqual(self.change(viewer)["id"], app)
        while (change := self.change(admin))["collection"] == "tokens":
            pass
        self.assertEqual(change["id"], app)

    def test_it_ends_when_it_was_asked_to(self):
        stream = self.follow()
        seen, app = self.last, self.app()
        self.change(stream)
        reply = self.call("GET", f"{PATH}?seconds=0", headers={"Last-Event-ID": seen})
        self.assertIn(f'"id":"{app}"'.encode(), reply.body)
        for seconds in ("601", "-1", "x", ""):
            self.assertEqual(self.call("GET", f"{PATH}?seconds={seconds}").status, 400)
        self.assertEqual(self.call("GET", PATH, user=None).status, 401)

    def test_many_follow_and_all_hear_all(self):
        streams = [self.follow(user="vera") for _ in range(50)]
        apps = [self.app(name=f"app{i}") for i in range(20)]
        for stream in streams:
            self.assertEqual([self.change(stream)["id"] for _ in apps], apps)

    def test_the_end_of_the_server_ends_it_whole(self):
        stream = self.follow()
        self.server.process.stdin.close()
        stream.read()  # cut off, it would raise IncompleteRead
        self.assertEqual(self.server.process.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
