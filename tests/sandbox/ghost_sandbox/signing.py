"""Checks Signature Version 4 of a request."""
import calendar
import hashlib
import hmac
import re
import time
import urllib.parse

TOLERANCE = 300  # seconds between our clock and the signer's
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^,/\s]+)/(\d{8})/([^,/\s]+)/([^,/\s]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})")


PRESIGNED = "X-Amz-Credential="
SCOPE = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
PAYLOAD = re.compile(r"[0-9a-f]{64}|UNSIGNED-PAYLOAD")
GLOBAL = {"iam": "us-east-1"}  # services of no region, and what is signed for them
LONGEST = 604800  # seconds a presigned request may be good for


class SigningError(Exception):
    """Why a request is not believed: missing, malformed, key, token, scope, signature, time; of a
    presigned one also query, early, expired, unsigned; payload: its hash is not stated."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Signed:
    """Who signed, for which service and region."""

    def __init__(self, access_key, service, region=None):
        self.access_key = access_key
        self.service = service
        self.region = region


class Verifier:
    """Believes requests signed with the keys it knows for its region."""

    def __init__(self, keys, region, now=time.time):
        self.keys = keys  # access key → (secret, session token or None[, when it ends])
        self.region = region
        self.now = now

    def verify(self, method, target, headers, body):
        """headers: list of (name, value) as they came. body: the bytes; None: not read yet, as the service s3 alone
        allows: the payload's hash is then the one that is stated. Returns Signed or raises SigningError."""
        values = {}
        for name, value in headers:
            values.setdefault(name.lower(), []).append(value)
        if "authorization" not in values and PRESIGNED in target:
            return self._verify_presigned(method, target, values)
        match = AUTHORIZATION.fullmatch(values.get("authorization", [""])[0].strip())
        if "authorization" not in values:
            raise SigningError("missing", "Request is missing Authentication Token")
        if not match:
            raise SigningError("malformed", "The Authorization header cannot be read")
        access_key, date, region, service, signed_names, signature = match.groups()
        stamp = self._check_time(values, date)
        secret = self._secret(access_key, values)
        names = signed_names.split(";")
        self._check_names(names, values)
        if body is None:
            body = stated_payload(values, service)
        canonical = canonical_request(method, target, values, names, body, service)
        scope = f"{date}/{region}/{service}/aws4_request"
        if not hmac.compare_digest(sign(secret, stamp, scope, canonical), signature):
            raise SigningError("signature", "The request signature we calculated does not match the signature you "
                               f"provided. The Canonical String for this request should have been '{canonical}'")
        if region != GLOBAL.get(service, self.region) and service != "s3":  # a bucket may be of another
            raise SigningError("scope", f"Credential should be scoped to a valid region, not '{region}'")
        return Signed(access_key, service, region)

    def _verify_presigned(self, method, target, values):
        """The signature is in the query, and says itself how long it is good for."""
        path, _, query = target.partition("?")
        fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        scope = SCOPE.fullmatch(fields.get("X-Amz-Credential", ""))
        expires, stamp = fields.get("X-Amz-Expires", ""), fields.get("X-Amz-Date", "")
        if fields.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" or not scope or not expires.isdigit():
            raise SigningError("query", "X-Amz-Algorithm, X-Amz-Credential or X-Amz-Expires cannot be read")
        if int(expires) > LONGEST:
            raise SigningError("query", "X-Amz-Expires must be less than a week (in seconds) that is 604800")
        access_key, date, region, service = scope.groups()
        when = read_stamp(stamp, date)
        secret = self._secret(access_key, {"x-amz-security-token": [fields.get("X-Amz-Security-Token")]})
        if when > self.now() + TOLERANCE:
            raise SigningError("early", "Request is not valid yet")
        if self.now() > when + int(expires):
            raise SigningError("expired", "Request has expired")
        names = fields.get("X-Amz-SignedHeaders", "").split(";")
        if {"host"} - set(names) or any(name.startswith("x-amz-") and name not in names for name in values):
            raise SigningError("unsigned", "There were headers present in the request which were not signed")
        if set(names) - set(values):
            raise SigningError("signature", "A signed header was not sent")
        rest = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
        payload = Payload(values.get("x-amz-content-sha256", ["UNSIGNED-PAYLOAD"])[0])
        canonical = canonical_request(method, f"{path}?{rest}", values, names, payload, service)
        if not hmac.compare_digest(sign(secret, stamp, f"{date}/{region}/{service}/aws4_request", canonical),
                                   fields.get("X-Amz-Signature", "")):
            raise SigningError("signature", "The request signature we calculated does not match the signature you "
                               "provided. Check your key and signing method.")
        return Signed(access_key, service, region)

    def _secret(self, access_key, values):
        known = self.keys.get(access_key)
        if known is None:
            raise SigningError("key", "The security token included in the request is invalid")
        secret, token, *ends = known
        if (values.get("x-amz-security-token") or [None])[0] != token:
            raise SigningError("token", "The security token included in the request is invalid")
        if ends and self.now() > ends[0]:
            raise SigningError("ended", "The security token included in the request is expired")
        return secret

    def _check_time(self, values, date):
        stamp = values.get("x-amz-date", [""])[0]
        if abs(read_stamp(stamp, date) - self.now()) > TOLERANCE:
            raise SigningError("time", f"Signature expired or not yet current: {stamp}")
        return stamp

    @staticmethod
    def _check_names(names, values):
        required = {"host"} | {name for name in values if name.startswith("x-amz-")}
        if "content-type" in values:
            required.add("content-type")
        unsigned = sorted(required - set(names))
        absent = sorted(set(names) - set(values))
        if unsigned or absent or names != sorted(names):
            raise SigningError("signature", f"SignedHeaders is wrong (not signed: {unsigned}, not sent: {absent})")


