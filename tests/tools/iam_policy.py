#!/usr/bin/env python3
"""What the controller may do in AWS: docs/iam/controller-policy.json, made from the calls its code really makes.

    iam_policy.py SOURCE_ROOT          compares, and fails when the document is not what the code needs
    iam_policy.py SOURCE_ROOT --write  writes it

A call counts when code outside controller/aws reaches the function that makes it. PERMISSIONS says, for every action,
on what and under which condition it is allowed; an action that is called and not listed there fails."""
import collections
import json
import pathlib
import re
import sys

DOCUMENT = "docs/iam/controller-policy.json"
VERBS = ("Add|Assume|Attach|Cancel|Complete|Configure|Copy|Create|Delete|Deregister|Describe|Detach|Disable|Enable|Enter|Exit|Get|"
         "List|Modify|Put|Reboot|Record|Register|Resume|Rollback|Run|Set|Start|Stop|Suspend|Terminate|Update")
LITERAL = re.compile(rf'"((?:{VERBS})[A-Z][A-Za-z0-9]+)"')
NO_ACTIONS = {"RollbackFailed", "RollbackSuccessful", "SetDefaultVersion", "StartTime"}  # names of parameters
FUNCTION = re.compile(r"^(?!static const|typedef|struct|enum|#|/|\*|\s)[^;{}()]*?\b(\w+)\(([^{};]|\n)*?\)\s*\{\n(.*?)^\}", re.M | re.S)
WORD = re.compile(r"\b[a-z]\w+\b")

# The service whose actions a file of controller/aws names; the longest beginning counts.
SERVICES = {"ec2": "ec2", "launch_template": "ec2", "autoscaling": "autoscaling", "launch_configuration": "autoscaling",
            "elb": "elasticloadbalancing", "sts": "sts", "assumed_role": "sts", "credentials": "sts", "iam": "iam",
            "ssm": "ssm"}
# S3 is asked by method and path: what each function of s3.h needs.
S3 = {"s3_put": {"PutObject"}, "s3_get": {"GetObject", "GetObjectVersion"}, "s3_get_range": {"GetObject", "GetObjectVersion"},
      "s3_get_file": {"GetObject", "GetObjectVersion"}, "s3_head": {"GetObject", "GetObjectVersion"}, "s3_delete": {"DeleteObject"},
      "s3_list": {"ListBucket"}, "s3_list_versions": {"ListBucketVersions"}, "s3_presign": {"GetObject", "GetObjectVersion"}}
# The identity that every set of keys may ask about needs no permission, nor does who shows a token instead of keys.
FREE = {"sts:GetCallerIdentity", "sts:AssumeRoleWithWebIdentity"}

MANAGED = {"StringEquals": {"aws:ResourceTag/ghost:managed": "true"}}
TAGGED = {"StringEquals": {"aws:RequestTag/ghost:managed": "true"}}


def permission(sid, actions, resources="*", condition=None):
    return sid, actions.split(), resources, condition


