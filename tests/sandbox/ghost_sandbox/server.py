"""The endpoint: reads a request, checks its signature, lets the service answer, injects faults."""
import http.server
import logging
import re
import socket
import struct
import time
import urllib.parse

from . import control, s3, spoiling, sts
from .action import Call
from .errors import ApiError
from .ids import request_id
from .query import parse_form
from .signing import Signed, SigningError

log = logging.getLogger("sandbox")
BODY_LIMIT = 8 << 20
QUIET = ("Describe", "Get")  # calls that change nothing are logged as details
# What tells which thing a call is about, and which thing it has made.
IDENTIFYING = re.compile(r"(.*(Name|Id|Ids|Arn|ARN)(\.\d+|\.member\.\d+)?|ClientToken|VersionDescription|ScalingProcesses\.member\.\d+)")
MADE = {"RunInstances": rb"<instanceId>([^<]+)<", "CreateImage": rb"<imageId>([^<]+)<", "CopyImage": rb"<imageId>([^<]+)<",
        "CreateLaunchTemplate": rb"<launchTemplateId>([^<]+)<", "CreateLaunchTemplateVersion": rb"<versionNumber>([^<]+)<"}
TEXT_KEPT = 200
SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/aws4_request")


def garbage(fault):
    return ("<html>garbage" if fault.body is None else fault.body).encode()


