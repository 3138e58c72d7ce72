"""As much of S3 as packages and sources need, on loopback: objects with versions, in memory. Signatures and checksums are
checked, those of presigned URLs too; GETs by presigned URLs can be refused."""
import base64
import calendar
import hashlib
import hmac
import http.server
import pathlib
import sys
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sandbox"))
from ghost_sandbox import signing  # noqa: E402


class Refusal(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


class S3Double:
    def __init__(self, access_key, secret_key, region):
        self.secret_key, self.region = secret_key, region
        self.verifier = signing.Verifier({access_key: (secret_key, None)}, region)
        self.lock = threading.Lock()
        self.objects = {}  # "bucket/key" -> [(version, bytes, metadata)], the newest last
        self.requests = []  # dicts: method, path, range, presigned, status
        self.refuse_presigned = False
        handler = type("BoundHandler", (Handler,), {"s3": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, path, content, metadata=None):
        """Returns the new version's id."""
        with self.lock:
            versions = self.objects.setdefault(path, [])
            name = f"version.{sum(map(len, self.objects.values())) + 1}"
            versions.append((name, content, metadata or {}))
            return name

    def seen(self, **wanted):
        with self.lock:
            return [r for r in self.requests if all(r[name] == value for name, value in wanted.items())]

    def forget_requests(self):
        with self.lock:
            self.requests.clear()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    s3 = None

    def log_message(self, *words):
        pass

    def answer(self):
        path, _, query = self.path.partition("?")
        self.parameters = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.name = urllib.parse.unquote(path)[1:]
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.presigned = "X-Amz-Signature" in self.parameters
        try:
            self.check_signature()
            if self.presigned and self.s3.refuse_presigned:
                raise Refusal(403, "AccessDenied")
            status, headers, content = getattr(self, "do_object_" + self.command)()
        except Refusal as refusal:
            status, headers = refusal.status, {}
            content = f"<Error><Code>{refusal.code}</Code><Message>so it is</Message></Error>".encode()
        with self.s3.lock:
            self.s3.requests.append({"method": self.command, "path": self.name, "range": self.headers.get("Range"),
                                     "presigned": self.presigned, "status": status})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_DELETE = answer

    # ---- who asks ------------------------------------------------------------------------------------------------

    def check_signature(self):
        try:
            if self.presigned:
                self.check_presigned()
            else:
                self.s3.verifier.verify(self.command, self.path, self.headers.items(), self.body)
        except signing.SigningError as error:
            raise Refusal(403, "SignatureDoesNotMatch") from error
        if not self.presigned and self.headers["x-amz-content-sha256"] != hashlib.sha256(self.body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch")

    def check_presigned(self):
        parameters = self.parameters
        path, _, query = self.path.partition("?")
        unsigned = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
        canonical = "\n".join([self.command, path, signing.canonical_query(unsigned), f"host:{self.headers['Host']}\n",
                               "host", "UNSIGNED-PAYLOAD"])
        stamp, scope = parameters["X-Amz-Date"], parameters["X-Amz-Credential"].partition("/")[2]
        expected = signing.sign(self.s3.secret_key, stamp, scope, canonical)
        if not hmac.compare_digest(expected, parameters["X-Amz-Signature"]):
            raise Refusal(403, "SignatureDoesNotMatch")
        made = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        if time.time() > made + int(parameters["X-Amz-Expires"]):
            raise Refusal(403, "AccessDenied")

    # ---- what is asked -------------------------------------------------------------------------------------------

    def stored(self):
        version = self.parameters.get("versionId")
        with self.s3.lock:
            found = [v for v in self.s3.objects.get(self.name, []) if version in (None, v[0])]
        if not found:
            raise Refusal(404, "NoSuchVersion" if version else "NoSuchKey")
        return found[-1]

    def do_object_PUT(self):
        checksum = self.headers["x-amz-checksum-sha256"]
        if checksum and checksum != base64.b64encode(hashlib.sha256(self.body).digest()).decode():
            raise Refusal(400, "BadDigest")
        if self.headers["If-None-Match"] == "*" and self.s3.objects.get(self.name):
            raise Refusal(412, "PreconditionFailed")
        metadata = {n: v for n, v in self.headers.items() if n.lower().startswith("x-amz-meta-")}
        return 200, {"x-amz-version-id": self.s3.add(self.name, self.body, metadata)}, b""

    def do_object_GET(self):
        if self.parameters.get("list-type") == "2":
            return self.list()
        version, content, metadata = self.stored()
        headers = {"x-amz-version-id": version, **metadata}
        if not self.headers.get("Range"):
            return 200, headers, content
        first, last = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
        if first >= len(content):
            raise Refusal(416, "InvalidRange")
        piece = content[first:last + 1]
        headers["Content-Range"] = f"bytes {first}-{first + len(piece) - 1}/{len(content)}"
        return 206, headers, piece

    do_object_HEAD = do_object_GET

    def do_object_DELETE(self):
        with self.s3.lock:
            self.s3.objects.pop(self.name, None)
        return 204, {}, b""

    def list(self):
        """Pages of two, so that a list is longer than one."""
        start = f"{self.name}/{self.parameters.get('prefix', '')}"
        with self.s3.lock:
            found = sorted(path for path, versions in self.s3.objects.items() if versions and path.startswith(start))
        skip = int(self.parameters.get("continuation-token", "0"))
        lines = ["<ListBucketResult>"]
        for path in found[skip:skip + 2]:
            key = urllib.parse.quote_plus(path[len(self.name) + 1:], safe="/")
            lines.append(f"<Contents><Key>{escape(key)}</Key></Contents>")
        more = len(found) > skip + 2
        lines.append(f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>")
        if more:
            lines.append(f"<NextContinuationToken>{skip + 2}</NextContinuationToken>")
        return 200, {}, "".join([*lines, "</ListBucketResult>"]).encode()
