"""/_sandbox/…: what tests ask of the sandbox itself. JSON, unsigned, reachable from this machine only."""
import copy
import json
import signal
import time

from . import iam, metadata, ssm
from .faults import RESOURCE_KINDS


def answer(cloud, method, path, body):
    """(status, body, content type)"""
    parts = path.split("?")[0].strip("/").split("/")[1:]
    try:
        request = json.loads(body) if body else {}
        if not isinstance(request, dict):
            raise ValueError("an object is expected")
        status, reply = route(cloud, method, parts, request)
    except (ValueError, TypeError, KeyError) as error:
        status, reply = 422, {"error": str(error)}
    if isinstance(reply, bytes):
        return status, reply, "text/plain"
    return status, json.dumps(reply, indent=1).encode() + b"\n", "application/json"


def route(cloud, method, parts, request):
    key = (method, *parts[:1])
    if key == ("GET", "state"):
        return 200, state(cloud)
    if key == ("GET", "calls"):
        return 200, {"calls": list(cloud.calls)}
    if key == ("DELETE", "calls"):
        cloud.calls.clear()
        return 200, {}
    if key == ("GET", "faults"):
        return 200, {"faults": cloud.faults.shapes(), "resource_kinds": RESOURCE_KINDS}
    if key == ("POST", "faults"):
        cloud.faults.add(request)
        return 200, {}
    if key == ("DELETE", "faults"):
        cloud.faults.clear()
        cloud.faults.release()
        cloud.skew = 0.0
        return 200, {}
    if key == ("POST", "profiles"):
        iam.declare(cloud, request["name"], request.get("role"))
        return 200, {}
    if key == ("POST", "parameters"):
        ssm.declare(cloud, request["name"], str(request["value"]))
        return 200, {}
    if key == ("GET", "held"):
        return 200, {"held": cloud.faults.held()}
    if key == ("POST", "release"):
        return 200, {"released": cloud.faults.release(request.get("id"))}
    if key == ("POST", "roles"):
        other = cloud.accounts.declare_role(**request)
        return 200, {"account": other.account, "role_arn": f"arn:aws:iam::{other.account}:role/{request['name']}",
                     **{name: other.description()[name] for name in ("vpc_id", "subnet_ids", "security_group_id", "base_image_id")}}
    if key == ("POST", "end-sessions"):
        cloud.accounts.end_sessions()
        return 200, {}
    if key == ("GET", "accounts") and len(parts) == 3 and cloud.accounts.known(parts[1]):
        return 200, state(cloud.accounts.known(parts[1]))
    if key == ("POST", "skew"):
        cloud.skew = float(request["seconds"])
        return 200, {}
    if parts[:1] == ["instances"] and len(parts) == 3:
        return instance(cloud, method, parts[1], parts[2], request)
    return 404, {"error": "no such thing; see tests/sandbox/README.md"}


def instance(cloud, method, instance_id, what, request):
    row = cloud.state.instances.get(instance_id)
    if row is None:
        return 404, {"error": "no such instance"}
    if (method, what) == ("GET", "console"):
        return 200, cloud.boot.console(instance_id)
    if (method, what) == ("POST", "signal"):
        machine = cloud.boot.machine(instance_id)
        if machine is None or not machine.agent["running"]:
            return 409, {"error": "its agent does not run"}
        number = signal.Signals["SIG" + request["signal"]].value
        machine.tell(f"signal {number}")
        return 200, {}
    if (method, what) == ("POST", "status"):
        row["status"] = request["status"]
        row["events"] = request.get("events", [])
        return 200, {}
    if (method, what) == ("POST", "narrow"):
        problem = cloud.boot.narrow(instance_id, request["path"], int(request["free"]))
        return (409, {"error": problem}) if problem else (200, {})
    if (method, what) == ("POST", "notice"):
        return announce(cloud, row, request["kind"], float(request.get("seconds", 0)))
    if (method, what) == ("POST", "interrupt"):
        with cloud.state.lock:
            cloud.lifecycle.interrupt(row, request.get("error", "Server.SpotInstanceTermination"),
                                      request.get("message", "Spot Instance interrupted"))
        return 200, {}
    return 404, {"error": "no such thing"}


def announce(cloud, row, kind, seconds):
    """Something to come, in so many seconds of the cloud's clock; an interruption does come."""
    if kind not in ("spot", "rebalance", "maintenance"):
        return 422, {"error": f"no notice is of kind {kind}"}
    if kind == "spot" and not row["spot"]:
        return 409, {"error": "it is no Spot instance"}
    seconds /= cloud.clock.speed
    with cloud.state.lock:
        row.setdefault("notices", {})[kind] = time.time() + (0 if kind == "rebalance" else seconds)
    if kind == "spot":
        cloud.clock.after(seconds, take_back, cloud, row)
    return 200, {}


def take_back(cloud, row):
    with cloud.state.lock:
        cloud.lifecycle.interrupt(row, "Server.SpotInstanceTermination", "Spot Instance interrupted")


def state(cloud):
    with cloud.state.lock:
        rows = [dict(row) for row in cloud.state.instances.values()]
        images = [dict(row) for row in cloud.state.images.values()]
        reply = {**cloud.description(), "images": images, "snapshots": list(cloud.state.snapshots.values()),
                 "volumes": list(cloud.state.volumes.values()), "interfaces": list(cloud.state.interfaces.values()),
                 "tags": dict(cloud.state.tags),
                 "load_balancing": cloud.balancing.description(),
                 "groups": copy.deepcopy(cloud.state.groups),
                 "launch_templates": copy.deepcopy(cloud.state.launch_templates)}
    for row in rows:
        machine = cloud.boot.machine(row["id"])
        row["agent"] = {**machine.agent, "host_pid": machine.agent_pid, "problem": machine.problem} if machine else None
        row["root"] = cloud.boot.root(row["id"])
        row["metadata_endpoint"] = f"http://{row['private_ip']}:{metadata.PORT}"
    reply["instances"] = rows
    return reply
