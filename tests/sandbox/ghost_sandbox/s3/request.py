"""One request to S3: which bucket and key, and its body as a stream that is checked on its way into a file."""
import base64
import binascii
import hashlib
import os
import re
import urllib.parse
import xml.etree.ElementTree as ET

from .reply import S3Error

CHUNK = 1 << 20
DOCUMENT_LIMIT = 2 << 20
VIRTUAL = re.compile(r"(.+)\.s3[.-].*|(.+)\.s3")
HEX = re.compile(r"[0-9a-f]{64}")


class Request:
    def __init__(self, handler, number):
        self.cloud = handler.server.cloud
        self.handler = handler
        self.number = number
        self.method = handler.command
        self.headers = handler.headers
        self.caller = None
        self.fault = None
        self.path, _, query = handler.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        name = handler.headers.get("Host", "").split(":")[0]
        virtual = VIRTUAL.fullmatch(name)
        path = urllib.parse.unquote(self.path)
        if virtual:
            self.bucket, self.key = virtual.group(1) or virtual.group(2), path[1:]
        else:
            self.bucket, _, self.key = path[1:].partition("/")
        self._left = int(handler.headers.get("Content-Length", "0"))

    @property
    def table(self):
        return self.cloud.state.buckets

    def folder(self):
        path = os.path.join(self.cloud.options.state_dir, "s3")
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def read(self, size):
        data = self.handler.rfile.read(min(size, self._left))
        self._left -= len(data)
        return data

    def finish(self):
        """What nobody read must not be taken for the next request; much of it is not worth the reading."""
        if self._left > 8 * CHUNK:
            self.handler.close_connection = True
            return
        while self._left and self.read(CHUNK):
            pass

    def save(self, path):
        """Writes the body to path; returns (size, MD5 in hex, SHA-256 in hex). A body that is not what its headers say
        is refused, and path is not there then."""
        size, md5, sha256 = 0, hashlib.md5(), hashlib.sha256()
        if "Content-Length" not in self.headers:
            raise S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
        try:
            with open(path, "xb") as file:
                while self._left:
                    data = self.read(CHUNK)
                    if not data:
                        raise ConnectionError("the client left in the middle of a body")
                    size += len(data)
                    md5.update(data)
                    sha256.update(data)
                    file.write(data)
            self._check(md5.digest(), sha256.digest())
        except (S3Error, OSError):
            if os.path.exists(path):
                os.unlink(path)
            raise
        return size, md5.hexdigest(), sha256.hexdigest()

    def _check(self, md5, sha256):
        stated = self.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        if HEX.fullmatch(stated) and stated != sha256.hex():
            raise S3Error("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what "
                          "was computed.", ClientComputedContentSHA256=stated, S3ComputedContentSHA256=sha256.hex())
        for name, found, bad in (("Content-MD5", md5, "InvalidDigest"),
                                 ("x-amz-checksum-sha256", sha256, "InvalidRequest")):
            if name not in self.headers:
                continue
            try:
                wanted = base64.b64decode(self.headers[name], validate=True)
            except binascii.Error:
                wanted = b""
            if len(wanted) != len(found):
                raise S3Error(bad, f"The {name} you specified is not valid.")
            if wanted != found:
                raise S3Error("BadDigest", f"The {name} you specified did not match what we received.")

    def document(self):
        """The body as XML without namespaces; None when there is none."""
        data = self.read(DOCUMENT_LIMIT)
        if self._left:
            raise S3Error("EntityTooLarge", "The document is too large")
        self._check(hashlib.md5(data).digest(), hashlib.sha256(data).digest())
        if not data:
            return None
        try:
            if b"<!DOCTYPE" in data:
                raise ET.ParseError("a document type")
            tree = ET.fromstring(data)
        except ET.ParseError as error:
            raise S3Error("MalformedXML", "The XML you provided was not well-formed or did not validate against our "
                          "published schema") from error
        for part in tree.iter():
            part.tag = part.tag.rsplit("}")[-1]
        return tree
