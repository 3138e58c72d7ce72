#!/usr/bin/env python3
"""The main job, end to end: image, instances, deploy v1 and v2, redeploy of v1, destroy."""
import unittest

import ghostlab
from ghostlab import b64

BUILD_PACK = """#!/bin/bash
set -eu
sed "s/@VERSION@/$(cat VERSION)/" page.in > page.html
sha256sum page.html > page.sum
"""
POST_DEPLOY = """#!/bin/bash
set -eu
sha256sum -c page.sum
echo "serving $(cat page.html) as $GHOST_MODULE_NAME $GHOST_MODULE_REV of $GHOST_APP/$GHOST_ENV/$GHOST_ROLE"
"""


class MainJob(unittest.TestCase):
    def setUp(self):
        self.lab = self.enterContext(ghostlab.Lab())
        self.repository = ghostlab.Repository(self.lab.folder / "site")
        self.repository.commit({"VERSION": "1", "page.in": "version @VERSION@\n"}, "first", tag="v1")
        self.repository.commit({"VERSION": "2", "extra/deep/file": "x" * 5000}, 'second "quoted" $(touch /tmp/ghost-owned)', tag="v2")
        (self.lab.features / "greeting.sh").write_text('#!/bin/sh\nmkdir -p "$GHOST_ROOT_DIR/etc"\necho "hello $GHOST_FEATURE_VERSION" > "$GHOST_ROOT_DIR/etc/greeting"\n')
        self.module = {
            "name": "site",
            "git_repo": self.repository.url,
            "scope": "code",
            "path": "/srv/site",
            "build_pack": b64(BUILD_PACK),
            "post_deploy": b64(POST_DEPLOY),
        }
        self.settings = {"name": "settings", "git_repo": self.repository.url, "scope": "system", "path": "/etc/site"}

    def pages(self, app_id):
        return sorted(self.lab.instance_file(i, "/srv/site/page.html").read_text() for i in self.lab.instances(app_id))

    def check_plan(self, app_id, ids):
        """What can be deployed, and what deploying it would do: the controller's own mirror says so, and no job comes of it."""
        answer = self.lab.get(f"/apps/{app_id}/modules/site/revisions")
        self.assertEqual([(row["name"], row["type"]) for row in answer["revisions"]], [("v2", "tag"), ("v1", "tag"), ("main", "branch")])
        self.assertEqual((answer["kind"], answer["default"]), ("git", "main"))
        jobs = self.lab.get("/jobs")["_meta"]["total"]
        body = {"app_id": app_id, "command": "deploy", "options": ["serial", "1by1"], "modules": [{"name": "site", "rev": "v2"}]}
        plan = self.lab.call("POST", "/plans", body).json
        (module,) = plan["modules"]
        self.assertEqual(module["commit"]["id"], answer["revisions"][0]["commit"])
        self.assertEqual((module["from"]["revision"], module["commits_total"], module["message"]), ("v1", 1, ""))
        self.assertEqual(module["files"], [{"path": "VERSION", "change": "modified"}, {"path": "extra/deep/file", "change": "added"}])
        self.assertEqual(sorted(plan["batches"]), sorted([id] for id in ids))
        self.assertEqual(plan["instances"], [{"instance_id": batch[0], "agent": "connected"} for batch in plan["batches"]])
        self.assertEqual((plan["capacity"], plan["warnings"]), ({"total": 2, "min_in_service": 1}, []))
        self.assertEqual(self.lab.get("/jobs")["_meta"]["total"], jobs)

    def test_the_main_job(self):
        lab = self.lab
        app_id = lab.create_app([self.module, self.settings], features=[{"name": "greeting", "version": "you", "provisioner": "shell"}])

        image = lab.run(app_id, "buildimage")
        app = lab.get(f"/apps/{app_id}")
        self.assertRegex(app["ami"], "^ami-")
        self.assertEqual(image["message"], f"Build image OK: [{app['ami']}]")

        for _ in range(2):
            lab.run(app_id, "createinstance")
        instances = lab.instances(app_id)
        self.assertEqual([i["state"] for i in instances], ["ready", "ready"])
        for instance in instances:
            self.assertEqual(lab.instance_file(instance, "/etc/greeting").read_text(), "hello you\n")

        lab.deploy(app_id, {"settings": "main"})
        first = lab.deploy(app_id, {"site": "v1"})
        self.assertEqual(self.pages(app_id), ["version 1\n"] * 2)
        self.assertIn("serving version 1 as site v1 of shop/dev/webfront", lab.log(first["_id"]))
        self.check_plan(app_id, [instance["instance_id"] for instance in instances])
        second = lab.deploy(app_id, {"site": "v2"})
        self.assertEqual(self.pages(app_id), ["version 2\n"] * 2)

        for instance in lab.instances(app_id):
            # A deploy of one module leaves what is known of the other.
            known = {module["module"]: module["revision"] for module in instance["modules"]}
            self.assertEqual(known, {"settings": "main", "site": "v2"})

        deployments = lab.get("/deployments?sort=timestamp")["_items"][1:]
        self.assertEqual([d["revision"] for d in deployments], ["v1", "v2"])
        self.assertEqual(first["message"], f"Deployment OK: [site: {deployments[0]['_id']}]")
        self.assertEqual(second["modules"][0]["deploy_id"], deployments[1]["_id"])

        self.assertEqual(second["progress"], {"phase": "Deploying module site", "instances_total": 2, "instances_done": 2,
                                              "instances_failed": 0, "batch": 1, "batches": 1})  # fmt: skip
        (seen,) = lab.get(f"/overview?app_id={app_id}")["apps"]
        self.assertEqual((seen["state"], seen["instances"]), ("current", {"total": 2, "connected": 2, "behind": 0}))
        site = seen["modules"][0]
        self.assertEqual((site["name"], site["wanted"]["deployment_id"]), ("site", deployments[1]["_id"]))
        release = {name: deployments[1][name] for name in ("manifest_sha256", "revision", "commit")}
        self.assertEqual(site["running"], [release | {"instances": 2}])
        self.assertEqual((seen["last_job"]["_id"], seen["last_job"]["status"]), (second["_id"], "done"))

        lab.run(app_id, "redeploy", options=[deployments[0]["_id"]])
        self.assertEqual(self.pages(app_id), ["version 1\n"] * 2)

        lab.run(app_id, "createinstance")
        self.assertEqual(self.pages(app_id), ["version 1\n"] * 3)

        lab.run(app_id, "destroyinstance", options=[instances[0]["instance_id"]])
        self.assertEqual(len(lab.instances(app_id)), 2)
        lab.run(app_id, "destroyallinstances")
        self.assertEqual(lab.instances(app_id), [])


class HooksAsOwner(unittest.TestCase):
    def test_hooks_run_as_the_module_when_it_is_set_so(self):
        lab = self.enterContext(ghostlab.Lab({"deploy.hooks_as_owner": "yes"}))
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        hook = b64('#!/bin/sh\necho "I am $(id -u):$(id -g)"\n')
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site", "uid": 4242, "gid": 4243}
        app_id = lab.ready_app([dict(module, pre_deploy=hook, post_deploy=hook)])
        if lab.cloud["isolation"] != "overlay":
            self.skipTest("the agent is not root")
        job = lab.deploy(app_id, {"site": "v1"})
        self.assertEqual(lab.log(job["_id"]).count("I am 4242:4243"), 2)
        (instance,) = lab.instances(app_id)
        status = lab.instance_file(instance, "/srv/site/page.html").stat()
        self.assertEqual((status.st_uid, status.st_gid), (4242, 4243))


if __name__ == "__main__":
    unittest.main()
