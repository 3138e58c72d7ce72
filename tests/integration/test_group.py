#!/usr/bin/env python3
"""Instances that a group launches: who may join, what becomes of those that fail, and of all when the controller dies meanwhile."""
import base64
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import b64, wait_for

HOLD = '#!/bin/sh\necho "at the gate"\nfor i in $(seq 600); do [ -e "$GHOST_ROOT_DIR/var/gate" ] && exit 0; sleep 0.1; done\nexit 9\n'


class Group(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"group.breaker": 2}))
        cls.repository = ghostlab.Repository(lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")

    def make_group(self, size=1, **fields):
        """An application with an image, a release and an empty group; returns its id and the group's name."""
        lab = self.lab
        name = self.id().rsplit(".", 1)[1].replace("_", "-")[:32]
        module = {"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site"}
        app_id = lab.create_app([module], name=name[-20:], autoscale={"name": lab.group(name), "min": 0, "max": 4}, **fields)
        lab.run(app_id, "buildimage")
        lab.deploy(app_id, {"site": "v1"})
        lab.run(app_id, "updateautoscaling")
        self.addCleanup(self.empty, name)
        if size:
            self.scale_to(name, size)
        return app_id, name

    def empty(self, name):
        if self.lab.boto("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]:
            self.scale_to(name, 0)

    def scale_to(self, name, count):
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=count)

    def states(self, name):
        return sorted(member["LifecycleState"] for member in self.lab.group_members(name))

    def in_service(self, name, count):
        wait_for(f"{count} in service", lambda: self.states(name) == ["InService"] * count, 90)

    def instance_log(self, instance):
        reply = self.lab.call("GET", f"/instances/{instance['instance_id']}/logs")
        return reply.body.decode() if reply.status == 200 else ""

    def page(self, instance):
        return self.lab.instance_file(instance, "/srv/site/page.html").read_text()

    def test_in_service_only_when_ready(self):
        app_id, name = self.make_group(2, lifecycle_hooks={"post_bootstrap": b64(HOLD)})
        wait_for("both at the gate", lambda: [self.instance_log(i).count("at the gate") for i in self.lab.instances(app_id)] == [1, 1], 90)
        self.assertEqual(self.states(name), ["Pending:Wait"] * 2)
        for instance in self.lab.instances(app_id):
            self.assertEqual((instance["state"], instance["purpose"]), ("bootstrapping", "group"))
        for instance in self.lab.instances(app_id):
            self.lab.instance_file(instance, "/var/gate").touch()
        self.in_service(name, 2)
        for instance in self.lab.instances(app_id):
            self.assertEqual((instance["state"], self.page(instance)), ("ready", "one\n"))
            self.assertIn("may take it into service", self.instance_log(instance))
        # It is an instance like others.
        self.lab.deploy(app_id, {"site": "v2"})
        self.assertEqual([self.page(i) for i in self.lab.instances(app_id)], ["two\n"] * 2)
        self.scale_to(name, 1)
        wait_for("one to be gone", lambda: len(self.lab.instances(app_id)) == 1, 60)

    def test_the_controller_is_killed_meanwhile(self):
        app_id, name = self.make_group(1, lifecycle_hooks={"pre_bootstrap": b64(HOLD)})
        wait_for("it at the gate", lambda: any("at the gate" in self.instance_log(i) for i in self.lab.instances(app_id)), 90)
        gates = [self.lab.instance_file(i, "/var/gate") for i in self.lab.instances(app_id)]
        self.lab.kill_controller()
        for gate in gates:
            gate.touch()
        self.lab.start_controller()
        self.in_service(name, 1)
        (instance,) = self.lab.instances(app_id)
        self.assertEqual((instance["state"], self.page(instance)), ("ready", "one\n"))
        self.assertEqual(self.instance_log(instance).count("at the gate"), 1)

    def test_a_group_that_fails_launches_no_more(self):
        app_id, name = self.make_group(0, lifecycle_hooks={"pre_bootstrap": b64("#!/bin/sh\necho no luck\nexit 3\n")})
        self.scale_to(name, 1)
        wait_for("the breaker to open", lambda: self.lab.suspended(name) == ["Launch"], 120)
        known = [i for i in self.lab.get("/instances?max_results=200")["_items"] if i["app_id"] == app_id]
        failed = [i for i in known if i.get("reason")]
        self.assertGreaterEqual(len(failed), 2)
        self.assertLessEqual(len(known), 3)  # the group may have begun another before it was told
        for instance in failed:
            self.assertIn("pre_bootstrap exited with code 3", instance["reason"])
            self.assertIn("no luck", self.instance_log(instance))
        self.assertIn("could not be bootstrapped", (self.lab.folder / "controller.log").read_text())
        (breaker,) = self.lab.get("/health")["breakers"]
        self.assertEqual((breaker["app_id"], breaker["group"]), (app_id, name))
        self.assertGreaterEqual(breaker["failures"], 2)
        self.assertIn("pre_bootstrap exited with code 3", breaker["reason"])
        wait_for("what failed to be gone", lambda: self.lab.group_members(name) == [], 60)

        self.lab.change_app(app_id, lifecycle_hooks={"pre_bootstrap": b64("#!/bin/sh\nexit 0\n")})
        self.lab.run(app_id, "updatelifecyclehooks")
        self.in_service(name, 1)
        self.assertEqual(self.lab.suspended(name), [])
        self.assertEqual(self.lab.get("/health")["breakers"], [])

    def test_a_changed_token_lets_in_only_what_has_the_new_one(self):
        app_id, name = self.make_group(1)
        self.in_service(name, 1)
        (first,) = self.lab.instances(app_id)
        reply = self.lab.call("POST", f"/apps/{app_id}/group_token")
        self.assertEqual((reply.status, reply.json["group"]), (200, name))
        self.scale_to(name, 2)
        log = self.lab.folder / "controller.log"
        wait_for("the former token to be refused", lambda: "join token: unknown, or changed since" in log.read_text(errors="replace"), 90)
        (late,) = {member["InstanceId"] for member in self.lab.group_members(name)} - {first["instance_id"]}
        self.assertEqual([i["instance_id"] for i in self.lab.instances(app_id)], [first["instance_id"]])

        self.lab.run(app_id, "updateautoscaling")
        self.lab.boto("autoscaling").terminate_instance_in_auto_scaling_group(InstanceId=late, ShouldDecrementDesiredCapacity=False)
        self.in_service(name, 2)
        ready = {i["instance_id"]: i["state"] for i in self.lab.instances(app_id)}
        self.assertEqual(set(ready.values()), {"ready"})
        self.assertIn(first["instance_id"], ready)  # it was never touched
        self.assertNotIn(late, ready)

    def test_a_group_that_is_deleted_takes_its_instances_along(self):
        app_id, name = self.make_group(2)
        self.in_service(name, 2)
        self.lab.boto("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        wait_for("its instances to be gone", lambda: self.lab.instances(app_id) == [], 120)

    def test_somebody_elses_instance_stays_out(self):
        """With the right token, read out of the launch template, but not of the group."""
        app_id, name = self.make_group(1)
        self.in_service(name, 1)
        ec2 = self.lab.boto("ec2")
        template = self.lab.describe_group(name)["LaunchTemplate"]
        data = ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"], Versions=[template["Version"]])
        user_data = data["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"]
        made = ec2.run_instances(ImageId=self.lab.cloud["base_image_id"], InstanceType="t3.micro", MinCount=1, MaxCount=1,
                                 UserData=base64.b64decode(user_data).decode(),
                                 TagSpecifications=[{"ResourceType": "instance", "Tags": [
                                     {"Key": key, "Value": value} for key, value in self.app_tags(app_id).items()]}])
        stranger = made["Instances"][0]["InstanceId"]
        log = self.lab.folder / "controller.log"
        wait_for("the stranger to be refused", lambda: f"{stranger} is in no Auto Scaling group" in log.read_text(errors="replace"), 60)
        self.assertEqual([i["instance_id"] for i in self.lab.instances(app_id) if i["instance_id"] == stranger], [])
        ec2.terminate_instances(InstanceIds=[stranger])

    def app_tags(self, app_id):
        app = self.lab.get(f"/apps/{app_id}")
        return {"app": app["name"], "env": app["env"], "role": app["role"], "app_id": app_id}


if __name__ == "__main__":
    unittest.main()
