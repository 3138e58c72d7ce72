#!/usr/bin/env python3
"""Each answer of a call that changes something is lost once: done, and not heard of. It is sent again or looked up, and nothing is done
twice. Which calls those are is read from an undisturbed run."""
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import wait_for
from site_server import PORT, SERVER
from truth import assert_truth

LISTENER = 8483
NOT_OURS = ("CompleteLifecycleAction",)  # its second call is refused, and the next look shows how the instance stands


class Lost(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"aws.janitor_interval": "1h"}))
        (lab.features / "site-server.sh").write_text(SERVER)
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in (1, 2, 3):
            cls.repository.commit({"page.html": f"version {number}\n"}, f"version {number}", tag=f"v{number}")
        cls.balancer = lab.load_balancer("lost", LISTENER, PORT)
        cls.group = lab.group("lost", target_groups=[cls.balancer.target_group])
        cls.app_id = lab.create_app(
            [{"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}], name="lost",
            features=[{"name": "site-server", "provisioner": "shell"}], autoscale={"name": cls.group, "min": 0, "max": 4},
            **{"safe-deployment": {"load_balancer_type": "alb", "wait_before_deploy": 0, "wait_after_deploy": 0}})
        lab.run(cls.app_id, "buildimage")
        lab.run(cls.app_id, "createinstance")
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.run(cls.app_id, "destroyallinstances")
        cls.types = ["t3.small", "t3.micro"] * 2
        lab.remember_suspended()

    def setUp(self):
        self.lab.clear_faults()
        self.addCleanup(self.lab.clear_faults)

    def in_service(self, count):
        def look():
            members = self.lab.group_members(self.group)
            return (len(members) == count and all(m["LifecycleState"] == "InService" for m in members)
                    and {m["InstanceId"] for m in members} == self.lab.healthy_targets(self.balancer.target_group))
        wait_for(f"{count} instances in service and healthy", look, 90)

    def twice(self, run, name):
        """Undisturbed, and then with every answer lost once; what is called the second time."""
        self.lab.forget_calls()
        run()
        wanted = sorted({(c["service"], c["action"]) for c in self.lab.mutations() if c["action"] not in NOT_OURS})
        self.assertTrue(wanted, name)
        self.lab.forget_calls()
        for service, action in wanted:
            self.lab.fault(service=service, action=action, when="reset")
        run()
        called = {(c["service"], c["action"]) for c in self.lab.mutations()}  # a second run may have less to do
        lost = sorted({(c["service"], c["action"]) for c in self.lab.calls() if c["fault"] == "reset"})
        self.assertEqual(lost, sorted(called & set(wanted)))
        self.assertTrue(lost, name)
        self.lab.clear_faults()
        self.lab.assert_nothing_left(self)
        assert_truth(self, self.lab, self.app_id)
        print(f"{name}: lost {', '.join(action for _, action in lost)}")

    def versions(self):
        return self.lab.boto("ec2").describe_launch_template_versions(LaunchTemplateName=f"ghost-{self.app_id}")["LaunchTemplateVersions"]

    def test_1_the_first_update_of_a_group(self):
        group = self.lab.group("newcomer")
        app_id = self.lab.create_app([{"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site"}], name="newcomer")
        self.lab.run(app_id, "buildimage")
        self.lab.change_app(app_id, autoscale={"name": group, "min": 0, "max": 2})
        wanted = {"CreateLaunchTemplate", "UpdateAutoScalingGroup", "PutLifecycleHook", "CreateOrUpdateTags"}
        for action in wanted:
            self.lab.fault(action=action, when="reset")
        self.lab.forget_calls()
        self.lab.run(app_id, "updateautoscaling")
        self.assertEqual({c["action"] for c in self.lab.calls() if c["fault"] == "reset"}, wanted)
        self.assertEqual(len(self.lab.boto("ec2").describe_launch_template_versions(
            LaunchTemplateName=f"ghost-{app_id}")["LaunchTemplateVersions"]), 1)
        self.lab.assert_nothing_left(self)

    def test_2_updateautoscaling(self):
        def run():
            before = len(self.versions())
            self.lab.change_app(self.app_id, instance_type=self.types.pop(), environment_infos={
                "root_block_device": {"size": 20 + len(self.types)}})
            self.lab.run(self.app_id, "updateautoscaling")
            self.assertEqual(len(self.versions()), before + 1)
        self.twice(run, "updateautoscaling")

    def test_3_members(self):
        self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=2)
        self.in_service(2)
        revisions = ["v3", "v2"]

        def deploy():
            self.lab.deploy(self.app_id, {"site": revisions.pop()}, options=["serial"])
            self.in_service(2)

        def recreate():
            before = {m["InstanceId"] for m in self.lab.group_members(self.group)}
            self.lab.run(self.app_id, "recreateinstances", options=["1by1"], seconds=120)
            self.in_service(2)
            self.assertFalse(before & {m["InstanceId"] for m in self.lab.group_members(self.group)})
            self.assertEqual(self.lab.group_sizes(self.group), (0, 2, 4))

        def destroy():
            self.lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=3)
            self.in_service(3)
            wait_for("Ghost to know them", lambda: [i["state"] for i in self.lab.instances(self.app_id)] == ["ready"] * 3)
            self.lab.forget_calls()
            self.lab.run(self.app_id, "destroyinstance", options=[self.lab.instances(self.app_id)[0]["instance_id"]])
            self.in_service(2)

        self.twice(deploy, "deploy")
        self.twice(destroy, "destroyinstance")
        self.twice(recreate, "recreateinstances")


if __name__ == "__main__":
    unittest.main()
