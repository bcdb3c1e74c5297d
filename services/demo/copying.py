"""CopyObject: the same contents under another name, with the source's headers or new ones."""

from dataclasses import replace

from services.demo import headers as kept_headers
from services.demo import preconditions
from services.demo.addressing import copy_source
from services.demo.answers import xml
from services.demo.call import Call
from services.demo.objects import readable, write
from services.demo.refusals import InvalidArgument, InvalidRequest, NoSuchKey, PreconditionFailed
from shared.web import HttpResponse

_TO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes."
)


def copy_object(call: Call) -> HttpResponse:
    """Copies an object that the caller may read to a place where they may write."""
    source = copy_source(call.headers["x-amz-copy-source"])
    directive = call.headers.get("x-amz-metadata-directive", "COPY")
    if directive not in {"COPY", "REPLACE"}:
        raise InvalidArgument("Unknown metadata directive.", ArgumentName="x-amz-metadata-directive")
    bucket = call.bucket()
    call.allow("s3:PutObject", call.target.arn, bucket.account)
    source_bucket = call.bucket_named(source.bucket, "x-amz-source-expected-bucket-owner")
    stored = readable(call, source_bucket, source.key)
    if preconditions.is_unchanged(call.headers, stored.etag, stored.modified_at, "x-amz-copy-source-"):
        raise PreconditionFailed(Condition="x-amz-copy-source-If-None-Match")
    if source == call.target and directive == "COPY":
        raise InvalidRequest(_TO_ITSELF)
    try:
        blob = call.blobs.link(source_bucket.account, stored.blob, bucket.account)
    except FileNotFoundError:  # removed or written anew since it was found
        raise NoSuchKey(Key=source.key) from None
    headers = stored.headers if directive == "COPY" else kept_headers.kept(call.headers)
    copy = replace(stored, key=call.target.key, modified_at=call.now, blob=blob, headers=headers)
    write(call, bucket, copy)
    return xml(
        "CopyObjectResult", [("LastModified", kept_headers.iso_date(copy.modified_at)), ("ETag", f'"{copy.etag}"')]
    )
