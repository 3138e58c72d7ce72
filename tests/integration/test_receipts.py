#!/usr/bin/env python3
"""What the last deploy of each module came to is shown for every instance, beside the release that is really live."""
import json
import os
import subprocess
import unittest

import ghostlab
from ghostlab import b64
from truth import assert_truth

PRE_DEPLOY = "#!/bin/sh\ngrep -q three page.html && exit 7\nsleep 0.2\n"
HEALTH = "#!/bin/sh\ngrep -q two page.html && { echo it is two; exit 1; }\nexit 0\n"


class Receipts(unittest.TestCase):
    def setUp(self):
        self.lab = self.enterContext(ghostlab.Lab())
        self.repository = ghostlab.Repository(self.lab.folder / "site")
        for number, word in enumerate(("one", "two", "three"), 1):
            self.repository.commit({"page.html": f"{word}\n"}, word, tag=f"v{number}")
        module = {"git_repo": self.repository.url, "scope": "code"}
        check = {"type": "command", "command": b64(HEALTH), "interval": 1, "retries": 1}
        site = module | {"name": "site", "path": "/srv/site", "pre_deploy": b64(PRE_DEPLOY), "health_check": check}
        # Its first deploy fails: of it nothing is ever live.
        broken = module | {"name": "broken", "path": "/srv/broken", "pre_deploy": b64("#!/bin/sh\nexit 9\n")}
        self.app_id = self.lab.ready_app([site, broken])

    def ghost(self, *words):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.lab.folder),
            "GHOST_URL": f"http://127.0.0.1:{self.lab.http_port}",
            "GHOST_USER": "admin",
            "GHOST_PASSWORD": self.lab.password,
        }
        return subprocess.run([str(ghostlab.CLI), *words], env=environment, capture_output=True, text=True, timeout=60, check=True).stdout

    def shown(self, module):
        """The module on the instance, the same in the API and in the command line."""
        (instance,) = self.lab.instances(self.app_id)
        (entry,) = (m for m in instance["modules"] if m["module"] == module)
        printed = json.loads(self.ghost("instance", "show", instance["instance_id"], "--output", "json"))
        self.assertEqual(next(m for m in printed["modules"] if m["module"] == module), entry)
        self.assertIn(entry["receipt"]["job_id"], self.ghost("instance", "show", instance["instance_id"]))
        return entry

    def listed(self):
        return self.ghost("instance", "ls")

    def test_a_deploy_and_failing_ones(self):
        job = self.lab.deploy(self.app_id, {"site": "v1"})
        entry = self.shown("site")
        receipt = entry["receipt"]
        self.assertEqual((receipt["job_id"], receipt["ok"], receipt["message"]), (job["_id"], True, ""))
        (hook,) = receipt["hooks"]
        self.assertEqual((hook["hook"], hook["exit_code"]), ("pre_deploy", 0))
        self.assertGreaterEqual(hook["duration_ms"], 200)
        self.assertEqual((receipt["health"]["kind"], receipt["health"]["ok"], receipt["health"]["attempts"]), ("command", True, 1))
        self.assertGreater(receipt["bytes_fetched"], 0)
        self.assertIn(f"ok {receipt['at']}", self.listed())

        self.not_well(entry)
        self.hook_fails()
        self.nothing_is_live()
        self.restarted()
        assert_truth(self, self.lab, self.app_id)

    def not_well(self, before):
        """The receipt is of the release that failed, all else of the one that is back."""
        job = self.lab.deploy(self.app_id, {"site": "v2"}, expect="failed")
        entry = self.shown("site")
        receipt = entry["receipt"]
        self.assertEqual((entry["revision"], entry["manifest_sha256"]), ("v1", before["manifest_sha256"]))
        self.assertEqual((receipt["job_id"], receipt["ok"]), (job["_id"], False))
        self.assertIn("health check (command) failed: 2 tries in ", receipt["message"])
        self.assertEqual((receipt["health"]["ok"], receipt["health"]["attempts"]), (False, 2))
        self.assertIn("exited with code 1", receipt["health"]["message"])
        self.assertIn(f"failed {receipt['at']}", self.listed())

    def hook_fails(self):
        job = self.lab.deploy(self.app_id, {"site": "v3"}, expect="failed")
        receipt = self.shown("site")["receipt"]
        self.assertEqual((receipt["job_id"], receipt["ok"], receipt["health"]), (job["_id"], False, None))
        self.assertEqual([(h["hook"], h["exit_code"]) for h in receipt["hooks"]], [("pre_deploy", 7)])

    def nothing_is_live(self):
        site = self.shown("site")
        job = self.lab.deploy(self.app_id, {"broken": "v1"}, expect="failed")
        # The agent's next report names what is live alone.
        self.lab.run(self.app_id, "executescript", options=[b64("#!/bin/sh\ntrue\n")])
        entry = self.shown("broken")
        self.assertEqual((entry["manifest_sha256"], entry["receipt"]["job_id"], entry["receipt"]["ok"]), ("", job["_id"], False))
        self.assertEqual([(h["hook"], h["exit_code"]) for h in entry["receipt"]["hooks"]], [("pre_deploy", 9)])
        self.assertEqual(self.shown("site"), site)

    def restarted(self):
        """A report of an agent that comes back, to a controller that comes back, takes nothing away."""
        site, broken = self.shown("site"), self.shown("broken")
        self.lab.restart_controller()
        ghostlab.wait_for("the agent to be back", lambda: self.lab.instances(self.app_id)[0]["connected"])
        self.lab.deploy(self.app_id, {"site": "v1"})
        self.assertEqual(self.shown("broken"), broken)
        after = self.shown("site")
        self.assertTrue(after["receipt"]["ok"])
        self.assertEqual(after["revision"], "v1")
        # That release is on the instance already.
        self.assertEqual((after["receipt"]["bytes_fetched"], after["receipt"]["bytes_reused"]), (0, len("one\n")))
        self.assertNotEqual(after["receipt"]["task_id"], site["receipt"]["task_id"])


if __name__ == "__main__":
    unittest.main()
