"""Objects and their versions. A version: {"id", "file", "size", "etag", "modified", "headers", "marker"}."""
import base64
import calendar
import email.utils
import hashlib
import os
import re
import secrets
import time

from ..markup import Flat
from .buckets import find_bucket
from .reply import Reply, S3Error, missing_key, xml

KEPT = ("Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires")
RESPONSE = {f"response-{name.lower()}": name for name in KEPT}
KEY_LIMIT = 1024  # bytes
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
MANY = 1000


def new_file(request):
    return os.path.join(request.folder(), secrets.token_hex(16))


def check_key(request):
    if len(request.key.encode(errors="replace")) > KEY_LIMIT:
        raise S3Error("KeyTooLongError", "Your key is too long")


def put_object(request):
    check_key(request)
    with request.cloud.state.lock:
        check_absent(request, find_bucket(request))
    path = new_file(request)
    size, md5, sha256 = request.save(path)
    headers = kept_headers(request)
    if "x-amz-checksum-sha256" in request.headers:
        headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
    try:
        version = add_version(request, path, size, md5, headers)
    except S3Error:
        os.unlink(path)
        raise
    return Reply(headers=version_headers(version, {"ETag": f'"{md5}"'}))


def kept_headers(request):
    headers = {name: request.headers[name] for name in KEPT if name in request.headers}
    headers.setdefault("Content-Type", "binary/octet-stream")
    headers.update((name.lower(), value) for name, value in request.headers.items()
                   if name.lower().startswith("x-amz-meta-"))
    return headers


def check_absent(request, bucket):
    versions = bucket["keys"].get(request.key)
    if request.headers.get("If-None-Match") == "*" and versions and not versions[0]["marker"]:
        raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
                      Condition="If-None-Match")


def add_version(request, path, size, etag, headers):
    """Makes a file that is written the object's newest version; a bucket without versions keeps no other."""
    version = {"id": "null", "file": path, "size": size, "etag": etag, "modified": time.time(), "headers": headers,
               "marker": path is None}
    with request.cloud.state.lock:
        bucket = find_bucket(request)
        check_absent(request, bucket)
        versions = bucket["keys"].setdefault(request.key, [])
        if bucket["versioning"] == "Enabled":
            version["id"] = secrets.token_urlsafe(24)
        else:
            drop(versions, "null")
        versions.insert(0, version)
        request.cloud.state.save()
    return version


def drop(versions, version_id):
    """Removes a version and its file; readers that have it open go on. Returns it, or None."""
    for version in versions:
        if version["id"] == version_id:
            versions.remove(version)
            if version["file"]:
                os.unlink(version["file"])
            return version
    return None


def version_headers(version, headers):
    return {**headers, **({"x-amz-version-id": version["id"]} if version["id"] != "null" else {})}


def find_version(request):
    wanted = request.query.get("versionId")
    versions = find_bucket(request)["keys"].get(request.key, [])
    if wanted is None:
        if not versions or versions[0]["marker"]:
            error = missing_key(request.key)
            error.headers = {"x-amz-delete-marker": "true"} if versions else {}
            raise error
        return versions[0]
    for version in versions:
        if version["id"] == wanted:
            if version["marker"]:
                raise S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                              {"x-amz-delete-marker": "true"})
            return version
    raise S3Error("NoSuchVersion", "The specified version does not exist.", 404, Key=request.key, VersionId=wanted)


def get_object(request):
    with request.cloud.state.lock:
        version = find_version(request)
        check_conditions(request, version)
        first, last = read_range(request, version["size"])
        file = open(version["file"], "rb")  # a reader goes on when the object is deleted
    headers = version_headers(version, {
        **version["headers"], "ETag": f'"{version["etag"]}"', "Accept-Ranges": "bytes",
        "Last-Modified": email.utils.formatdate(version["modified"], usegmt=True)})
    if request.headers.get("x-amz-checksum-mode", "").upper() != "ENABLED" or "Range" in request.headers:
        headers.pop("x-amz-checksum-sha256", None)
    headers.update((name, request.query[query]) for query, name in RESPONSE.items() if query in request.query)
    if first is None:
        return Reply(200, headers, file=file, length=version["size"])
    headers["Content-Range"] = f"bytes {first}-{last}/{version['size']}"
    return Reply(206, headers, file=file, start=first, length=last - first + 1)


