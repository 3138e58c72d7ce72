#!/usr/bin/env python3
"""Instances that are brought to what is wanted without a job, behind their load balancer: nobody who uses the site notices."""
import contextlib
import sqlite3
import unittest

from ghostlab import wait_for
from safecase import SafeCase


class SafeStragglers(SafeCase):
    def want(self, manifest):
        """As if a job had been lost after it had changed what is wanted."""
        with contextlib.closing(sqlite3.connect(self.lab.folder / "data" / "ghost.db")) as database, database:
            database.execute("UPDATE releases SET manifest_sha256 = ? WHERE app_id = ?", (manifest, self.app_id))

    def manifests(self):
        return {module["manifest_sha256"] for i in self.members() for module in i["modules"]}

    def is_over(self, manifest):
        return self.manifests() == {manifest} and not any(i.get("straggler_out") for i in self.members())

    def test_nobody_notices(self):
        self.finish(self.submit("v2", "serial", "1by1"))
        (before,) = self.manifests()
        self.finish(self.submit("v3", "serial", "1by1"))
        (after,) = self.manifests()
        self.assertNotEqual(before, after)
        with self.load("brought to what is wanted") as load:
            self.lab.kill_controller()
            self.want(before)
            self.lab.start_controller()
            wait_for("one to be out", lambda: any(i.get("straggler_out") for i in self.members()), 60)
            self.lab.restart_controller()
            wait_for("all to be on it", lambda: self.is_over(before), 240)
        logs = [self.lab.call("GET", f"/instances/{i['_id']}/logs").body.decode() for i in self.members()]
        print("\n".join(logs), flush=True)
        self.assertEqual(load.failures, [])
        self.assertEqual(set(self.pages().values()), {"version 2\n"})
        for log in logs:
            self.assertIn("Putting back into targetgroup/safe/", log)
        self.assert_calm()


if __name__ == "__main__":
    unittest.main()
