"""SSM, JSON 1.1: the public parameters that name the newest images."""
import json

from .errors import ApiError
from .sts import signing_error as query_signing_error

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET = "AmazonSSM."
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


def read_request(headers, body):
    """A JSON request as the flat form that the server knows."""
    target = headers.get("X-Amz-Target", "")
    try:
        question = json.loads(body)
    except ValueError as error:
        raise ApiError("SerializationException", str(error)) from error
    if not target.startswith(TARGET) or not isinstance(question, dict):
        raise ApiError("UnknownOperationException", f"The sandbox does not know {target}")
    return {"Action": target[len(TARGET):], **{name: str(value) for name, value in question.items()}}


def parameters(cloud):
    """Those that Debian keeps, for the base image."""
    image = cloud.state.images[cloud.state.settings["base_image"]]
    name = f"/aws/service/debian/release/12/latest/{ARCHITECTURES[image['architecture']]}"
    return {name: image["id"]}


def perform(call):
    if call.form["Action"] != "GetParameter":
        raise ApiError("UnknownOperationException", f"The sandbox does not know {call.form['Action']}")
    name = call.params.required("Name")
    value = parameters(call.cloud).get(name)
    if value is None:
        raise ApiError("ParameterNotFound", f"Parameter {name} not found.")
    return json.dumps({"Parameter": {
        "Name": name, "Type": "String", "Value": value, "Version": 1, "DataType": "aws:ec2:image",
        "ARN": f"arn:aws:ssm:{call.cloud.region}::parameter{name}"}}).encode()


def signing_error(problem):
    return query_signing_error(problem)


def error_document(code, message, _request_id):
    return json.dumps({"__type": code, "message": message}).encode()
