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


class SigningError(Exception):
    """Why a request is not believed: missing, malformed, key, token, scope, signature, time."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Signed:
    """Who signed, and for which service."""

    def __init__(self, access_key, service):
        self.access_key = access_key
        self.service = service


class Verifier:
    """Believes requests signed with the keys it knows for its region."""

    def __init__(self, keys, region, now=time.time):
        self.keys = keys  # access key → (secret, session token or None)
        self.region = region
        self.now = now

    def verify(self, method, target, headers, body):
        """headers: list of (name, value) as they came. Returns Signed or raises SigningError."""
        values = {}
        for name, value in headers:
            values.setdefault(name.lower(), []).append(value)
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
        canonical = canonical_request(method, target, values, names, body, service)
        scope = f"{date}/{region}/{service}/aws4_request"
        if not hmac.compare_digest(sign(secret, stamp, scope, canonical), signature):
            raise SigningError("signature", "The request signature we calculated does not match the signature you "
                               f"provided. The Canonical String for this request should have been '{canonical}'")
        if region != self.region:
            raise SigningError("scope", f"Credential should be scoped to a valid region, not '{region}'")
        return Signed(access_key, service)

    def _secret(self, access_key, values):
        known = self.keys.get(access_key)
        if known is None:
            raise SigningError("key", "The security token included in the request is invalid")
        secret, token = known
        if (values.get("x-amz-security-token") or [None])[0] != token:
            raise SigningError("token", "The security token included in the request is invalid")
        return secret

    def _check_time(self, values, date):
        stamp = values.get("x-amz-date", [""])[0]
        try:
            when = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        except ValueError as error:
            raise SigningError("malformed", "X-Amz-Date is missing or malformed") from error
        if not stamp.startswith(date):
            raise SigningError("signature", "Date in Credential scope does not match YYYYMMDD of X-Amz-Date")
        if abs(when - self.now()) > TOLERANCE:
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


def encode(text, safe=""):
    return urllib.parse.quote(text, safe="-._~" + safe)


def canonical_path(path, service):
    if service == "s3":
        return path or "/"
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
    payload = hashlib.sha256(body).hexdigest()
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
