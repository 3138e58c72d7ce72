#!/usr/bin/env python3
"""kill -9 of the controller at every call that changes something in AWS: before it is done, and after it is done but before the
controller hears of it. After the restart the end is the same as without a kill, and nothing is left over.

Which calls there are is not written here: each command runs once undisturbed, and what it was seen to call is what is swept."""
import unittest

import ghostlab
from awslab import AwsLab

SIDES = ("hold-before", "hold-after")


class Sweep(unittest.TestCase):
    """How a command is swept; what is swept is below."""

    def setUp(self):
        self.lab.clear_faults()

    def mutations(self, prepare, submit):
        """The calls of an undisturbed run, in order."""
        prepare()
        self.lab.forget_calls()
        job = self.lab.wait_job(submit(), 120)
        self.assertEqual(job["status"], "done", job["message"])
        return [(call["service"], call["action"]) for call in self.lab.mutations()]

    def killed_at(self, service, action, nth, side, prepare, submit):
        """Holds that call, kills the controller there, starts it again; the job as it ended."""
        lab = self.lab
        prepare()
        lab.fault(service=service, action=action, nth=nth, when=side)
        job_id = submit()
        ghostlab.wait_for(f"{action} to be held, or the job's end",
                          lambda: lab.held() or lab.job(job_id)["status"] in ghostlab.FINAL, 120)
        if lab.held():
            self.held += 1
            lab.kill_controller()
            # A call that was held before it was done is not done any more: its client has gone.
            ghostlab.wait_for("the held call to end", lambda: not lab.held())
            lab.clear_faults()
            lab.start_controller()
        lab.clear_faults()
        return lab.wait_job(job_id, 120)

    def sweep(self, name, submit, check, prepare=lambda: None, once=False):
        """prepare: makes what the command starts from. once: of several calls of one action only the first is held."""
        seen, points = {}, []
        for service, action in self.mutations(prepare, submit):
            seen[service, action] = seen.get((service, action), 0) + 1
            if seen[service, action] == 1 or not once:
                points.append((service, action, seen[service, action]))
        self.assertTrue(points, f"{name} changed nothing")
        check()
        self.held = 0
        for service, action, nth in points:
            for side in SIDES:
                with self.subTest(command=name, call=f"{action} {nth}", side=side):
                    job = self.killed_at(service, action, nth, side, prepare, submit)
                    self.assertEqual(job["status"], "done", f"{job['message']}\n{self.lab.log(job['_id'])[-2000:]}")
                    check()
                    self.lab.assert_nothing_left(self)
        print(f"{name}: killed at {self.held} of {len(points) * len(SIDES)} points: {', '.join(f'{a} {n}' for _, a, n in points)}")
        self.assertEqual(self.held, len(points) * len(SIDES))


class Standalone(Sweep):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h"}))
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.app_id = cls.lab.ready_app([{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}])

    def submit(self, command, options=()):
        return self.lab.submit(self.app_id, command, options=list(options))

    def test_buildimage(self):
        def images():
            return [i for i in self.lab.sandbox_state()["images"] if not i["public"] and i["state"] != "deregistered"]

        known = {}

        def prepare():
            known["before"] = {i["id"] for i in images()}

        def check():
            (made,) = {i["id"] for i in images()} - known["before"]  # one new image, neither none nor two
            self.assertEqual(self.lab.get(f"/apps/{self.app_id}")["ami"], made)
            self.assertIn(made, [i["id"] for i in images() if i["state"] == "available"])

        self.sweep("buildimage", lambda: self.submit("buildimage"), check, prepare)

    def test_createinstance(self):
        self.sweep("createinstance", lambda: self.submit("createinstance"),
                   lambda: self.assertEqual(len(self.lab.living(self.app_id)), 2), lambda: self.lab.settle(self.app_id, 1))

    def test_destroyinstance(self):
        self.sweep("destroyinstance", lambda: self.submit("destroyinstance", [self.lab.instances(self.app_id)[-1]["instance_id"]]),
                   lambda: self.assertEqual(len(self.lab.living(self.app_id)), 1), lambda: self.lab.settle(self.app_id, 2))

    def test_destroyallinstances(self):
        self.sweep("destroyallinstances", lambda: self.submit("destroyallinstances"),
                   lambda: self.assertEqual(self.lab.living(self.app_id), []), lambda: self.lab.settle(self.app_id, 2))

    def test_recreateinstances(self):
        """The same addresses, other instances."""
        known = {}

        def addresses():
            return {i["id"]: i["private_ip"] for i in self.lab.living(self.app_id)}

        def prepare():
            self.lab.settle(self.app_id, 2)
            known["before"] = addresses()

        def check():
            self.assertEqual(sorted(addresses().values()), sorted(known["before"].values()))
            self.assertFalse(set(addresses()) & set(known["before"]))

        self.sweep("recreateinstances", lambda: self.submit("recreateinstances"), check, prepare)


