#!/usr/bin/env python3
"""Packages in a bucket, fetched by the instances themselves or through the controller, and modules whose source is one."""
import os
import random
import unittest

import ghostlab
from awslab import AwsLab

PACK_BYTES = 3 << 20
PACKS = "/packages-of-the-lab/ghost/"


def noise(seed):
    return random.Random(seed).randbytes(PACK_BYTES)  # cannot be compressed: the package is as large


class S3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(AwsLab({
            "packages.store": "s3", "packages.bucket": "packages-of-the-lab", "packages.prefix": "ghost"}))
        cls.s3 = cls.lab.boto("s3")
        for name in ("packages-of-the-lab", "sources"):
            cls.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        cls.s3.put_bucket_versioning(Bucket="sources", VersioningConfiguration={"Status": "Enabled"})
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        for version in ("v2", "v3", "v4"):
            cls.repository.commit({"page.html": f"{version}\n", "data": noise(version)}, version, tag=version)
        cls.site = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        cls.files = {"name": "files", "git_repo": "", "scope": "code", "path": "/srv/files",
                     "source": {"protocol": "s3", "url": "s3://sources/team/files", "mode": "symlink"}}
        cls.app_id = cls.lab.ready_app([cls.site])

    def setUp(self):
        self.lab.clear_faults()
        self.lab.change_app(self.app_id, modules=[self.site])
        self.lab.forget_calls()

    def add(self, key, content):
        """Returns the new version's id."""
        return self.s3.put_object(Bucket="sources", Key=key, Body=content)["VersionId"]

    def seen(self, action, **wanted):
        return [c for c in self.lab.calls() if c["service"] == "s3" and c["action"] == action
                and all(c[name] == value for name, value in wanted.items())]

    def file(self, path):
        (instance,) = self.lab.instances(self.app_id)
        return self.lab.instance_file(instance, path).read_bytes()

    def by_the_instance(self, status):
        return self.seen("GetObject", presigned=True, status=status)

    def by_the_controller(self):
        """Pieces of packs, which it passes on."""
        return self.seen("GetObject", presigned=False, status=206)

    def check_site(self, version):
        self.assertEqual(self.file("/srv/site/page.html"), f"{version}\n".encode())
        self.assertEqual(self.file("/srv/site/data"), noise(version))

    # ---- packages ------------------------------------------------------------------------------------------------

    def test_a_large_package_comes_from_the_bucket_itself(self):
        self.lab.deploy(self.app_id, {"site": "v2"})
        self.check_site("v2")
        fetched = self.by_the_instance(206)
        self.assertTrue(fetched)
        self.assertTrue(all(request["path"].startswith(PACKS) and request["range"] for request in fetched))
        self.assertEqual(self.by_the_controller(), [])
        puts = self.seen("PutObject", status=200)
        self.assertEqual(sorted(request["path"].rpartition(".")[2] for request in puts), ["manifest", "pack", "signature"])
        self.assertEqual(list(self.lab.folder.glob("data/packages/*/*")), [])
        self.check_that_no_url_is_kept()

    def check_that_no_url_is_kept(self):
        """Neither in a log nor anywhere on the disk of the controller or of an instance."""
        for folder, _, names in os.walk(self.lab.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as file:
                        self.assertNotIn(b"X-Amz-Signature", file.read(), path)

    def test_an_instance_that_the_bucket_refuses_is_served_by_the_controller(self):
        self.lab.fault(service="s3", action="GetObject", presigned=True, error="AccessDenied", status=403, count=0)
        self.lab.deploy(self.app_id, {"site": "v3"})
        self.check_site("v3")
        self.assertEqual(len(self.by_the_instance(403)), 2)  # once, and once more with a new URL
        self.assertEqual(self.by_the_instance(206), [])
        self.assertTrue(self.by_the_controller())

    def test_a_small_package_comes_from_the_controller(self):
        self.lab.deploy(self.app_id, {"site": "v1"})
        self.assertEqual(self.file("/srv/site/page.html"), b"one\n")
        self.assertEqual(self.by_the_instance(206), [])

    def test_a_package_of_before_is_deployed_again(self):
        self.lab.deploy(self.app_id, {"site": "v4"})
        first = self.lab.get(f"/deployments?where={{\"app_id\":\"{self.app_id}\"}}&sort=-timestamp")["_items"][0]
        self.lab.deploy(self.app_id, {"site": "v1"})
        self.lab.run(self.app_id, "redeploy", options=[first["_id"]])
        self.check_site("v4")

    # ---- sources -------------------------------------------------------------------------------------------------

    def test_a_module_from_a_bucket(self):
        self.add("team/files/index.html", b"old")
        self.add("team/files/index.html", b"hello")
        self.add("team/files/css/a b+c.css", b"blue")
        self.add("team/files/archive.tar.gz", b"\x1f\x8b as it is")
        self.add("team/files-of-others", b"not ours")
        self.lab.change_app(self.app_id, modules=[self.site, self.files])
        job = self.lab.deploy(self.app_id, {"files": "HEAD"})
        self.assertEqual(self.file("/srv/files/index.html"), b"hello")
        self.assertEqual(self.file("/srv/files/css/a b+c.css"), b"blue")
        self.assertEqual(self.file("/srv/files/archive.tar.gz"), b"\x1f\x8b as it is")
        deployment = self.lab.get(f"/deployments/{job['modules'][0]['deploy_id']}")
        self.assertEqual((deployment["revision"], deployment["commit"]), ("HEAD", ""))

    def test_a_version_of_an_object(self):
        first = self.add("team/tool", b"one")
        self.add("team/tool", b"two")
        source = {"protocol": "s3", "url": "s3://sources/team/tool", "mode": "symlink"}
        self.lab.change_app(self.app_id, modules=[self.site, {**self.files, "source": source}])
        job = self.lab.deploy(self.app_id, {"files": first})
        self.assertEqual(self.file("/srv/files/tool"), b"one")
        self.assertEqual(self.lab.get(f"/deployments/{job['modules'][0]['deploy_id']}")["revision"], first)
        self.assertIn(f"version {first}", self.lab.log(job["_id"]))
        job = self.lab.deploy(self.app_id, {"files": "latest"})
        self.assertEqual(self.file("/srv/files/tool"), b"two")

    def test_a_wrong_source_is_named(self):
        source = {"protocol": "s3", "url": "https://sources/team/tool", "mode": "symlink"}
        self.lab.change_app(self.app_id, modules=[self.site, {**self.files, "source": source}])
        job = self.lab.deploy(self.app_id, {"files": "HEAD"}, expect="failed")
        self.assertIn("Invalid S3 source url given", job["message"])


if __name__ == "__main__":
    unittest.main()
