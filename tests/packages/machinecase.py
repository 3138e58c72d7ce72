"""A machine to live with the packages: a clean Debian with them, and a later version of them, beside it."""
import pathlib
import shutil
import tempfile
import unittest

import built_packages
import clean_root


class MachineCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = built_packages.why_not()
        if reason:
            raise unittest.SkipTest(reason)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ghost-packages-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self.root = self.enterContext(clean_root.CleanRoot(built_packages.KEPT, self.folder / "root"))
        except LookupError as reason:
            self.skipTest(str(reason))
        with built_packages.built() as debs:
            shutil.copytree(debs, self.root.path / "packages")
        built_packages.later(self.root.path / "packages", self.root.path / "packages-later", "99.1")
