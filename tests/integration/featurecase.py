"""What the tests of image features share: a git repository of them, and an image that is baked and launched."""
import pathlib
import tempfile
import unittest

import ghostlab


class FeatureCase(unittest.TestCase):
    """Needs real roots: features write where an instance has its own."""

    def setUp(self):
        self.lab_folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-features-")))

    def repository(self, name, files):
        repository = ghostlab.Repository(self.lab_folder / name)
        repository.commit(files, "features")
        return repository

    def lab_with(self, settings):
        lab = self.enterContext(ghostlab.Lab(settings=settings))
        if lab.cloud["isolation"] != "overlay":
            self.skipTest("needs instances with a root of their own: root, and overlays that can be mounted")
        return lab

    def bake(self, lab, features, **fields):
        """The log of the bake, and an instance of the image."""
        app_id = lab.create_app([], features=features)
        job = lab.run(app_id, "buildimage", **fields)
        lab.run(app_id, "createinstance")
        (instance,) = lab.instances(app_id)
        return lab.log(job["_id"]), instance
