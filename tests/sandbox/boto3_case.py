"""A test class whose sandbox is driven by a third party's client, Debian's boto3: it judges our XML and our names."""
import unittest
import warnings

from sandbox_case import SandboxCase

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    boto3 = None


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Boto3Case(SandboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ec2 = cls.client("ec2")

    @classmethod
    def client(cls, service, secret=None):
        about = cls.sandbox.about
        return boto3.client(service, endpoint_url=about["endpoint"], region_name=about["region"],
                            aws_access_key_id=about["access_key"],
                            aws_secret_access_key=secret or about["secret_key"],
                            config=botocore.config.Config(retries={"max_attempts": 1}, parameter_validation=True))

    def setUp(self):
        warnings.simplefilter("ignore", ResourceWarning)  # botocore keeps its connections

    def error_of(self, function, **parameters):
        """(code, message)"""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            function(**parameters)
        return caught.exception.response["Error"]["Code"], caught.exception.response["Error"]["Message"]

    def code_of(self, function, **parameters):
        return self.error_of(function, **parameters)[0]
