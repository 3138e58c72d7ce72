"""ListObjectsV2 and ListObjectVersions: sorted by bytes, rolled up at a delimiter, in pages."""
import base64
import itertools
import json
import urllib.parse

from ..clock import utc_text
from ..markup import Flat
from ..pages import BAD_TOKEN, KINDS
from .buckets import find_bucket
from .reply import S3Error, xml

MOST = 1000
_serial = itertools.count(1)


class Listing:
    """What a listing was asked for."""

    def __init__(self, request):
        query = request.query
        self.prefix = query.get("prefix", "")
        self.delimiter = query.get("delimiter", "")
        self.encoding = query.get("encoding-type")
        if self.encoding not in (None, "url"):
            raise S3Error("InvalidArgument", "Invalid Encoding Method specified in Request",
                          ArgumentName="encoding-type", ArgumentValue=self.encoding)
        number = query.get("max-keys", str(MOST))
        if not number.isdigit():
            raise S3Error("InvalidArgument", "Provided max-keys not an integer or within integer range",
                          ArgumentName="max-keys", ArgumentValue=number)
        self.most = min(int(number), MOST)

    def text(self, value):
        return urllib.parse.quote(value, safe="-._~/*") if self.encoding else value

    def group(self, key):
        """The common prefix that stands for key, or None."""
        if not self.delimiter:
            return None
        head, found, _ = key[len(self.prefix):].partition(self.delimiter)
        return self.prefix + head + found if found else None

    def shape(self, bucket):
        return {"Name": bucket["name"], "Prefix": self.text(self.prefix),
                "Delimiter": self.text(self.delimiter) if self.delimiter else None, "MaxKeys": self.most,
                "EncodingType": self.encoding}


def read_token(request):
    token = request.query.get("continuation-token")
    if token is None:
        return request.query.get("start-after", "")
    try:
        return json.loads(base64.urlsafe_b64decode(token.encode()))[0]
    except (ValueError, KeyError, TypeError) as error:
        raise S3Error("InvalidArgument", "The continuation token provided is incorrect",
                      ArgumentName="continuation-token") from error


def write_token(after, serial):
    """The serial makes tokens of one place different."""
    return base64.urlsafe_b64encode(json.dumps([after, serial]).encode()).decode()


def spoil(kind, rows, after):
    """(rows shown, token of the next page) as a fault of pages has it; rows are (key, version)."""
    half = rows[:max(1, len(rows) // 2)]
    if kind == "empty-page":
        return [], write_token(after, next(_serial))
    if kind == "repeat-token":
        return half, write_token(after, 0)
    if kind == "bad-token":
        return half, BAD_TOKEN
    return half, write_token(half[-2][0] if len(half) > 1 else after, next(_serial))


def take(listing, rows, key_of, after, most):
    """(rows, common prefixes, last key told or None when nothing is left). A prefix stands for all its keys."""
    found, prefixes, last = [], [], after
    for row in rows:
        key = key_of(row)
        group = listing.group(key)
        if group is not None and (group in prefixes or (after and after == group)):
            continue
        if len(found) + len(prefixes) >= most:
            return found, prefixes, last
        if group is None:
            found.append(row)
        else:
            prefixes.append(group)
        last = group or key
    return found, prefixes, None


def list_objects(request):
    listing = Listing(request)
    after = read_token(request)
    with request.cloud.state.lock:
        bucket = find_bucket(request)
        keys = sorted((key for key in bucket["keys"] if key.startswith(listing.prefix) and past(key, after)),
                      key=lambda key: key.encode())
        rows = [(key, bucket["keys"][key][0]) for key in keys if not bucket["keys"][key][0]["marker"]]
        found, prefixes, last = take(listing, rows, lambda row: row[0], after, listing.most)
        more = last is not None and listing.most > 0
        token = write_token(last, next(_serial)) if more else None
        if request.fault and request.fault.when in KINDS:
            (found, token), prefixes, more = spoil(request.fault.when, found, after), [], True
        contents = [{"Key": listing.text(key), "LastModified": utc_text(version["modified"]),
                     "ETag": f'"{version["etag"]}"', "Size": version["size"], "StorageClass": "STANDARD"}
                    for key, version in found]
        return xml("ListBucketResult", {
            **listing.shape(bucket), "KeyCount": len(found) + len(prefixes), "IsTruncated": more,
            "ContinuationToken": request.query.get("continuation-token"),
            "NextContinuationToken": token,
            "StartAfter": listing.text(request.query["start-after"]) if "start-after" in request.query else None,
            "Contents": Flat(contents),
            "CommonPrefixes": Flat([{"Prefix": listing.text(prefix)} for prefix in prefixes])})


def past(key, after):
    return key.encode() > after.encode()


def list_versions(request):
    listing = Listing(request)
    key_marker, version_marker = request.query.get("key-marker", ""), request.query.get("version-id-marker")
    with request.cloud.state.lock:
        bucket = find_bucket(request)
        rows = []
        for key in sorted(bucket["keys"], key=lambda key: key.encode()):
            if not key.startswith(listing.prefix) or key.encode() < key_marker.encode():
                continue
            versions = bucket["keys"][key]
            if key == key_marker:
                ids = [version["id"] for version in versions]
                versions = versions[ids.index(version_marker) + 1:] if version_marker in ids else []
            rows += [(key, version, version is bucket["keys"][key][0]) for version in versions]
        found, prefixes, last = take(listing, rows, lambda row: row[0], key_marker, listing.most)
        more = last is not None and listing.most > 0
        reply = {**listing.shape(bucket), "KeyMarker": listing.text(key_marker),
                 "VersionIdMarker": version_marker or "",
                 "IsTruncated": more, "NextKeyMarker": listing.text(last) if more else None,
                 "NextVersionIdMarker": found[-1][1]["id"] if more and found and found[-1][0] == last else None}
        shown = [(version["marker"], version_shape(listing, *row)) for row in found for version in [row[1]]]
        reply["Version"] = Flat([shape for marker, shape in shown if not marker])
        reply["DeleteMarker"] = Flat([shape for marker, shape in shown if marker])
        reply["CommonPrefixes"] = Flat([{"Prefix": listing.text(prefix)} for prefix in prefixes])
        return xml("ListVersionsResult", reply)


def version_shape(listing, key, version, latest):
    shape = {"Key": listing.text(key), "VersionId": version["id"], "IsLatest": latest,
             "LastModified": utc_text(version["modified"])}
    if not version["marker"]:
        shape |= {"ETag": f'"{version["etag"]}"', "Size": version["size"], "StorageClass": "STANDARD"}
    return shape
