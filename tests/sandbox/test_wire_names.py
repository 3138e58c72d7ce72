"""The wire names that our tables know, against those of botocore's models: a wrong one would refuse right clients."""
import unittest

import sandbox_case  # noqa: F401: sets the path

from ghost_sandbox import autoscaling
from ghost_sandbox.ec2 import launch_templates, run_instances

try:
    import botocore.session
except ImportError:
    botocore = None

# What AWS has and the botocore of Debian 12 has not yet.
IMAGE = "MixedInstancesPolicy.LaunchTemplate.Overrides.member.N.ImageId"
NEWER = {
    "CreateAutoScalingGroup": {IMAGE},
    "UpdateAutoScalingGroup": {IMAGE},
    "CancelInstanceRefresh": {"WaitForTransitioningInstances"},
    "RollbackInstanceRefresh": {"AutoScalingGroupName"},
    "StartInstanceRefresh": {f"Preferences.{name}" for name in (
        "AutoRollback", "MaxHealthyPercentage", "ScaleInProtectedInstances", "StandbyInstances", "BakeTime")} | {
            f"DesiredConfiguration.{IMAGE}"},
    "DescribeAutoScalingGroups": {"IncludeInstances"},
    "DescribeScalingActivities": {"Filters", "Filters.member.N.Name", "Filters.member.N.Values",
                                  "Filters.member.N.Values.member.N"},
    "CreateLaunchTemplateVersion": {"ResolveAlias"},
    "DescribeLaunchTemplateVersions": {"ResolveAlias"},
}


def member_names(shape, prefix, flat, seen=()):
    """Every name below a structure, as it stands on the wire, with N for numbers. flat: the EC2 protocol."""
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        if flat:
            wire = member.serialization.get("queryName") or wire[0].upper() + wire[1:]
        yield from value_names(member, prefix + wire, flat, seen)


def value_names(shape, name, flat, seen):
    if shape.name in seen:
        return
    seen = (*seen, shape.name)
    if shape.type_name == "structure":
        yield from member_names(shape, name + ".", flat, seen)
    elif shape.type_name == "list":
        if not flat:
            yield name  # how an empty one is sent
        yield from value_names(shape.member, name + (".N" if flat else ".member.N"), flat, seen)
    else:
        yield name


@unittest.skipUnless(botocore, "python3-botocore is not installed")
class WireNames(unittest.TestCase):
    def check(self, service, actions, flat):
        model = botocore.session.get_session().get_service_model(service)
        for name, action in actions.items():
            known = set(NEWER.get(name, ()))
            if name in model.operation_names:
                shape = model.operation_model(name).input_shape
                known |= set(member_names(shape, "", flat)) if shape else set()
            else:
                self.assertIn(name, NEWER, "an action that AWS does not have")
            self.assertEqual(sorted(action.names - known), [], name)

    def test_autoscaling(self):
        self.check("autoscaling", autoscaling.ACTIONS, False)

    def test_launch_templates(self):
        self.check("ec2", {**launch_templates.ACTIONS, **run_instances.ACTIONS}, True)


if __name__ == "__main__":
    unittest.main()
