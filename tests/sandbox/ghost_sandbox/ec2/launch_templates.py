"""Launch templates and their versions."""
import hashlib
import json
import re
import time

from ..action import Action, Call
from ..clock import utc_text
from ..errors import ApiError
from ..ids import check_id, new_id
from ..pages import page
from ..query import Params
from .catalog import PAGED, select, tag_set, with_names
from .tags import read_specifications
from .template_data import NAMES, data_shape, overlay, read_data, with_request

NAME = re.compile(r"[A-Za-z0-9().\-/_]{3,128}")
DESCRIPTION_LIMIT = 255
AUTHOR = "arn:aws:iam::{}:user/ghost"


def create_template(call):
    params, state = call.params, call.cloud.state
    name = params.required("LaunchTemplateName")
    if not NAME.fullmatch(name):
        raise ApiError("InvalidLaunchTemplateName.MalformedException", "A launch template name must be between 3 and "
                       "128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _")
    tags = read_specifications(params, ("launch-template",)).get("launch-template")
    with state.lock:
        known = remembered(call, "template")
        if known:
            return {"launchTemplate": template_shape(call, state.launch_templates[known["template"]])}
        if any(row["name"] == name for row in state.launch_templates.values()):
            raise ApiError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
        row = {"id": new_id("lt"), "name": name, "created": time.time(), "default": 1, "latest": 0, "versions": {}}
        add_version(call, row, read_data(params))
        state.launch_templates[row["id"]] = row
        if tags:
            state.tags[row["id"]] = tags
        remember(call, {"template": row["id"]})
        state.save()
        return {"launchTemplate": template_shape(call, row)}


def create_version(call):
    params, state = call.params, call.cloud.state
    with state.lock:
        row = find_template(call, params)
        known = remembered(call, "version")
        if known:
            return {"launchTemplateVersion": version_shape(call, row, row["versions"][known["version"]])}
        data = read_data(params)
        if params.text("SourceVersion"):
            data = overlay(find_version(row, params.text("SourceVersion"))["data"], data)
        version = add_version(call, row, data)
        remember(call, {"version": str(version["number"])})
        state.save()
        return {"launchTemplateVersion": version_shape(call, row, version)}


def add_version(call, row, data):
    description = call.params.text("VersionDescription", "")
    if len(description) > DESCRIPTION_LIMIT:
        raise ApiError("InvalidParameterValue", f"VersionDescription may have up to {DESCRIPTION_LIMIT} characters")
    if not data:
        raise ApiError("MissingParameter", "The request must contain the parameter LaunchTemplateData")
    row["latest"] += 1
    version = {"number": row["latest"], "description": description, "created": time.time(), "data": data}
    row["versions"][str(version["number"])] = version
    return version


def digest_of(call):
    return hashlib.sha256(json.dumps(sorted(call.form.items())).encode()).hexdigest()


def token_of(call):
    """Where the token of this call is kept: RunInstances has a memory of its own."""
    token = call.params.text("ClientToken", "")
    if len(token) > 128 or not token.isascii():
        raise ApiError("InvalidParameterValue", "ClientToken may have up to 128 ASCII characters")
    return f"{call.params.text('Action')} {token}" if token else None


def remembered(call, what):
    """What an earlier call with this token has made, if it is still there."""
    token = token_of(call)
    known = call.cloud.state.tokens.get(token) if token else None
    if known and known["digest"] != digest_of(call):
        raise ApiError("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with "
                       "arguments used in previous request(s).")
    if known and what == "template" and known["template"] not in call.cloud.state.launch_templates:
        return None
    if known and what == "version" and known["version"] not in find_template(call, call.params)["versions"]:
        return None
    return known


def remember(call, made):
    token = token_of(call)
    if token:
        call.cloud.state.tokens[token] = {"digest": digest_of(call), **made}


