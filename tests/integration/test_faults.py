#!/usr/bin/env python3
"""What the world does to a running Ghost: lines cut, disks full, packages damaged, strangers at the ports."""
import os
import pathlib
import socket
import subprocess
import time
import unittest

import ghostlab
from ghostlab import b64, wait_for
from tcp_proxy import TcpProxy
from truth import assert_truth

HOLD = '#!/bin/bash\nfor i in $(seq 30); do echo "line $i of post_deploy"; sleep 0.1; done\n'


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.proxy = None
        cls.lab = ghostlab.Lab({"job.agent_wait": "6s"})
        cls.proxy = TcpProxy(cls.lab.link_port)
        cls.addClassCleanup(cls.proxy.close)
        cls.lab.settings["link.address"] = f"127.0.0.1:{cls.proxy.port}"
        cls.enterClassContext(cls.lab)
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.repository.commit({"page.html": "two\n"}, "second", tag="v2")
        cls.app_id = cls.lab.ready_app([cls.module()], instances=2)

    @classmethod
    def module(cls, **changes):
        module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        module.update(changes)
        return module

    def setUp(self):
        self.lab.change_app(self.app_id, modules=[self.module(post_deploy="")])
        self.lab.deploy(self.app_id, {"site": "v1"})

    def tearDown(self):
        self.assertEqual(len(assert_truth(self, self.lab, self.app_id)), 2)

    def pages(self):
        return [self.lab.instance_file(i, "/srv/site/page.html").read_text() for i in self.lab.instances(self.app_id)]

    def start_slow_deploy(self):
        self.lab.change_app(self.app_id, modules=[self.module(post_deploy=b64(HOLD))])
        job_id = self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v2"}], options=["parallel"])
        self.lab.wait_log(job_id, "line 3 of post_deploy")
        return job_id

    def assert_every_line_once(self, job_id):
        log = self.lab.log(job_id)
        for instance in self.lab.instances(self.app_id):
            lines = [f"[{instance['instance_id']}] line {i} of post_deploy" for i in range(1, 31)]
            found = [line for line in log.splitlines() if line in lines]
            self.assertEqual(found, lines)

    def test_the_line_is_cut_in_the_middle_of_a_deployment(self):
        job_id = self.start_slow_deploy()
        self.proxy.cut()
        wait_for("the agents to be missed", lambda: not any(i["connected"] for i in self.lab.instances(self.app_id)))
        self.proxy.drop()
        self.proxy.mend()
        job = self.lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", job["message"])
        self.assertEqual(self.pages(), ["two\n"] * 2)
        self.assert_every_line_once(job_id)

    def test_connections_are_reset_in_the_middle_of_a_deployment(self):
        job_id = self.start_slow_deploy()
        for _ in range(3):
            self.proxy.drop()
            time.sleep(0.3)
        self.assertEqual(self.lab.wait_job(job_id)["status"], "done")
        self.assert_every_line_once(job_id)

    def test_an_instance_whose_agent_is_away_is_named_and_the_others_go_back(self):
        instances = self.lab.instances(self.app_id)
        silent = instances[1]
        self.lab.sandbox_post(f"/_sandbox/instances/{silent['instance_id']}/signal", {"signal": "STOP"})
        try:
            wait_for("the agent to be missed", lambda: not self.lab.instances(self.app_id)[1]["connected"])
            job = self.lab.deploy(self.app_id, {"site": "v2"}, expect="failed", options=["parallel"])
            self.assertIn(silent["instance_id"], job["message"])
        finally:
            self.lab.sandbox_post(f"/_sandbox/instances/{silent['instance_id']}/signal", {"signal": "CONT"})
        wait_for("the agent to be back", lambda: self.lab.instances(self.app_id)[1]["connected"])
        self.assertEqual(self.pages(), ["one\n"] * 2)

    def test_a_package_damaged_on_the_disk_is_not_deployed(self):
        deployment = self.lab.get("/deployments?sort=-timestamp")["_items"][0]
        self.lab.deploy(self.app_id, {"site": "v2"})
        (pack,) = (self.lab.folder / "data" / "packages").rglob(deployment["manifest_sha256"] + ".pack")
        good = pack.read_bytes()
        pack.chmod(0o600)
        pack.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        try:
            job = self.lab.run(self.app_id, "redeploy", "failed", options=[deployment["_id"]])
            self.assertIn("package", job["message"].lower())
            self.assertEqual(self.pages(), ["two\n"] * 2)
        finally:
            pack.write_bytes(good)
        self.lab.run(self.app_id, "redeploy", options=[deployment["_id"]])
        self.assertEqual(self.pages(), ["one\n"] * 2)

    def test_strangers_at_both_ports_change_nothing(self):
        for port in (self.lab.http_port, self.lab.link_port):
            for words in (b"", b"\x00" * 1000, b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x00\xf0\x01", os.urandom(5000)):
                with socket.create_connection(("127.0.0.1", port)) as stranger:
                    stranger.sendall(words)
        self.lab.deploy(self.app_id, {"site": "v2"})
        self.assertEqual(self.pages(), ["two\n"] * 2)


class FullInstance(unittest.TestCase):
    def test_a_full_disk_on_an_instance_switches_nothing(self):
        lab = self.enterContext(ghostlab.Lab())
        if lab.cloud["isolation"] != "overlay":
            self.skipTest("needs instances with a disk of their own")
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        app_id = lab.ready_app([{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}], instances=2)
        lab.deploy(app_id, {"site": "v1"})
        instances = lab.instances(app_id)
        repository.commit({"page.html": "two\n", "big.bin": os.urandom(8_000_000)}, "big", tag="big")
        lab.sandbox_post(f"/_sandbox/instances/{instances[1]['instance_id']}/narrow", {"path": "/ghost", "free": 1_000_000})
        job = lab.deploy(app_id, {"site": "big"}, expect="failed")
        self.assertIn("disk full", job["message"])
        for instance in instances:
            self.assertEqual(lab.instance_file(instance, "/srv/site/page.html").read_text(), "one\n")
        self.assertEqual(len(assert_truth(self, lab, app_id)), 2)


@unittest.skipUnless(os.geteuid() == 0, "mounts a small file system")
class FullController(unittest.TestCase):
    def test_a_full_disk_fails_the_job_and_the_controller_stays_up(self):
        lab = ghostlab.Lab()
        data = lab.folder / "data"
        data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(data)], check=True)
        self.addCleanup(subprocess.run, ["umount", str(data)], check=False)
        self.enterContext(lab)
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}
        app_id = lab.create_app([module])
        lab.deploy(app_id, {"site": "v1"})
        ballast = pathlib.Path(data) / "ballast"
        descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
        self.addCleanup(os.close, descriptor)
        with self.assertRaisesRegex(OSError, "No space left"):
            while True:
                os.write(descriptor, b"x" * 4096)
        repository.commit({"big.bin": os.urandom(2_000_000)}, "second", tag="v2")
        reply = lab.call("POST", "/jobs", {"app_id": app_id, "command": "deploy", "modules": [{"name": "site", "rev": "v2"}]})
        self.assertIn(reply.status, (201, 503))
        self.assertIn("space", reply.body.decode() if reply.status == 503 else self.ended(lab, reply.json["_id"]))
        self.assertEqual(lab.call("GET", "/version").status, 200)
        os.ftruncate(descriptor, 0)
        lab.deploy(app_id, {"site": "v2"})

    @staticmethod
    def ended(lab, job_id):
        job = lab.wait_job(job_id)
        assert job["status"] in ("failed", "aborted"), job
        return job["message"] + lab.log(job_id)


if __name__ == "__main__":
    unittest.main()
