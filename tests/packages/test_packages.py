#!/usr/bin/env python3
"""The Debian packages in a clean Debian: built, judged by lintian, installed, a deploy with what they installed, upgraded
over the live database, downgraded to one that refuses it, removed, purged with and without the data."""
import base64
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import unittest

import built_packages
import clean_root
import unit_file
from machinecase import MachineCase

from ghostlab import free_port, wait_for  # isort: skip (built_packages knows where it is)

APP = "shop/dev/webfront"
PASSWORD = "secret-of-the-test"
HOOK = "#!/bin/sh\necho \"here is $(cat page.html)\"\n"


def setUpModule():
    reason = built_packages.why_not()
    if reason:
        raise unittest.SkipTest(reason)


class Lintian(unittest.TestCase):
    def test_it_has_nothing_to_say(self):
        command = ["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0"]
        with built_packages.built() as debs:
            (changes,) = debs.glob("*.changes")
            done = subprocess.run([*command, changes], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


class Life(MachineCase):
    """One machine, from the first installation to the purge."""

    def setUp(self):
        super().setUp()
        self.running = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for started in reversed(self.running):
            started.kill()

    def in_root(self, path):
        return self.root.path / path.lstrip("/")

    def apt_install(self, folder="packages"):
        files = sorted("/" + str(file.relative_to(self.root.path)) for file in self.in_root(folder).glob("*.deb"))
        return self.root.apt("install", *files)

    def version_of(self, name):
        return self.root.run("dpkg-query", "-W", "-f", "${Version}", name)

    # ---- what an installation is -------------------------------------------------------------------------------------

    def owner_and_mode(self, path):
        return self.root.run("stat", "-c", "%U:%G %a", path).strip()

    def check_installation(self):
        self.assertEqual(self.owner_and_mode("/var/lib/ghost"), "ghost:ghost 750")
        self.assertEqual(self.owner_and_mode("/etc/ghost/controller.conf"), "root:ghost 640")
        self.assertEqual(self.owner_and_mode("/etc/ghost/agent.conf"), "root:root 600")
        for program in ("ghost", "ghost-agent", "ghost-controller"):
            self.assertRegex(self.root.run(program, "--version"), r"\d+\.\d+\.\d+")
        self.assertEqual(self.root.run("ghost-controller", "--check"), "the settings are good\n")
        for unit in ("ghost-controller.service", "ghost-agent.service"):
            self.assertTrue(self.in_root(f"/etc/systemd/system/multi-user.target.wants/{unit}").is_symlink())
        for name in ("bash-completion/completions/ghost", "fish/vendor_completions.d/ghost.fish", "zsh/vendor-completions/_ghost"):
            self.assertGreater(self.in_root(f"/usr/share/{name}").stat().st_size, 1000)
        self.assertTrue(list(self.in_root("/usr/share/ghost/presets").glob("*.yml")))
        for path, source in built_packages.examples().items():
            self.assertEqual(self.in_root(path).read_bytes(), source.read_bytes(), path)

    # ---- a deploy with it ---------------------------------------------------------------------------------------------

    def start_cloud(self):
        """Ghost's sandbox, within the root: its instances are this machine again, the installed agent in it."""
        self.root.apt("install", "python3")
        shutil.copytree(built_packages.SOURCE / "tests/sandbox", self.in_root("/opt/sandbox"))
        log = open(self.folder / "sandbox.log", "ab")  # noqa: SIM115 (the sandbox writes it)
        self.addCleanup(log.close)
        self.sandbox = self.root.popen("/usr/bin/python3", "/opt/sandbox/ghost-sandbox", "--state-dir", "/tmp/cloud", "--agent",
                                       "/usr/bin/ghost-agent", "--fast", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.end_cloud)
        state = self.in_root("/tmp/cloud/sandbox.json")

        def read():
            self.assertIsNone(self.sandbox.poll(), (self.folder / "sandbox.log").read_text())
            with contextlib.suppress(OSError, ValueError):
                return json.loads(state.read_text())
            return None

        self.cloud = wait_for("the sandbox", read)

    def end_cloud(self):
        self.sandbox.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.sandbox.wait(30)
        self.sandbox.kill()
        self.sandbox.wait()

    def configure(self):
        """As an administrator does: at the end of the file that the package brought."""
        self.http, link = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        with open(self.in_root("/etc/ghost/controller.conf"), "a", encoding="utf-8") as config:
            config.write(f"""
http.listen = {self.http}
link.listen = {link}
link.address = {link}
link.heartbeat = 1s
git.allow_file = yes
aws.region = {self.cloud["region"]}
aws.endpoint_url = {self.cloud["endpoint"]}
aws.identity_certificate = /tmp/cloud-certificate
aws.access_key_id = {self.cloud["access_key"]}
aws.secret_access_key = {self.cloud["secret_key"]}
aws.poll_interval = 100ms
""")
        shutil.copyfile(self.in_root(self.cloud["identity_certificate"]), self.in_root("/tmp/cloud-certificate"))
        self.in_root("/tmp/cloud-certificate").chmod(0o644)
        self.root.run("ghost-controller", "user", "add", "admin", "--role", "admin", text=PASSWORD + "\n")

    def start_controller(self):
        started = unit_file.Started(self.root, "ghost-controller.service", self.folder / "controller.log")
        self.running.append(started)
        return started

    def ghost(self, *words, expect=0):
        environment = {"GHOST_URL": f"http://{self.http}", "GHOST_USER": "admin", "GHOST_PASSWORD": PASSWORD}
        return self.root.run("ghost", *words, environment=environment, expect=expect, seconds=120)

    def make_repository(self):
        script = "set -e; mkdir -p /srv/repository; cd /srv/repository; git init -q -b main; git config user.name t; git config user.email t@example.com"
        for version in ("v1", "v2"):
            script += f"; echo {version} >page.html; git add -A; git commit -q -m {version}; git tag {version}"
        self.root.run("sh", "-c", script + "; chown -R ghost:ghost /srv/repository")

    def make_app(self):
        module = {"name": "site", "git_repo": "/srv/repository", "scope": "code", "path": "/srv/site",
                  "post_deploy": base64.b64encode(HOOK.encode()).decode()}
        subnet = self.cloud["subnet_ids"][0]
        name, env, role = APP.split("/")
        app = {"name": name, "env": env, "role": role, "region": self.cloud["region"], "instance_type": self.cloud["instance_type"],
               "vpc_id": self.cloud["vpc_id"], "modules": [module],
               "build_infos": {"ssh_username": "admin", "source_ami": self.cloud["base_image_id"], "subnet_id": subnet},
               "environment_infos": {"subnet_ids": [subnet], "security_groups": [self.cloud["security_group_id"]]}}
        self.in_root("/tmp/app.json").write_text(json.dumps(app))
        self.ghost("app", "create", "/tmp/app.json")
        self.ghost("buildimage", APP, "--live-logs")
        self.ghost("createinstance", APP, "--live-logs")

    def deploy(self, version):
        said = self.ghost("deploy", APP, "--module", f"site:{version}", "--live-logs")
        self.assertIn(f"here is {version}", said)

    def deployments(self):
        return [row["revision"] for row in json.loads(self.ghost("--output", "json", "deployment", "ls", "--nb", "50"))]

    def instances(self):
        return json.loads(self.ghost("--output", "json", "instance", "ls", "--nb", "50"))

    # ---- the days of its life -----------------------------------------------------------------------------------------

    def database(self):
        return sqlite3.connect(self.in_root("/var/lib/ghost/ghost.db"))

    def upgrade(self, controller):
        """The files change under the running controller; then it is restarted, as postinst has systemd do."""
        before = self.instances()
        config = self.in_root("/etc/ghost/controller.conf").read_text()
        self.apt_install("packages-later")
        self.assertEqual([self.version_of(name) for name in built_packages.NAMES], ["99.1"] * 3)
        self.assertEqual(self.in_root("/etc/ghost/controller.conf").read_text(), config)
        self.assertEqual(self.owner_and_mode("/etc/ghost/controller.conf"), "root:ghost 640")
        self.assertEqual([i["instance_id"] for i in self.instances()], [i["instance_id"] for i in before])
        self.assertEqual(controller.stop(), 0)
        controller = self.start_controller().wait_ready()
        wait_for("the instance to be back", lambda: all(i["connected"] for i in self.instances()))
        self.assertEqual(self.deployments(), ["v1"])
        self.deploy("v2")
        self.assertEqual(self.deployments(), ["v2", "v1"])
        return controller

    def refuse_newer_database(self):
        with contextlib.closing(self.database()) as database:
            (known,) = database.execute("PRAGMA user_version").fetchone()
            database.execute(f"PRAGMA user_version = {known + 1}")
        controller = self.start_controller()
        self.assertEqual(controller.process.wait(60), 1)
        self.assertIn(f"the database is of a newer Ghost ({known + 1}, this one knows {known}); install that version again", controller.said())
        with contextlib.closing(self.database()) as database:
            self.assertEqual(database.execute("PRAGMA user_version").fetchone(), (known + 1,))
            database.execute(f"PRAGMA user_version = {known}")

    def remove_and_purge(self):
        self.in_root("/var/lib/ghost-agent").mkdir(exist_ok=True)
        self.in_root("/ghost").mkdir(exist_ok=True)
        self.root.apt("remove", *built_packages.NAMES)
        for program in ("ghost", "ghost-agent", "ghost-controller"):
            self.assertFalse(self.in_root(f"/usr/bin/{program}").exists())
        self.assertTrue(self.in_root("/etc/ghost/controller.conf").exists())
        self.assertTrue(self.in_root("/var/lib/ghost/ghost.db").exists())

        said = self.root.apt("purge", *built_packages.NAMES)
        self.assertIn("The controller's data stay in /var/lib/ghost", said)
        self.assertIn("The agent's data stay in /var/lib/ghost-agent", said)
        self.assertFalse(self.in_root("/etc/ghost").exists())
        self.assertTrue(self.in_root("/var/lib/ghost/ghost.db").exists())

        # What came back finds its data; asked for, they go too.
        self.apt_install()
        self.assertEqual(self.owner_and_mode("/var/lib/ghost/ghost.db"), "ghost:ghost 600")
        for name in ("purge-controller-data", "purge-agent-data"):
            self.in_root(f"/etc/ghost/{name}").touch()
        self.root.apt("purge", *built_packages.NAMES)
        for path in ("/etc/ghost", "/var/lib/ghost", "/var/lib/ghost-agent"):
            self.assertFalse(self.in_root(path).exists(), path)
        self.assertTrue(self.in_root("/ghost").exists())

    def test_installed_used_upgraded_removed_purged(self):
        self.root.apt("update")
        self.apt_install()
        self.check_installation()
        self.start_cloud()
        self.configure()
        self.make_repository()
        controller = self.start_controller().wait_ready()
        self.assertEqual(self.owner_and_mode(f"/proc/{controller.process.pid}"), "ghost:ghost 555")
        self.make_app()
        self.deploy("v1")
        controller = self.upgrade(controller)
        self.assertEqual(controller.stop(), 0)
        self.refuse_newer_database()
        self.remove_and_purge()


if __name__ == "__main__":
    if os.geteuid() == 0 and built_packages.why_not() is None:
        clean_root.enter_own_mounts()
    unittest.main()
