#!/usr/bin/env python3
"""Features of the provisioner package with the real apt-get, from an archive that is a folder of the instance."""
import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
import unittest

from featurecase import FeatureCase

CONTROL = """Package: {name}
Version: {version}
Architecture: all
Maintainer: Nobody <nobody@example.com>
Description: a package of nothing
"""
# Says which version has come, and that dpkg has run what belongs to it.
POST_INSTALL = "#!/bin/sh\nset -e\necho '{name} {version}' > /var/lib/{name}.installed\n"
# The archive is a folder, and the only one: nothing is asked for over the network.
ARCHIVE = """#!/bin/sh
set -eu
mkdir -p /srv/archive
{files}
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
echo 'deb [trusted=yes] file:/srv/archive ./' > /etc/apt/sources.list
"""


def make_package(folder, name, version):
    """The .deb and its entry in the archive's index."""
    tree = folder / f"{name}-{version}"
    (tree / "DEBIAN").mkdir(parents=True)
    control = CONTROL.format(name=name, version=version)
    (tree / "DEBIAN" / "control").write_text(control)
    script = tree / "DEBIAN" / "postinst"
    script.write_text(POST_INSTALL.format(name=name, version=version))
    script.chmod(0o755)
    package = folder / f"{name}_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, package], check=True, stdout=subprocess.DEVNULL)
    content = package.read_bytes()
    entry = control + f"Filename: ./{package.name}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n"
    return package, entry


def write_file(path, content):
    return f"base64 -d > {path} <<'END'\n{base64.encodebytes(content).decode()}END\n"


@unittest.skipUnless(os.geteuid() == 0, "needs root: instances need roots of their own")
@unittest.skipUnless(shutil.which("apt-get") and shutil.which("dpkg-deb"), "this machine has no apt-get and dpkg-deb")
class PackageFeatures(FeatureCase):
    def archive(self, *packages):
        """A shell feature that makes the archive."""
        made = [make_package(self.lab_folder, name, version) for name, version in packages]
        files = [write_file(f"/srv/archive/{package.name}", package.read_bytes()) for package, _ in made]
        files.append(write_file("/srv/archive/Packages", "\n".join(entry for _, entry in made).encode()))
        return ARCHIVE.replace("{files}", "".join(files))

    def test_apt_installs_the_version_that_is_asked_for_else_the_newest(self):
        lab = self.lab_with({})
        archive = self.archive(("ghost-pinned", "1.0"), ("ghost-pinned", "2.0"), ("ghost-newest", "1.0"), ("ghost-newest", "1.1"))
        (lab.features / "archive.sh").write_text(archive)
        setup = {"name": "archive", "provisioner": "shell"}
        log, instance = self.bake(lab, [
            setup, {"name": "ghost-pinned", "version": "1.0", "provisioner": "package"}, {"name": "ghost-newest", "provisioner": "package"}])
        root = lab.instance_file(instance, "/")
        self.assertEqual((root / "var/lib/ghost-pinned.installed").read_text(), "ghost-pinned 1.0\n")
        self.assertEqual((root / "var/lib/ghost-newest.installed").read_text(), "ghost-newest 1.1\n")
        known = subprocess.run(
            ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "--show", "--showformat=${Package} ${Version} ${Status}\n", "ghost-*"],
            capture_output=True, text=True, check=True).stdout  # fmt: skip
        self.assertEqual(known.splitlines(), ["ghost-newest 1.1 install ok installed", "ghost-pinned 1.0 install ok installed"])
        self.assertIn("Setting up ghost-pinned (1.0)", log)
        self.assertFalse(pathlib.Path("/var/lib/ghost-pinned.installed").exists(), "it was installed outside")

        # What the archive has not ends the bake, with apt's own words.
        app_id = lab.create_app([], name="other", features=[setup, {"name": "ghost-pinned", "version": "3.0", "provisioner": "package"}])
        job = lab.run(app_id, "buildimage", "failed")
        self.assertIn("package ghost-pinned", job["message"])
        self.assertIn("Version '3.0' for 'ghost-pinned' was not found", lab.log(job["_id"]))


if __name__ == "__main__":
    unittest.main()