def find_template(call, params):
    """The template that LaunchTemplateId or LaunchTemplateName names."""
    template_id, name = params.text("LaunchTemplateId"), params.text("LaunchTemplateName")
    if template_id and name:
        raise ApiError("InvalidParameterCombination", "Either launch template id or name may be given, not both")
    if not template_id and not name:
        raise ApiError("MissingParameter", "Either the launch template id or its name must be given")
    templates = call.cloud.state.launch_templates
    if template_id:
        check_id(template_id, "lt", "InvalidLaunchTemplateId.Malformed")
        if template_id not in templates:
            raise ApiError("InvalidLaunchTemplateId.NotFound", f"The specified launch template, with template ID "
                           f"{template_id}, does not exist.")
        return templates[template_id]
    for row in templates.values():
        if row["name"] == name:
            return row
    raise ApiError("InvalidLaunchTemplateName.NotFoundException", f"The specified launch template, with template name "
                   f"{name}, does not exist.")


def find_version(row, wanted):
    """The version of a number, $Latest or $Default."""
    number = {"$Latest": str(row["latest"]), "$Default": str(row["default"])}.get(wanted, wanted)
    if not number.isdigit():
        raise ApiError("InvalidLaunchTemplateVersion.Malformed", f"Invalid launch template version: '{wanted}'")
    if number not in row["versions"]:
        raise ApiError("InvalidLaunchTemplateId.VersionNotFound", f"Could not find the specified version {wanted} for "
                       f"the launch template with ID {row['id']}.")
    return row["versions"][number]


def template_shape(call, row):
    return {"launchTemplateId": row["id"], "launchTemplateName": row["name"], "createTime": utc_text(row["created"]),
            "createdBy": AUTHOR.format(call.cloud.account), "defaultVersionNumber": row["default"],
            "latestVersionNumber": row["latest"], "tagSet": tag_set(call, row["id"])}


def version_shape(call, row, version):
    return {"launchTemplateId": row["id"], "launchTemplateName": row["name"], "versionNumber": version["number"],
            "versionDescription": version["description"] or None, "createTime": utc_text(version["created"]),
            "createdBy": AUTHOR.format(call.cloud.account), "defaultVersion": version["number"] == row["default"],
            "launchTemplateData": data_shape(version["data"])}


def describe_templates(call):
    params, state = call.params, call.cloud.state

    @with_names("create-time", "launch-template-name")
    def facts(row):
        return {"create-time": utc_text(row["created"]), "launch-template-name": row["name"],
                "tags": state.tags_of(row["id"])}
    with state.lock:
        named = [find_template(call, Params({"LaunchTemplateName": name}))["id"]
                 for name in params.list("LaunchTemplateName")]
        found = select(call, state.launch_templates, facts, params.list("LaunchTemplateId") + named,
                       "InvalidLaunchTemplateId.NotFound")
        rows, token = page(params, found, low=1, high=200)
        return {"launchTemplates": [template_shape(call, row) for row in rows], "nextToken": token}


def every_version(call):
    """(template, version) of all templates: what $Latest and $Default without a template mean."""
    wanted = call.params.list("LaunchTemplateVersion")
    if not wanted or not set(wanted) <= {"$Latest", "$Default"}:
        raise ApiError("MissingParameter", "Either the launch template id or its name must be given")
    return [(row, version) for row in call.cloud.state.launch_templates.values()
            for version in named_versions(row, wanted)]


def named_versions(row, wanted):
    found = {version["number"]: version for version in (find_version(row, word) for word in wanted)}
    return [found[number] for number in sorted(found, reverse=True)]


def versions_of(call, row):
    params = call.params
    wanted = params.list("LaunchTemplateVersion")
    low, high = params.integer("MinVersion"), params.integer("MaxVersion")
    if wanted and (low is not None or high is not None):
        raise ApiError("InvalidParameterCombination", "Versions and a range of versions may not be given together")
    if wanted:
        return named_versions(row, wanted)
    numbers = sorted((version["number"] for version in row["versions"].values()), reverse=True)
    return [row["versions"][str(number)] for number in numbers
            if (low is None or number >= low) and (high is None or number <= high)]


@with_names("create-time", "ebs-optimized", "iam-instance-profile", "image-id", "instance-type", "is-default-version")
def version_facts(pair):
    row, version = pair
    data = version["data"]
    return {"create-time": utc_text(version["created"]), "image-id": data.get("ImageId", []), "tags": {},
            "ebs-optimized": data.get("EbsOptimized", "false"), "instance-type": data.get("InstanceType", []),
            "iam-instance-profile": data.get("IamInstanceProfile.Arn", []),
            "is-default-version": "true" if version["number"] == row["default"] else "false"}


