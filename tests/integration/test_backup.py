#!/usr/bin/env python3
"""Backup while everything moves, and a whole Ghost from it; what is damaged, half or without room is none."""
import os
import shutil
import signal
import subprocess
import threading
import time
import unittest

import ghostlab
from ghostlab import b64, wait_for

TALK = "#!/bin/bash\nfor i in $(seq 1 400); do echo line $i of 400; sleep 0.01; done\n"


def command(lab, *words, expect=0, config=None):
    done = subprocess.run([ghostlab.CONTROLLER, "--config", config or lab.config, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == expect, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class Writers:
    """Changes things by REST as fast as it can until the end."""

    def __init__(self, lab):
        self.lab, self.written, self.ended = lab, 0, threading.Event()
        self.thread = threading.Thread(target=self.write)

    def write(self):
        while not self.ended.is_set():
            reply = self.lab.call("POST", "/apps", {"name": f"app{self.written}", "env": "dev", "role": "web", "vpc_id": "vpc-1",
                                                    "modules": [{"name": "m", "git_repo": "x", "scope": "code", "path": "/srv/m"}]})
            assert reply.status == 201, reply.body
            self.written += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


class Backup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(ghostlab.Lab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n", "big.bin": os.urandom(3_000_000)}, "first", tag="v1")
        cls.app_id = lab.ready_app([{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}])
        lab.deploy(cls.app_id, {"site": "v1"})

    def all_of(self, path):
        ids = [item["_id"] for item in self.lab.get(f"{path}?max_results=200")["_items"]]
        return {one: self.lab.get(f"{path}/{one}") for one in ids}

    def test_a_whole_ghost_comes_back_from_a_backup_taken_while_all_moves(self):
        lab = self.lab
        archive = lab.folder / "b.tar"
        done_before = self.all_of("/jobs")
        deployments, apps = self.all_of("/deployments"), self.all_of("/apps")
        job_id = lab.submit(self.app_id, "executescript", options=[b64(TALK), "", "parallel", ""])
        lab.wait_log(job_id, "line 20 of 400")
        with Writers(lab) as writers:
            said = command(lab, "backup", archive)
            print(said.strip(), f"({writers.written} applications were made meanwhile)")
            seen = lab.log(job_id)
        self.assertIn("read again and good", said)
        self.assertEqual(archive.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(lab.folder.glob("*.partial")), [])
        lab.wait_job(job_id)
        logs = {one: lab.log(one) for one in done_before}

        lab.stop(lab.controller)
        shutil.move(lab.folder / "data", lab.folder / "lost")
        said = command(lab, "restore", archive)
        self.assertIn("jobs waited or ran then: the controller takes them up", said)
        self.assertIn("controller.conf.restored", said)
        lab.start_controller()
        for one, document in done_before.items():
            self.assertEqual(lab.job(one), document)
            self.assertEqual(lab.log(one), logs[one])
        self.assertEqual({one: lab.get(f"/deployments/{one}") for one in deployments}, deployments)
        for app_id in apps:
            self.assertEqual(lab.get(f"/apps/{app_id}")["name"], apps[app_id]["name"])
        wait_for("the agent to be back", lambda: [i["connected"] for i in lab.instances(self.app_id)] == [True])
        # The job that ran then is ended in a true state; what was written before the backup is in its log once.
        self.assertIn(lab.wait_job(job_id)["status"], ghostlab.FINAL)
        text = lab.log(job_id)
        for number in range(1, 20):
            self.assertEqual(text.count(f"line {number} of 400\n"), 1, number)
        self.assertIn("line 20 of 400", seen)
        lab.deploy(self.app_id, {"site": "v1"})
        self.assertIn("is whole", command(lab, "check", expect=self.checked()))

    def checked(self):
        """The exit status of a check: how much room this machine has is not the test's matter."""
        return subprocess.run([ghostlab.CONTROLLER, "--config", self.lab.config, "check"], capture_output=True, timeout=60, check=False).returncode

    def test_a_running_controller_keeps_its_folder(self):
        archive = self.lab.folder / "running.tar"
        command(self.lab, "backup", "--without-packages", archive)
        self.assertIn("is not empty", command(self.lab, "restore", archive, expect=1))
        self.assertIn("another controller is running", command(self.lab, "restore", "--force", archive, expect=1))
        self.assertEqual(self.lab.call("GET", "/version").status, 200)
        listed = subprocess.run(["tar", "-tf", archive], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("data/packages/", listed)
        self.assertIn("data/tls/ca.key\n", listed)
        self.assertNotIn("mirrors", listed)

    def test_jobs_of_then_can_be_left_to_the_past(self):
        lab = self.lab
        archive = lab.folder / "cancel.tar"
        job_id = lab.submit(self.app_id, "executescript", options=[b64(TALK), "", "parallel", ""])
        lab.wait_log(job_id, "line 5 of 400")
        command(lab, "backup", "--without-packages", archive)
        lab.wait_job(job_id)
        lab.stop(lab.controller)
        said = command(lab, "restore", "--force", "--cancel-jobs", archive)
        self.assertIn("they are cancelled", said)
        self.assertIn("The backup has no packages", said)
        shutil.copytree(next(lab.folder.glob("data.before-*")) / "packages", lab.folder / "data" / "packages")
        lab.start_controller()
        self.assertEqual(lab.wait_job(job_id)["status"], "cancelled")
        wait_for("the agent to be back", lambda: [i["connected"] for i in lab.instances(self.app_id)] == [True])

    def test_a_death_in_the_middle_leaves_nothing_that_looks_like_a_backup(self):
        """At every moment of it: the archive is there and whole, or it is not there."""
        folder = self.lab.folder / "killed"
        folder.mkdir()
        whole = 0
        for step in range(24):
            target = folder / f"{step}.tar"
            process = subprocess.Popen([ghostlab.CONTROLLER, "--config", self.lab.config, "backup", target],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(step * 0.001)  # anywhere in it: the moment is the case
            process.send_signal(signal.SIGKILL)
            process.wait()
            if target.exists():
                whole += 1
                config = folder / "elsewhere.conf"
                config.write_text(f"data_dir = {folder}/data{step}\n")
                command(self.lab, "restore", target, config=config)
        print(f"{whole} of 24 were finished before they were killed")
        left = [one.name for one in folder.iterdir() if one.suffix not in (".partial", ".conf") and not one.name.startswith("data")]
        self.assertEqual(len(left), whole, left)

    @unittest.skipUnless(os.geteuid() == 0, "mounts a small file system")
    def test_a_full_disk_leaves_nothing_half(self):
        small = self.lab.folder / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=True)
        self.addCleanup(subprocess.run, ["umount", str(small)], check=False)
        said = command(self.lab, "backup", small, expect=1)
        self.assertIn("no space left", said)
        self.assertEqual(list(small.iterdir()), [])
        archive = self.lab.folder / "for-small.tar"
        command(self.lab, "backup", archive)
        config = self.lab.folder / "small.conf"
        config.write_text(f"data_dir = {small}/data\n")
        self.assertRegex(command(self.lab, "restore", archive, expect=1, config=config), "has . MiB free, and the backup needs")
        self.assertEqual(list(small.iterdir()), [])

    @unittest.skipUnless(os.geteuid() == 0, "mounts a file system")
    def test_a_volume_of_its_own_is_restored_into(self):
        """What is mounted cannot be renamed: what is in it is moved instead."""
        volume = self.lab.folder / "volume"
        volume.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(volume)], check=True)
        self.addCleanup(subprocess.run, ["umount", str(volume)], check=False)
        (volume / "lost+found").mkdir()
        archive, config = self.lab.folder / "volume.tar", self.lab.folder / "volume.conf"
        command(self.lab, "backup", archive)
        config.write_text(f"data_dir = {volume}\n")
        command(self.lab, "restore", archive, config=config)
        (volume / "note").write_text("mine")
        command(self.lab, "restore", "--force", archive, config=config)
        (former,) = volume.glob(".before-*")
        self.assertTrue((former / "ghost.db").exists() and (former / "note").exists())
        self.assertFalse((volume / "note").exists() or list(volume.glob(".restoring-*")))
        self.assertTrue((volume / "ghost.db").exists() and (volume / "tls" / "ca.key").exists() and (volume / "lost+found").exists())
        command(self.lab, "backup", self.lab.folder / "again.tar", config=config)
        listed = subprocess.run(["tar", "-tf", self.lab.folder / "again.tar"], capture_output=True, text=True, check=True).stdout
        self.assertIn("data/tls/ca.key", listed)
        self.assertNotIn(".before", listed)
        self.assertNotIn("lost+found", listed)

    def test_a_damaged_one_is_refused(self):
        archive = self.lab.folder / "damaged.tar"
        command(self.lab, "backup", "--without-packages", archive)
        good = archive.read_bytes()
        config = self.lab.folder / "damaged.conf"
        config.write_text(f"data_dir = {self.lab.folder}/damaged\n")
        for at in (600, len(good) // 2, len(good) - 3000):
            bad = bytearray(good)
            bad[at] ^= 1
            archive.write_bytes(bad)
            self.assertIn("nothing was restored", command(self.lab, "restore", archive, expect=1, config=config))
            self.assertEqual({one.name for one in self.lab.folder.glob("damaged*")}, {"damaged.conf", "damaged.tar"})
        archive.write_bytes(good[:-1500])
        self.assertIn("cut off", command(self.lab, "restore", archive, expect=1, config=config))


if __name__ == "__main__":
    unittest.main()
