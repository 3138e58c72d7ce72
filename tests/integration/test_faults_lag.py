#!/usr/bin/env python3
"""AWS's answers are behind what is: new instances come and go, tags are late, states and health are old, lists are read in pages
that are empty, repeat or overlap. No decision may be wrong for it, nothing of the application's be missed, and nothing go on for ever."""
import time
import unittest

import ghostlab
from faultlab import FaultCase
from ghostlab import wait_for

# The page kinds that a list comes to its end with, and how many calls they spoil.
PAGES = {"empty-page": 3, "bad-token": 1, "moving": 2}
NEVER_ENDS = "names the same next page as an earlier one: the list would never end"
# A web server, kept running by the instance: what a target group finds healthy.
SERVER = r"""#!/bin/sh
set -e
folder=$GHOST_ROOT_DIR/etc/ghost-sandbox/services
mkdir -p $folder
cat > $folder/web <<'END'
#!/usr/bin/python3
import http.server, os, urllib.request
base = os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"].rstrip("/") + "/latest/"
token = urllib.request.urlopen(urllib.request.Request(base + "api/token", method="PUT",
    headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})).read().decode()
address = urllib.request.urlopen(urllib.request.Request(base + "meta-data/local-ipv4",
    headers={"X-aws-ec2-metadata-token": token})).read().decode()
http.server.ThreadingHTTPServer((address, 8080), http.server.SimpleHTTPRequestHandler).serve_forever()
END
chmod 755 $folder/web
"""


