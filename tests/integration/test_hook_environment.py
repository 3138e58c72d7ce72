#!/usr/bin/env python3
"""What every hook finds in its environment, wherever it runs; and the name that an instance gets."""
import re
import unittest

import ghostlab
from ghostlab import b64

# A line for the log, so that what an image holds no more can be read too.
ENV = "#!/bin/sh\nenv | grep -E '^(GHOST_|MINE)' | sed 's/^/env of {0}: /'\n"
APP = {"GHOST_APP": "shop", "GHOST_ENV": "dev", "GHOST_ROLE": "webfront", "GHOST_ENV_COLOR": "", "GHOST_ACTIVE_COLOR": "", "MINE": "a b"}


class HookEnvironment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(ghostlab.Lab())
        repository = ghostlab.Repository(lab.folder / "site")
        cls.commit = repository.commit({"page.html": "one\n"}, 'says "so" for $HOME', tag="v1")
        cls.url = repository.url
        hooks = {name: b64(ENV.format(name)) for name in ("build_pack", "pre_deploy", "post_deploy", "after_all_deploy")}
        module = {"name": "site", "git_repo": cls.url, "scope": "code", "path": "/srv/site", **hooks}
        lifecycle = {name: b64(ENV.format(name)) for name in ("pre_buildimage", "post_buildimage", "pre_bootstrap", "post_bootstrap")}
        cls.app_id = lab.create_app([module], lifecycle_hooks=lifecycle, env_vars=[{"var_key": "MINE", "var_value": "a b"}])
        cls.logs = {}
        cls.logs["buildimage"] = lab.log(lab.run(cls.app_id, "buildimage")["_id"])
        cls.logs["createinstance"] = lab.log(lab.run(cls.app_id, "createinstance")["_id"])
        cls.logs["deploy"] = lab.log(lab.deploy(cls.app_id, {"site": "v1"}, options=["serial"])["_id"])

    def env(self, log, hook):
        found = dict(re.findall(rf"env of {hook}: (\w+)=(.*)", log))
        self.assertTrue(found, f"{hook} said nothing:\n{log}")
        return found

    def assert_env(self, log, hook, **more):
        found = self.env(log, hook)
        self.assertEqual({name: found.get(name) for name in APP | more}, APP | more, hook)

    def module(self, **more):
        return {"GHOST_MODULE_NAME": "site", "GHOST_MODULE_PATH": "/srv/site", "GHOST_MODULE_REPO": self.url, "GHOST_MODULE_USER": "admin", **more}

    def test_of_images_and_boots(self):
        for hook in ("pre_buildimage", "post_buildimage"):
            self.assert_env(self.logs["buildimage"], hook)
        for hook in ("pre_bootstrap", "post_bootstrap"):
            self.assert_env(self.logs["createinstance"], hook)

    def test_of_modules(self):
        """Also what the repository says of itself: as it is, and never as shell."""
        release = self.module(GHOST_MODULE_REV="v1", GHOST_MODULE_COMMIT_MESSAGE='says "so" for $HOME')
        for hook in ("build_pack", "pre_deploy", "post_deploy", "after_all_deploy"):
            self.assert_env(self.logs["deploy"], hook, **release)
            short = self.env(self.logs["deploy"], hook)["GHOST_MODULE_COMMIT"]
            self.assertTrue(short and self.commit.startswith(short), hook)

    def test_of_scripts(self):
        script = b64(ENV.format("script"))
        job = self.lab.run(self.app_id, "executescript", options=[script, "", "serial"])
        self.assert_env(self.lab.log(job["_id"]), "script", GHOST_MODULE_USER="admin")
        job = self.lab.run(self.app_id, "executescript", options=[script, "site", "serial"])
        self.assert_env(self.lab.log(job["_id"]), "script", **self.module())

    def test_the_instance_has_a_name(self):
        (instance,) = self.lab.instances(self.app_id)
        name = f"ec2-dev-webfront-shop-{instance['private_ip'].replace('.', '-')}"
        self.assertEqual(self.lab.instance_file(instance, "/etc/hostname").read_text(), f"{name}\n")
        self.assertIn(f"{instance['private_ip']} {name}\n", self.lab.instance_file(instance, "/etc/hosts").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
