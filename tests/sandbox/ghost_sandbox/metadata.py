"""The instance metadata service, version 2 only, one endpoint per instance."""
import base64
import http.server
import json
import secrets
import time

from .identity import document

PORT = 1338  # on the instance's own address, as no one may bind 169.254.169.254 here
TOKEN_PATH = "/latest/api/token"
TOKEN_HEADER = "X-aws-ec2-metadata-token"
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"


class MetadataHandler(http.server.BaseHTTPRequestHandler):
    """Answers for server.row; tokens live in server.tokens: token → end of life."""

    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"
    sys_version = ""
    timeout = 30
    disable_nagle_algorithm = True

    def log_message(self, format, *args):
        """The cloud's log is for what the cloud does."""

    def do_PUT(self):
        if self.server.row["metadata"]["endpoint"] != "enabled" or self.headers.get("X-Forwarded-For"):
            return self._reply(403)
        if self.path != TOKEN_PATH:
            return self._reply(404)
        ttl = self.headers.get(TTL_HEADER, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return self._reply(400)
        now = time.monotonic()
        token = base64.b64encode(secrets.token_bytes(40)).decode()
        with self.server.cloud.state.lock:
            alive = {key: end for key, end in self.server.tokens.items() if end > now}
            self.server.tokens = {**alive, token: now + int(ttl)}
        return self._reply(200, token.encode(), {TTL_HEADER: ttl})

    def do_GET(self):
        if self.server.row["metadata"]["endpoint"] != "enabled":
            return self._reply(403)
        if self.server.tokens.get(self.headers.get(TOKEN_HEADER, ""), 0) < time.monotonic():
            return self._reply(401)
        body = lookup(self.server.cloud, self.server.row, self.path)
        return self._reply(404) if body is None else self._reply(200, body)

    do_HEAD = do_GET

    def _reply(self, status, body=None, headers=None):
        if body is None and status != 200:
            body = (f'<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>{status}</title></head>'
                    f"<body><h1>{status}</h1></body></html>\n").encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain" if status == 200 else "text/html")
        self.send_header("Content-Length", str(len(body)))
        if status == 403 or self.headers.get("Content-Length", "0") != "0":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def lookup(cloud, row, path):
    """The bytes at a path, or None."""
    path = path.split("?")[0]
    if not path.startswith("/latest/"):
        return None
    with cloud.state.lock:
        tree = build_tree(cloud, row)
    node = tree
    for part in [part for part in path[len("/latest/"):].split("/") if part]:
        node = node.get(part) if isinstance(node, dict) else None
        if node is None:
            return None
    if callable(node):
        node = node()
    if isinstance(node, dict):
        return "\n".join(name + ("/" if isinstance(part, dict) else "") for name, part in node.items()).encode()
    return node.encode() if isinstance(node, str) else node


def announced(row, meta):
    """What POST …/notice says of the instance, where AWS would say it."""
    notices = row.get("notices", {})
    if "spot" in notices:
        meta["spot"] = {"instance-action": json.dumps({"action": "terminate", "time": iso(notices["spot"])}),
                        "termination-time": iso(notices["spot"])}
    events = {}
    if "rebalance" in notices:
        events["recommendations"] = {"rebalance": json.dumps({"noticeTime": iso(notices["rebalance"])})}
    scheduled = []
    if "maintenance" in notices:
        when = time.strftime("%-d %b %Y %H:%M:%S GMT", time.gmtime(notices["maintenance"]))
        scheduled.append({"NotBefore": when, "Code": "system-reboot", "Description": "scheduled reboot",
                          "EventId": "instance-event-0d59937288b749b32", "State": "active"})
    events["maintenance"] = {"history": "[]", "scheduled": json.dumps(scheduled)}
    meta["events"] = events


def iso(timestamp):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timestamp))


def build_tree(cloud, row):
    network = {"device-number": "0", "interface-id": row["eni"], "local-ipv4s": row["private_ip"], "mac": row["mac"],
               "owner-id": cloud.account, "subnet-id": row["subnet"], "vpc-id": row["vpc"],
               "security-group-ids": "\n".join(row["groups"])}
    name = f"ip-{row['private_ip'].replace('.', '-')}.{cloud.region}.compute.internal"
    meta = {"ami-id": row["image"], "ami-launch-index": str(row["index"]), "hostname": name,
            "instance-action": "none", "instance-id": row["id"],
            "instance-life-cycle": "spot" if row["spot"] else "on-demand", "instance-type": row["type"],
            "local-hostname": name, "local-ipv4": row["private_ip"], "mac": row["mac"],
            "network": {"interfaces": {"macs": {row["mac"]: network}}},
            "placement": {"availability-zone": row["zone"], "region": cloud.region},
            "reservation-id": row["reservation"], "security-groups": "default",
            "services": {"domain": "amazonaws.com", "partition": "aws"}}
    if row["metadata"]["tags"]:
        meta["tags"] = {"instance": dict(cloud.state.tags_of(row["id"]))}
    if target := cloud.autoscaling.target_state(row["id"]):
        meta["autoscaling"] = {"target-lifecycle-state": target}
    announced(row, meta)
    text = document(cloud, row)
    tree = {"dynamic": {"instance-identity": {"document": text, "rsa2048": lambda: cloud.identity.signed(text)}},
            "meta-data": meta}
    if row["user_data"]:
        tree["user-data"] = base64.b64decode(row["user_data"])
    return tree
