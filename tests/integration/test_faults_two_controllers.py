#!/usr/bin/env python3
"""Two controllers work in one account, each with its own applications, data and janitor: neither takes anything of the other's."""
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import b64, wait_for
from truth import assert_truth


class SecondLab(AwsLab):
    """Another controller on the cloud of a first one."""

    def __init__(self, first, settings):
        super().__init__(settings)
        self.first = first

    def start_sandbox(self):
        self.endpoint, self.cloud = self.first.endpoint, self.first.cloud


class TwoControllers(unittest.TestCase):
    SETTINGS = {"aws.janitor_interval": "100ms"}

    @classmethod
    def setUpClass(cls):
        first = cls.enterClassContext(AwsLab(cls.SETTINGS))
        cls.labs = [first, cls.enterClassContext(SecondLab(first, cls.SETTINGS))]
        cls.repository = ghostlab.Repository(first.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")
        module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        # By its name, tags and place the same application.
        cls.app_ids = [lab.ready_app([module]) for lab in cls.labs]
        for lab, app_id in zip(cls.labs, cls.app_ids):
            lab.deploy(app_id, {"site": "v1"})

    def setUp(self):
        self.labs[0].clear_faults()

    def janitor(self, number):
        return self.labs[number].get("/health")["janitor"]

    def rounds(self, number):
        """Whole rounds of its janitor, ten a second, that find no trouble and nothing to remove."""
        for _ in range(2):
            before = self.janitor(number)["last_round"]
            wait_for("the janitor to look", lambda: self.janitor(number)["last_round"] != before)
        now = self.janitor(number)
        self.assertEqual((now["removed"], now["left"], now.get("trouble")), (0, 0, None))

    def assert_whole(self):
        """Each has its one instance, and knows none of the other's."""
        for lab, app_id, other in zip(self.labs, self.app_ids, reversed(self.app_ids)):
            living = [i["id"] for i in lab.living(app_id)]
            known = {i["instance_id"] for i in lab.get("/instances?max_results=200")["_items"]}
            self.assertEqual((len(living), len(known & set(living))), (1, 1))
            self.assertFalse(known & {i["id"] for i in lab.living(other)})
            assert_truth(self, lab, app_id, count=1)
        self.labs[0].assert_nothing_left(self)

    def test_a_bake_of_the_other(self):
        """Also when the one that bakes is dead meanwhile."""
        lab, app_id = self.labs[0], self.app_ids[0]
        lab.fault(action="CreateImage", when="hold-after")
        job_id = lab.submit(app_id, "buildimage")
        wait_for("the image to be made", lab.held, 60)
        builders = [i["id"] for i in lab.sandbox_instances() if lab.sandbox_state()["tags"].get(i["id"], {}).get("ghost:job") == job_id]
        self.assertEqual(len(builders), 1)
        self.rounds(1)
        lab.kill_controller()
        lab.release()
        self.rounds(1)
        lab.start_controller()
        job = lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{lab.log(job_id)}")
        (image,) = [i for i in lab.sandbox_state()["images"] if i["id"] == lab.get(f"/apps/{app_id}")["ami"]]
        self.assertEqual(image["state"], "available")
        self.rounds(1)
        self.assert_whole()

    def test_instances_of_the_other(self):
        """One that is launched, and all that there are of an application of the same name."""
        lab, app_id = self.labs[0], self.app_ids[0]
        lab.fault(action="RunInstances", when="hold-after")
        job_id = lab.submit(app_id, "createinstance")
        wait_for("the launch", lab.held, 60)
        self.rounds(1)
        lab.release()
        self.assertEqual(lab.wait_job(job_id)["status"], "done", lab.log(job_id))
        theirs = [i["id"] for i in self.labs[1].living(self.app_ids[1])]
        lab.run(app_id, "destroyallinstances")
        self.assertEqual([i["id"] for i in self.labs[1].living(self.app_ids[1])], theirs)
        lab.run(app_id, "createinstance")
        self.assert_whole()

    @staticmethod
    def hooks(lab, app_id, script):
        lab.change_app(app_id, lifecycle_hooks={"pre_bootstrap": script})
        lab.run(app_id, "updatelifecyclehooks")  # from now on new instances get it

    def test_a_job_of_the_other_that_fails(self):
        """What it left is its own controller's to end."""
        lab, app_id = self.labs[0], self.app_ids[0]
        self.hooks(lab, app_id, b64("#!/bin/sh\nexit 3\n"))
        try:
            lab.fault(action="TerminateInstances", error="UnauthorizedOperation", status=403, count=0)
            job = lab.run(app_id, "createinstance", "failed")
            left = [i["id"] for i in lab.living(app_id) if lab.sandbox_state()["tags"][i["id"]].get("ghost:job") == job["_id"]]
            self.assertEqual(len(left), 1)
            self.rounds(1)
            self.assertEqual([i["id"] for i in lab.living(app_id) if i["id"] in left], left)
        finally:
            lab.clear_faults()
            self.hooks(lab, app_id, "")
        wait_for("its own janitor to end it", lambda: not [i for i in lab.living(app_id) if i["id"] in left], 30)
        self.assert_whole()

    def test_deploys_of_both_at_once(self):
        jobs = [lab.submit(app_id, "deploy", modules=[{"name": "site", "rev": "v2"}]) for lab, app_id in zip(self.labs, self.app_ids)]
        for lab, job_id in zip(self.labs, jobs):
            self.assertEqual(lab.wait_job(job_id)["status"], "done", lab.log(job_id))
        pages = [lab.page_of({"instance_id": i["id"]}) for lab, app_id in zip(self.labs, self.app_ids) for i in lab.living(app_id)]
        self.assertEqual(pages, ["two\n"] * 2)
        self.assert_whole()


if __name__ == "__main__":
    unittest.main()
