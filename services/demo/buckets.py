"""Buckets: CreateBucket, ListBuckets, HeadBucket, DeleteBucket, GetBucketLocation, GetBucketVersioning."""

from datetime import UTC, datetime

from services.demo import store
from services.demo.answers import empty, xml
from services.demo.call import Call
from services.demo.documents import Element, read_location
from services.demo.headers import iso_date
from services.demo.multipart import store as uploads
from services.demo.numbers import whole
from services.demo.refusals import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    IllegalLocationConstraintException,
    InvalidLocationConstraint,
)
from shared.web import HttpResponse

_FIRST_REGION = "us-east-1"
_MOST_BUCKETS = 10_000


def create_bucket(call: Call) -> HttpResponse:
    """Makes the bucket for the caller's account. As at AWS, us-east-1 is the region that is not named."""
    location = read_location(call.body)
    name, account = call.target.bucket, call.caller.account
    keys = {"s3:locationconstraint": location} if location else {}
    call.allow("s3:CreateBucket", call.target.bucket_arn, account, keys)
    _check_location(location, call.region)
    with call.sql.write() as tx:
        added = store.add_bucket(tx, store.Bucket(name, account, call.now))
        existing = None if added else store.find_bucket(tx, name)
    if existing is not None:
        if existing.account != account:
            raise BucketAlreadyExists(BucketName=name)
        if call.region != _FIRST_REGION:
            raise BucketAlreadyOwnedByYou(BucketName=name)
    return empty(headers=[("location", f"/{name}")])


def list_buckets(call: Call) -> HttpResponse:
    """The buckets of the caller's account; there are none in another region."""
    account = call.caller.account
    call.allow("s3:ListAllMyBuckets", "arn:aws:s3:::*", account)
    most = whole(call.query, "max-buckets", default=_MOST_BUCKETS, low=1, high=_MOST_BUCKETS)
    prefix, after = call.query.get("prefix", ""), call.query.get("continuation-token", "")
    with call.sql.read() as tx:
        found = store.find_buckets(tx, account, after, prefix, most + 1)
    if call.query.get("bucket-region", call.region) != call.region:
        found = []
    more, found = len(found) > most, found[:most]
    shown: list[Element] = [
        ("Bucket", [("Name", one.name), ("CreationDate", iso_date(one.created_at)), ("BucketRegion", call.region)])
        for one in found
    ]
    return xml(
        "ListAllMyBucketsResult",
        [
            ("Owner", [("ID", account)]),
            ("Buckets", shown),
            ("Prefix", call.query.get("prefix")),
            ("ContinuationToken", found[-1].name if more else None),
        ],
    )


def head_bucket(call: Call) -> HttpResponse:
    """Whether there is such a bucket and the caller may list it."""
    bucket = call.bucket()
    call.allow("s3:ListBucket", call.target.bucket_arn, bucket.account)
    return empty(headers=[("x-amz-bucket-region", call.region)])


def delete_bucket(call: Call) -> HttpResponse:
    """Removes an empty bucket."""
    bucket = call.bucket()
    call.allow("s3:DeleteBucket", call.target.bucket_arn, bucket.account)
    with call.sql.write() as tx:
        if not store.is_empty(tx, bucket):
            raise BucketNotEmpty(BucketName=bucket.name)
        unfinished = uploads.remove_uploads_before(tx, bucket, datetime.max.replace(tzinfo=UTC), -1)
        store.remove_bucket(tx, bucket)
    for part in unfinished:
        call.blobs.remove(bucket.account, part.blob)
    return empty(204)


def get_bucket_location(call: Call) -> HttpResponse:
    """The bucket's region; nothing for us-east-1."""
    bucket = call.bucket()
    call.allow("s3:GetBucketLocation", call.target.bucket_arn, bucket.account)
    return xml("LocationConstraint", "" if call.region == _FIRST_REGION else call.region)


def get_bucket_versioning(call: Call) -> HttpResponse:
    """No bucket has versions here: what would keep them is refused. rclone asks before it deletes."""
    bucket = call.bucket()
    call.allow("s3:GetBucketVersioning", call.target.bucket_arn, bucket.account)
    return xml("VersioningConfiguration", "")


def _check_location(location: str | None, region: str) -> None:
    if location is None and region != _FIRST_REGION:
        raise IllegalLocationConstraintException
    if location is not None and (location != region or region == _FIRST_REGION):
        raise InvalidLocationConstraint(LocationConstraint=location)
