"""STS, API version 2011-06-15: who am I, and as whom else I may act."""
import re

from .accounts import check_duration
from .action import Action
from .clock import utc_text
from .errors import ApiError
from .markup import document, element

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


def get_caller_identity(call):
    cloud, arn = call.cloud.first.accounts.of_caller(call.caller)
    return {"Arn": arn, "UserId": call.caller, "Account": cloud.account}


def refuse(call, arn, action):
    _, caller = call.cloud.first.accounts.of_caller(call.caller) if call.caller else (None, "anonymous")
    raise ApiError("AccessDenied", f"User: {caller} is not authorized to perform: sts:{action} on resource: {arn}", 403)


def session(call, cloud, name, seconds):
    session_name = call.params.text("RoleSessionName", "")
    if not SESSION_NAME.fullmatch(session_name):
        raise ApiError("ValidationError", f"1 validation error detected: Value '{session_name}' at 'roleSessionName' failed to "
                       "satisfy constraint")
    keys, arn, role_id = call.cloud.first.accounts.open_session(cloud, name, session_name, seconds)
    ends = keys.pop("ends")
    return {"Credentials": {**keys, "Expiration": utc_text(ends)[:19] + "Z"},
            "AssumedRoleUser": {"Arn": arn, "AssumedRoleId": f"{role_id}:{session_name}"}}


def assume_role(call):
    accounts = call.cloud.first.accounts
    arn = call.params.text("RoleArn", "")
    found = accounts.role(arn)
    asked = call.params.integer("DurationSeconds") if call.params.text("DurationSeconds") else None
    caller, _ = accounts.of_caller(call.caller)
    if not found or found[2]["trusts"] != caller.account or \
            found[2]["external_id"] not in (None, call.params.text("ExternalId")):
        refuse(call, arn, "AssumeRole")
    cloud, name, role = found
    return session(call, cloud, name, check_duration(asked, role["longest"], accounts.is_session(call.caller)))


def assume_role_with_web_identity(call):
    arn = call.params.text("RoleArn", "")
    found = call.cloud.first.accounts.role(arn)
    asked = call.params.integer("DurationSeconds") if call.params.text("DurationSeconds") else None
    if not found or not found[2]["token"]:
        refuse(call, arn, "AssumeRoleWithWebIdentity")
    if call.params.text("WebIdentityToken") != found[2]["token"]:
        raise ApiError("InvalidIdentityToken", "The ID Token provided is not a valid JWT")
    cloud, name, role = found
    return session(call, cloud, name, check_duration(asked, role["longest"], False))


ACTIONS = {"GetCallerIdentity": Action(get_caller_identity),
           "AssumeRole": Action(assume_role, "RoleArn RoleSessionName ExternalId DurationSeconds"),
           "AssumeRoleWithWebIdentity": Action(assume_role_with_web_identity,
                                               "RoleArn RoleSessionName WebIdentityToken DurationSeconds")}
UNSIGNED = {"AssumeRoleWithWebIdentity"}


def perform(call):
    name = call.params.text("Action", "")
    action = ACTIONS.get(name)
    if action is None:
        raise ApiError("InvalidAction", f"Could not find operation {name} for version 2011-06-15")
    call.params.check_names(action.names)
    reply = {f"{name}Result": action.function(call), "ResponseMetadata": {"RequestId": call.request_id}}
    return document(f"{name}Response", NAMESPACE, reply, "member")


def error_document(code, message, request_id):
    inner = element("Error", {"Type": "Sender", "Code": code, "Message": message}) + element("RequestId", request_id)
    return f'<ErrorResponse xmlns="{NAMESPACE}">{inner}</ErrorResponse>\n'.encode()


def signing_error(problem):
    """How the Query services word a request they do not believe."""
    codes = {"missing": ("MissingAuthenticationToken", 403), "malformed": ("IncompleteSignature", 400),
             "key": ("InvalidClientTokenId", 403), "token": ("InvalidClientTokenId", 403), "ended": ("ExpiredToken", 403)}
    code, status = codes.get(problem.kind, ("SignatureDoesNotMatch", 403))
    return ApiError(code, str(problem), status)
