#!/usr/bin/env python3
"""Building images, end to end: features of every provisioner, where the source comes from, which images stay.

apt-get and salt-call of the instances are stand-ins that say what they were asked; test_package_features.py and
test_salt_features.py have the real ones. ansible-playbook is the real one where this machine has it.
"""
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import ghostlab
from featurecase import FeatureCase

SALT_CALL = """#!/bin/sh
# Stands in for Salt: shows what it was given, and does nothing of it.
echo "salt-call $*"
for file in /srv/salt/top.sls /srv/pillar/top.sls /srv/pillar/features.sls; do echo "== $file"; cat "$file"; done
"""
APT_GET = """#!/bin/sh
echo "apt-get $*" >> /var/lib/apt-get.calls
"""
# Holds the bake until its gate is opened, in the instance itself.
HOLD = """#!/bin/sh
echo "at the gate"
for i in $(seq 600); do [ -e /var/gate ] && exit 0; sleep 0.1; done
exit 9
"""
NGINX = """#!/bin/sh
set -eu
echo "$GHOST_FEATURE_NAME $GHOST_FEATURE_VERSION port $GHOST_FEATURE_PORT of $GHOST_APP" > /etc/nginx.feature
"""


class Features(FeatureCase):
    """One image with features of all kinds."""

    def test_shell_features_come_from_a_git_repository_and_packages_from_the_distribution(self):
        shell = self.repository("shell", {"nginx.sh": NGINX})
        lab = self.lab_with({"features.shell.repository": shell.url})
        # The stand-in is a feature too, of the controller's own folder.
        (lab.features / "stand-in.sh").write_text(
            f"#!/bin/sh\nset -eu\ncat > /usr/local/sbin/apt-get <<'END'\n{APT_GET}END\nchmod +x /usr/local/sbin/apt-get\n")
        log, instance = self.bake(lab, [
            {"name": "stand-in", "provisioner": "shell"},
            {"name": "nginx", "version": "1.2", "provisioner": "shell", "parameters": {"port": 80}},
            {"name": "redis-server", "version": "5:7.0.15-1", "provisioner": "package"},
            {"name": "htop", "provisioner": "package"},
        ])
        self.assertIn(f"Features of shell: {shell.url} at ", log)
        self.assertEqual(lab.instance_file(instance, "/etc/nginx.feature").read_text(), "nginx 1.2 port 80 of shop\n")
        calls = lab.instance_file(instance, "/var/lib/apt-get.calls").read_text()
        self.assertIn("install redis-server=5:7.0.15-1\n", calls)
        self.assertIn("install htop\n", calls)

    def test_a_role_is_run_on_the_builder_by_ansible(self):
        if not shutil.which("ansible-playbook"):
            self.skipTest("ansible-core is not installed on this machine")
        play = [{"hosts": "all", "tasks": [{"copy": {"dest": "/etc/base.feature", "content": "base\n"}}]}]
        task = [{"copy": {"dest": "/etc/motd.feature", "content": "{{ greeting }} {{ inventory_hostname }}\n"}}]
        roles = self.repository("ansible", {
            "base.yml": json.dumps(play), "roles/motd/tasks/main.yml": json.dumps(task),
            "roles/motd/files/large": os.urandom(5 << 20)})
        lab = self.lab_with({"features.ansible.repository": roles.url, "features.ansible.playbook": "base.yml"})
        log, instance = self.bake(lab, [
            {"name": "motd", "provisioner": "ansible", "parameters": {"greeting": "hello"}}])
        self.assertIn("Ghost application features", log)
        self.assertEqual(lab.instance_file(instance, "/etc/base.feature").read_text(), "base\n")
        self.assertEqual(lab.instance_file(instance, "/etc/motd.feature").read_text(), "hello localhost\n")
        self.assertEqual(list(lab.instance_file(instance, "/var/tmp").glob("ghost-features*")), [])

    def test_salt_gets_its_files_and_leaves_none(self):
        formulas = self.repository("salt", {"salt/git/init.sls": "", "salt/common.sls": ""})
        lab = self.lab_with({"features.salt.repository": formulas.url})
        (lab.features / "stand-in.sh").write_text(
            f"#!/bin/sh\nset -eu\ncat > /usr/local/bin/salt-call <<'END'\n{SALT_CALL}END\nchmod +x /usr/local/bin/salt-call\n")
        log, instance = self.bake(lab, [
            {"name": "stand-in", "provisioner": "shell"}, {"name": "git", "version": "user=me"}])
        self.assertIn("salt-call --local --retcode-passthrough --log-level=info", log)
        self.assertIn("- common", log)
        self.assertIn("- git", log)
        self.assertIn("- me", log)
        self.assertFalse(lab.instance_file(instance, "/srv/salt").exists())
        self.assertFalse(lab.instance_file(instance, "/srv/pillar").exists())

    def test_a_provisioner_that_is_not_set_up_is_refused(self):
        lab = self.lab_with({})
        app_id = lab.create_app([])
        etag = lab.get(f"/apps/{app_id}")["_etag"]
        reply = lab.call("PATCH", f"/apps/{app_id}", {"features": [{"name": "git", "provisioner": "salt"}]},
                         {"If-Match": etag})
        self.assertEqual(reply.status, 422)
        self.assertIn('Provisioner \\"salt\\" set for feature \\"git\\" is not available or not compatible.',
                      reply.body.decode())