def describe_versions(call):
    params = call.params
    with call.cloud.state.lock:
        if params.has("LaunchTemplateId") or params.has("LaunchTemplateName"):
            row = find_template(call, params)
            pairs = [(row, version) for version in versions_of(call, row)]
        else:
            pairs = every_version(call)
        pairs = select(call, dict(enumerate(pairs)), version_facts)
        pairs, token = page(params, pairs, low=1, high=200)
        return {"launchTemplateVersionSet": [version_shape(call, *pair) for pair in pairs], "nextToken": token}


def modify_template(call):
    state = call.cloud.state
    with state.lock:
        row = find_template(call, call.params)
        row["default"] = find_version(row, call.params.required("SetDefaultVersion"))["number"]
        state.save()
        return {"launchTemplate": template_shape(call, row)}


def delete_template(call):
    state = call.cloud.state
    with state.lock:
        row = find_template(call, call.params)
        shape = template_shape(call, row)
        del state.launch_templates[row["id"]]
        state.tags.pop(row["id"], None)
        state.save()
    return {"launchTemplate": shape}


def delete_versions(call):
    """Each version has an answer of its own."""
    state = call.cloud.state
    wanted = call.params.list("LaunchTemplateVersion")
    if not wanted:
        raise ApiError("MissingParameter", "The request must contain the parameter LaunchTemplateVersion")
    if len(wanted) > 200:
        raise ApiError("InvalidParameterValue", "At most 200 versions in one call")
    for number in wanted:
        if not number.isdigit():
            raise ApiError("InvalidLaunchTemplateVersion.Malformed", f"Invalid launch template version: '{number}'")
    deleted, kept = [], []
    with state.lock:
        row = find_template(call, call.params)
        for number in wanted:
            about = {"launchTemplateId": row["id"], "launchTemplateName": row["name"], "versionNumber": number}
            problem = why_not_deleted(row, number)
            if problem:
                kept.append({**about, "responseError": problem})
            else:
                del row["versions"][number]
                deleted.append(about)
        state.save()
    return {"successfullyDeletedLaunchTemplateVersionSet": deleted,
            "unsuccessfullyDeletedLaunchTemplateVersionSet": kept}


def why_not_deleted(row, number):
    if number not in row["versions"]:
        return {"code": "launchTemplateVersionDoesNotExist", "message": f"Version {number} does not exist"}
    if int(number) == row["default"]:
        return {"code": "unexpectedError", "message": "The default version cannot be deleted: choose another first"}
    return None


def with_template(call):
    """A RunInstances call with the content of the template it names, and the tags that tell of it."""
    params = call.params.struct("LaunchTemplate")
    if not call.params.has("LaunchTemplate"):
        return call, {}
    row = find_template(call, params)
    version = find_version(row, params.text("Version") or "$Default")
    request = {name: value for name, value in call.form.items() if not name.startswith("LaunchTemplate.")}
    merged = Call(call.cloud, with_request(version["data"], request), call.caller, call.request_id)
    return merged, {"aws:ec2launchtemplate:id": row["id"], "aws:ec2launchtemplate:version": str(version["number"])}


WHICH = "LaunchTemplateId LaunchTemplateName "
CREATE = "VersionDescription ClientToken " + NAMES
ACTIONS = {
    "CreateLaunchTemplate": Action(
        create_template, "LaunchTemplateName TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key "
        "TagSpecification.N.Tag.N.Value " + CREATE),
    "CreateLaunchTemplateVersion": Action(create_version, WHICH + "SourceVersion ResolveAlias " + CREATE),
    "DescribeLaunchTemplates": Action(describe_templates, "LaunchTemplateId.N LaunchTemplateName.N" + PAGED),
    "DescribeLaunchTemplateVersions": Action(
        describe_versions, WHICH + "LaunchTemplateVersion.N MinVersion MaxVersion ResolveAlias" + PAGED),
    "ModifyLaunchTemplate": Action(modify_template, WHICH + "SetDefaultVersion ClientToken"),
    "DeleteLaunchTemplate": Action(delete_template, WHICH.strip()),
    "DeleteLaunchTemplateVersions": Action(delete_versions, WHICH + "LaunchTemplateVersion.N"),
}
