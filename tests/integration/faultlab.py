"""A lab for what AWS does to those who believe it: an application with an image, and commands that must leave nothing behind."""
import unittest

import ghostlab
from awslab import AwsLab


class FaultCase(unittest.TestCase):
    SETTINGS = {"aws.janitor_interval": "1h"}  # what goes, the job itself has removed

    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab(cls.SETTINGS))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        cls.app_id = lab.create_app([cls.module], environment_infos={
            "subnet_ids": lab.cloud["subnet_ids"][:2], "security_groups": [lab.cloud["security_group_id"]]})
        lab.run(cls.app_id, "buildimage")

    def setUp(self):
        self.lab.clear_faults()
        self.addCleanup(self.lab.clear_faults)
        self.images = len(self.own_images())
        self.lab.remember_suspended()

    def own_images(self):
        return [i for i in self.lab.sandbox_state()["images"] if not i["public"] and i["state"] != "deregistered"]

    def bake(self, expect="done"):
        job = self.lab.run(self.app_id, "buildimage", expect, seconds=120)
        self.lab.assert_nothing_left(self)
        if expect != "done":
            self.assertEqual(len(self.own_images()), self.images)
        return job

    def create(self, expect="done"):
        job = self.lab.run(self.app_id, "createinstance", expect, seconds=120)
        self.lab.run(self.app_id, "destroyallinstances")
        self.assertEqual(self.lab.living(self.app_id), [])
        self.lab.assert_nothing_left(self)
        return job
