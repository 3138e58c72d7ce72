#!/usr/bin/env python3
"""The static agent at work in roots that are not the build machine's: enrols by name, deploys with hooks, rolls back."""
import os
import sys
import tempfile
import unittest

import root_folders
from static_program import static_agent

import ghostlab  # isort: skip (static_program knows where it is)
from ghostlab import b64  # isort: skip
from truth import assert_truth  # isort: skip

PRE_DEPLOY = "#!/bin/sh\nset -e\ngrep -q three page.html && exit 7\ncat page.html\nexit 0\n"
POST_DEPLOY = "#!/bin/sh\necho \"here is $(cat page.html)\"\n"
HEALTH = "#!/bin/sh\ngrep -q two page.html && { echo it is two; exit 1; }\nexit 0\n"


class Roots(unittest.TestCase):
    def deploy_in(self, root):
        lab = ghostlab.Lab(sandbox_arguments=["--agent", str(static_agent()), "--root", str(root)])
        lab.settings["link.address"] = f"{root_folders.NAME}:{lab.link_port}"
        self.lab = self.enterContext(lab)
        if self.lab.cloud["isolation"] != "overlay":
            self.skipTest("other roots need overlays, which need root")
        repository = ghostlab.Repository(lab.folder / "site")
        for number, word in enumerate(("one", "two", "three", "four"), 1):
            repository.commit({"page.html": f"{word}\n"}, word, tag=f"v{number}")
        check = {"type": "command", "command": b64(HEALTH), "interval": 1, "retries": 1}
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site", "health_check": check}
        module |= {"pre_deploy": b64(PRE_DEPLOY), "post_deploy": b64(POST_DEPLOY)}
        self.app_id = lab.ready_app([module])
        self.bring("v1", "one")
        # The last one is that of the release that is put back.
        self.refuse("v2", "two", hooks=["pre_deploy", "post_deploy", "post_deploy"])
        self.refuse("v3", "three", hooks=["pre_deploy"])
        self.bring("v4", "four")
        self.go_back()
        self.become_another_user()
        assert_truth(self, lab, self.app_id)

    @property
    def instance(self):
        (instance,) = self.lab.instances(self.app_id)
        return instance

    def page(self):
        return self.lab.instance_file(self.instance, "/srv/site/page.html").read_text().strip()

    def receipt(self):
        (module,) = self.instance["modules"]
        return module["receipt"]

    def bring(self, revision, word):
        job = self.lab.deploy(self.app_id, {"site": revision})
        self.assertIn(f"here is {word}", self.lab.log(job["_id"]))
        self.assertEqual(self.page(), word)
        receipt = self.receipt()
        self.assertEqual((receipt["job_id"], receipt["ok"]), (job["_id"], True))
        self.assertEqual([(hook["hook"], hook["exit_code"]) for hook in receipt["hooks"]], [("pre_deploy", 0), ("post_deploy", 0)])

    def refuse(self, revision, word, hooks):
        """The hook's or the check's no puts the release before back."""
        self.assertNotEqual(self.page(), word)
        job = self.lab.deploy(self.app_id, {"site": revision}, expect="failed")
        receipt = self.receipt()
        self.assertEqual((receipt["job_id"], receipt["ok"]), (job["_id"], False))
        self.assertEqual([hook["hook"] for hook in receipt["hooks"]], hooks)
        self.assertEqual(self.page(), "one")

    def go_back(self):
        items = self.lab.get("/deployments?max_results=50")["_items"]
        first = next(item for item in reversed(items) if item["app_id"] == self.app_id and item["revision"] == "v1")
        self.lab.run(self.app_id, "redeploy", options=[first["_id"]])
        self.assertEqual(self.page(), "one")

    def become_another_user(self):
        script = b64('#!/bin/sh\ntest "$(id -u)" = 65534 && echo "I am somebody else"\n')
        job = self.lab.run(self.app_id, "executescript", options=[script, "", "parallel", "", "user=nobody"])
        self.assertIn("I am somebody else", self.lab.log(job["_id"]))

    def test_an_empty_root_with_a_shell(self):
        if not root_folders.has_static_busybox():
            self.skipTest("there is no static busybox (Debian: busybox-static)")
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-root-"))
        self.deploy_in(root_folders.empty(f"{folder}/root"))

    def in_system(self, suite, mirror=None):
        root, reason = root_folders.debootstrap(suite, mirror=mirror)
        if root is None:
            self.skipTest(reason)
        self.deploy_in(root)

    def test_debian_11(self):
        self.in_system("bullseye")

    def test_debian_12(self):
        self.in_system("bookworm")

    def test_debian_13(self):
        self.in_system("trixie")

    def test_ubuntu_22_04(self):
        mirror = os.environ.get("GHOST_UBUNTU_MIRROR")
        if not mirror:
            self.skipTest("GHOST_UBUNTU_MIRROR names no mirror of Ubuntu")
        self.in_system("jammy", mirror)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