class Group(Sweep):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h"}))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (1, 2):
            cls.repository.commit({"page.html": f"{number}\n"}, f"number {number}", tag=f"v{number}")
        cls.group = lab.group("swept")
        cls.app_id = lab.create_app([{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}],
                                    autoscale={"name": cls.group, "min": 0, "max": 4})
        lab.run(cls.app_id, "buildimage")
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.run(cls.app_id, "updateautoscaling")
        lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=cls.group, DesiredCapacity=2)
        cls.changes = 0

    def setUp(self):
        super().setUp()
        self.in_service(2)

    def in_service(self, count):
        def look():
            states = [m["LifecycleState"] for m in self.lab.group_members(self.group)]
            return states == ["InService"] * count and [i["state"] for i in self.lab.instances(self.app_id)] == ["ready"] * count

        ghostlab.wait_for(f"{count} in service", look, 90)

    def check(self):
        self.in_service(2)
        self.assertEqual(self.lab.suspended(self.group), [])
        self.assertEqual(self.lab.group_sizes(self.group), (0, 2, 4))
        self.assertEqual(len(self.lab.living(self.app_id)), 2)

    def test_updateautoscaling(self):
        def prepare():
            type(self).changes += 1
            self.lab.change_app(self.app_id, environment_infos={"instance_tags": [{"tag_name": "number", "tag_value": str(self.changes)}]},
                                instance_type=("t3.small", "t3.micro")[self.changes % 2])

        def check():
            self.check()
            tags = {tag["Key"]: tag["Value"] for tag in self.lab.describe_group(self.group)["Tags"]}
            self.assertEqual((tags["number"], tags["team"]), (str(self.changes), "theirs"))

        self.sweep("updateautoscaling", lambda: self.lab.submit(self.app_id, "updateautoscaling"), check, prepare)

    def test_updatelifecyclehooks(self):
        def prepare():
            # What a version holds is known by its content: only another content makes a call.
            type(self).changes += 1
            self.lab.change_app(self.app_id, environment_infos={"root_block_device": {"size": 20 + self.changes}},
                                lifecycle_hooks={"post_bootstrap": ghostlab.b64(f"#!/bin/sh\necho {self.changes}\n")})

        self.sweep("updatelifecyclehooks", lambda: self.lab.submit(self.app_id, "updatelifecyclehooks"), self.check, prepare)

    def test_deploy_and_redeploy(self):
        def deploy():
            type(self).changes += 1
            return self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": f"v{self.changes % 2 + 1}"}])

        def redeploy():
            """Of the newest deployment of the other version than the one that is there."""
            there = {self.lab.page_of(i).strip() for i in self.lab.instances(self.app_id)}
            items = self.lab.get("/deployments?sort=-timestamp")["_items"]
            wanted = next(d for d in items if d["revision"].removeprefix("v") not in there)
            self.wanted_page = wanted["revision"].removeprefix("v") + "\n"
            return self.lab.submit(self.app_id, "redeploy", options=[wanted["_id"]])

        def check_redeploy():
            self.check()
            self.assertEqual({self.lab.page_of(i) for i in self.lab.instances(self.app_id)}, {self.wanted_page})

        def check_deploy():
            self.check()
            pages = {self.lab.page_of(i) for i in self.lab.instances(self.app_id)}
            self.assertEqual(pages, {f"{self.changes % 2 + 1}\n"})

        self.sweep("deploy", deploy, check_deploy)
        self.sweep("redeploy", redeploy, check_redeploy)

    def test_recreateinstances(self):
        known = {}

        def prepare():
            self.in_service(2)
            known["before"] = {m["InstanceId"] for m in self.lab.group_members(self.group)}

        def check():
            self.check()
            self.assertFalse(known["before"] & {m["InstanceId"] for m in self.lab.group_members(self.group)})

        self.sweep("recreateinstances of a group",
                   lambda: self.lab.submit(self.app_id, "recreateinstances", options=["1by1"]), check, prepare, once=True)

    def test_destroyinstance(self):
        def prepare():
            self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=3)
            self.in_service(3)

        self.sweep("destroyinstance of a group", lambda: self.lab.submit(
            self.app_id, "destroyinstance", options=[self.lab.instances(self.app_id)[0]["instance_id"]]), self.check, prepare)


if __name__ == "__main__":
    unittest.main()