class Lag(FaultCase):
    # ---- what describes say of instances, images and targets ----

    def stale(self, action):
        """Every other answer, more or less, is an old one; the same ones each time."""
        self.lab.fault(action=action, when="stale", count=0, probability=0.5, seed=3)

    def test_an_instance_that_comes_and_goes(self):
        self.lab.fault(when="flapping", polls=15)
        self.create()
        self.lab.fault(when="flapping", polls=15)
        self.bake()

    def test_one_that_is_hidden_is_ended_all_the_same(self):
        """The job fails while EC2 does not show its instance: neither by its tags nor by its id."""
        self.lab.fault(when="invisible", polls=8)
        self.lab.fault(action="DescribeInstances", error="UnauthorizedOperation", status=403)
        job = self.lab.run(self.app_id, "createinstance", "failed")
        self.assertIn("DescribeInstances", job["message"])
        self.assertEqual(self.lab.living(self.app_id), [])
        self.lab.fault(when="flapping", polls=21)
        self.lab.fault(action="DescribeInstances", nth=2, error="UnauthorizedOperation", status=403)
        self.bake("failed")

    def test_late_tags(self):
        self.lab.fault(when="late-tags", count=0, polls=6)
        self.create()
        self.bake()

    def test_late_tags_hide_nothing_from_the_clean_up(self):
        self.lab.fault(when="late-tags", count=0, polls=200)
        self.lab.fault(action="DescribeInstances", error="UnauthorizedOperation", status=403)
        self.lab.run(self.app_id, "createinstance", "failed")
        self.assertEqual(self.lab.living(self.app_id), [])
        self.lab.fault(when="image-fails", error="Client.InternalError")
        self.bake("failed")

    def test_an_old_state_is_not_believed(self):
        """The image is made of an instance that has stopped, and used when it is there."""
        self.stale("DescribeInstances")
        self.stale("DescribeImages")
        self.lab.fault(action="CreateImage", when="hold-before")
        job_id = self.lab.submit(self.app_id, "buildimage")
        wait_for("CreateImage", self.lab.held, 90)
        builders = [i["state"] for i in self.lab.sandbox_instances() if i["state"] not in ("terminated", "shutting-down")]
        self.assertEqual(builders, ["stopped"])
        self.lab.release()
        job = self.lab.wait_job(job_id, 90)
        self.assertEqual(job["status"], "done", job["message"])
        (image,) = [i for i in self.own_images() if i["id"] == self.lab.get(f"/apps/{self.app_id}")["ami"]]
        self.assertEqual(image["state"], "available")
        self.lab.assert_nothing_left(self)
        self.create()

    def test_old_health_lets_no_batch_go_on(self):
        """Whenever an old instance is ended, as many as before are in truth in service beside it."""
        lab = self.lab
        (lab.features / "web.sh").write_text(SERVER)
        balancer = lab.load_balancer("lag", ghostlab.free_port(), 8080)
        group = lab.group("lag", target_groups=[balancer.target_group])
        app_id = lab.create_app([self.module], name="lag", features=[{"name": "web", "provisioner": "shell"}],
                                autoscale={"name": group, "min": 2, "max": 2})
        lab.run(app_id, "buildimage")
        lab.run(app_id, "updateautoscaling")
        wait_for("two instances in service", lambda: len(self.healthy(balancer)) == 2, 60)
        before = self.healthy(balancer)
        self.stale("DescribeTargetHealth")
        self.stale("DescribeInstances")
        lab.fault(action="TerminateInstanceInAutoScalingGroup", when="hold-before", count=2)
        job_id = lab.submit(app_id, "recreateinstances", options=["1by1"])
        for _ in range(2):
            wait_for("an old instance to be ended", lab.held, 90)
            self.assertGreaterEqual(len(self.healthy(balancer)), 3)
            lab.release()
            wait_for("the call to go on", lambda: not lab.held())
        job = lab.wait_job(job_id, 120)
        self.assertEqual(job["status"], "done", f"{job['message']}\n{lab.log(job_id)[-2000:]}")
        lab.clear_faults()
        wait_for("two others in service", lambda: len(self.healthy(balancer)) == 2, 60)
        self.assertFalse(self.healthy(balancer) & before)
        self.assertEqual(lab.suspended(group), [])
        self.assertEqual(lab.group_sizes(group), (2, 2, 2))
        lab.change_app(app_id, autoscale={"name": group, "min": 0, "max": 2})
        lab.boto("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)
        wait_for("the group's instances to be gone", lambda: not lab.living(app_id), 60)
        lab.assert_nothing_left(self)

    def healthy(self, balancer):
        """In truth, whatever describes say."""
        (group,) = [g for g in self.lab.sandbox_state()["load_balancing"]["target_groups"] if g["arn"] == balancer.target_group]
        return {m["id"] for m in group["members"].values() if m["health"] == "healthy" and not m["drained_at"]}

    # ---- lists ----

    def test_all_of_the_applications_instances_are_found(self):
        for kind, count in PAGES.items():
            with self.subTest(kind):
                self.lab.clear_faults()
                for _ in range(2):
                    self.lab.run(self.app_id, "createinstance")
                self.lab.fault(action="DescribeInstances", when=kind, count=count)
                self.lab.fault(action="DescribeAutoScalingInstances", when=kind, count=count)
                self.lab.run(self.app_id, "destroyallinstances")
                self.assertEqual(self.lab.living(self.app_id), [])
                self.lab.assert_nothing_left(self)

    def test_a_bake_reads_its_lists_to_the_end(self):
        for kind, count in PAGES.items():
            with self.subTest(kind):
                self.lab.clear_faults()
                for action in ("DescribeInstances", "DescribeImages", "DescribeSnapshots", "DescribeLaunchTemplateVersions",
                               "DescribeAutoScalingGroups"):
                    self.lab.fault(action=action, when=kind, count=count)
                    self.lab.fault(action=action, when=kind, nth=count + 4, count=count)
                self.bake()
                self.assertEqual(len(self.own_images()), self.images + 1)
                self.images += 1

    def test_pages_that_never_end_fail_the_job(self):
        self.lab.run(self.app_id, "createinstance")
        self.lab.fault(action="DescribeInstances", when="repeat-token", count=0)
        begun = time.monotonic()
        job = self.lab.run(self.app_id, "destroyallinstances", "failed")
        self.assertLess(time.monotonic() - begun, 20)
        self.assertIn(NEVER_ENDS, job["message"])
        self.assertIn("DescribeInstances", job["message"])
        self.assertEqual([i["state"] for i in self.lab.living(self.app_id)], ["running"])
        self.lab.clear_faults()
        self.lab.fault(action="DescribeInstances", when="bad-token", count=0)
        job = self.lab.run(self.app_id, "destroyallinstances", "failed")
        self.assertIn("InvalidNextToken", job["message"])
        self.lab.clear_faults()
        self.lab.run(self.app_id, "destroyallinstances")
        self.assertEqual(self.lab.living(self.app_id), [])
        self.lab.assert_nothing_left(self)

    # ---- the janitor, which begins with a round ----

    def orphans(self, count):
        tags = [{"Key": "ghost:purpose", "Value": "bake"}, {"Key": "ghost:job", "Value": "0" * 24},
                {"Key": "ghost:deadline", "Value": str(int(time.time()) - 60)}]
        made = [self.lab.boto("ec2").run_instances(
            ImageId=self.lab.cloud["base_image_id"], InstanceType="t3.micro", MinCount=1, MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}]) for _ in range(count)]
        return [i["InstanceId"] for one in made for i in one["Instances"]]

    def living(self, ids):
        return [i["id"] for i in self.lab.sandbox_instances() if i["id"] in ids and i["state"] in ("pending", "running")]

    def test_the_janitor_misses_nothing(self):
        for kind, count in PAGES.items():
            with self.subTest(kind):
                self.lab.clear_faults()
                orphans = self.orphans(3)
                self.lab.fault(action="DescribeInstances", when=kind, count=count)
                self.lab.restart_controller()
                wait_for("the orphans to be ended", lambda: not self.living(orphans), 30)
                self.lab.assert_nothing_left(self)

    def test_the_janitor_says_what_it_cannot_read(self):
        orphans = self.orphans(2)
        self.lab.fault(action="DescribeInstances", when="repeat-token", count=0)
        self.lab.restart_controller()
        wait_for("the trouble in the log", lambda: f"janitor: eu-west-1: DescribeInstances: page 2 {NEVER_ENDS}"
                 in (self.lab.folder / "controller.log").read_text(), 30)
        self.assertEqual(len(self.living(orphans)), 2)
        self.lab.clear_faults()
        self.lab.restart_controller()
        wait_for("the orphans to be ended", lambda: not self.living(orphans), 30)
        self.lab.assert_nothing_left(self)


if __name__ == "__main__":
    unittest.main()
