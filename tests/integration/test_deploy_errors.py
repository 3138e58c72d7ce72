#!/usr/bin/env python3
"""What goes wrong in a deployment, one after the other, on one instance: the reason is said and nothing is half-switched."""
import os
import socket
import unittest

import ghostlab
from ghostlab import b64

GOOD_POST = '#!/bin/sh\ntest -f page.html && echo "post $(cat page.html)"\n'


class DeployErrors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(
            ghostlab.Lab(
                {
                    "build_pack.timeout": f"{4 * ghostlab.SLOWNESS:.0f}s",
                    "build_pack.output": "200K",
                    "deploy.hook_timeout": f"{8 * ghostlab.SLOWNESS:.0f}s",
                    "git.timeout": "4s",
                }
            )
        )
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")
        cls.app_id = cls.lab.ready_app([cls.module()])
        cls.lab.deploy(cls.app_id, {"site": "v1"})

    @classmethod
    def module(cls, **changes):
        module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site", "post_deploy": b64(GOOD_POST)}
        module.update(changes)
        return module

    def setUp(self):
        self.lab.change_app(self.app_id, modules=[self.module()])

    def page(self):
        (instance,) = self.lab.instances(self.app_id)
        return self.lab.instance_file(instance, "/srv/site/page.html").read_text()

    def fails_saying(self, words, rev="v2", expect="failed", **changes):
        """Deploys the module with those changes: the job fails with the words, the page stays, the next deploy works."""
        self.lab.change_app(self.app_id, modules=[self.module(**changes)])
        job = self.lab.deploy(self.app_id, {"site": rev}, expect=expect)
        self.assertIn(words, job["message"] + self.lab.log(job["_id"]))
        self.assertEqual(self.page(), "one\n")
        return job

    def test_a_repository_that_does_not_exist(self):
        self.fails_saying("does-not-exist", git_repo="/nowhere/does-not-exist")

    def test_a_revision_that_does_not_exist(self):
        self.fails_saying("no-such-branch", rev="no-such-branch")

    def test_a_git_server_that_hangs(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.fails_saying("git", git_repo=f"http://127.0.0.1:{silent.getsockname()[1]}/site.git")

    def test_a_build_pack_that_fails(self):
        job = self.fails_saying("exited with code 7", build_pack=b64("#!/bin/sh\necho about to fail\nexit 7\n"))
        self.assertIn("about to fail", self.lab.log(job["_id"]))

    def test_a_build_pack_that_floods_its_output(self):
        job = self.fails_saying("output", build_pack=b64("#!/bin/sh\nyes flood\n"))
        self.assertLess(len(self.lab.log(job["_id"])), 2_000_000)

    def test_a_build_pack_that_never_ends(self):
        self.fails_saying("longer than", build_pack=b64("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n"))

    def test_a_build_pack_that_leaves_a_daemon(self):
        pid_file = self.lab.folder / "daemon.pid"
        script = f"#!/bin/bash\nsetsid bash -c 'echo $$ > {pid_file}; exec sleep 300' >/dev/null 2>&1 </dev/null &\nwhile [ ! -s {pid_file} ]; do sleep 0.1; done\n"
        self.lab.change_app(self.app_id, modules=[self.module(build_pack=b64(script))])
        self.lab.deploy(self.app_id, {"site": "v1"})
        self.assertRaises(ProcessLookupError, os.kill, int(pid_file.read_text()), 0)

    def test_a_pre_deploy_that_fails(self):
        self.fails_saying("pre_deploy", pre_deploy=b64("#!/bin/sh\nexit 3\n"))

    def test_a_post_deploy_that_fails_returns_to_the_previous_release(self):
        job = self.fails_saying("post_deploy", post_deploy=b64("#!/bin/sh\ngrep -q one page.html || exit 4\necho back on $(cat page.html)\n"))
        self.assertEqual(self.lab.get(f"/deployments?where={{\"job_id\":\"{job['_id']}\"}}")["_items"], [])

    def test_a_hook_that_hangs_and_ignores_term(self):
        self.fails_saying("longer than", post_deploy=b64("#!/bin/sh\ngrep -q one page.html && exit 0\ntrap '' TERM\nwhile :; do sleep 1; done\n"))

    def test_a_hook_that_prints_binary_and_100_megabytes(self):
        self.lab.change_app(self.app_id, modules=[self.module(post_deploy=b64("#!/bin/sh\nhead -c 100000000 /dev/urandom\necho the end\n"))])
        job = self.lab.wait_job(self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v1"}]))
        self.assertIn(job["status"], ("done", "failed"))
        self.assertEqual(self.page(), "one\n")
        self.assertIn("limit", self.lab.log(job["_id"]) + job["message"])

    def test_a_commit_subject_is_never_run(self):
        victim = self.lab.folder / "touched"
        self.repository.commit({"page.html": "one\n"}, f'"; touch {victim}; $(touch {victim}) `touch {victim}`', tag="evil")
        self.lab.deploy(self.app_id, {"site": "evil"})
        self.assertFalse(victim.exists())

    def test_a_target_that_is_not_ours_is_moved_aside(self):
        (instance,) = self.lab.instances(self.app_id)
        self.lab.change_app(self.app_id, modules=[self.module(), self.module(name="other", path="/srv/other")])
        folder = self.lab.instance_file(instance, "/srv") / "other"
        folder.mkdir()
        (folder / "precious").write_text("keep me")
        job = self.lab.deploy(self.app_id, {"other": "v1"})
        self.assertRegex(self.lab.log(job["_id"]), r"is not ours: it is now \S*/srv/other\.ghost-saved-")
        saved = [p for p in folder.parent.glob("other?*") if (p / "precious").exists()]
        self.assertEqual(len(saved), 1)

    def test_every_way_to_name_a_revision(self):
        inner = ghostlab.Repository(self.lab.folder / "inner")
        inner.commit({"inner.txt": "from a submodule\n"}, "inner")
        outer = ghostlab.Repository(self.lab.folder / "outer")
        first = outer.commit({"page.html": "one\n"}, "first", tag="v1")
        outer.git("tag", "-a", "annotated", "-m", "with a message")
        outer.git("checkout", "-q", "-b", "feature/x")
        branch = outer.commit({"page.html": "branch\n"}, "on a branch")
        outer.git("checkout", "-q", "main")
        outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.url, "lib/inner")
        outer.commit({"page.html": "with submodule\n"}, "second")
        modules = [self.module(), self.module(name="outer", path="/srv/outer", git_repo=outer.url, post_deploy="")]
        self.lab.change_app(self.app_id, modules=modules)
        (instance,) = self.lab.instances(self.app_id)
        for revision, page in (
            ("v1", "one\n"),
            ("feature/x", "branch\n"),
            (first, "one\n"),
            (branch[:8], "branch\n"),
            ("annotated", "one\n"),
            ("HEAD", "with submodule\n"),
        ):
            with self.subTest(revision):
                job = self.lab.deploy(self.app_id, {"outer": revision})
                self.assertEqual(self.lab.instance_file(instance, "/srv/outer/page.html").read_text(), page)
        self.assertEqual(self.lab.instance_file(instance, "/srv/outer/lib/inner/inner.txt").read_text(), "from a submodule\n")
        deployment = self.lab.get(f"/deployments/{job['modules'][0]['deploy_id']}")
        self.assertEqual(deployment["revision"], "main")  # what HEAD stood for

    def test_a_module_the_application_lacks_is_refused(self):
        reply = self.lab.call("POST", "/jobs", {"app_id": self.app_id, "command": "deploy", "modules": [{"name": "nope"}]})
        self.assertEqual((reply.status, reply.json["_error"]["message"]), (422, "Module to deploy not found"))

    def test_forbidden_and_colliding_paths_are_refused(self):
        etag = self.lab.get(f"/apps/{self.app_id}")["_etag"]
        for modules, words in (
            ([self.module(path="/etc")], 'Module "site" uses a forbidden path: "/etc"'),
            ([self.module(), self.module(name="inner", path="/srv/site/inner")], "in collision with another module"),
        ):
            reply = self.lab.call("PATCH", f"/apps/{self.app_id}", {"modules": modules}, {"If-Match": etag})
            self.assertEqual(reply.status, 422)
            self.assertIn(words, reply.json["_error"]["message"])


class NoInstance(unittest.TestCase):
    def test_without_instances_the_package_is_kept_for_those_that_boot(self):
        lab = self.enterContext(ghostlab.Lab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        app_id = lab.create_app([{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}])
        job = lab.deploy(app_id, {"site": "v1"})
        self.assertIn("no instance", (job["message"] + lab.log(job["_id"])).lower())
        self.assertEqual(len(lab.get("/deployments")["_items"]), 1)
        lab.run(app_id, "buildimage")
        lab.run(app_id, "createinstance")
        (instance,) = lab.instances(app_id)
        self.assertEqual(lab.instance_file(instance, "/srv/site/page.html").read_text(), "one\n")


if __name__ == "__main__":
    unittest.main()
