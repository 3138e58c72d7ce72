"""EC2, API version 2016-11-15: the tables of its actions, and its envelope."""
from ..errors import ApiError
from ..markup import document, element
from . import (catalog, images, instances, instance_changes, launch_templates, network_interfaces, run_instances,
               snapshots, tags, volumes)

VERSION = "2016-11-15"
NAMESPACE = f"http://ec2.amazonaws.com/doc/{VERSION}/"
ACTIONS = {}
for part in (catalog, images, instances, instance_changes, launch_templates, network_interfaces, run_instances,
             snapshots, tags, volumes):
    ACTIONS.update(part.ACTIONS)


def perform(call):
    """The XML reply of one call."""
    name = call.params.text("Action", "")
    action = ACTIONS.get(name)
    if action is None:
        raise ApiError("InvalidAction", f"The action {name} is not valid for this web service.")
    call.params.check_names(action.names | {"DryRun"})
    dry_run = call.params.boolean("DryRun")
    if dry_run:
        raise ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    reply = {"requestId": call.request_id, **(action.function(call) or {})}
    return document(f"{name}Response", NAMESPACE, reply, "item")


def error_document(code, message, request_id):
    inner = element("Errors", {"Error": {"Code": code, "Message": message}}) + element("RequestID", request_id)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{inner}</Response>\n'.encode()


def signing_error(problem):
    """How EC2 words a request it does not believe."""
    if problem.kind in ("time", "ended"):
        return ApiError("RequestExpired", "Request has expired.", 400)
    if problem.kind == "signature":
        return ApiError("SignatureDoesNotMatch", str(problem), 403)
    return ApiError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
