"""StartInstances, StopInstances, TerminateInstances, RebootInstances, ModifyInstance…"""
import base64
import binascii

from ..action import Action
from ..errors import ApiError
from .catalog import check_instance_type
from .instances import find_instances, state_of
from .tags import check_metadata_keys

USER_DATA_LIMIT = 16384


def read_ids(call):
    ids = call.params.list("InstanceId")
    if not ids:
        raise ApiError("MissingParameter", "The request must contain the parameter InstanceId")
    if len(ids) > 1000:
        raise ApiError("InvalidParameterValue", "At most 1000 instances in one call")
    return list(dict.fromkeys(ids))


def change(call, check, act):
    """All or nothing: every row is checked before any is changed."""
    state = call.cloud.state
    with state.lock:
        rows = find_instances(call, read_ids(call))
        for row in rows:
            check(row)
        changes = []
        for row in rows:
            before = row["state"]
            act(row)
            changes.append({"instanceId": row["id"], "currentState": state_of(row["state"]),
                            "previousState": state_of(before)})
        state.save()
    return {"instancesSet": changes}


def require_state(row, allowed, verb):
    if row["state"] not in allowed:
        raise ApiError("IncorrectInstanceState", f"The instance '{row['id']}' is not in a state from which it can be "
                       f"{verb}: {row['state']}")


def start_instances(call):
    return change(call, lambda row: require_state(row, ("stopped", "running", "pending"), "started"),
                  call.cloud.lifecycle.start)


def stop_instances(call):
    force = call.params.boolean("Force")

    def check(row):
        require_state(row, ("running", "stopping", "stopped", "pending"), "stopped")
        if row["spot"]:
            raise ApiError("UnsupportedOperation", f"You can't stop the Spot Instance '{row['id']}'")
    return change(call, check, lambda row: call.cloud.lifecycle.stop(row, force))


def terminate_instances(call):
    def check(row):
        if row["protected"] and row["state"] not in ("shutting-down", "terminated"):
            raise ApiError("OperationNotPermitted", f"The instance '{row['id']}' may not be terminated. Modify its "
                           "'disableApiTermination' instance attribute and try again.")
    return change(call, check, call.cloud.lifecycle.terminate)


def reboot_instances(call):
    change(call, lambda row: require_state(row, ("running",), "rebooted"), call.cloud.lifecycle.reboot)
    return {"return": True}


def decode_user_data(text):
    """Checks user data and gives it back as it came, base64."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ApiError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from error
    if len(data) > USER_DATA_LIMIT:
        raise ApiError("InvalidParameterValue", f"User data is limited to {USER_DATA_LIMIT} bytes")
    return base64.b64encode(data).decode()


def modify_attribute(call):
    params = call.params
    given = [name for name in ("DisableApiTermination", "InstanceType", "UserData", "InstanceInitiatedShutdownBehavior",
                               "GroupId", "SourceDestCheck", "EbsOptimized", "BlockDeviceMapping") if params.has(name)]
    if len(given) != 1:
        raise ApiError("InvalidParameterCombination", "Specify exactly one attribute to modify")
    state = call.cloud.state
    with state.lock:
        row = find_instances(call, [params.required("InstanceId")])[0]
        if given[0] in ("InstanceType", "UserData") and row["state"] != "stopped":
            raise ApiError("IncorrectInstanceState", f"The instance '{row['id']}' is not in the 'stopped' state.")
        _modify(call, row, given[0])
        state.save()
    return {"return": True}


def _modify(call, row, name):
    params = call.params
    if name == "DisableApiTermination":
        row["protected"] = params.boolean("DisableApiTermination.Value")
    elif name == "InstanceType":
        check_instance_type(params.required("InstanceType.Value"))
        row["type"] = params.required("InstanceType.Value")
    elif name == "UserData":
        row["user_data"] = decode_user_data(params.text("UserData.Value", ""))
    elif name == "InstanceInitiatedShutdownBehavior":
        row["shutdown"] = params.choice("InstanceInitiatedShutdownBehavior.Value", ["stop", "terminate"])
    elif name == "GroupId":
        call.cloud.network.check_groups(params.list("GroupId"))
    elif name == "EbsOptimized":
        row["ebs_optimized"] = params.boolean("EbsOptimized.Value")
    elif name == "BlockDeviceMapping":
        for part in params.structs("BlockDeviceMapping"):
            for volume in call.cloud.state.volumes.values():
                if volume["instance"] == row["id"] and volume["device"] == part.required("DeviceName"):
                    volume["delete"] = part.struct("Ebs").boolean("DeleteOnTermination", True)


def modify_metadata_options(call):
    params = call.params
    state = call.cloud.state
    with state.lock:
        row = find_instances(call, [params.required("InstanceId")])[0]
        if params.text("InstanceMetadataTags") == "enabled":
            check_metadata_keys(state.tags_of(row["id"]))
        read_metadata_options(params, row["metadata"])
        state.save()
        options = row["metadata"]
    return {"instanceId": row["id"], "instanceMetadataOptions": {
        "state": "pending", "httpTokens": options["tokens"], "httpPutResponseHopLimit": options["hops"],
        "httpEndpoint": options["endpoint"], "instanceMetadataTags": "enabled" if options["tags"] else "disabled"}}


def read_metadata_options(params, options):
    options["tokens"] = params.choice("HttpTokens", ["optional", "required"], options["tokens"])
    options["hops"] = params.integer("HttpPutResponseHopLimit", options["hops"], 1, 64)
    options["endpoint"] = params.choice("HttpEndpoint", ["enabled", "disabled"], options["endpoint"])
    shown = params.choice("InstanceMetadataTags", ["enabled", "disabled"])
    if shown:
        options["tags"] = shown == "enabled"


METADATA_NAMES = "HttpTokens HttpPutResponseHopLimit HttpEndpoint InstanceMetadataTags"
ACTIONS = {
    "StartInstances": Action(start_instances, "InstanceId.N"),
    "StopInstances": Action(stop_instances, "InstanceId.N Force Hibernate SkipOsShutdown"),
    "TerminateInstances": Action(terminate_instances, "InstanceId.N Force SkipOsShutdown"),
    "RebootInstances": Action(reboot_instances, "InstanceId.N"),
    "ModifyInstanceAttribute": Action(
        modify_attribute, "InstanceId DisableApiTermination.Value InstanceType.Value UserData.Value GroupId.N "
        "InstanceInitiatedShutdownBehavior.Value SourceDestCheck.Value EbsOptimized.Value "
        "BlockDeviceMapping.N.DeviceName BlockDeviceMapping.N.Ebs.DeleteOnTermination"),
    "ModifyInstanceMetadataOptions": Action(modify_metadata_options, "InstanceId " + METADATA_NAMES),
}
