#!/usr/bin/env python3
"""An edited boot hook, and an edited variable, are for instances to come once updatelifecyclehooks has run; until then what is edited is
pending and instances boot as before."""
import contextlib
import re
import sqlite3
import unittest

import ghostlab
from ghostlab import b64

HOOK = '#!/bin/sh\necho "{} with $MINE"\n'


class BootHooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(ghostlab.Lab())

    def edit(self, app_id, word):
        self.lab.change_app(app_id, lifecycle_hooks={"pre_bootstrap": b64(HOOK.format(word))}, env_vars=[{"var_key": "MINE", "var_value": word}])

    def boot(self, app_id):
        """What its hooks say."""
        log = self.lab.log(self.lab.run(app_id, "createinstance")["_id"])
        return re.findall(r"\w+ with \w*$", log, re.M)

    def pending(self, app_id):
        return {change["field"] for change in self.lab.get(f"/apps/{app_id}")["pending_changes"]}

    def kept(self, app_id):
        with contextlib.closing(sqlite3.connect(self.lab.folder / "data" / "ghost.db")) as database:
            return database.execute("SELECT count(*) FROM boot_hooks WHERE app_id = ?", (app_id,)).fetchone()[0]

    def test_an_edit_waits_for_updatelifecyclehooks(self):
        lab = self.lab
        app_id = lab.create_app([], lifecycle_hooks={"pre_bootstrap": b64(HOOK.format("old"))}, env_vars=[{"var_key": "MINE", "var_value": "old"}])
        lab.run(app_id, "buildimage")
        self.assertEqual(self.boot(app_id), ["old with old"])  # the first one takes what there is
        lab.run(app_id, "updatelifecyclehooks")
        self.assertNotIn("lifecycle_hooks", self.pending(app_id))

        self.edit(app_id, "new")
        self.assertIn("lifecycle_hooks", self.pending(app_id))
        self.assertNotIn("env_vars", self.pending(app_id))
        self.assertEqual(self.boot(app_id), ["old with old"])
        lab.restart_controller()
        lab.run(app_id, "buildimage")  # hooks of images are those of the application as it is; an image changes no boot hook
        self.assertEqual(self.boot(app_id), ["old with old"])
        self.assertIn("lifecycle_hooks", self.pending(app_id))

        lab.run(app_id, "updatelifecyclehooks")
        self.assertNotIn("lifecycle_hooks", self.pending(app_id))
        self.assertEqual(self.boot(app_id), ["new with new"])

        lab.run(app_id, "destroyallinstances")
        self.assertEqual(self.kept(app_id), 1)
        etag = lab.get(f"/apps/{app_id}")["_etag"]
        self.assertEqual(lab.call("DELETE", f"/apps/{app_id}", None, {"If-Match": etag}).status, 204)
        self.assertEqual(self.kept(app_id), 0)

    def record(self, app_id):
        """The one record of its instances, ended ones too."""
        (found,) = [i for i in self.lab.get("/instances?max_results=200")["_items"] if i["app_id"] == app_id and i["purpose"] == "instance"]
        return found

    def instance_log(self, instance, query=""):
        reply = self.lab.call("GET", f"/instances/{instance['instance_id']}/logs{query}")
        self.assertEqual(reply.status, 200, reply.body)
        return reply.body.decode()

    def test_one_that_fails_stays_known_with_the_reason(self):
        lab = self.lab
        app_id = lab.create_app([], name="failing", lifecycle_hooks={"pre_bootstrap": b64("#!/bin/sh\necho no luck\nexit 3\n")})
        lab.run(app_id, "buildimage")
        job = lab.run(app_id, "createinstance", expect="failed")
        self.assertIn("pre_bootstrap exited with code 3", job["message"])
        failed = self.record(app_id)
        self.assertEqual((failed["state"], failed["job_id"], failed["bootstrapped"]), ("gone", job["_id"], False))
        self.assertIn("pre_bootstrap exited with code 3", failed["reason"])

        log = self.instance_log(failed)
        job_log = lab.log(job["_id"])
        self.assertIn(f"[{failed['instance_id']}] no luck\n", log)
        self.assertIn(f"Bootstrapping {failed['instance_id']}\n", log)
        self.assertEqual([line for line in log.splitlines() if line not in job_log.splitlines()], [])
        self.assertNotIn("Job processing started", log)
        self.assertEqual(self.instance_log(failed, f"?offset={log.index('no luck')}"), log[log.index("no luck"):])

    def test_a_log_is_of_the_instance_alone(self):
        lab = self.lab
        app_id = lab.create_app([], name="pair", lifecycle_hooks={"post_bootstrap": b64("#!/bin/sh\nhostname\necho hello\n")})
        lab.run(app_id, "buildimage")
        for _ in range(2):
            lab.run(app_id, "createinstance")
        lab.run(app_id, "recreateinstances")
        pair = lab.instances(app_id)
        self.assertEqual([i["state"] for i in pair], ["ready"] * 2)
        self.assertEqual(len({i["job_id"] for i in pair}), 1)
        for instance, other in (pair, pair[::-1]):
            log = self.instance_log(instance)
            self.assertIn(f"[{instance['instance_id']}] hello\n", log)
            self.assertNotIn(f"[{other['instance_id']}]", log)


if __name__ == "__main__":
    unittest.main()