def check_conditions(request, version):
    tag = version["etag"]
    wanted, known = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted is not None and wanted != "*" and wanted.strip('"') != tag:
        raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
                      Condition="If-Match")
    if known is not None and (known == "*" or known.strip('"') == tag):
        raise S3Error("NotModified", "Not Modified", 304, {"ETag": f'"{tag}"'})
    since = email.utils.parsedate(request.headers.get("If-Modified-Since", ""))
    if since and known is None and int(version["modified"]) <= calendar.timegm(since):
        raise S3Error("NotModified", "Not Modified", 304, {"ETag": f'"{tag}"'})


def read_range(request, size):
    """(first, last) or (None, None) for the whole; a range that cannot be read is as none."""
    match = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not match or match.groups() == ("", ""):
        return None, None
    first, last = match.groups()
    if first == "":
        first, last = max(0, size - int(last)), size - 1
    else:
        first, last = int(first), min(int(last or size), size - 1)
    if first >= size:
        raise S3Error("InvalidRange", "The requested range is not satisfiable", 416,
                      {"Content-Range": f"bytes */{size}"}, RangeRequested=request.headers["Range"],
                      ActualObjectSize=size)
    return (first, last) if first <= last else (None, None)


def delete_object(request):
    return Reply(204, delete_one(request, request.key, request.query.get("versionId")))


def delete_one(request, key, version_id):
    """Deletes the version, or hides the object behind a marker where versions are kept. Returns the headers to tell."""
    with request.cloud.state.lock:
        bucket = find_bucket(request)
        versions = bucket["keys"].get(key, [])
        headers = {}
        if version_id is not None:
            gone = drop(versions, version_id)
            headers = {"x-amz-version-id": version_id}
            if gone and gone["marker"]:
                headers["x-amz-delete-marker"] = "true"
        elif bucket["versioning"]:
            if bucket["versioning"] == "Suspended":
                drop(versions, "null")
            marker = {"id": "null" if bucket["versioning"] == "Suspended" else secrets.token_urlsafe(24), "file": None,
                      "size": 0, "etag": "", "modified": time.time(), "headers": {}, "marker": True}
            versions = bucket["keys"].setdefault(key, versions)
            versions.insert(0, marker)
            headers = {"x-amz-version-id": marker["id"], "x-amz-delete-marker": "true"}
        else:
            drop(versions, "null")
        if not versions:
            bucket["keys"].pop(key, None)
        request.cloud.state.save()
    return headers


def delete_many(request):
    if not any(name.lower() == "content-md5" or name.lower().startswith("x-amz-checksum-")
               for name in request.headers):
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5")
    tree = request.document()
    parts = tree.findall("Object") if tree is not None else []
    if not 1 <= len(parts) <= MANY or not all(part.findtext("Key") for part in parts):
        raise S3Error("MalformedXML", "The XML you provided was not well-formed or did not validate against our "
                      "published schema")
    done = []
    for part in parts:
        key, version_id = part.findtext("Key"), part.findtext("VersionId")
        headers = delete_one(request, key, version_id)
        row = {"Key": key, "VersionId": version_id}
        if headers.get("x-amz-delete-marker"):
            row |= {"DeleteMarker": True, "DeleteMarkerVersionId": headers["x-amz-version-id"]}
        done.append(row)
    quiet = tree.findtext("Quiet") == "true"
    return xml("DeleteResult", {} if quiet else {"Deleted": Flat(done)})


def joined_etag(etags):
    """The tag of an object made of parts."""
    return f"{hashlib.md5(b''.join(bytes.fromhex(tag) for tag in etags)).hexdigest()}-{len(etags)}"