class ApiHandler(http.server.BaseHTTPRequestHandler):
    """One keep-alive connection of a client. server.cloud is the cloud."""

    protocol_version = "HTTP/1.1"
    server_version = "ghost-sandbox"
    sys_version = ""
    timeout = 75
    account = None  # that the call was made in
    disable_nagle_algorithm = True

    def log_message(self, format, *args):
        """Calls are logged with their action, below."""

    def do_POST(self):
        if self._streaming():
            return
        body = self._read_body()
        if body is None:
            return
        if self.path.startswith("/_sandbox/"):
            status, reply, kind = control.answer(self.server.cloud, self.command, self.path, body)
            self._reply(status, reply, kind)
        else:
            self._serve(body)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST

    def _streaming(self):
        """Requests of a service that reads and writes bodies as streams are served by it."""
        if self.path.startswith("/_sandbox/"):
            return False
        named = SCOPE.search(self.headers.get("Authorization", "") + urllib.parse.unquote(self.path))
        name = named.group(1) if named else "s3" if s3.is_asked(self.command, self.path, self.headers) else None
        service = self.server.cloud.services.get(name)
        if not hasattr(service, "serve"):
            return False
        if self.headers.get("Transfer-Encoding") or not self.headers.get("Content-Length", "0").isdigit():
            return False  # refused as any other
        action, reply, error, fault, number = service.serve(self)
        self._note({"Action": action}, service, reply.status, error, fault, number, path=self.path.partition("?")[0],
                   presigned=s3.is_presigned(self.path), range=self.headers.get("Range"))
        try:
            self._stream(fault, reply)
        finally:
            reply.close()
        return True

    def _stream(self, fault, reply):
        kind = fault.when if fault else None
        if kind in ("reset", "reset-before"):
            self._reset()
            return
        if kind == "garbage":
            self._reply(fault.status, garbage(fault), "text/html")
            return
        if kind in spoiling.KINDS:
            spoiling.send(self, fault, reply.status, b"".join(reply.chunks()), "application/xml")
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value.encode().decode("latin-1"))
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(reply.length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        left = reply.length // 2 if kind == "truncate" else reply.length
        for piece in reply.chunks() if self.command != "HEAD" and reply.status not in (204, 304) else ():
            self.wfile.write(piece[:left])
            left -= len(piece)
            if left <= 0:
                break
        if kind == "truncate":
            self._reset()

    def _read_body(self):
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self._reply(501 if self.headers.get("Transfer-Encoding") else 413, b"", "text/plain")
            return None
        if self.headers.get("Expect", "").lower() == "100-continue":
            pass  # BaseHTTPRequestHandler has answered it
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _serve(self, body):
        cloud = self.server.cloud
        number = request_id()
        named = SCOPE.search(self.headers.get("Authorization", ""))
        unsigned = "sts" if b"Action=AssumeRoleWithWebIdentity" in body else "ec2"
        service = cloud.services.get(named.group(1) if named else unsigned) or cloud.services["ec2"]
        form, status, reply, error = {}, 200, b"", None
        fault = done = self.account = None
        try:
            read = getattr(service, "read_request", None)
            form = read(self.headers, body) if read else parse_form(body)
            caller = self._verify(service, body, form.get("Action"))
            begins = not form.get("NextToken") and not form.get("Marker")
            acting = cloud.accounts.of_caller(caller.access_key)[0]
            self.account = acting.account
            fault = cloud.faults.for_call(caller.service, form.get("Action"), begins, account=self.account)
            self.suffer_before(fault, caller.service, form.get("Action"))
            reply = service.perform(Call(acting, form, caller.access_key, number, fault))
            done = reply
            self.suffer_after(fault, caller.service, form.get("Action"))
        except ApiError as problem:
            error, status = problem, problem.status
        except Exception:
            log.exception("%s failed", form.get("Action"))
            error, status = ApiError("InternalError", "An internal error has occurred"), 500
        if error:
            reply = service.error_document(error.code, error.message, number)
        self._note(form, service, status, error, fault, number, done)
        self._send(fault, status, reply, number, getattr(service, "CONTENT_TYPE", "text/xml;charset=UTF-8"))

    def suffer_before(self, fault, service, action):
        """What a fault does before the call is done."""
        if fault and fault.when in ("before", "reset-before", "garbage"):
            raise ApiError(fault.error, fault.message, fault.status)
        if fault and fault.when == "delay":
            time.sleep(fault.seconds)
        if fault and fault.when == "hold-before":
            if not self.server.cloud.faults.hold(service, action, fault.when, self.connection):
                raise ApiError("RequestCanceled", "The client went away before the call was done", 400)

    def suffer_after(self, fault, service, action):
        """What a fault does when the call is done and not answered yet."""
        if fault and fault.when == "after":
            raise ApiError(fault.error, fault.message, fault.status)
        if fault and fault.when == "hold-after":
            self.server.cloud.faults.hold(service, action, fault.when, self.connection)

    def date_time_string(self, timestamp=None):
        """The Date header, by this cloud's time."""
        return super().date_time_string(self.server.cloud.now() if timestamp is None else timestamp)

    def verify_signature(self, service, body):
        """Who calls; body None: it is still to be read."""
        try:
            return self.server.cloud.verifier.verify(self.command, self.path, self.headers.items(), body)
        except SigningError as problem:
            raise service.signing_error(problem) from problem

    def _verify(self, service, body, action):
        cloud = self.server.cloud
        if "Authorization" not in self.headers and action in sts.UNSIGNED:
            return Signed(None, "sts")
        caller = self.verify_signature(service, body)
        if caller.service not in cloud.services:
            raise ApiError("InvalidAction", f"The sandbox has no service {caller.service}")
        if self.command != "POST":
            raise ApiError("InvalidAction", "The sandbox takes POST only")
        return caller

    def _note(self, form, service, status, error, fault, number, done=None, **more):
        """done: the reply of a call that took effect, whatever its client was told."""
        action = form.get("Action", "-")
        name = service.__name__.rsplit(".", 1)[-1]
        entry = {"time": time.time(), "service": name, "action": action, "status": status, "request_id": number,
                 "error": error.code if error else None, "fault": fault.when if fault else None,
                 "client_token": form.get("ClientToken"), "account": self.account, "done": done is not None}
        if not action.startswith(QUIET):
            entry["parameters"] = {name: value[:TEXT_KEPT] for name, value in form.items() if IDENTIFYING.fullmatch(name)}
            made = re.search(MADE[action], done) if done and action in MADE else None
            entry["made"] = made.group(1).decode() if made else None
        self.server.cloud.calls.append(entry | more)
        level = logging.DEBUG if action.startswith(QUIET) and not error and not fault else logging.INFO
        log.log(level, "%s %s %s%s%s", name, action, status, f" {error}" if error else "",
                f" (fault: {fault.when})" if fault else "")

    def _send(self, fault, status, reply, number, content_type):
        kind = fault.when if fault else None
        if kind in ("reset", "reset-before"):
            self._reset()
        elif kind == "garbage":
            self._reply(fault.status, garbage(fault), "text/html")
        elif kind in spoiling.KINDS:
            spoiling.send(self, fault, status, reply, content_type)
        elif kind == "truncate":
            self._reply(status, reply, content_type, number, sent=len(reply) // 2)
            self._reset()
        else:
            self._reply(status, reply, content_type, number, headers=fault.headers if fault else None)

    def _reset(self):
        """Closes with RST instead of FIN, as a machine that vanishes does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _reply(self, status, body, kind, number=None, sent=None, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if number:
            self.send_header("x-amzn-RequestId", number)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if sent is None else body[:sent])
