#!/usr/bin/env python3
"""An application whose instances live in another account, reached by a role: all of its life, and nothing of it at home."""
import unittest

import ghostlab
from awslab import LIVING, AwsLab
from ghostlab import wait_for

ACCOUNT = "210987654321"


class OtherAccount(unittest.TestCase):
    def test_a_life_in_another_account(self):
        lab = self.enterContext(AwsLab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        repository.commit({"page.html": "two\n"}, "second", tag="v2")
        theirs = lab.account(ACCOUNT, "deployer", external_id="between-us")
        app_id = lab.create_app(
            [{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}],
            vpc_id=theirs["vpc_id"],
            build_infos={"ssh_username": "admin", "source_ami": theirs["base_image_id"], "subnet_id": theirs["subnet_ids"][0]},
            environment_infos={"subnet_ids": [theirs["subnet_ids"][0]], "security_groups": [theirs["security_group_id"]]},
            assumed_account_id=ACCOUNT,
            assumed_role_name="deployer",
        )

        refused = lab.run(app_id, "buildimage", expect="failed")
        self.assertIn("AssumeRole", refused["message"])
        lab.change_app(app_id, assumed_external_id="between-us")
        lab.run(app_id, "buildimage")
        lab.run(app_id, "createinstance")
        lab.deploy(app_id, {"site": "v1"})
        lab.deploy(app_id, {"site": "v2"})
        (instance,) = lab.instances(app_id)
        self.assertEqual(instance["state"], "ready")
        (there,) = [i for i in lab.account_instances(ACCOUNT) if i["state"] == "running"]
        self.assertEqual(there["id"], instance["instance_id"])
        self.assertEqual({m["module"]: m["revision"] for m in instance["modules"]}, {"site": "v2"})

        # Its keys end in the middle of the day, and are asked for again.
        lab.ask_sandbox("POST", "end-sessions", {})
        lab.run(app_id, "recreateinstances")
        (instance,) = lab.instances(app_id)
        self.assertNotEqual(instance["instance_id"], there["id"])

        lab.run(app_id, "destroyallinstances")
        wait_for("nothing to live there", lambda: not [i for i in lab.account_instances(ACCOUNT) if i["state"] in LIVING])
        self.assertEqual(lab.sandbox_instances(), [])
        self.assertEqual([i["id"] for i in lab.sandbox_state()["images"] if not i["public"]], [])


if __name__ == "__main__":
    unittest.main()
