"""The program itself: start, --down, sudden death, going on where it was."""
import os
import signal
import subprocess
import unittest

from sandbox_case import PROGRAM, Sandbox, SandboxCase, wait_for
from test_boot import SLEEP, marked

COUNT = ("state=${GHOST_STATE_DIR:-/var/lib/ghost-agent}; mkdir -p $state; echo x >> $state/boots; "
         "echo boots: $(wc -l < $state/boots) >&2; ") + SLEEP


class Program(SandboxCase):
    ARGUMENTS = ("--agent", "{agent}")

    def setUp(self):
        self.mark = f"@{self.folder}/disks".encode()

    def tearDown(self):
        if self.sandbox.process.poll() is not None:
            self.sandbox.start()

    def down(self):
        return subprocess.run([PROGRAM, "--state-dir", self.folder, "--down"], check=False).returncode

    def test_goes_on_after_an_orderly_stop(self):
        instance = self.sandbox.run_instance(COUNT)
        self.sandbox.wait_console(instance, "boots: 1")
        before = dict(self.sandbox.about)
        self.assertEqual(self.down(), 0)
        self.assertEqual(self.sandbox.process.wait(10), 0)
        self.assertEqual(marked(self.mark), [])
        self.assertFalse(os.path.exists(os.path.join(self.folder, "sandbox.json")))
        self.assertEqual(self.down(), 0, "a second --down is harmless")
        self.sandbox.start()
        for name in ("base_image_id", "subnet_ids", "vpc_id", "network", "isolation"):
            self.assertEqual(self.sandbox.about[name], before[name])
        self.sandbox.wait_console(instance, "boots: 2")

    def test_sudden_death_leaves_nothing_running(self):
        instance = self.sandbox.run_instance(COUNT)
        self.sandbox.wait_console(instance, "boots: 1")
        self.assertTrue(marked(self.mark))
        self.sandbox.process.send_signal(signal.SIGKILL)
        self.sandbox.process.wait(10)
        wait_for(lambda: not marked(self.mark), "the end of all processes")
        self.sandbox.start()
        self.sandbox.wait_console(instance, "boots: 2")

    def test_kind_of_root_is_kept(self):
        other = os.path.join(self.folder, "kind")
        os.mkdir(other)
        Sandbox(other, "--no-boot", "--isolation", "directory").start().stop()
        second = Sandbox(other, "--no-boot").start()
        self.assertEqual(second.about["isolation"], "directory")
        self.assertEqual(second.stop(), 0)
        done = subprocess.run([PROGRAM, "--state-dir", other, "--isolation", "overlay"], capture_output=True,
                              check=False, timeout=30)
        self.assertEqual((done.returncode, b"made with --isolation directory" in done.stderr), (1, True))

    def test_token_is_remembered_over_a_restart(self):
        first = self.sandbox.run_instance(SLEEP, ClientToken="kept")
        self.sandbox.process.send_signal(signal.SIGKILL)
        self.sandbox.process.wait(10)
        self.sandbox.start()
        self.assertEqual(self.sandbox.run_instance(SLEEP, ClientToken="kept"), first)
        self.sandbox.wait_state(first, "running")

    def test_one_per_state_directory(self):
        done = subprocess.run([PROGRAM, "--state-dir", self.folder], capture_output=True, check=False, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"runs already", done.stderr)

    def test_files_for_others(self):
        about = os.path.join(self.folder, "sandbox.json")
        self.assertEqual(os.stat(about).st_mode & 0o777, 0o600)
        self.assertTrue(os.path.exists(self.sandbox.about["identity_certificate"]))

    def test_wrong_options(self):
        for arguments in ([], ["--state-dir", self.folder, "--speed", "0"],
                          ["--state-dir", self.folder, "--agent", "/nonexistent"]):
            done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False, timeout=30)
            self.assertEqual(done.returncode, 2, arguments)

    def test_two_sandboxes_side_by_side(self):
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        second = Sandbox(other, "--no-boot").start()
        try:
            self.assertNotEqual(second.about["network"], self.sandbox.about["network"])
        finally:
            self.assertEqual(second.stop(), 0)


if __name__ == "__main__":
    unittest.main()
