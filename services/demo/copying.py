"""CopyObject: the same contents under another name, with the source's headers or new ones."""

from dataclasses import replace

from services.demo import headers as kept_headers
from services.demo import preconditions
from services.demo.addressing import copy_source
from services.demo.answers import xml
from services.demo.call import Call
from services.demo.documents import Element
from services.demo.objects import readable, write
from services.demo.refusals import InvalidArgument, InvalidRequest, NoSuchKey, PreconditionFailed
from services.demo.store import Bucket, StoredObject
from shared.guard.checksum import PREFIX, algorithm_of, of_pieces, written
from shared.web import HttpResponse

_TO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes."
)


def copied_from(call: Call) -> tuple[Bucket, StoredObject]:
    """The object that x-amz-copy-source names, if the caller may read it and its preconditions hold."""
    source = copy_source(call.headers["x-amz-copy-source"])
    bucket = call.bucket_named(source.bucket, "x-amz-source-expected-bucket-owner")
    stored = readable(call, bucket, source.key)
    if preconditions.is_unchanged(call.headers, stored.etag, stored.modified_at, "x-amz-copy-source-"):
        raise PreconditionFailed(Condition="x-amz-copy-source-If-None-Match")
    return bucket, stored


def copy_object(call: Call) -> HttpResponse:
    """Copies an object that the caller may read to a place where they may write."""
    source = copy_source(call.headers["x-amz-copy-source"])
    for name in ("x-amz-metadata-directive", "x-amz-tagging-directive"):  # no object has tags: either way is the same
        if call.headers.get(name, "COPY") not in {"COPY", "REPLACE"}:
            raise InvalidArgument("Unknown metadata directive.", ArgumentName=name)
    directive = call.headers.get("x-amz-metadata-directive", "COPY")
    bucket = call.bucket()
    call.allow("s3:PutObject", call.target.arn, bucket.account)
    source_bucket, stored = copied_from(call)
    if source == call.target and directive == "COPY":
        raise InvalidRequest(_TO_ITSELF)
    try:
        blob = call.blobs.link(source_bucket.account, stored.blob, bucket.account)
    except FileNotFoundError:  # removed or written anew since it was found
        raise NoSuchKey(Key=source.key) from None
    headers = stored.headers if directive == "COPY" else kept_headers.kept(call.headers)
    copy = replace(stored, key=call.target.key, modified_at=call.now, blob=blob, headers=headers)
    if "x-amz-checksum-algorithm" in call.headers:
        copy = replace(copy, checksum=_summed(call, bucket, copy))
    write(call, bucket, copy)
    algorithm, _, value = copy.checksum.partition(":")
    shown: list[Element] = [
        ("LastModified", kept_headers.iso_date(copy.modified_at)),
        ("ETag", f'"{copy.etag}"'),
        *([(f"Checksum{written(algorithm)}", value)] if value else []),
    ]
    return xml("CopyObjectResult", shown)


def _summed(call: Call, bucket: Bucket, copy: StoredObject) -> str:
    """The checksum that the copy is asked to have. Raises InvalidChecksum; the copy's file is gone then."""
    try:
        algorithm = algorithm_of(PREFIX + call.headers["x-amz-checksum-algorithm"])
        return f"{algorithm}:{of_pieces(algorithm, call.blobs.pieces(bucket.account, copy.blob))}"
    except BaseException:
        call.blobs.remove(bucket.account, copy.blob)
        raise
