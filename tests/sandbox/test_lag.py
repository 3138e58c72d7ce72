"""Answers that are behind what is, and pages that go wrong."""
import unittest

from boto3_case import Boto3Case, boto3, botocore
from sandbox_case import SandboxCase, texts

TAGGED = {"TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "app",
          "TagSpecification.1.Tag.1.Value": "shop"}


class Instances(SandboxCase):
    def fault(self, **rule):
        self.sandbox.control("faults", rule)

    def describe(self, name, value, **more):
        return self.sandbox.ec2("DescribeInstances", **{"Filter.1.Name": name, "Filter.1.Value.1": value}, **more)

    def shown(self, name, value):
        return texts(self.describe(name, value), "instanceId")

    def states(self, instance_id):
        tree = self.describe("instance-id", instance_id)
        return [part.text for row in tree.iter() if row.tag.endswith("instanceState") for part in row
                if part.tag.endswith("name")]

    def running(self, **parameters):
        instance_id = self.sandbox.run_instance(**parameters)
        self.sandbox.wait_state(instance_id, "running")
        return instance_id

    def test_one_that_flaps(self):
        self.fault(when="flapping", polls=5)
        instance_id = self.running()
        self.refused("InvalidInstanceID.NotFound", self.sandbox.ec2, "StopInstances", **{"InstanceId.1": instance_id})
        seen = [bool(self.shown("instance-id", instance_id)) for _ in range(7)]
        self.assertEqual(seen, [True, False, True, False, True, True, True])

    def test_tags_that_are_late(self):
        self.fault(when="late-tags", polls=2)
        instance_id = self.running(**TAGGED)
        other = self.running(**TAGGED)
        self.assertEqual(self.shown("tag:app", "shop"), [other])
        self.assertEqual(texts(self.describe("instance-id", instance_id), "key"), [])
        self.assertEqual(self.shown("tag:app", "shop"), [instance_id, other])
        self.assertEqual(texts(self.describe("instance-id", instance_id), "value"), ["shop"])
        self.sandbox.ec2("TerminateInstances", **{"InstanceId.1": instance_id, "InstanceId.2": other})

    def test_tags_of_an_image_that_are_late(self):
        self.fault(when="late-tags", nth=2, polls=1)  # the first is the instance
        instance_id = self.running()
        made = self.sandbox.ec2("CreateImage", InstanceId=instance_id, Name="late", **{
            "TagSpecification.1.ResourceType": "image", "TagSpecification.1.Tag.1.Key": "app",
            "TagSpecification.1.Tag.1.Value": "shop", "TagSpecification.2.ResourceType": "snapshot",
            "TagSpecification.2.Tag.1.Key": "app", "TagSpecification.2.Tag.1.Value": "shop"})
        image = texts(made, "imageId")
        by_tag = {"Filter.1.Name": "tag:app", "Filter.1.Value.1": "shop", "Owner.1": "self"}
        self.assertEqual(texts(self.sandbox.ec2("DescribeImages", **by_tag), "imageId"), [])
        self.assertEqual(texts(self.sandbox.ec2("DescribeImages", **by_tag), "imageId"), image)
        self.assertEqual(texts(self.sandbox.ec2("DescribeSnapshots", **by_tag), "snapshotId"), [])
        self.assertEqual(len(texts(self.sandbox.ec2("DescribeSnapshots", **by_tag), "snapshotId")), 1)

    def test_states_that_are_old(self):
        instance_id = self.running()
        self.sandbox.ec2("StopInstances", **{"InstanceId.1": instance_id})
        self.sandbox.wait_state(instance_id, "stopped")
        self.fault(action="DescribeInstances", when="stale", count=2)
        self.assertEqual([self.states(instance_id) for _ in range(3)], [["stopping"], ["stopping"], ["stopped"]])
        image = self.sandbox.make_image(instance_id, "old")
        self.fault(action="DescribeImages", when="stale")
        self.assertEqual(self.sandbox.image_state(image), "pending")
        self.assertEqual(self.sandbox.image_state(image), "available")
        self.sandbox.ec2("DeregisterImage", ImageId=image)
        self.fault(action="DescribeImages", when="stale")
        self.assertEqual(self.sandbox.image_state(image), "available")
        self.refused("InvalidAMIID.NotFound", self.sandbox.image_state, image)


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class Pages(Boto3Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        about = cls.sandbox.about
        made = [boto3.client(name, endpoint_url=about["endpoint"], region_name=about["region"],
                             aws_access_key_id=about["access_key"], aws_secret_access_key=about["secret_key"],
                             config=botocore.config.Config(retries={"max_attempts": 0}, signature_version=signing))
                for name, signing in (("ec2", "v4"), ("elbv2", "v4"), ("autoscaling", "v4"), ("s3", "s3v4"))]
        cls.ec2, cls.elbv2, cls.autoscaling, cls.s3 = made
        cls.instances = sorted(row["InstanceId"] for row in cls.ec2.run_instances(
            ImageId=about["base_image_id"], MinCount=4, MaxCount=4)["Instances"])
        for number in range(4):
            cls.elbv2.create_target_group(Name=f"g{number}", Protocol="HTTP", Port=80, VpcId=about["vpc_id"])
        cls.s3.create_bucket(Bucket="lag", CreateBucketConfiguration={"LocationConstraint": about["region"]})
        for number in range(4):
            cls.s3.put_object(Bucket="lag", Key=f"k{number}", Body=b"x")

    def lists(self):
        """(service, action, function that asks for one page with a token or none → (items, token), all items)."""
        def instances(token):
            reply = self.ec2.describe_instances(**({"NextToken": token} if token else {}))
            return [i["InstanceId"] for r in reply["Reservations"] for i in r["Instances"]], reply.get("NextToken")

        def groups(token):
            reply = self.elbv2.describe_target_groups(**({"Marker": token} if token else {}))
            return [row["TargetGroupName"] for row in reply["TargetGroups"]], reply.get("NextMarker")

        def objects(token):
            reply = self.s3.list_objects_v2(Bucket="lag", **({"ContinuationToken": token} if token else {}))
            self.assertEqual(reply["IsTruncated"], "NextContinuationToken" in reply)
            return [row["Key"] for row in reply.get("Contents", [])], reply.get("NextContinuationToken")
        return (("ec2", "DescribeInstances", instances, self.instances, "InvalidNextToken"),
                ("elasticloadbalancing", "DescribeTargetGroups", groups, ["g0", "g1", "g2", "g3"], "ValidationError"),
                ("s3", "ListObjectsV2", objects, ["k0", "k1", "k2", "k3"], "InvalidArgument"))

    def each(self, **rule):
        for service, action, ask, everything, code in self.lists():
            with self.subTest(service):
                self.sandbox.control("faults", method="DELETE")
                self.sandbox.control("faults", {"service": service, "action": action, **rule})
                yield ask, everything, code

    def follow(self, ask, most=9):
        """The items of each page."""
        pages, token = [], None
        while len(pages) < most and (token or not pages):
            items, token = ask(token)
            pages.append(items)
        return pages

    def test_empty_pages(self):
        for ask, everything, _ in self.each(when="empty-page", count=2):
            self.assertEqual([sorted(items) for items in self.follow(ask)], [[], [], everything])

    def test_pages_that_never_end(self):
        for ask, everything, _ in self.each(when="repeat-token", count=0):
            items, token = ask(None)
            self.assertEqual(len(items), len(everything) // 2)
            self.assertEqual(ask(token), (items, token))

    def test_tokens_that_nobody_knows(self):
        for ask, everything, code in self.each(when="bad-token"):
            items, token = ask(None)
            self.assertEqual(len(items), len(everything) // 2)
            with self.assertRaises(botocore.exceptions.ClientError) as caught:
                ask(token)
            self.assertEqual(caught.exception.response["Error"]["Code"], code)
            self.assertEqual(sorted(ask(None)[0]), everything)

    def test_items_that_move(self):
        for ask, everything, _ in self.each(when="moving"):
            pages = self.follow(ask)
            self.assertEqual([len(items) for items in pages], [2, 3])
            self.assertEqual(pages[0][-1], pages[1][0])
            self.assertEqual(sorted({*pages[0], *pages[1]}), everything)

    def test_pages_of_groups(self):
        """Auto Scaling's pages have a size of their own."""
        self.sandbox.control("faults", {"service": "autoscaling", "when": "empty-page"})
        reply = self.autoscaling.describe_auto_scaling_groups()
        self.assertEqual(reply["AutoScalingGroups"], [])
        self.assertNotIn("NextToken", self.autoscaling.describe_auto_scaling_groups(NextToken=reply["NextToken"]))

    def test_health_that_is_old(self):
        def health():
            rows = self.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            return [(row["Target"]["Id"], row["TargetHealth"]["State"]) for row in rows]

        arn = self.elbv2.describe_target_groups(Names=["g0"])["TargetGroups"][0]["TargetGroupArn"]
        target = {"TargetGroupArn": arn, "Targets": [{"Id": self.instances[0]}]}
        self.sandbox.wait_state(self.instances[0], "running")
        self.elbv2.register_targets(**target)
        self.sandbox.control("faults", {"action": "DescribeTargetHealth", "when": "stale"})
        self.assertEqual(health(), [])
        self.assertEqual(health(), [(self.instances[0], "unused")])
        self.elbv2.deregister_targets(**target)
        self.sandbox.control("faults", {"action": "DescribeTargetHealth", "when": "stale"})
        self.assertEqual(health(), [(self.instances[0], "unused")])
        self.assertEqual(health(), [])


if __name__ == "__main__":
    unittest.main()
