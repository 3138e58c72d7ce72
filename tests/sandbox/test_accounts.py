"""Accounts and roles through Debian's boto3: what is made in one account is not there in another."""
import datetime
import unittest

from boto3_case import Boto3Case, boto3

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/deployer"


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Accounts(Boto3Case):
    def of(self, service, keys=None):
        if not keys:
            return self.client(service)
        return boto3.client(service, endpoint_url=self.sandbox.about["endpoint"], region_name=self.sandbox.about["region"],
                            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                            aws_session_token=keys["SessionToken"])

    def declare(self, **more):
        return self.sandbox.control("roles", {"account": OTHER, "name": "deployer", **more})

    def assume(self, **more):
        return self.of("sts").assume_role(RoleArn=ROLE, RoleSessionName="one", **more)

    def test_a_role_acts_in_its_account(self):
        place = self.declare(external_id=None)
        answer = self.assume()
        self.assertEqual(answer["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{OTHER}:assumed-role/deployer/one")
        left = answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 3600, delta=60)
        keys = answer["Credentials"]
        who = self.of("sts", keys).get_caller_identity()
        self.assertEqual((who["Account"], who["Arn"]), (OTHER, f"arn:aws:sts::{OTHER}:assumed-role/deployer/one"))
        self.assertEqual(self.of("sts").get_caller_identity()["Account"], "123456789012")

        theirs, ours = self.of("ec2", keys), self.of("ec2")
        made = theirs.run_instances(ImageId=place["base_image_id"], MinCount=1, MaxCount=1, SubnetId=place["subnet_ids"][0])
        known = made["Instances"][0]["InstanceId"]
        ids = [i["InstanceId"] for r in theirs.describe_instances()["Reservations"] for i in r["Instances"]]
        self.assertEqual(ids, [known])
        ids = [i["InstanceId"] for r in ours.describe_instances()["Reservations"] for i in r["Instances"]]
        self.assertNotIn(known, ids)
        self.assertEqual(self.code_of(ours.describe_instances, InstanceIds=[known]), "InvalidInstanceID.NotFound")
        self.assertNotEqual(theirs.describe_vpcs()["Vpcs"][0]["VpcId"], ours.describe_vpcs()["Vpcs"][0]["VpcId"])
        shown = self.sandbox.control(f"accounts/{OTHER}/state")
        self.assertEqual([i["id"] for i in shown["instances"]], [known])

    def test_a_fault_of_one_account(self):
        self.declare(external_id=None)
        theirs = self.of("ec2", self.assume()["Credentials"])
        self.sandbox.control("faults", {"action": "DescribeVpcs", "account": OTHER, "error": "UnauthorizedOperation", "status": 403})
        self.addCleanup(self.sandbox.control, "faults", None, "DELETE")
        self.of("ec2").describe_vpcs()
        self.assertEqual(self.code_of(theirs.describe_vpcs), "UnauthorizedOperation")
        calls = [(c["account"], c["error"]) for c in self.sandbox.control("calls")["calls"] if c["action"] == "DescribeVpcs"]
        self.assertEqual(calls[-2:], [("123456789012", None), (OTHER, "UnauthorizedOperation")])

    def test_who_may_not(self):
        self.declare(external_id="between us")
        self.assertEqual(self.code_of(self.assume), "AccessDenied")
        self.assertEqual(self.code_of(self.assume, ExternalId="other"), "AccessDenied")
        self.assume(ExternalId="between us")
        sts = self.of("sts")
        for arn in (f"arn:aws:iam::{OTHER}:role/nobody", "arn:aws:iam::111111111111:role/deployer", "x" * 30):
            self.assertEqual(self.code_of(sts.assume_role, RoleArn=arn, RoleSessionName="one"), "AccessDenied", arn)
        self.declare(trusts="111111111111")
        self.assertEqual(self.code_of(self.assume), "AccessDenied")

    def test_how_long(self):
        self.declare(max_session_seconds=7200)
        self.assertEqual(self.code_of(self.assume, DurationSeconds=7201), "ValidationError")
        keys = self.assume(DurationSeconds=7200)["Credentials"]
        self.sandbox.control("roles", {"account": "123456789012", "name": "back", "trusts": OTHER})
        chained = self.of("sts", keys).assume_role
        arn = "arn:aws:iam::123456789012:role/back"
        self.assertEqual(self.code_of(chained, RoleArn=arn, RoleSessionName="two", DurationSeconds=3601), "ValidationError")
        chained(RoleArn=arn, RoleSessionName="two", DurationSeconds=3600)

    def test_a_session_ends(self):
        self.declare()
        keys = self.assume(DurationSeconds=900)["Credentials"]
        self.of("sts", keys).get_caller_identity()
        self.sandbox.control("end-sessions", {})
        self.assertEqual(self.code_of(self.of("sts", keys).get_caller_identity), "ExpiredToken")
        self.assertEqual(self.code_of(self.of("autoscaling", keys).describe_auto_scaling_groups), "ExpiredToken")
        self.assertEqual(self.code_of(self.of("ec2", keys).describe_instances), "RequestExpired")
        self.of("ec2", self.assume()["Credentials"]).describe_instances()

    def test_a_web_identity(self):
        self.declare(token="who I am")
        call = dict(RoleArn=ROLE, RoleSessionName="web")
        sts = self.of("sts")
        self.assertEqual(self.code_of(sts.assume_role_with_web_identity, WebIdentityToken="other", **call), "InvalidIdentityToken")
        keys = sts.assume_role_with_web_identity(WebIdentityToken="who I am", **call)["Credentials"]
        self.assertEqual(self.of("sts", keys).get_caller_identity()["Account"], OTHER)


if __name__ == "__main__":
    unittest.main()
