#!/usr/bin/env python3
"""Features of the provisioner salt with the real Salt, masterless. Needs it from PyPI, for Debian 12 has none."""
import os
import sys
import unittest

import pypi
from featurecase import FeatureCase

# The instance's root shows what this machine has at the same place.
STAND_IN = """#!/bin/sh
set -eu
cat > /usr/local/bin/salt-call <<'END'
#!/bin/sh
exec {programs}/salt-call "$@"
END
chmod +x /usr/local/bin/salt-call
"""
COMMON = """/etc/common.feature:
  file.managed:
    - contents: common
"""
GIT = """/etc/git.feature:
  file.managed:
    - contents: {{ salt['pillar.get']('git:version') }} of {{ salt['pillar.get']('git:user')[0] }} on {{ salt['pillar.get']('place') }}
"""
BROKEN = """/nowhere/at/all:
  file.managed:
    - contents: x
"""


class SaltFeatures(FeatureCase):
    def lab(self):
        formulas = self.repository("salt", {
            "salt/common.sls": COMMON, "salt/git/init.sls": GIT, "salt/broken.sls": BROKEN, "pillar/here.sls": "place: earth\n"})
        lab = self.lab_with({"features.salt.repository": formulas.url, "features.salt.pillar": "here"})
        (lab.features / "stand-in.sh").write_text(STAND_IN.replace("{programs}", str(PROGRAMS)))
        return lab

    def test_states_are_applied_with_the_versions_of_the_features(self):
        lab = self.lab()
        stand_in = {"name": "stand-in", "provisioner": "shell"}
        log, instance = self.bake(lab, [stand_in, {"name": "git", "version": "2.4"}, {"name": "git", "version": "user=me"}])
        self.assertEqual(lab.instance_file(instance, "/etc/common.feature").read_text(), "common\n")
        self.assertEqual(lab.instance_file(instance, "/etc/git.feature").read_text(), "2.4 of me on earth\n")
        self.assertRegex(log, r"Succeeded: .*2")
        for left in ("/srv/salt", "/srv/pillar"):
            self.assertFalse(lab.instance_file(instance, left).exists())

        # A state that cannot be reached ends the bake.
        app_id = lab.create_app([], name="other", features=[stand_in, {"name": "broken"}])
        job = lab.run(app_id, "buildimage", "failed")
        self.assertIn("salt features", job["message"])
        self.assertRegex(lab.log(job["_id"]), r"Failed: .*1")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: needs root: instances need roots of their own")
        sys.exit(pypi.SKIPPED)
    PROGRAMS = pypi.programs("salt==3008.4")
    unittest.main()
