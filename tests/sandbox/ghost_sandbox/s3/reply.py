"""What S3 answers with."""
from ..errors import ApiError
from ..markup import element

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class S3Error(ApiError):
    """An error with the elements and headers that S3 adds to some."""

    def __init__(self, code, message, status=400, headers=None, **elements):
        super().__init__(code, message, status)
        self.headers = headers or {}
        self.elements = elements


class Reply:
    """Status, headers and a body: bytes, or a stretch of an open file."""

    def __init__(self, status=200, headers=None, body=b"", file=None, start=0, length=None):
        self.status = status
        self.headers = dict(headers or {})
        self.body = body
        self.file = file
        self.start = start
        self.length = len(body) if length is None else length

    def chunks(self, size=1 << 20):
        """The body in pieces that fit into memory."""
        if not self.file:
            yield self.body
            return
        self.file.seek(self.start)
        left = self.length
        while left > 0 and (piece := self.file.read(min(size, left))):
            left -= len(piece)
            yield piece

    def close(self):
        if self.file:
            self.file.close()


SPOILED = ("wrong-etag", "wrong-bytes", "error-in-200")


def spoil(kind, answer):
    """A reply that S3 should not have given: another tag, another byte, or a failure found too late for its status."""
    if kind not in SPOILED or answer.status >= 300:
        return answer
    if kind == "wrong-etag":
        answer.headers["ETag"] = f'"{"0" * 32}"'
        return answer
    body = b"".join(answer.chunks())
    answer.close()
    if kind == "error-in-200":
        text = element("Error", {"Code": "InternalError", "Message": "We encountered an internal error. Please try again."})
        return Reply(200, {"Content-Type": "application/xml"}, text.encode())
    middle = len(body) // 2
    return Reply(answer.status, answer.headers, body[:middle] + bytes(255 - byte for byte in body[middle:middle + 1]) + body[middle + 1:])


def xml(name, content):
    """A reply with a document."""
    text = element(name, content).replace(f"<{name}", f'<{name} xmlns="{NAMESPACE}"', 1)
    return Reply(headers={"Content-Type": "application/xml"},
                 body=f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode())


def error_reply(error, request):
    content = {"Code": error.code, "Message": error.message, **getattr(error, "elements", {}),
               "Resource": request.path, "RequestId": request.number, "HostId": "ghost-sandbox"}
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + element("Error", content)
    if error.status in (204, 304):
        return Reply(error.status, getattr(error, "headers", None))
    return Reply(error.status, {"Content-Type": "application/xml", **getattr(error, "headers", {})}, body.encode())


def signing_error(problem):
    """How S3 words a request it does not believe."""
    codes = {"missing": ("AccessDenied", 403), "malformed": ("AuthorizationHeaderMalformed", 400),
             "key": ("InvalidAccessKeyId", 403), "token": ("InvalidToken", 400), "ended": ("ExpiredToken", 400), "expired": ("AccessDenied", 403),
             "time": ("RequestTimeTooSkewed", 403), "payload": ("InvalidRequest", 400),
             "unsigned": ("AccessDenied", 403), "early": ("AccessDenied", 403),
             "query": ("AuthorizationQueryParametersError", 400)}
    texts = {"missing": "Access Denied", "expired": "Request has expired",
             "key": "The AWS Access Key Id you provided does not exist in our records.",
             "time": "The difference between the request time and the current time is too large.",
             "token": "The provided token is malformed or otherwise invalid."}
    code, status = codes.get(problem.kind, ("SignatureDoesNotMatch", 403))
    return S3Error(code, texts.get(problem.kind, str(problem)), status)


def missing_bucket(name):
    return S3Error("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)


def missing_key(key):
    return S3Error("NoSuchKey", "The specified key does not exist.", 404, Key=key)
