"""STS, API version 2011-06-15: who am I."""
from .action import Action
from .errors import ApiError
from .markup import document, element

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def get_caller_identity(call):
    return {"Arn": f"arn:aws:iam::{call.cloud.account}:user/ghost", "UserId": call.caller,
            "Account": call.cloud.account}


ACTIONS = {"GetCallerIdentity": Action(get_caller_identity)}


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
             "key": ("InvalidClientTokenId", 403), "token": ("InvalidClientTokenId", 403)}
    code, status = codes.get(problem.kind, ("SignatureDoesNotMatch", 403))
    return ApiError(code, str(problem), status)
