"""Buckets. A bucket: {"name", "region", "created", "versioning", "keys": {key: [version, newest first]}, "uploads"}."""
import re
import time

from ..clock import utc_text
from ..markup import Named
from .reply import Reply, S3Error, missing_bucket, xml

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FIRST_REGION = "us-east-1"  # a bucket without a location is there


def find_bucket(request):
    """Called with state.lock held."""
    bucket = request.table.get(request.bucket)
    if bucket is None:
        raise missing_bucket(request.bucket)
    return bucket


def check_region(request, operation):
    """A request that is signed for another region than the bucket's is sent there."""
    bucket = request.table.get(request.bucket)
    if bucket is None or operation in ("CreateBucket", "GetBucketLocation"):
        return
    if bucket["region"] != request.caller.region:
        raise S3Error("PermanentRedirect", "The bucket you are attempting to access must be addressed using the "
                      "specified endpoint. Please send all future requests to this endpoint.", 301,
                      {"x-amz-bucket-region": bucket["region"]}, Region=bucket["region"], Bucket=bucket["name"],
                      Endpoint=f"{bucket['name']}.s3.{bucket['region']}.amazonaws.com")


def create_bucket(request):
    if not NAME.fullmatch(request.bucket) or ".." in request.bucket:
        raise S3Error("InvalidBucketName", "The specified bucket is not valid.", BucketName=request.bucket)
    tree = request.document()
    wanted = tree.findtext("LocationConstraint") if tree is not None else None
    region = wanted or FIRST_REGION
    if region != request.caller.region:
        raise S3Error("IllegalLocationConstraintException", f"The {wanted or 'unspecified'} location constraint is "
                      "incompatible for the region specific endpoint this request was sent to.")
    with request.cloud.state.lock:
        if request.bucket in request.table:
            raise S3Error("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and "
                          "you already own it.", 409, BucketName=request.bucket)
        request.table[request.bucket] = {"name": request.bucket, "region": region, "created": time.time(),
                                         "versioning": "", "keys": {}, "uploads": {}}
        request.cloud.state.save()
    return Reply(headers={"Location": f"/{request.bucket}"})


def head_bucket(request):
    with request.cloud.state.lock:
        return Reply(headers={"x-amz-bucket-region": find_bucket(request)["region"]})


def delete_bucket(request):
    with request.cloud.state.lock:
        if find_bucket(request)["keys"]:
            raise S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty", 409,
                          BucketName=request.bucket)
        del request.table[request.bucket]
        request.cloud.state.save()
    return Reply(204)


def list_buckets(request):
    with request.cloud.state.lock:
        rows = [{"Name": row["name"], "CreationDate": utc_text(row["created"])}
                for _, row in sorted(request.table.items())]
    return xml("ListAllMyBucketsResult", {"Owner": {"ID": request.cloud.account}, "Buckets": Named("Bucket", rows)})


def get_location(request):
    with request.cloud.state.lock:
        region = find_bucket(request)["region"]
    return xml("LocationConstraint", "" if region == FIRST_REGION else region)


def get_versioning(request):
    with request.cloud.state.lock:
        return xml("VersioningConfiguration", {"Status": find_bucket(request)["versioning"] or None})


def put_versioning(request):
    tree = request.document()
    status = tree.findtext("Status") if tree is not None else None
    if status not in ("Enabled", "Suspended"):
        raise S3Error("MalformedXML", "Status must be Enabled or Suspended")
    with request.cloud.state.lock:
        find_bucket(request)["versioning"] = status
        request.cloud.state.save()
    return Reply()
