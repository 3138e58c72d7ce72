"""S3, rest-xml: buckets, objects with versions, listings, multipart uploads. It reads and writes bodies as streams."""
import logging

from ..errors import ApiError
from ..ids import request_id
from . import buckets, listings, objects, uploads, reply as replies
from .reply import S3Error, error_reply
from .request import Request

log = logging.getLogger("sandbox")
# (method, on what, the query name that chooses) → (name of the operation, function); the first that fits
ROUTES = (
    ("GET", "service", None, "ListBuckets", buckets.list_buckets),
    ("GET", "bucket", "location", "GetBucketLocation", buckets.get_location),
    ("GET", "bucket", "versioning", "GetBucketVersioning", buckets.get_versioning),
    ("PUT", "bucket", "versioning", "PutBucketVersioning", buckets.put_versioning),
    ("GET", "bucket", "versions", "ListObjectVersions", listings.list_versions),
    ("GET", "bucket", "uploads", "ListMultipartUploads", uploads.list_uploads),
    ("GET", "bucket", "list-type", "ListObjectsV2", listings.list_objects),
    ("POST", "bucket", "delete", "DeleteObjects", objects.delete_many),
    ("PUT", "bucket", None, "CreateBucket", buckets.create_bucket),
    ("HEAD", "bucket", None, "HeadBucket", buckets.head_bucket),
    ("DELETE", "bucket", None, "DeleteBucket", buckets.delete_bucket),
    ("POST", "object", "uploads", "CreateMultipartUpload", uploads.create),
    ("PUT", "object", "uploadId", "UploadPart", uploads.put_part),
    ("POST", "object", "uploadId", "CompleteMultipartUpload", uploads.complete),
    ("DELETE", "object", "uploadId", "AbortMultipartUpload", uploads.abort),
    ("GET", "object", "uploadId", "ListParts", uploads.list_parts),
    ("GET", "object", None, "GetObject", objects.get_object),
    ("HEAD", "object", None, "HeadObject", objects.get_object),
    ("PUT", "object", None, "PutObject", objects.put_object),
    ("DELETE", "object", None, "DeleteObject", objects.delete_object),
)
UNKNOWN = ("acl", "policy", "tagging", "lifecycle", "cors", "encryption", "retention", "legal-hold", "torrent",
           "website", "notification", "replication", "attributes", "select", "restore")


def route(request):
    """The operation a request asks for: (name, function)."""
    place = "object" if request.key else "bucket" if request.bucket else "service"
    if not set(UNKNOWN) & set(request.query):
        for method, where, chosen, name, function in ROUTES:
            if (method, where) == (request.method, place) and (chosen is None or chosen in request.query):
                return name, function
    raise S3Error("NotImplemented", "The sandbox does not know this operation of S3", 501)


def is_asked(method, target, headers):
    """Whether a request without a readable scope can only be meant for S3."""
    return "X-Amz-Credential=" in target or (method != "POST" and "Authorization" not in headers)


def is_presigned(target):
    return "X-Amz-Signature=" in target


def serve(handler):
    """One request from its head to its end. Returns (operation, reply, error, fault, number) for the log."""
    cloud, number = handler.server.cloud, request_id()
    name, fault, error, handler.account = "-", None, None, None
    request = Request(handler, number)
    try:
        request.caller = handler.verify_signature(replies, None)
        name, function = route(request)
        handler.account = cloud.accounts.of_caller(request.caller.access_key)[0].account
        fault = cloud.faults.for_call("s3", name, "continuation-token" not in request.query, account=handler.account,
                                      presigned=is_presigned(handler.path))
        request.fault = fault
        handler.suffer_before(fault, "s3", name)
        buckets.check_region(request, name)
        answer = function(request)
        handler.suffer_after(fault, "s3", name)
        answer = replies.spoil(fault.when if fault else None, answer)
    except ApiError as problem:
        error, answer = problem, error_reply(problem, request)
    except ConnectionError:
        handler.close_connection = True
        raise
    except Exception:
        log.exception("%s failed", name)
        error = ApiError("InternalError", "We encountered an internal error. Please try again.", 500)
        answer = error_reply(error, request)
    request.finish()
    answer.headers.update(fault.headers if fault else {})
    answer.headers.setdefault("x-amz-request-id", number)
    answer.headers.setdefault("x-amz-id-2", "ghost-sandbox")
    return name, answer, error, fault, number
