#!/usr/bin/env python3
"""What there is in AWS to choose from: where it is asked, what is kept, and what becomes of AWS's refusals."""
import concurrent.futures
import time
import unittest

from restcase import RestCase

VPC = "<AnyResponse><vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><isDefault>false</isDefault></item></vpcSet></AnyResponse>"
REFUSAL = "<Response><Errors><Error><Code>{}</Code><Message>not you</Message></Error></Errors><RequestID>r-1</RequestID></Response>"


class AwsChoices(RestCase):
    def until(self, status, path, seconds=10):
        """Answers are kept for a second here."""
        deadline = time.monotonic() + seconds
        while (reply := self.call("GET", path)).status != status:
            self.assertLess(time.monotonic(), deadline, reply.body)
            time.sleep(0.05)
        return reply

    def test_rows_are_documents(self):
        self.order(f"aws 200 {VPC}")
        reply = self.call("GET", "/aws/vpcs")
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual(reply.json["region"], "eu-west-1")
        self.assertEqual(
            reply.json["_items"], [{"id": "vpc-1", "cidr": "10.0.0.0/16", "state": "", "is_default": False, "name": ""}]
        )

    def test_an_answer_is_kept_for_a_while(self):
        first = self.call("GET", "/aws/vpcs").json
        self.order(f"aws 200 {VPC}")
        self.assertEqual(first["_items"], [])
        deadline = time.monotonic() + 10
        while not self.call("GET", "/aws/vpcs").json["_items"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_a_region_is_its_own_question(self):
        self.assertEqual(self.call("GET", "/aws/vpcs?region=eu-west-3").json["region"], "eu-west-3")
        self.assertEqual(self.call("GET", "/aws/vpcs").json["region"], "eu-west-1")

    def test_an_application_says_where(self):
        app = self.app(region="eu-west-3")
        self.assertEqual(self.call("GET", f"/aws/subnets?app_id={app}&vpc_id=vpc-1&region=us-east-1").json["region"], "eu-west-3")
        guest = self.app(name="guest", assumed_account_id="210987654321", assumed_role_name="deployer")
        reply = self.call("GET", f"/aws/vpcs?app_id={guest}")
        self.assertEqual(reply.status, 403, reply.body)
        self.assertIn("AccessDenied: not this role", reply.json["_error"]["message"])

    def test_what_is_asked_wrongly(self):
        for query, message in {
            "region=nowhere": "region: 'nowhere' is not an AWS region",
            "assumed_account_id=210987654321": "assumed_account_id and assumed_role_name go together",
            "app_id=x": "app_id: 'x' is no id of an application",
        }.items():
            self.assert_error(self.call("GET", f"/aws/vpcs?{query}"), 422, message)
        self.assertEqual(self.call("GET", "/aws/vpcs?app_id=0123456789abcdef01234567").status, 422)
        self.assert_error(
            self.call("GET", "/aws/images?owner=amazon"), 422, "name: needed with an owner other than self, such as 'debian-12-*'"
        )

    def test_awss_refusals_keep_their_words(self):
        for status, code, answered, sorted_as in (
            (403, "UnauthorizedOperation", 403, "permission"),
            (400, "InvalidParameterValue", 502, "caller"),
            (401, "AuthFailure", 502, "credentials"),
        ):
            self.order(f"aws {status} {REFUSAL.format(code)}")
            reply = self.call("GET", f"/aws/security-groups?vpc_id={code}")
            self.assertEqual(reply.status, answered, reply.body)
            self.assertIn(f"DescribeSecurityGroups: {code}: not you (request r-1)", reply.json["_error"]["message"])
            self.assertEqual(reply.json["_error"]["aws_class"], sorted_as)
        self.order("aws 200")
        self.until(200, "/aws/security-groups?vpc_id=AuthFailure")

    def test_many_share_one_question(self):
        """More at a time than the server has threads: none of them waits for AWS."""
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            replies = list(pool.map(lambda _: self.call("GET", "/aws/key-pairs"), range(20)))
        self.assertEqual({reply.status for reply in replies}, {200})
        self.assertEqual(len({reply.json["asked_at"] for reply in replies}), 1)


if __name__ == "__main__":
    unittest.main()
