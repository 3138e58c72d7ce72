#!/usr/bin/env python3
"""`ghost-agent install` on a whole machine, as far as a chroot is one: what it tells systemctl and what it writes."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import root_folders
from static_program import static_agent

UNIT = "etc/systemd/system/ghost-agent.service"
SYSTEMCTL = "#!/bin/sh\necho \"$@\" >>/told\n"


@unittest.skipUnless(os.geteuid() == 0 and root_folders.has_static_busybox(), "a chroot needs root and a static busybox")
class Install(unittest.TestCase):
    def setUp(self):
        self.root = root_folders.empty(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-install-")) + "/root")
        (self.root / "bin/systemctl").write_text(SYSTEMCTL)
        (self.root / "bin/systemctl").chmod(0o755)
        (self.root / "run/systemd/system").mkdir(parents=True)
        for name in ("proc", "dev", "tmp"):
            (self.root / name).mkdir()
        (self.root / "tmp/agent").write_bytes(static_agent().read_bytes())
        (self.root / "tmp/agent").chmod(0o755)

    def ghost(self, *words, program="/tmp/agent", expect=0):
        # /proc only for the one command: nothing is left mounted.
        script = 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"'
        command = ["unshare", "--mount", "sh", "-c", script, str(self.root), program, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout if expect == 0 else done.stderr

    def told(self):
        path = self.root / "told"
        found = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def test_installs_starts_and_goes(self):
        self.ghost("install", "--controller", "10.0.0.1:5001", "--token", "secret")
        self.assertEqual(self.told(), ["daemon-reload", "restart ghost-agent.service"])
        self.assertIn("ExecStart=/usr/local/bin/ghost-agent", (self.root / UNIT).read_text())
        self.assertIn("\ntoken = secret\n", (self.root / "etc/ghost/agent.conf").read_text())
        program = "/usr/local/bin/ghost-agent"
        self.assertIn("ghost-agent ", self.ghost("--version", program=program))

        said = self.ghost("install", "--controller", "10.0.0.1:5001", program=program)
        self.assertEqual(self.told(), ["start ghost-agent.service"])
        self.assertNotIn("wrote", said)
        self.ghost("install", "--controller", "10.0.0.2:5001", "--no-start", program=program)
        self.assertEqual(self.told(), [])
        self.ghost("install", "--set", "log_level=debug", program=program)
        self.assertEqual(self.told(), ["restart ghost-agent.service"])

        self.ghost("uninstall", program=program)
        self.assertEqual(self.told(), ["disable --now ghost-agent.service", "daemon-reload"])
        self.assertFalse((self.root / UNIT).exists())
        self.assertFalse((self.root / program[1:]).exists())
        self.assertTrue((self.root / "etc/ghost/agent.conf").exists())
        self.ghost("uninstall", "--purge")
        self.assertFalse((self.root / "etc/ghost/agent.conf").exists())

    def test_without_systemd_it_says_what_to_do(self):
        (self.root / "run/systemd/system").rmdir()
        said = self.ghost("install")
        self.assertIn("systemd does not run here: have /usr/local/bin/ghost-agent started by", said)
        self.assertEqual(self.told(), [])
        self.assertTrue(pathlib.Path(self.root / UNIT).exists())

    def test_what_systemctl_refuses_is_told(self):
        (self.root / "bin/systemctl").write_text("#!/bin/sh\necho no such bus\nexit 1\n")
        self.assertIn("systemctl daemon-reload: ", self.ghost("install", expect=1))

    def test_wrong_options_change_nothing(self):
        said = self.ghost("install", "--controler", "h:1", expect=2)
        self.assertEqual(said, "ghost-agent install: unknown option '--controler'\n")
        self.assertFalse((self.root / "etc/ghost").exists())
        self.assertFalse((self.root / "usr").exists())

    def test_help(self):
        self.assertIn("--ca-fingerprint SHA256", self.ghost("install", "--help"))
        self.assertIn("--purge", self.ghost("uninstall", "--help"))


if __name__ == "__main__":
    unittest.main()
