"""What a group launches: a version of a launch template, or a launch configuration."""
from ..action import Call
from ..ec2.launch_templates import find_template, find_version
from ..ec2.run_instances import check_launch
from ..errors import ApiError
from ..ids import request_id
from ..query import Params
from . import mixed
from .configurations import run_form
from .wire import invalid

CALLER = "autoscaling.amazonaws.com"
SOURCE = ("template", "configuration", "mixed")  # of a group, and of what a refresh goes to
REFRESHING = ("Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress")


def read_source(call, params, known):
    """What LaunchTemplate, MixedInstancesPolicy or LaunchConfigurationName say; without them what is known."""
    name = params.text("LaunchConfigurationName")
    given = [one for one in ("LaunchTemplate", mixed.POLICY, "LaunchConfigurationName") if params.has(one)]
    if len(given) > 1:
        raise invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or "
                      "MixedInstancesPolicy parameter.")
    if params.has("LaunchTemplate"):
        return {"template": read_template(call, params.struct("LaunchTemplate")), "configuration": None, "mixed": None}
    if params.has(mixed.POLICY):
        template, policy = mixed.read_policy(params.struct(mixed.POLICY), known,
                                             lambda part: read_template(call, part))
        return {"template": template, "configuration": None, "mixed": policy}
    if name:
        if name not in call.cloud.state.launch_configurations:
            raise invalid(f"Launch configuration name not found - Launch configuration {name} not found")
        return {"template": None, "configuration": name, "mixed": None}
    return {key: known[key] for key in SOURCE}


def read_template(call, params):
    """A LaunchTemplateSpecification as {id, name, version}, checked; version may be $Latest or $Default."""
    try:
        row = find_template(call, params)
        version = params.text("Version") or "$Default"
        find_version(row, version)
    except ApiError as error:
        raise invalid(f"You must use a valid fully-formed launch template. {error.message}") from error
    return {"id": row["id"], "name": row["name"], "version": version}


def active_refresh(group):
    return next((row for row in group["refreshes"] if row["status"] in REFRESHING), None)


def source_of(group):
    """What it launches now: during a refresh to another template, that one."""
    refresh = active_refresh(group)
    if refresh and refresh["desired"] and refresh["status"] in ("Pending", "InProgress", "Baking"):
        return refresh["desired"]
    return {key: group[key] for key in SOURCE}


def resolve(cloud, source):
    """(RunInstances parameters, tags of AWS, what the instance shows) of a source, aliases resolved."""
    if source["template"]:
        wanted = source["template"]
        call = Call(cloud, {}, CALLER, request_id())
        row = find_template(call, Params({"LaunchTemplateId": wanted["id"]}))
        version = find_version(row, wanted["version"])
        number = str(version["number"])
        return (version["data"], {"aws:ec2launchtemplate:id": row["id"], "aws:ec2launchtemplate:version": number},
                {"template": {"id": row["id"], "name": row["name"], "version": number}, "configuration": None})
    name = source["configuration"]
    if name not in cloud.state.launch_configurations:
        raise ApiError("ValidationError", f"Launch configuration name not found - {name} not found")
    return run_form(cloud.state.launch_configurations[name]), {}, {"template": None, "configuration": name}


def matches(cloud, member, source):
    """Whether an instance was launched from what the source says now."""
    for template, _ in mixed.choices(source):
        try:
            shown = resolve(cloud, {**source, "template": template})[2]
        except ApiError:
            continue
        if (member["template"], member["configuration"]) == (shown["template"], shown["configuration"]):
            return True
    return False


def launch_call(cloud, source, subnet, more=None):
    """The RunInstances call for one instance in a subnet; with AWS's tags and what the instance shows."""
    form, tags, shown = resolve(cloud, source)
    form = {**form, **(more or {}), "MinCount": "1", "MaxCount": "1"}
    interfaces = sorted({name.split(".")[1] for name in form if name.startswith("NetworkInterface.")}, key=int)
    if interfaces:
        form[f"NetworkInterface.{interfaces[0]}.SubnetId"] = subnet
    else:
        form["SubnetId"] = subnet
    return Call(cloud, form, CALLER, request_id()), tags, shown


def check_source(cloud, source, subnet):
    """Refuses at once what could never be launched, as AWS does for templates."""
    for template, more in mixed.choices(source):
        call, _, _ = launch_call(cloud, {**source, "template": template}, subnet, more)
        try:
            check_launch(call)
        except ApiError as error:
            raise invalid(f"You must use a valid fully-formed launch template. {error.message}") from error
