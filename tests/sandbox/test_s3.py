"""S3, judged by boto3: objects, versions, listings, uploads in parts, signatures in headers and in the query."""
import base64
import hashlib
import http.client
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from boto3_case import Boto3Case, boto3, botocore

KEYS = ("plain", "with space", "a//b", "a/../b", "./c", "plus+and&=?#%41", "größe/日本", "~tilde", "tail/")


def fetch(url, method="GET", data=None, headers=None):
    """(status, headers, body) without a client that knows AWS."""
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


class S3Case(Boto3Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3 = cls.s3_client()
        cls.where = {"LocationConstraint": cls.sandbox.about["region"]}

    @classmethod
    def s3_client(cls, region=None, secret=None, **options):
        about = cls.sandbox.about
        config = botocore.config.Config(signature_version="s3v4", retries={"max_attempts": 0},
                                        s3={"addressing_style": "path", **options})
        return boto3.client("s3", endpoint_url=about["endpoint"], region_name=region or about["region"],
                            aws_access_key_id=about["access_key"],
                            aws_secret_access_key=secret or about["secret_key"], config=config)

    def bucket(self, versions=False):
        name = f"b-{self._testMethodName.replace('_', '-')}"
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration=self.where)
        if versions:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def keys(self, **query):
        pages = self.s3.get_paginator("list_objects_v2").paginate(**query)
        return [row["Key"] for page in pages for row in page.get("Contents", [])]