class Interrupted(unittest.TestCase):
    """The builder waits at a gate, and something happens."""

    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-features-")))
        self.repository = ghostlab.Repository(folder / "shell")
        self.repository.commit({"hold.sh": HOLD, "mark.sh": "#!/bin/sh\necho first > /etc/mark\n"}, "first")
        self.lab = self.enterContext(ghostlab.Lab(settings={"features.shell.repository": self.repository.url}))
        if self.lab.cloud["isolation"] != "overlay":
            self.skipTest("needs instances with a root of their own")

    def begin(self, **infos):
        lab = self.lab
        base = {"ssh_username": "admin", "subnet_id": lab.cloud["subnet_ids"][0], "source_ami": lab.cloud["base_image_id"]}
        features = [{"name": "hold", "provisioner": "shell"}, {"name": "mark", "provisioner": "shell"}]
        app_id = lab.create_app([], features=features, build_infos={**base, **infos})
        job_id = lab.submit(app_id, "buildimage")
        lab.wait_log(job_id, "at the gate")
        return app_id, job_id

    def builders(self):
        return [i for i in self.lab.sandbox_instances() if i["state"] in ("pending", "running")]

    def open_gate(self):
        (builder,) = self.builders()
        (pathlib.Path(builder["root"]) / "var/gate").touch()

    def assert_nothing_is_left(self):
        state = self.lab.sandbox_state()
        self.assertEqual([i["id"] for i in state["instances"] if i["state"] != "terminated"], [])
        self.assertEqual(list(state["volumes"]), [])

    def test_a_killed_controller_goes_on_with_the_features_it_began_with(self):
        lab = self.lab
        app_id, job_id = self.begin()
        lab.kill_controller()
        self.repository.commit({"mark.sh": "#!/bin/sh\necho second > /etc/mark\n"}, "second")
        self.open_gate()
        lab.start_controller()
        job = lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", job["message"])
        self.assert_nothing_is_left()
        lab.run(app_id, "createinstance")
        (instance,) = lab.instances(app_id)
        self.assertEqual(lab.instance_file(instance, "/etc/mark").read_text(), "first\n")

    def test_a_cancelled_bake_leaves_nothing(self):
        lab = self.lab
        images = {image["id"] for image in lab.sandbox_state()["images"]}
        _, job_id = self.begin()
        reply = lab.call("DELETE", f"/jobs/{job_id}/enqueueings")
        self.assertLess(reply.status, 300, reply.body)
        self.assertEqual(lab.wait_job(job_id)["status"], "cancelled")
        self.assert_nothing_is_left()
        self.assertEqual({image["id"] for image in lab.sandbox_state()["images"]}, images)


class Images(unittest.TestCase):
    def setUp(self):
        self.lab = self.enterContext(ghostlab.Lab(settings={"image.retention": "1"}))

    def images(self):
        return {image["id"] for image in self.lab.sandbox_state()["images"] if image["state"] == "available"}

    def build_from(self, **source):
        infos = {"ssh_username": "admin", "subnet_id": self.lab.cloud["subnet_ids"][0], **source}
        return self.lab.create_app([], build_infos=infos)

    def test_images_in_use_stay_and_others_go(self):
        lab = self.lab
        app_id = lab.create_app([])
        base = self.images()
        built = []
        for number in range(4):
            lab.run(app_id, "buildimage")
            built.append(lab.get(f"/apps/{app_id}")["ami"])
            if number == 0:
                lab.run(app_id, "createinstance")
        # The first one runs, the last one is the newest; those between are gone, with their snapshots.
        self.assertEqual(self.images() - base, {built[0], built[3]})
        state = lab.sandbox_state()
        kept = {snapshot for image in state["images"] if image["id"] in self.images() for snapshot in image["snapshots"].values()}
        self.assertEqual({snapshot["id"] for snapshot in state["snapshots"]}, kept)

    def test_the_source_is_found_by_name(self):
        lab = self.lab
        app_id = self.build_from(source_ami_filter={"owner": "136693071363", "name": "debian-12-*"})
        job = lab.run(app_id, "buildimage")
        self.assertIn(f"Source image {lab.cloud['base_image_id']} (debian-12-ghost-agent)", lab.log(job["_id"]))

    def test_the_source_is_named_by_a_parameter(self):
        lab = self.lab
        app_id = self.build_from(source_ami_parameter="/aws/service/debian/release/12/latest/amd64")
        job = lab.run(app_id, "buildimage")
        self.assertIn(f"Source image {lab.cloud['base_image_id']} ", lab.log(job["_id"]))

    def test_a_source_that_is_nowhere_fails_before_anything_is_launched(self):
        app_id = self.build_from(source_ami_filter={"name": "no-such-*"})
        job = self.lab.run(app_id, "buildimage", expect="failed")
        self.assertIn("no available image of 'self' is named 'no-such-*'", job["message"])
        self.assertEqual([i for i in self.lab.sandbox_instances() if i["state"] != "terminated"], [])


if __name__ == "__main__":
    unittest.main()
