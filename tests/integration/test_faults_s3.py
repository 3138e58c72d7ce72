#!/usr/bin/env python3
"""S3 in trouble, between the controller that puts packages there and the instances that fetch them: what is installed is what was
built, or nothing."""
import random
import unittest

import ghostlab
from awslab import AwsLab
from truth import assert_truth

BUCKET, SOURCES = "packages-of-the-faults", "sources-of-the-faults"
PACK_BYTES = 3 << 20  # large enough to be fetched from the bucket itself


class S3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab({"packages.store": "s3", "packages.bucket": BUCKET}))
        for bucket in (BUCKET, SOURCES):
            lab.boto("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        lab.boto("s3").put_bucket_versioning(Bucket=SOURCES, VersioningConfiguration={"Status": "Enabled"})
        cls.repository = ghostlab.Repository(lab.folder / "site")
        cls.number = 0
        cls.site = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        cls.files = {"name": "files", "git_repo": "", "scope": "code", "path": "/srv/files",
                     "source": {"protocol": "s3", "url": f"s3://{SOURCES}/files", "mode": "symlink"}}
        cls.commit()
        cls.app_id = lab.ready_app([cls.site, cls.files])
        lab.deploy(cls.app_id, {"site": "HEAD"})

    @classmethod
    def commit(cls):
        """A version with a package of its own, that cannot be compressed."""
        cls.number += 1
        cls.data = random.Random(cls.number).randbytes(PACK_BYTES)
        cls.repository.commit({"page.html": f"{cls.number}\n", "data": cls.data}, "next", tag=f"v{cls.number}")
        return f"v{cls.number}"

    def setUp(self):
        self.lab.clear_faults()
        self.addCleanup(self.lab.clear_faults)

    def file(self, path):
        (instance,) = self.lab.instances(self.app_id)
        return self.lab.instance_file(instance, path).read_bytes()

    def deploy(self, expect="done", **fault):
        """The next version, with that trouble once (or as often as it says)."""
        before = self.file("/srv/site/page.html"), self.file("/srv/site/data")
        version = self.commit()
        self.lab.forget_calls()
        self.lab.fault(service="s3", **fault)
        job = self.lab.deploy(self.app_id, {"site": version}, expect, seconds=150)
        self.assertTrue([c for c in self.lab.calls() if c["fault"]], "the fault had no turn")
        self.lab.clear_faults()
        wanted = (f"{self.number}\n".encode(), self.data) if expect == "done" else before
        self.assertEqual((self.file("/srv/site/page.html"), self.file("/srv/site/data")), wanted)
        assert_truth(self, self.lab, self.app_id, count=1)
        return job

    def calls(self, action):
        return [c for c in self.lab.calls() if c["action"] == action]

    def test_putting_in_trouble(self):
        for name, fault in {
            "slow down": {"error": "SlowDown", "status": 503, "count": 3},
            "moving": {"error": "TemporaryRedirect", "status": 307},
            "damaged on its way": {"error": "BadDigest", "status": 400},
            "an answer that is lost": {"when": "reset"},
            "another tag": {"when": "wrong-etag"},
        }.items():
            with self.subTest(name):
                self.deploy(action="PutObject", **fault)

    def test_putting_that_is_not_allowed(self):
        job = self.deploy("failed", action="PutObject", error="AccessDenied", status=403, message="not you", count=0)
        self.assertIn("PutObject: AccessDenied: not you", job["message"])
        self.assertIn(f"s3://{BUCKET}/", job["message"])

    def test_fetching_in_trouble(self):
        for name, fault in {
            "one other byte": {"when": "wrong-bytes"},
            "cut short": {"when": "truncate"},
            "a URL of yesterday": {"error": "AccessDenied", "status": 403, "message": "Request has expired"},
            "slow down": {"error": "SlowDown", "status": 503, "count": 2},
            "another tag": {"when": "wrong-etag"},
        }.items():
            with self.subTest(name):
                self.deploy(action="GetObject", presigned=True, **fault)

    def test_bytes_that_stay_wrong_are_never_installed(self):
        job = self.deploy("failed", action="GetObject", when="wrong-bytes", count=0)
        self.assertIn("site: ", job["message"])
        self.deploy(action="GetObject", presigned=True, when="wrong-bytes")  # the instance is as well as before

    def test_a_source_whose_list_fails_is_not_taken_for_empty(self):
        self.lab.boto("s3").put_object(Bucket=SOURCES, Key="files/page.html", Body=b"of the bucket")
        for action in ("ListObjectVersions", "ListObjectsV2"):
            self.lab.fault(service="s3", action=action, when="error-in-200")
        self.lab.deploy(self.app_id, {"files": "HEAD"})
        self.assertEqual(self.file("/srv/files/page.html"), b"of the bucket")
        self.assertTrue([c for c in self.lab.calls() if c["fault"] == "error-in-200"])
        assert_truth(self, self.lab, self.app_id, count=1)


if __name__ == "__main__":
    unittest.main()
