"""Multipart uploads. An upload: {"key", "started", "headers", "parts": {number: {"file", "size", "etag"}}}."""
import os
import secrets
import shutil
import time

from ..clock import utc_text
from ..markup import Flat
from .buckets import find_bucket
from .objects import add_version, check_key, joined_etag, kept_headers, new_file, version_headers
from .reply import Reply, S3Error, xml

SMALLEST = 5 << 20  # of every part but the last
PARTS = 10000


def find_upload(request):
    upload = find_bucket(request)["uploads"].get(request.query["uploadId"])
    if upload is None or upload["key"] != request.key:
        raise S3Error("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the "
                      "upload may have been aborted or completed.", 404, UploadId=request.query["uploadId"])
    return upload


def create(request):
    check_key(request)
    upload_id = secrets.token_urlsafe(32)
    with request.cloud.state.lock:
        find_bucket(request)["uploads"][upload_id] = {"key": request.key, "started": time.time(), "parts": {},
                                                      "headers": kept_headers(request)}
        request.cloud.state.save()
    return xml("InitiateMultipartUploadResult", {"Bucket": request.bucket, "Key": request.key, "UploadId": upload_id})


def put_part(request):
    number = request.query.get("partNumber", "")
    if not number.isdigit() or not 1 <= int(number) <= PARTS:
        raise S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive",
                      ArgumentName="partNumber", ArgumentValue=number)
    with request.cloud.state.lock:
        find_upload(request)
    path = new_file(request)
    size, md5, _ = request.save(path)
    with request.cloud.state.lock:
        try:
            parts = find_upload(request)["parts"]
        except S3Error:
            os.unlink(path)
            raise
        old = parts.get(str(int(number)))
        parts[str(int(number))] = {"file": path, "size": size, "etag": md5, "modified": time.time()}
        if old:
            os.unlink(old["file"])
        request.cloud.state.save()
    return Reply(headers={"ETag": f'"{md5}"'})


def chosen_parts(request, upload):
    """The parts that the document of CompleteMultipartUpload names, checked."""
    tree = request.document()
    named = [(part.findtext("PartNumber", ""), part.findtext("ETag", "").strip('"'))
             for part in (tree.findall("Part") if tree is not None else [])]
    if not named or not all(number.isdigit() for number, _ in named):
        raise S3Error("MalformedXML", "The XML you provided was not well-formed or did not validate against our "
                      "published schema")
    numbers = [int(number) for number, _ in named]
    if numbers != sorted(set(numbers)):
        raise S3Error("InvalidPartOrder", "The list of parts was not in ascending order.")
    chosen = []
    for number, etag in named:
        part = upload["parts"].get(number)
        if part is None or part["etag"] != etag:
            raise S3Error("InvalidPart", "One or more of the specified parts could not be found.", PartNumber=number)
        chosen.append(part)
    for number, part in zip(numbers[:-1], chosen[:-1]):
        if part["size"] < SMALLEST:
            raise S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
                          ProposedSize=part["size"], MinSizeAllowed=SMALLEST, PartNumber=number)
    return chosen


def complete(request):
    with request.cloud.state.lock:
        upload = find_upload(request)
        chosen = chosen_parts(request, upload)
        path = new_file(request)
        with open(path, "xb") as whole:
            for part in chosen:
                with open(part["file"], "rb") as file:
                    shutil.copyfileobj(file, whole, 1 << 20)
        etag = joined_etag([part["etag"] for part in chosen])
        try:
            version = add_version(request, path, sum(part["size"] for part in chosen), etag, upload["headers"])
        except S3Error:
            os.unlink(path)
            raise
        forget(request)
    reply = xml("CompleteMultipartUploadResult", {"Location": request.path, "Bucket": request.bucket,
                                                  "Key": request.key, "ETag": f'"{etag}"'})
    reply.headers = version_headers(version, reply.headers)
    return reply


def forget(request):
    upload = find_bucket(request)["uploads"].pop(request.query["uploadId"])
    for part in upload["parts"].values():
        os.unlink(part["file"])
    request.cloud.state.save()


def abort(request):
    with request.cloud.state.lock:
        find_upload(request)
        forget(request)
    return Reply(204)


def list_parts(request):
    with request.cloud.state.lock:
        upload = find_upload(request)
        rows = [{"PartNumber": int(number), "LastModified": utc_text(part["modified"]), "ETag": f'"{part["etag"]}"',
                 "Size": part["size"]} for number, part in sorted(upload["parts"].items(), key=lambda row: int(row[0]))]
    return xml("ListPartsResult", {"Bucket": request.bucket, "Key": request.key, "UploadId": request.query["uploadId"],
                                   "IsTruncated": False, "Part": Flat(rows)})


def list_uploads(request):
    prefix = request.query.get("prefix", "")
    with request.cloud.state.lock:
        rows = [{"Key": upload["key"], "UploadId": upload_id, "Initiated": utc_text(upload["started"])}
                for upload_id, upload in find_bucket(request)["uploads"].items() if upload["key"].startswith(prefix)]
    rows.sort(key=lambda row: (row["Key"].encode(), row["Initiated"]))
    return xml("ListMultipartUploadsResult", {"Bucket": request.bucket, "Prefix": prefix, "IsTruncated": False,
                                              "Upload": Flat(rows)})
