"""IAM, API version 2010-05-08: instance profiles. A global service: it is signed for us-east-1."""
from .action import Action
from .errors import ApiError
from .clock import utc_text
from .markup import document, element
from .sts import signing_error

__all__ = ["perform", "error_document", "signing_error"]
NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
CREATED = 1700000000


def declare(cloud, name, role=None):
    """A profile there is from now on."""
    with cloud.state.lock:
        cloud.state.profiles[name] = {"name": name, "role": role or name}
        cloud.state.save()


def shape(call, row):
    account = call.cloud.account
    role = {"Path": "/", "RoleName": row["role"], "RoleId": "AROA" + row["role"].upper()[:16],
            "Arn": f"arn:aws:iam::{account}:role/{row['role']}", "CreateDate": utc_text(CREATED)}
    return {"Path": "/", "InstanceProfileName": row["name"], "InstanceProfileId": "AIPA" + row["name"].upper()[:16],
            "Arn": f"arn:aws:iam::{account}:instance-profile/{row['name']}", "CreateDate": utc_text(CREATED),
            "Roles": [role]}


def list_profiles(call):
    """In pages: a marker is the name of the last one told."""
    after, most = call.params.text("Marker", ""), call.params.integer("MaxItems", 100, 1, 1000)
    prefix = call.params.text("PathPrefix", "/")
    with call.cloud.state.lock:
        rows = [row for name, row in sorted(call.cloud.state.profiles.items()) if name > after and prefix == "/"]
        more = len(rows) > most
        return {"InstanceProfiles": [shape(call, row) for row in rows[:most]], "IsTruncated": more,
                "Marker": rows[most - 1]["name"] if more else None}


def get_profile(call):
    name = call.params.required("InstanceProfileName")
    with call.cloud.state.lock:
        row = call.cloud.state.profiles.get(name)
        if row is None:
            raise ApiError("NoSuchEntity", f"Instance Profile {name} cannot be found.", 404)
        return {"InstanceProfile": shape(call, row)}


ACTIONS = {"GetInstanceProfile": Action(get_profile, "InstanceProfileName"),
           "ListInstanceProfiles": Action(list_profiles, "Marker MaxItems PathPrefix")}


def perform(call):
    name = call.params.text("Action", "")
    action = ACTIONS.get(name)
    if action is None:
        raise ApiError("InvalidAction", f"Could not find operation {name} for version 2010-05-08")
    call.params.check_names(action.names)
    reply = {f"{name}Result": action.function(call), "ResponseMetadata": {"RequestId": call.request_id}}
    return document(f"{name}Response", NAMESPACE, reply, "member")


def error_document(code, message, request_id):
    inner = element("Error", {"Type": "Sender", "Code": code, "Message": message}) + element("RequestId", request_id)
    return f'<ErrorResponse xmlns="{NAMESPACE}">{inner}</ErrorResponse>\n'.encode()
