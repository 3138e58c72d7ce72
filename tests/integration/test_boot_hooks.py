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


if __name__ == "__main__":
    unittest.main()
