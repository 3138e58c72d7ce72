"""Instance profiles and image parameters, judged by boto3."""
import unittest

from boto3_case import Boto3Case, boto3, botocore


class Lookups(Boto3Case):
    def global_client(self, secret=None):
        """IAM is of no region: its calls are signed for us-east-1."""
        about = self.sandbox.about
        return boto3.client("iam", endpoint_url=about["endpoint"], region_name="us-east-1",
                            aws_access_key_id=about["access_key"],
                            aws_secret_access_key=secret or about["secret_key"],
                            config=botocore.config.Config(retries={"max_attempts": 0}))

    def test_profiles(self):
        iam = self.global_client()
        for name in ("one", "three", "two"):
            self.sandbox.control("profiles", {"name": name, "role": "r-" + name})
        shown = iam.get_instance_profile(InstanceProfileName="one")["InstanceProfile"]
        account = self.sandbox.about["account"]
        self.assertEqual(shown["Arn"], f"arn:aws:iam::{account}:instance-profile/one")
        self.assertEqual([role["RoleName"] for role in shown["Roles"]], ["r-one"])
        pages = iam.get_paginator("list_instance_profiles").paginate(PaginationConfig={"PageSize": 2})
        self.assertEqual([row["InstanceProfileName"] for page in pages for row in page["InstanceProfiles"]],
                         ["one", "three", "two"])
        self.assertEqual(self.code_of(iam.get_instance_profile, InstanceProfileName="none"), "NoSuchEntity")
        self.assertEqual(self.code_of(self.global_client("wrong").list_instance_profiles), "SignatureDoesNotMatch")

    def test_parameters(self):
        ssm = self.client("ssm")
        base = self.sandbox.about["base_image_id"]
        for architecture in ("amd64", "arm64"):
            name = f"/aws/service/debian/release/12/latest/{architecture}"
            self.assertEqual(ssm.get_parameter(Name=name)["Parameter"]["Value"], base)
        self.sandbox.control("parameters", {"name": "/own/image", "value": "ami-0123456789abcdef0"})
        shown = ssm.get_parameters(Names=["/own/image", "/not/there"])
        self.assertEqual([row["Value"] for row in shown["Parameters"]], ["ami-0123456789abcdef0"])
        self.assertEqual(shown["InvalidParameters"], ["/not/there"])
        self.assertEqual(self.code_of(ssm.get_parameter, Name="/not/there"), "ParameterNotFound")
        self.assertEqual(self.code_of(self.client("ssm", "wrong").get_parameter, Name="x"),
                         "InvalidSignatureException")

    def test_errors_have_the_form_of_the_service(self):
        self.sandbox.control("faults", {"service": "ssm", "error": "ThrottlingException", "status": 400, "count": 5})
        self.assertEqual(self.code_of(self.client("ssm").get_parameter, Name="x"), "ThrottlingException")
        self.sandbox.control("faults", {"service": "iam", "error": "AccessDenied", "status": 403})
        self.assertEqual(self.code_of(self.global_client().list_instance_profiles), "AccessDenied")


if __name__ == "__main__":
    unittest.main()
