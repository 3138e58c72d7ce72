"""Auto Scaling, API version 2011-01-01: the tables of its actions, and its envelope."""
from ..errors import ApiError
from ..markup import document, element
from ..sts import signing_error  # noqa: F401: the Query services word it alike
from . import (activities, attachments, configurations, group_tags, groups, hooks, members, processes, refreshes)

NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/"
VALIDATION = ("MissingParameter", "InvalidParameterValue", "InvalidParameterCombination")
ACTIONS = {}
for part in (activities, attachments, configurations, group_tags, groups, hooks, members, processes, refreshes):
    ACTIONS.update(part.ACTIONS)


def perform(call):
    """The XML reply of one call."""
    name = call.params.text("Action", "")
    action = ACTIONS.get(name)
    if action is None:
        raise ApiError("InvalidAction", f"Could not find operation {name} for version 2011-01-01")
    call.params.check_names(action.names)
    try:
        with call.cloud.state.lock:
            result = action.function(call)
    except ApiError as error:
        if error.code in VALIDATION:  # what EC2 has codes for is one here
            raise ApiError("ValidationError", error.message) from error
        raise
    reply = {"ResponseMetadata": {"RequestId": call.request_id}}
    if result is not None:
        reply = {f"{name}Result": result, **reply}
    return document(f"{name}Response", NAMESPACE, reply, "member")


def error_document(code, message, request_id):
    kind = "Receiver" if code in ("InternalError", "InternalFailure", "ResourceContention", "ServiceLinkedRoleFailure",
                                  "ServiceUnavailable") else "Sender"
    inner = element("Error", {"Type": kind, "Code": code, "Message": message}) + element("RequestId", request_id)
    return f'<ErrorResponse xmlns="{NAMESPACE}">{inner}</ErrorResponse>\n'.encode()