PERMISSIONS = [
    permission("Look", """ec2:DescribeAvailabilityZones ec2:DescribeImages ec2:DescribeInstanceStatus ec2:DescribeInstanceTypeOfferings
        ec2:DescribeInstanceTypes ec2:DescribeInstances ec2:DescribeKeyPairs ec2:DescribeLaunchTemplateVersions
        ec2:DescribeLaunchTemplates ec2:DescribeNetworkInterfaces ec2:DescribeRegions ec2:DescribeSecurityGroups
        ec2:DescribeSnapshots ec2:DescribeSubnets ec2:DescribeVolumes ec2:DescribeVpcs
        autoscaling:DescribeAutoScalingGroups autoscaling:DescribeAutoScalingInstances autoscaling:DescribeInstanceRefreshes
        autoscaling:DescribeLaunchConfigurations autoscaling:DescribeLifecycleHooks autoscaling:DescribeLoadBalancerTargetGroups
        autoscaling:DescribeLoadBalancers autoscaling:DescribeScalingActivities autoscaling:DescribeTags
        elasticloadbalancing:DescribeInstanceHealth elasticloadbalancing:DescribeListeners
        elasticloadbalancing:DescribeLoadBalancerAttributes elasticloadbalancing:DescribeLoadBalancers
        elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTags
        elasticloadbalancing:DescribeTargetGroupAttributes elasticloadbalancing:DescribeTargetGroups
        elasticloadbalancing:DescribeTargetHealth iam:ListInstanceProfiles iam:GetInstanceProfile"""),
    permission("LaunchTagged", "ec2:RunInstances",
               ["arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:network-interface/*",
                "arn:aws:ec2:*:*:spot-instances-request/*"], TAGGED),
    permission("LaunchFrom", "ec2:RunInstances",
               ["arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*", "arn:aws:ec2:*:*:subnet/*",
                "arn:aws:ec2:*:*:security-group/*", "arn:aws:ec2:*:*:key-pair/*", "arn:aws:ec2:*:*:launch-template/*"]),
    permission("TagWhatIsMade", "ec2:CreateTags", "arn:aws:ec2:*:*:*/*",
               {"StringEquals": {"ec2:CreateAction": ["RunInstances", "CreateImage", "CopyImage", "CreateLaunchTemplate"]}}),
    permission("TagImagesMade", "ec2:CreateTags", ["arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"],
               {"StringEquals": {"ec2:CreateAction": ["CreateImage", "CopyImage"]}}),
    permission("Own", """ec2:CreateLaunchTemplateVersion ec2:CreateTags ec2:DeleteLaunchTemplate ec2:DeleteLaunchTemplateVersions
        ec2:DeleteNetworkInterface ec2:DeleteSnapshot ec2:DeleteTags ec2:DeleteVolume ec2:DeregisterImage ec2:GetConsoleOutput ec2:ModifyImageAttribute
        ec2:ModifyInstanceAttribute ec2:ModifyLaunchTemplate ec2:ModifySnapshotAttribute ec2:RebootInstances ec2:StartInstances
        ec2:StopInstances ec2:TerminateInstances""", "*", MANAGED),
    permission("ImageOfOwn", "ec2:CreateImage", "arn:aws:ec2:*:*:instance/*", MANAGED),
    permission("Images", "ec2:CreateImage ec2:CopyImage", ["arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"]),
    permission("Template", "ec2:CreateLaunchTemplate", "*", TAGGED),
    permission("PassRole", "iam:PassRole", "arn:aws:iam::ACCOUNT:role/PREFIX*",
               {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
    permission("Groups", """autoscaling:AttachInstances autoscaling:AttachLoadBalancerTargetGroups autoscaling:AttachLoadBalancers
        autoscaling:CancelInstanceRefresh autoscaling:CompleteLifecycleAction autoscaling:CreateAutoScalingGroup
        autoscaling:CreateOrUpdateTags autoscaling:DeleteAutoScalingGroup autoscaling:DeleteLifecycleHook autoscaling:DeleteTags
        autoscaling:DetachInstances autoscaling:DetachLoadBalancerTargetGroups autoscaling:DetachLoadBalancers
        autoscaling:DisableMetricsCollection autoscaling:EnableMetricsCollection autoscaling:EnterStandby autoscaling:ExitStandby
        autoscaling:PutLifecycleHook autoscaling:RecordLifecycleActionHeartbeat autoscaling:ResumeProcesses
        autoscaling:RollbackInstanceRefresh autoscaling:SetDesiredCapacity autoscaling:SetInstanceHealth
        autoscaling:SetInstanceProtection autoscaling:StartInstanceRefresh autoscaling:SuspendProcesses
        autoscaling:TerminateInstanceInAutoScalingGroup autoscaling:UpdateAutoScalingGroup""",
               "arn:aws:autoscaling:*:ACCOUNT:autoScalingGroup:*:autoScalingGroupName/PREFIX*"),
    permission("Balancers", """elasticloadbalancing:ConfigureHealthCheck elasticloadbalancing:CreateListener
        elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:CreateTargetGroup elasticloadbalancing:DeleteListener
        elasticloadbalancing:DeleteLoadBalancer elasticloadbalancing:DeleteTargetGroup
        elasticloadbalancing:DeregisterInstancesFromLoadBalancer elasticloadbalancing:DeregisterTargets
        elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:ModifyRule
        elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes
        elasticloadbalancing:RegisterInstancesWithLoadBalancer elasticloadbalancing:RegisterTargets""",
               ["arn:aws:elasticloadbalancing:*:ACCOUNT:targetgroup/PREFIX*/*", "arn:aws:elasticloadbalancing:*:ACCOUNT:listener/app/PREFIX*/*",
                "arn:aws:elasticloadbalancing:*:ACCOUNT:listener-rule/app/PREFIX*/*", "arn:aws:elasticloadbalancing:*:ACCOUNT:loadbalancer/app/PREFIX*/*",
                "arn:aws:elasticloadbalancing:*:ACCOUNT:loadbalancer/PREFIX*"]),
    permission("Packages", "s3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:GetObjectVersion s3:PutObject", "arn:aws:s3:::BUCKET/*"),
    permission("Bucket", "s3:ListBucket s3:ListBucketVersions", "arn:aws:s3:::BUCKET"),
    permission("SourceImages", "ssm:GetParameter", "arn:aws:ssm:*::parameter/aws/service/*"),
    permission("OtherAccounts", "sts:AssumeRole", "arn:aws:iam::OTHER_ACCOUNT:role/ROLE"),
]


def service_of(file):
    beginning = max((b for b in SERVICES if file.stem == b or file.stem.startswith((b + "_", b + "v2"))), key=len, default=None)
    return SERVICES.get(beginning)


class Functions:
    """The functions of controller/aws: what each calls of the others, and which actions it names."""

    def __init__(self, folder):
        self.words, self.actions = {}, collections.defaultdict(set)
        for file in sorted(folder.glob("*.c")):
            for match in FUNCTION.finditer(file.read_text()):
                name, body = match[1], match[3]
                # Static functions of the same name stand in several files; each is its own.
                static = re.match(r"static\b", match[0])
                key = f"{file.stem}:{name}" if static else name
                self.words[key] = (file.stem, set(WORD.findall(body)))
                for literal in LITERAL.findall(body) if not file.stem.startswith("s3") else ():
                    if literal not in NO_ACTIONS and not literal.endswith("Result"):
                        assert service_of(file), f"{file}: of which service is {literal}?"
                        self.actions[key].add(f"{service_of(file)}:{literal}")
                self.actions[key] |= {f"s3:{action}" for action in S3.get(name, ())}

    def reached_from(self, roots):
        seen, waiting = set(), [name for name in self.words if name in roots]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            file, words = self.words[name]
            waiting += [key for word in words for key in (f"{file}:{word}", word) if key in self.words and key not in seen]
        return seen


def called_actions(root):
    functions = Functions(root / "controller" / "aws")
    outside = set()
    for file in (root / "controller").rglob("*.c"):
        if file.parent.name != "aws":
            outside |= set(WORD.findall(file.read_text()))
    reached = functions.reached_from(outside)
    return {action for name in reached for action in functions.actions[name]} - FREE


def policy(root):
    called = called_actions(root)
    implied = {"ec2:CreateTags"}  # by the tags of a create call; see the two statements
    if called & {"ec2:RunInstances", "ec2:CreateLaunchTemplateVersion"}:
        called.add("iam:PassRole")
    listed = {action for _, actions, _, _ in PERMISSIONS for action in actions}
    if called - listed:
        sys.exit(f"called, but PERMISSIONS does not say on what it is allowed: {', '.join(sorted(called - listed))}")
    statements = []
    for sid, actions, resources, condition in PERMISSIONS:
        needed = sorted(set(actions) & (implied if sid.startswith("Tag") else called))
        if needed:
            statement = {"Sid": sid, "Effect": "Allow", "Action": needed, "Resource": resources}
            statements.append(statement | ({"Condition": condition} if condition else {}))
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


source = pathlib.Path(sys.argv[1])
text = policy(source)
if sys.argv[2:] == ["--write"]:
    (source / DOCUMENT).write_text(text)
elif not (source / DOCUMENT).is_file() or (source / DOCUMENT).read_text() != text:
    sys.exit(f"{DOCUMENT} is not what the code calls; run: tests/tools/iam_policy.py . --write")
