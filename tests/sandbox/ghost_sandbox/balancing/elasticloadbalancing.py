"""elasticloadbalancing: one signing name, two APIs that the version tells apart."""
from ..errors import ApiError
from ..markup import document, element
from ..sts import signing_error  # noqa: F401: the Query services word it alike
from . import classic, classic_instances, listeners, load_balancers, resource_tags, rules, target_groups, targets

NAMESPACE = "http://elasticloadbalancing.amazonaws.com/doc/{}/"
VERSIONS = {
    "2015-12-01": (load_balancers, target_groups, targets, listeners, rules, resource_tags),
    "2012-06-01": (classic, classic_instances),
}
ACTIONS = {version: {name: action for part in parts for name, action in part.ACTIONS.items()}
           for version, parts in VERSIONS.items()}
VALIDATION = ("MissingParameter", "InvalidParameterValue", "InvalidNextToken")  # other services' words for it


def perform(call):
    name = call.params.text("Action", "")
    version = call.params.text("Version", "")
    action = ACTIONS.get(version, {}).get(name)
    if action is None:
        raise ApiError("InvalidAction", f"Could not find operation {name} for version {version}")
    action.check(call.params)
    try:
        result = action.function(call)
    except ApiError as problem:
        if problem.code in VALIDATION:
            raise ApiError("ValidationError", problem.message) from problem
        raise
    reply = {f"{name}Result": result or {}, "ResponseMetadata": {"RequestId": call.request_id}}
    return document(f"{name}Response", NAMESPACE.format(version), reply, "member")


def error_document(code, message, request_id):
    inner = element("Error", {"Type": "Sender", "Code": code, "Message": message}) + element("RequestId", request_id)
    return f'<ErrorResponse xmlns="{NAMESPACE.format("2015-12-01")}">{inner}</ErrorResponse>\n'.encode()
