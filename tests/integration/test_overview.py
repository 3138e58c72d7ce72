#!/usr/bin/env python3
"""What the lists of a page are made from: /overview, and how far jobs are, from the server as it is."""
import json
import unittest

import restcase
from restcase import APP, NOBODY

OLD, NEW = "1" * 64, "2" * 64


class Overview(restcase.RestCase):
    def overview(self, app_id=None):
        reply = self.call("GET", "/overview" + (f"?app_id={app_id}" if app_id else ""), user="vera")
        self.assertEqual((reply.status, reply.headers["Cache-Control"]), (200, "no-store"), reply.body)
        self.assertEqual(list(reply.json), ["apps"])
        return reply.json["apps"]

    def one(self, app_id):
        (app,) = self.overview(app_id)
        return app

    def runs(self, instance, manifest, revision):
        module = {"module": "site", "manifest_sha256": manifest, "revision": revision, "commit": "c" * 40, "path": "/srv/site"}
        members = {"state": "ready", "purpose": "instance", "connected": True, "modules": [module]}
        self.order(f"patch instance {instance} {json.dumps(members)}")

    def test_an_application_as_it_goes(self):
        app = self.app()
        self.assertEqual(
            self.one(app),
            {
                "app_id": app, "name": "shop", "env": "dev", "role": "webfront", "state": "never_deployed",
                "instances": {"total": 0, "connected": 0, "behind": 0},
                "modules": [{"name": "site", "wanted": None, "running": []}], "last_job": None,
            },
        )  # fmt: skip
        first, second = (self.order(f"instance {app} i-{i}") for i in range(2))
        self.runs(first, OLD, "v1")
        self.runs(second, NEW, "v2")
        self.order(f"want {app} site {NEW}")
        job = self.job(app)
        seen = self.one(app)
        self.assertEqual((seen["state"], seen["instances"]), ("mixed", {"total": 2, "connected": 2, "behind": 1}))
        known = {"manifest_sha256": NEW, "revision": "v2", "commit": "c" * 40}
        (module,) = seen["modules"]
        self.assertEqual(module["wanted"], known | {"deployment_id": None})
        self.assertEqual(
            sorted(module["running"], key=lambda release: release["revision"]),
            [known | {"manifest_sha256": OLD, "revision": "v1", "instances": 1}, known | {"instances": 1}],
        )
        stored = self.call("GET", f"/jobs/{job}").json
        self.assertEqual(seen["last_job"], {name: stored[name] for name in ("_id", "command", "status", "_created")})
        self.runs(first, NEW, "v2")
        self.assertEqual(self.one(app)["state"], "behind")  # its modules are new, and no deploy has ended well
        self.order(f"patch app {app} {json.dumps({'pending_changes': []})}")
        self.assertEqual(self.one(app)["state"], "current")
        modules = APP["modules"] + [{"name": "api", "git_repo": "git@x:z", "scope": "code", "path": "/srv/api"}]
        self.assertEqual(self.call("PATCH", f"/apps/{app}", {"modules": modules}, self.etag(f"/apps/{app}")).status, 200)
        seen = self.one(app)
        self.assertEqual((seen["state"], seen["instances"]["behind"]), ("behind", 0))
        self.assertEqual([module["name"] for module in seen["modules"]], ["site", "api"])

    def test_all_of_them_by_name(self):
        names = ["c", "a", "b"]
        apps = {name: self.app(name=name) for name in names}
        self.assertEqual([app["app_id"] for app in self.overview()], [apps[name] for name in sorted(names)])
        self.assertEqual(self.overview(NOBODY), [])
        self.assertEqual(self.call("GET", "/overview", user=None).status, 401)

    def test_how_far_a_job_is(self):
        job = self.job(self.app())
        before = self.call("GET", f"/jobs/{job}").json
        self.assertIsNone(before["progress"])
        progress = {
            "phase": "Deploying module site", "instances_total": 5, "instances_done": 2, "instances_failed": 0,
            "batch": 2, "batches": 3,
        }  # fmt: skip
        self.order(f"patch job {job} {json.dumps({'progress': progress})}")
        after = self.call("GET", f"/jobs/{job}").json
        self.assertEqual((after["progress"], after["_etag"]), (progress, before["_etag"]))
        self.assertEqual(self.call("GET", "/jobs").json["_items"][0]["progress"], progress)
        part = self.query(f"/jobs/{job}", projection={"status": 1}).json
        self.assertNotIn("progress", part)
        refused = self.call("POST", "/jobs", {"app_id": after["app_id"], "command": "buildimage", "progress": progress})
        self.assertEqual(refused.status, 422)


if __name__ == "__main__":
    unittest.main()
