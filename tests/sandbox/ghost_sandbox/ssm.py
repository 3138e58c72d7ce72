"""SSM, JSON 1.1: the public parameters that name images."""
import json

from .errors import ApiError
from .sts import signing_error as query_signing_error

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET = "AmazonSSM."
# what Debian, Canonical and Amazon call their newest image; each is the base image here
PUBLIC = ("/aws/service/debian/release/12/latest/{debian}", "/aws/service/debian/release/13/latest/{debian}",
          "/aws/service/canonical/ubuntu/server/24.04/stable/current/{debian}/hvm/ebs-gp3/ami-id",
          "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{amazon}")
CREATED = 1700000000
MOST = 10


def read_request(headers, body):
    """The request as fields, the action among them."""
    target = headers.get("X-Amz-Target", "")
    try:
        fields = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", f"The body is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ApiError("SerializationException", "The body is not an object")
    return {**fields, "Action": target[len(TARGET):] if target.startswith(TARGET) else target}


def parameters(cloud):
    """{name: value}: the public ones and those that tests declared."""
    names = [path.format(debian=debian, amazon=amazon) for path in PUBLIC
             for debian, amazon in (("amd64", "x86_64"), ("arm64", "arm64"))]
    with cloud.state.lock:
        return {**dict.fromkeys(names, cloud.state.settings["base_image"]), **cloud.state.parameters}


def declare(cloud, name, value):
    with cloud.state.lock:
        cloud.state.parameters[name] = value
        cloud.state.save()


def shape(call, name, value):
    owner = "" if name.startswith("/aws/") else call.cloud.account
    return {"Name": name, "Type": "String", "Value": value, "Version": 1, "LastModifiedDate": CREATED,
            "ARN": f"arn:aws:ssm:{call.cloud.region}:{owner}:parameter{name if name[0] == '/' else '/' + name}",
            "DataType": "aws:ec2:image" if value.startswith("ami-") else "text"}


def get_parameter(call):
    name = call.form.get("Name")
    if not isinstance(name, str) or not name:
        raise ApiError("ValidationException", "Value at 'name' failed to satisfy constraint: Member must not be null")
    known = parameters(call.cloud)
    if name not in known:
        raise ApiError("ParameterNotFound", f"Parameter {name} not found.")
    return {"Parameter": shape(call, name, known[name])}


def get_parameters(call):
    names = call.form.get("Names")
    if not isinstance(names, list) or not 1 <= len(names) <= MOST:
        raise ApiError("ValidationException", "Value at 'names' failed to satisfy constraint: Member must have length "
                       f"between 1 and {MOST}")
    known = parameters(call.cloud)
    return {"Parameters": [shape(call, name, known[name]) for name in names if name in known],
            "InvalidParameters": [name for name in names if name not in known]}


ACTIONS = {"GetParameter": (get_parameter, {"Name", "WithDecryption"}),
           "GetParameters": (get_parameters, {"Names", "WithDecryption"})}


def perform(call):
    function, names = ACTIONS.get(call.form["Action"], (None, ()))
    if function is None:
        raise ApiError("UnknownOperationException", "")
    unknown = set(call.form) - set(names) - {"Action"}
    if unknown:
        raise ApiError("SerializationException", f"unknown: {', '.join(sorted(unknown))}")
    return json.dumps(function(call)).encode()


def error_document(code, message, _request_id):
    return json.dumps({"__type": code, "message": message}).encode()


def signing_error(problem):
    """The JSON services have names of their own for some of what the Query services say."""
    error = query_signing_error(problem)
    codes = {"InvalidClientTokenId": "UnrecognizedClientException", "MissingAuthenticationToken":
             "MissingAuthenticationTokenException", "ExpiredToken": "ExpiredTokenException", "SignatureDoesNotMatch": "InvalidSignatureException"}
    return ApiError(codes.get(error.code, error.code), error.message, 400)
