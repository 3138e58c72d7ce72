"""What a group does by itself, and how that is suspended; metrics; and the lists of what there is."""
from ..clock import utc_text
from .wire import action, changing_group, done, invalid, members

PROCESSES = ("Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck",
             "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions")
POLICIES = ("AllocationStrategy", "ClosestToNextInstanceHour", "Default", "NewestInstance", "OldestInstance",
            "OldestLaunchConfiguration", "OldestLaunchTemplate")
METRICS = ("GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances",
           "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances", "GroupInServiceCapacity",
           "GroupPendingCapacity", "GroupStandbyCapacity", "GroupTerminatingCapacity", "GroupTotalCapacity")
TRANSITIONS = ("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING")
GRANULARITY = "1Minute"


def read_words(params, name, known):
    """A list of known words; none is all of them."""
    words = list(dict.fromkeys(members(params, name)))
    for word in words:
        if word not in known:
            raise invalid(f"'{word}' is not one of {', '.join(known)}")
    return words or list(known)


def suspend(call):
    group = changing_group(call)
    for word in read_words(call.params, "ScalingProcesses", PROCESSES):
        group["suspended"].setdefault(word, f"User suspended at {utc_text()[:19]}Z")
    done(call)


def resume(call):
    group = changing_group(call)
    for word in read_words(call.params, "ScalingProcesses", PROCESSES):
        group["suspended"].pop(word, None)
    done(call)


def enable_metrics(call):
    group = changing_group(call)
    if call.params.required("Granularity") != GRANULARITY:
        raise invalid(f"Granularity must be {GRANULARITY}")
    for word in read_words(call.params, "Metrics", METRICS):
        if word not in group["metrics"]:
            group["metrics"].append(word)
    done(call)


def disable_metrics(call):
    group = changing_group(call)
    words = read_words(call.params, "Metrics", METRICS)
    group["metrics"] = [word for word in group["metrics"] if word not in words]
    done(call)


def process_types(_call):
    return {"Processes": [{"ProcessName": word} for word in PROCESSES]}


def policy_types(_call):
    return {"TerminationPolicyTypes": list(POLICIES)}


def metric_types(_call):
    return {"Metrics": [{"Metric": word} for word in METRICS], "Granularities": [{"Granularity": GRANULARITY}]}


def hook_types(_call):
    return {"LifecycleHookTypes": list(TRANSITIONS)}


def account_limits(call):
    state = call.cloud.state
    return {"MaxNumberOfAutoScalingGroups": 500, "MaxNumberOfLaunchConfigurations": 200,
            "NumberOfAutoScalingGroups": len(state.groups),
            "NumberOfLaunchConfigurations": len(state.launch_configurations)}


ACTIONS = {
    "SuspendProcesses": action(suspend, "AutoScalingGroupName ScalingProcesses.member.N"),
    "ResumeProcesses": action(resume, "AutoScalingGroupName ScalingProcesses.member.N"),
    "EnableMetricsCollection": action(enable_metrics, "AutoScalingGroupName Metrics.member.N Granularity"),
    "DisableMetricsCollection": action(disable_metrics, "AutoScalingGroupName Metrics.member.N"),
    "DescribeScalingProcessTypes": action(process_types),
    "DescribeTerminationPolicyTypes": action(policy_types),
    "DescribeMetricCollectionTypes": action(metric_types),
    "DescribeLifecycleHookTypes": action(hook_types),
    "DescribeAccountLimits": action(account_limits),
}