def read_stamp(stamp, date):
    try:
        when = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError as error:
        raise SigningError("malformed", "X-Amz-Date is missing or malformed") from error
    if not stamp.startswith(date):
        raise SigningError("signature", "Date in Credential scope does not match YYYYMMDD of X-Amz-Date")
    return when


class Payload(str):
    """The hash of a body that is not at hand."""


def stated_payload(values, service):
    stated = values.get("x-amz-content-sha256", [""])[0]
    if service != "s3" or not (PAYLOAD.fullmatch(stated)):
        raise SigningError("payload", "Missing or unknown required header for this request: x-amz-content-sha256")
    return Payload(stated)


def encode(text, safe=""):
    return urllib.parse.quote(text, safe="-._~" + safe)


def canonical_path(path, service):
    if service == "s3":  # encoded once, nothing tidied
        return urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="-._~/") or "/"
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    clean = "/" + "/".join(parts)
    if path.endswith("/") and clean != "/":
        clean += "/"
    return urllib.parse.quote(clean.encode("latin-1"), safe="-._~/")


def canonical_query(query):
    pairs = []
    for part in query.split("&") if query else []:
        key, _, value = part.partition("=")
        unquote = urllib.parse.unquote_to_bytes
        pairs.append((urllib.parse.quote(unquote(key), safe="-._~"), urllib.parse.quote(unquote(value), safe="-._~")))
    return "&".join(f"{key}={value}" for key, value in sorted(pairs))


def canonical_request(method, target, values, names, body, service):
    path, _, query = target.partition("?")
    headers = "".join(f"{name}:{','.join(' '.join(value.split()) for value in values[name])}\n" for name in names)
    payload = body if isinstance(body, Payload) else hashlib.sha256(body).hexdigest()
    stated = values.get("x-amz-content-sha256", [payload])[0]
    if stated == "UNSIGNED-PAYLOAD" and service == "s3":
        payload = stated
    return "\n".join([method, canonical_path(path, service), canonical_query(query), headers, ";".join(names), payload])


def sign(secret, stamp, scope, canonical):
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
