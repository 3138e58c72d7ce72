"""What was asked for once is carried out once, however often the call was sent: read from the cloud's list of calls."""
import re

# Action: (the parameters that say which intent it is, what in the log entry's `made` tells one effect from another).
ONCE = {
    "RunInstances": ("ClientToken",),
    "CreateImage": ("Name",),
    "CopyImage": ("Name",),
    "CreateLaunchTemplate": ("LaunchTemplateName",),
    "CreateLaunchTemplateVersion": ("LaunchTemplateId", "ClientToken"),
    "CreateAutoScalingGroup": ("AutoScalingGroupName",),
    "CompleteLifecycleAction": ("InstanceId", "LifecycleHookName"),
    "CreateLoadBalancer": ("Name", "LoadBalancerName"),
    "CreateTargetGroup": ("Name",),
    "CreateNetworkInterface": ("ClientToken",),
}
# These say how something shall be, or what shall be gone: sent twice they are as if sent once.
BY_NATURE = re.compile("^(Delete|Deregister|Register|Put|Suspend|Resume|Update|Set|Modify|Attach|Detach|Terminate|Stop|Start|Enable|Disable|Cancel|"
                       "Configure|Record|Enter|Exit|CreateTags$|CreateOrUpdateTags$|CreateBucket$|CreateListener$)")
# A launch that its job made anew: with another number at the end of the token, after AWS had ended the first.
LAUNCH = re.compile(r"(ghost-.*)-?(\d+)")


def unknown(calls):
    """Actions that are sorted neither here nor there: whoever adds one says how it is made safe."""
    return sorted({call["action"] for call in calls if call["action"] not in ONCE and not BY_NATURE.match(call["action"])})


def intent(call):
    words = [call["parameters"].get(name, "") for name in ONCE[call["action"]]]
    if call["action"] == "RunInstances" and (launch := LAUNCH.fullmatch(words[0])):
        words = [launch.group(1)]
    return (call["action"], *words)


def carried_out_twice(calls, ended_by_aws=()):
    """{intent: what was made for it} where that is more than one thing. ended_by_aws: things that AWS took away itself."""
    effects = {}
    for call in calls:
        if call["action"] in ONCE and call["done"]:
            # What is made has an identifier, and a repeated call shows the same; what is ended is told by its own.
            effect = call["made"] or call["request_id"]
            if effect not in ended_by_aws:
                effects.setdefault(intent(call), set()).add(effect)
    return {words: sorted(made) for words, made in effects.items() if len(made) > 1}
