#!/usr/bin/env python3
"""The RPM packages, as far as a Debian can try them: made of the build of the Debian packages, installed into an empty root,
upgraded and removed there. Scriptlets and dependencies are those of other systems and are only read."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import built_packages

FILES = {
    "ghost-agent": {"/etc/ghost/agent.conf": "-rw------- root:root cn", "/usr/bin/ghost-agent": "-rwxr-xr-x root:root ",
                    "/usr/lib/systemd/system/ghost-agent.service": "-rw-r--r-- root:root "},
    "ghost-cli": {"/usr/bin/ghost": "-rwxr-xr-x root:root ", "/usr/share/zsh/site-functions/_ghost": "-rw-r--r-- root:root "},
    "ghost-controller": {"/etc/ghost/controller.conf": "-rw-r----- root:ghost cn", "/usr/bin/ghost-controller": "-rwxr-xr-x root:root ",
                         "/usr/lib/systemd/system/ghost-controller.service": "-rw-r--r-- root:root ",
                         "/usr/lib/tmpfiles.d/ghost-controller.conf": "-rw-r--r-- root:root "},
}


def setUpModule():
    reason = built_packages.why_not()
    if reason:
        raise unittest.SkipTest(reason)


class Rpm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="ghost-rpm-")))
        with built_packages.built():
            command = [built_packages.SOURCE / "packaging/build-rpm.sh", "--nodeps", "--from", built_packages.build_tree(), cls.folder / "rpms"]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout)
        cls.rpms = {file.name.rsplit("-", 2)[0]: file for file in (cls.folder / "rpms").glob("*.rpm")}

    def rpm(self, *words):
        done = subprocess.run(["rpm", *map(str, words)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_what_is_in_them(self):
        self.assertEqual(sorted(self.rpms), sorted(FILES))
        form = "[%{FILENAMES}=%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags}\n]"
        for name, wanted in FILES.items():
            files = dict(line.split("=", 1) for line in self.rpm("-qp", "--qf", form, self.rpms[name]).splitlines())
            self.assertEqual({path: files.get(path) for path in wanted}, wanted)
            self.assertTrue(any("/licenses/" in path for path in files))
            self.assertTrue(any("/share/man/" in path for path in files))
            wanted = {path for path in built_packages.examples() if f"/{name}/" in path}
            self.assertEqual({path for path in files if "/examples/" in path and "." in path.rpartition("/")[2]}, wanted)
            self.assertFalse([path for path in wanted if "d" not in files[path].split()[-1]], "not marked as documentation")
        self.assertIn("git-core", self.rpm("-qp", "--requires", self.rpms["ghost-controller"]))

    def test_every_scriptlet_is_a_shell_script(self):
        for name in ("ghost-agent", "ghost-controller"):
            for tag in ("POSTIN", "PREUN", "POSTUN"):
                script = self.rpm("-qp", "--qf", f"%{{{tag}}}", self.rpms[name])
                self.assertIn("systemctl", script)
                subprocess.run(["sh", "-n"], input=script, text=True, check=True)

    def test_settings_outlive_them(self):
        root = self.folder / "root"
        root.mkdir()
        common = ["--root", root, "--nodeps", "--noscripts"]
        self.rpm("-i", *common, *self.rpms.values())
        self.assertTrue(os.access(root / "usr/bin/ghost-controller", os.X_OK))
        config = root / "etc/ghost/controller.conf"
        self.assertIn("\ndata_dir = /var/lib/ghost\n", config.read_text())
        config.write_text("data_dir = /srv/ghost\n")
        self.rpm("-U", "--force", *common, *self.rpms.values())
        self.assertEqual(config.read_text(), "data_dir = /srv/ghost\n")
        self.rpm("-e", *common, *self.rpms)
        self.assertFalse((root / "usr/bin/ghost-controller").exists())
        self.assertEqual((root / "etc/ghost/controller.conf.rpmsave").read_text(), "data_dir = /srv/ghost\n")


if __name__ == "__main__":
    unittest.main()
