"""The metadata endpoint of an instance, and its identity document judged by the openssl command."""
import base64
import http.client
import json
import os
import subprocess
import unittest

from sandbox_case import SandboxCase, wait_for


class Metadata(SandboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.instance_id = cls.sandbox.run_instance("user data \xe9", **{
            "MetadataOptions.InstanceMetadataTags": "enabled", "TagSpecification.1.ResourceType": "instance",
            "TagSpecification.1.Tag.1.Key": "ghost:app-id", "TagSpecification.1.Tag.1.Value": "a1"})
        cls.row = cls.sandbox.wait_state(cls.instance_id, "running")
        cls.reach(cls.row)

    @classmethod
    def reach(cls, row):
        def open_port():
            try:
                return cls.ask(row, "GET", "meta-data/")
            except ConnectionRefusedError:
                return None
        wait_for(open_port, "the metadata endpoint")

    @staticmethod
    def ask(row, method, path, headers=None):
        connection = http.client.HTTPConnection(row["private_ip"], 1338, timeout=10)
        connection.request(method, "/latest/" + path, headers=headers or {})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, body

    def token(self, ttl="60", row=None, **headers):
        return self.ask(row or self.row, "PUT", "api/token", {"X-aws-ec2-metadata-token-ttl-seconds": ttl, **headers})

    def get(self, path):
        status, token = self.token()
        self.assertEqual(status, 200)
        return self.ask(self.row, "GET", path, {"X-aws-ec2-metadata-token": token.decode()})

    def test_only_with_a_token(self):
        self.assertEqual(self.ask(self.row, "GET", "meta-data/instance-id")[0], 401)
        self.assertEqual(self.ask(self.row, "GET", "meta-data/", {"X-aws-ec2-metadata-token": "made up"})[0], 401)
        for ttl in ("0", "21601", "x", ""):
            self.assertEqual(self.token(ttl)[0], 400, ttl)
        self.assertEqual(self.token(**{"X-Forwarded-For": "1.2.3.4"})[0], 403)

    def test_token_of_another_instance_is_foreign(self):
        other = self.sandbox.wait_state(self.sandbox.run_instance(), "running")
        self.reach(other)
        token = self.token(row=other)[1].decode()
        headers = {"X-aws-ec2-metadata-token": token}
        self.assertEqual(self.ask(other, "GET", "meta-data/instance-id", headers)[1].decode(), other["id"])
        self.assertEqual(self.ask(self.row, "GET", "meta-data/instance-id", headers)[0], 401)
        self.assertEqual(self.ask(other, "GET", "user-data", headers)[0], 404)
        self.assertEqual(self.ask(other, "GET", "meta-data/tags/instance", headers)[0], 404)

    def test_items(self):
        row = self.row
        expected = {"instance-id": row["id"], "ami-id": row["image"], "instance-type": row["type"],
                    "local-ipv4": row["private_ip"], "placement/region": "eu-west-1", "mac": row["mac"],
                    "placement/availability-zone": row["zone"], "tags/instance": "ghost:app-id",
                    "tags/instance/ghost:app-id": "a1", "instance-life-cycle": "on-demand",
                    f"network/interfaces/macs/{row['mac']}/subnet-id": row["subnet"]}
        for path, value in expected.items():
            self.assertEqual(self.get("meta-data/" + path), (200, value.encode()), path)
        self.assertEqual(self.get("user-data"), (200, "user data \xe9".encode()))
        self.assertEqual(self.get("meta-data/spot/instance-action")[0], 404)
        self.assertIn(b"placement/", self.get("meta-data/")[1].split())

    def test_notices(self):
        row = self.sandbox.wait_state(self.sandbox.run_instance(**{"InstanceMarketOptions.MarketType": "spot"}), "running")
        self.reach(row)
        headers = {"X-aws-ec2-metadata-token": self.token(row=row)[1].decode()}

        def get(path):
            return self.ask(row, "GET", "meta-data/" + path, headers)

        paths = ("spot/instance-action", "events/recommendations/rebalance")
        self.assertEqual([get(path)[0] for path in paths], [404, 404])
        self.assertEqual(get("events/maintenance/scheduled"), (200, b"[]"))
        self.sandbox.control(f"instances/{row['id']}/notice", {"kind": "maintenance", "seconds": 3600})
        (event,) = json.loads(get("events/maintenance/scheduled")[1])
        self.assertEqual((event["Code"], event["State"]), ("system-reboot", "active"))
        self.assertRegex(event["NotBefore"], r"^\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        self.sandbox.control(f"instances/{row['id']}/notice", {"kind": "rebalance"})
        self.assertRegex(json.loads(get(paths[1])[1])["noticeTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.sandbox.control(f"instances/{row['id']}/notice", {"kind": "spot", "seconds": 20})
        action = json.loads(get(paths[0])[1])
        self.assertEqual(action["action"], "terminate")
        self.assertEqual(self.sandbox.instance(row["id"])["state"], "running")
        self.sandbox.wait_state(row["id"], "terminated")
        self.assertEqual(self.sandbox.instance(row["id"])["state_reason"]["code"], "Server.SpotInstanceTermination")

    def verify(self, pkcs7):
        """openssl's verdict with only the pinned certificate, as AWS documents it, and the safe switch it forgets."""
        path = os.path.join(self.folder, "identity.p7")
        with open(path, "wb") as file:
            file.write(b"-----BEGIN PKCS7-----\n" + pkcs7.strip() + b"\n-----END PKCS7-----\n")
        return subprocess.run(["openssl", "smime", "-verify", "-in", path, "-inform", "PEM", "-certfile",
                               self.sandbox.about["identity_certificate"], "-noverify", "-nointern"],
                              capture_output=True, check=False)

    def test_identity_document(self):
        document = self.get("dynamic/instance-identity/document")[1]
        fields = json.loads(document)
        self.assertEqual((fields["instanceId"], fields["privateIp"], fields["region"], fields["version"]),
                         (self.row["id"], self.row["private_ip"], "eu-west-1", "2017-09-30"))
        signed = self.get("dynamic/instance-identity/rsa2048")[1]
        self.assertTrue(signed.startswith(b"MIAG"), "BER of indefinite length, as the real ones")
        self.assertEqual({len(line) for line in signed.split(b"\n")[:-1]}, {76})
        verdict = self.verify(signed)
        self.assertEqual((verdict.returncode, verdict.stdout), (0, document), verdict.stderr)

    def test_forged_document_is_not_believed(self):
        signed = base64.b64decode(self.get("dynamic/instance-identity/rsa2048")[1])
        forged = signed.replace(self.row["id"].encode(), b"i-" + b"0" * 17)
        self.assertNotEqual(forged, signed)
        lines = base64.encodebytes(forged)
        self.assertNotEqual(self.verify(lines).returncode, 0)


if __name__ == "__main__":
    unittest.main()