class Objects(S3Case):
    def test_buckets(self):
        name = self.bucket()
        self.assertEqual(self.s3.get_bucket_location(Bucket=name)["LocationConstraint"],
                         self.sandbox.about["region"])
        self.assertIn(name, [row["Name"] for row in self.s3.list_buckets()["Buckets"]])
        self.s3.head_bucket(Bucket=name)
        self.assertEqual(self.code_of(self.s3.head_bucket, Bucket="absent"), "404")
        self.assertEqual(self.code_of(self.s3.create_bucket, Bucket=name, CreateBucketConfiguration=self.where),
                         "BucketAlreadyOwnedByYou")
        self.s3.put_object(Bucket=name, Key="k", Body=b"")
        self.assertEqual(self.code_of(self.s3.delete_bucket, Bucket=name), "BucketNotEmpty")
        self.s3.delete_object(Bucket=name, Key="k")
        self.s3.delete_bucket(Bucket=name)
        self.assertEqual(self.code_of(self.s3.list_objects_v2, Bucket=name), "NoSuchBucket")

    def test_every_kind_of_key(self):
        name = self.bucket()
        for key in KEYS:
            self.s3.put_object(Bucket=name, Key=key, Body=key.encode(), Metadata={"k": "v"}, ContentType="text/x")
        for key in KEYS:
            got = self.s3.get_object(Bucket=name, Key=key)
            self.assertEqual((got["Body"].read(), got["Metadata"], got["ContentType"]),
                             (key.encode(), {"k": "v"}, "text/x"))
            self.assertEqual(got["ETag"], f'"{hashlib.md5(key.encode()).hexdigest()}"')
            url = self.s3.generate_presigned_url("get_object", {"Bucket": name, "Key": key})
            self.assertEqual(fetch(url)[2], key.encode(), key)
        self.assertEqual(self.keys(Bucket=name, PaginationConfig={"PageSize": 2}), sorted(KEYS, key=str.encode))

    def test_get(self):
        name = self.bucket()
        tag = self.s3.put_object(Bucket=name, Key="k", Body=b"0123456789")["ETag"]
        for asked, part in (("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")):
            got = self.s3.get_object(Bucket=name, Key="k", Range=asked)
            self.assertEqual((got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]), (part, 206))
        self.assertEqual(self.code_of(self.s3.get_object, Bucket=name, Key="k", Range="bytes=10-"), "InvalidRange")
        self.assertEqual(self.code_of(self.s3.get_object, Bucket=name, Key="k", IfMatch='"x"'), "PreconditionFailed")
        self.assertEqual(self.code_of(self.s3.get_object, Bucket=name, Key="k", IfNoneMatch=tag), "304")
        self.assertEqual(self.code_of(self.s3.get_object, Bucket=name, Key="none"), "NoSuchKey")
        self.assertEqual(self.s3.head_object(Bucket=name, Key="k")["ContentLength"], 10)
        self.assertEqual(self.code_of(self.s3.head_object, Bucket=name, Key="none"), "404")
        got = self.s3.get_object(Bucket=name, Key="k", ResponseContentType="x/y")
        self.assertEqual(got["ContentType"], "x/y")

    def test_what_is_sent_must_be_what_was_meant(self):
        name = self.bucket()
        wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
        self.assertEqual(self.code_of(self.s3.put_object, Bucket=name, Key="k", Body=b"x", ChecksumSHA256=wrong),
                         "BadDigest")
        self.assertEqual(self.code_of(self.s3.put_object, Bucket=name, Key="k", Body=b"x",
                                      ContentMD5=base64.b64encode(hashlib.md5(b"y").digest()).decode()), "BadDigest")
        self.assertEqual(self.keys(Bucket=name), [])
        right = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
        self.s3.put_object(Bucket=name, Key="k", Body=b"x", ChecksumSHA256=right)
        self.assertEqual(self.s3.head_object(Bucket=name, Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"], right)

    def test_only_when_absent(self):
        name = self.bucket()

        def once(params, **_):
            params["headers"]["If-None-Match"] = "*"
        client = self.s3_client()
        client.meta.events.register("before-call.s3.PutObject", once)
        client.put_object(Bucket=name, Key="k", Body=b"1")
        self.assertEqual(self.code_of(client.put_object, Bucket=name, Key="k", Body=b"2"), "PreconditionFailed")
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k")["Body"].read(), b"1")

    def test_versions(self):
        name = self.bucket(versions=True)
        first = self.s3.put_object(Bucket=name, Key="k", Body=b"1")["VersionId"]
        second = self.s3.put_object(Bucket=name, Key="k", Body=b"2")["VersionId"]
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k", VersionId=first)["Body"].read(), b"1")
        marker = self.s3.delete_object(Bucket=name, Key="k")
        self.assertTrue(marker["DeleteMarker"])
        self.assertEqual(self.code_of(self.s3.get_object, Bucket=name, Key="k"), "NoSuchKey")
        self.assertEqual(self.keys(Bucket=name), [])
        shown = self.s3.list_object_versions(Bucket=name)
        self.assertEqual([row["VersionId"] for row in shown["Versions"]], [second, first])
        self.assertEqual([row["VersionId"] for row in shown["DeleteMarkers"]], [marker["VersionId"]])
        self.s3.delete_object(Bucket=name, Key="k", VersionId=marker["VersionId"])
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k")["Body"].read(), b"2")
        pages = list(self.s3.get_paginator("list_object_versions").paginate(Bucket=name,
                                                                            PaginationConfig={"PageSize": 1}))
        self.assertEqual([row["VersionId"] for page in pages for row in page.get("Versions", [])], [second, first])

    def test_lists(self):
        name = self.bucket()
        for key in ("a", "d/1", "d/2", "e/f/1", "z"):
            self.s3.put_object(Bucket=name, Key=key, Body=b"")
        pages = list(self.s3.get_paginator("list_objects_v2").paginate(Bucket=name, Delimiter="/",
                                                                       PaginationConfig={"PageSize": 1}))
        self.assertEqual([row["Key"] for page in pages for row in page.get("Contents", [])], ["a", "z"])
        self.assertEqual([row["Prefix"] for page in pages for row in page.get("CommonPrefixes", [])], ["d/", "e/"])
        self.assertEqual(self.keys(Bucket=name, Prefix="d/"), ["d/1", "d/2"])
        self.assertEqual(self.keys(Bucket=name, StartAfter="d/1"), ["d/2", "e/f/1", "z"])
        done = self.s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a"}, {"Key": "never"}]})
        self.assertEqual([row["Key"] for row in done["Deleted"]], ["a", "never"])
        self.assertNotIn("a", self.keys(Bucket=name))

    def test_in_parts(self):
        name = self.bucket()
        where = {"Bucket": name, "Key": "big"}
        number = self.s3.create_multipart_upload(**where, Metadata={"m": "1"})["UploadId"]
        whole = [b"a" * (5 << 20), b"end"]
        tags = [self.s3.upload_part(**where, UploadId=number, PartNumber=index, Body=body)["ETag"]
                for index, body in enumerate(whole, 1)]
        self.assertEqual(len(self.s3.list_parts(**where, UploadId=number)["Parts"]), 2)
        self.assertEqual(len(self.s3.list_multipart_uploads(Bucket=name)["Uploads"]), 1)
        parts = [{"PartNumber": index, "ETag": tag} for index, tag in enumerate(tags, 1)]
        self.assertEqual(self.code_of(self.s3.complete_multipart_upload, **where, UploadId=number,
                                      MultipartUpload={"Parts": parts[::-1]}), "InvalidPartOrder")
        self.s3.complete_multipart_upload(**where, UploadId=number, MultipartUpload={"Parts": parts})
        got = self.s3.get_object(**where)
        self.assertEqual((got["Body"].read(), got["Metadata"]), (b"".join(whole), {"m": "1"}))
        self.assertTrue(got["ETag"].endswith('-2"'))
        number = self.s3.create_multipart_upload(**where)["UploadId"]
        self.s3.abort_multipart_upload(**where, UploadId=number)
        self.assertEqual(self.code_of(self.s3.list_parts, **where, UploadId=number), "NoSuchUpload")


class Belief(S3Case):
    def test_a_fault_of_presigned_requests(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="k", Body=b"1")
        url = self.s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
        self.sandbox.control("faults", {"service": "s3", "presigned": True, "error": "AccessDenied", "status": 403, "count": 0})
        self.addCleanup(self.sandbox.control, "faults", None, "DELETE")
        self.assertEqual(self.s3.get_object(Bucket=name, Key="k", Range="bytes=0-0")["Body"].read(), b"1")
        self.assertEqual(fetch(url)[0], 403)
        calls = [c for c in self.sandbox.control("calls")["calls"] if c.get("path") == f"/{name}/k" and c["action"] == "GetObject"]
        self.assertEqual([(c["presigned"], c["range"], c["status"]) for c in calls], [(False, "bytes=0-0", 206), (True, None, 403)])

    def test_presigned(self):
        name = self.bucket()
        put = self.s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "k"}, ExpiresIn=60)
        self.assertEqual(fetch(put, "PUT", b"by link")[0], 200)
        url = self.s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"}, ExpiresIn=1)
        self.assertEqual(fetch(url)[2], b"by link")
        status, _, body = fetch(url.replace("/k?", "/other?"))
        self.assertEqual((status, b"<Code>SignatureDoesNotMatch</Code>" in body), (403, True))
        self.assertEqual(fetch(url, "DELETE")[0], 403)
        end = time.monotonic() + 20
        while (answer := fetch(url))[0] == 200 and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(answer[0], 403)
        self.assertIn(b"<Code>AccessDenied</Code><Message>Request has expired</Message>", answer[2])

    def test_who_is_not_believed(self):
        name = self.bucket()
        self.assertEqual(self.code_of(self.s3_client(secret="wrong").list_objects_v2, Bucket=name),
                         "SignatureDoesNotMatch")
        status, _, body = fetch(f"{self.sandbox.about['endpoint']}/{name}/k")
        self.assertEqual((status, b"<Code>AccessDenied</Code>" in body), (403, True))

    def test_another_region(self):
        name = self.bucket()
        about = self.sandbox.about
        url = self.s3_client("us-west-2").generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
        connection = http.client.HTTPConnection("127.0.0.1", about["port"], timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", url[len(about["endpoint"]):])
        reply = connection.getresponse()
        body = reply.read()
        self.assertEqual((reply.status, reply.getheader("x-amz-bucket-region")), (301, about["region"]))
        self.assertIn(b"<Code>PermanentRedirect</Code>", body)
        self.assertIn(f"<Region>{about['region']}</Region>".encode(), body)

    def test_virtual_host(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="a b", Body=b"hosted")
        about = self.sandbox.about
        client = boto3.client("s3", region_name=about["region"], aws_access_key_id=about["access_key"],
                              aws_secret_access_key=about["secret_key"],
                              config=botocore.config.Config(signature_version="s3v4"))
        url = urllib.parse.urlsplit(client.generate_presigned_url("get_object", {"Bucket": name, "Key": "a b"}))
        self.assertTrue(url.netloc.startswith(f"{name}.s3."))
        answer = fetch(f"{about['endpoint']}{url.path}?{url.query}", headers={"Host": url.netloc})
        self.assertEqual((answer[0], answer[2]), (200, b"hosted"))

    def test_faults(self):
        name = self.bucket()
        self.s3.put_object(Bucket=name, Key="k", Body=b"0123456789")
        self.sandbox.control("faults", {"service": "s3", "action": "GetObject", "error": "SlowDown", "status": 503})
        self.assertEqual(self.code_of(self.s3.get_object, Bucket=name, Key="k"), "SlowDown")
        self.sandbox.control("faults", {"service": "s3", "action": "GetObject", "when": "truncate"})
        url = self.s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            fetch(url)
        self.assertEqual(fetch(url)[2], b"0123456789")


if __name__ == "__main__":
    unittest.main()
