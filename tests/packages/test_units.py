#!/usr/bin/env python3
"""The systemd units: nothing in them is unknown to systemd, and they are as closed as they promise to be."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

UNITS = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "systemd"
# 0 is closed, 10 is open. The agent runs hooks that may do anything to the machine: its unit says what that leaves.
EXPOSURE_MOST = {"ghost-controller.service": 2.9, "ghost-agent.service": 8.6}


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
class Units(unittest.TestCase):
    def analyze(self, *words):
        done = subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_they_are_as_closed_as_they_can_be(self):
        for name, most in EXPOSURE_MOST.items():
            status, said = self.analyze("security", "--offline=true", UNITS / name)
            found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
            self.assertTrue(found, f"{status}: {said}")
            print(f"# {name}: {found[1]} of {most}")
            self.assertLessEqual(float(found[1]), most, said)

    def test_systemd_understands_them(self):
        """Their programs and manuals are not installed here: those words are left out."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-units-")))
        for name in EXPOSURE_MOST:
            text = (UNITS / name).read_text()
            text = re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", re.sub(r"(?m)^Documentation=.*\n", "", text))
            (folder / name).write_text(text)
            status, said = self.analyze("verify", "--man=no", folder / name)
            said = "\n".join(line for line in said.splitlines() if name in line or str(folder) in line)
            self.assertEqual((status, said), (0, ""), name)


class BuildDependencies(unittest.TestCase):
    def test_debian_names_what_a_build_needs(self):
        """What dependencies.sh installs for a build and what debian/control asks for."""
        packaging = UNITS.parent
        group = re.search(r"(?ms)^build=\((.*?)\)", (packaging / "dependencies.sh").read_text())[1].split()
        asked = re.search(r"(?ms)^Build-Depends:(.*?)^Standards", (packaging / "debian/control").read_text())[1]
        libraries = {name for name in group if name.endswith("-dev") and name != "libc6-dev"}
        self.assertEqual({name for name in re.findall(r"[a-z0-9.+-]+", asked) if name.endswith("-dev")}, libraries)


if __name__ == "__main__":
    unittest.main()
