"""Objects: PutObject, GetObject, HeadObject, DeleteObject."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from services.demo import headers as kept_headers
from services.demo import preconditions, store
from services.demo.answers import empty, xml
from services.demo.call import Call
from services.demo.documents import MOST_PARTS
from services.demo.layout import KeptPart, span_of_part
from services.demo.numbers import whole
from services.demo.preconditions import Span
from services.demo.refusals import InvalidRequest, NoSuchBucket, NoSuchKey
from services.demo.store import Bucket, StoredObject
from shared.sql.engine import Tx
from shared.web import HttpResponse

_MOST_AT_ONCE: Final = 1 << 20
"""More than this is sent from its file, and is never whole in memory."""


Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a read answers: which bytes of which object, and how. No bytes at all where it is unchanged (304)."""

    bucket: Bucket
    stored: StoredObject
    status: int
    headers: Headers
    first: int
    length: int


def put_object(call: Call) -> HttpResponse:
    """Writes the object whole, over what was there or (If-None-Match: *) only where nothing was."""
    bucket = call.bucket()
    call.allow("s3:PutObject", call.target.arn, bucket.account)
    headers = kept_headers.kept(call.headers)
    stored = StoredObject(
        key=call.target.key,
        size=len(call.body),
        etag=hashlib.md5(call.body, usedforsecurity=False).hexdigest(),
        modified_at=call.now,
        blob=call.blobs.add(bucket.account, call.body),
        headers=headers,
        checksum=call.checksum,
    )
    write(call, bucket, stored)
    return empty(headers=[("etag", f'"{stored.etag}"'), *kept_headers.checksum_headers(stored.checksum)])


def write(call: Call, bucket: Bucket, stored: StoredObject, also: Callable[[Tx], Sequence[str]] = lambda _: ()) -> None:
    """Makes an object of a blob, if the preconditions hold, and removes what is not needed any more.

    `also`: what else this transaction does; the blobs that it leaves behind. Raises PreconditionFailed, NoSuchBucket
    (removed meanwhile), NoSuchKey (If-Match where nothing is), AccessDenied (for If-Match), or what `also` raises.
    """
    try:
        _allow_condition(call, bucket, call.target.arn, call.headers.get("if-match"))
        unneeded = _replace(call, bucket, stored, also)
    except BaseException:
        call.blobs.remove(bucket.account, stored.blob)
        raise
    for blob in unneeded:
        call.blobs.remove(bucket.account, blob)


def _replace(call: Call, bucket: Bucket, stored: StoredObject, also: Callable[[Tx], Sequence[str]]) -> list[str]:
    """One transaction: what is there is looked at, judged and replaced. The blobs that nothing needs any more."""
    with call.sql.write() as tx:
        if store.find_bucket(tx, bucket.name) != bucket:
            raise NoSuchBucket(BucketName=bucket.name)
        left_behind = also(tx)
        before = store.find_object(tx, bucket, stored.key)
        if before is None and "if-match" in call.headers:
            raise NoSuchKey(Key=stored.key)
        preconditions.check_write(call.headers, before.etag if before else None)
        if before is not None:
            store.forget_parts(tx, bucket, before)
        store.put_object(tx, bucket, stored)
    return [*left_behind, *([before.blob] if before else [])]


def get_object(call: Call) -> HttpResponse:
    """The object, or the part of it that Range asks for; 304 where If-None-Match and kin say so."""
    try:
        return _get(call)
    except FileNotFoundError:
        return _get(call)  # written anew since it was found: its file is another now


def head_object(call: Call) -> HttpResponse:
    """What GetObject would answer, without the body."""
    found = _read(call)
    if found.status == HTTPStatus.NOT_MODIFIED:
        return empty(found.status, found.headers)
    return empty(found.status, [*found.headers, ("content-length", str(found.length))])


def get_object_tagging(call: Call) -> HttpResponse:
    """No object has tags here: what would set them is refused. The CLI asks before it copies a large object."""
    bucket = call.bucket()
    call.allow("s3:GetObjectTagging", call.target.arn, bucket.account)
    with call.sql.read() as tx:
        if store.find_object(tx, bucket, call.target.key) is None:
            raise NoSuchKey(Key=call.target.key)
    return xml("Tagging", [("TagSet", "")])


def delete_object(call: Call) -> HttpResponse:
    """Removes the object; that there was none is no refusal. With If-Match, only the object with that entity tag."""
    bucket, if_match = call.bucket(), call.headers.get("if-match")
    allow_deletion(call, bucket, call.target.key, if_match)
    with call.sql.write() as tx:
        blob = remove(tx, bucket, call.target.key, if_match)
    if blob is not None:
        call.blobs.remove(bucket.account, blob)
    return empty(204)


def allow_deletion(call: Call, bucket: Bucket, key: str, if_match: str | None) -> None:
    """Raises AccessDenied unless the caller may remove the object, on this condition if there is one."""
    arn = f"arn:aws:s3:::{bucket.name}/{key}"
    condition = {} if if_match is None else {"s3:if-match": if_match}
    call.allow("s3:DeleteObject", arn, bucket.account, condition)
    _allow_condition(call, bucket, arn, if_match)


def remove(tx: Tx, bucket: Bucket, key: str, if_match: str | None) -> str | None:
    """Removes the object, whose blob's name it returns if there was one. Raises PreconditionFailed."""
    if if_match is not None:
        before = store.find_object(tx, bucket, key)
        preconditions.check_write({"if-match": if_match}, before.etag if before else None)
    return store.remove_object(tx, bucket, key)


def _allow_condition(call: Call, bucket: Bucket, arn: str, if_match: str | None) -> None:
    """Who asks about an entity tag learns about what is there, and must be allowed to read it.

    Amazon S3 User Guide: How to perform conditional deletes. Raises AccessDenied.
    """
    if if_match is not None and if_match.strip() != "*":
        call.allow("s3:GetObject", arn, bucket.account)


def readable(call: Call, bucket: Bucket, key: str) -> StoredObject:
    """The object, if the caller may read it. That there is none is told only to those who may list the bucket."""
    arn = f"arn:aws:s3:::{bucket.name}"
    call.allow("s3:GetObject", f"{arn}/{key}", bucket.account)
    stored = call.sql.current(("object", bucket, key), lambda tx: store.find_object(tx, bucket, key))
    if stored is None:
        call.allow("s3:ListBucket", arn, bucket.account)
        raise NoSuchKey(Key=key)
    return stored


def _get(call: Call) -> HttpResponse:
    found = _read(call)
    if found.length > _MOST_AT_ONCE:
        file = call.blobs.lend(found.bucket.account, found.stored.blob, found.first, found.length)
        return HttpResponse(found.status, [*found.headers, ("content-length", str(found.length))], b"", file)
    if found.status == HTTPStatus.NOT_MODIFIED:
        return empty(found.status, found.headers)
    body = call.blobs.read(found.bucket.account, found.stored.blob, found.first, found.length)
    return HttpResponse(found.status, [*found.headers, ("content-length", str(len(body)))], body)


def _read(call: Call) -> _Reading:
    bucket = call.bucket()
    stored = readable(call, bucket, call.target.key)
    headers = kept_headers.given_back(stored, call.query)
    if preconditions.is_unchanged(call.headers, stored.etag, stored.modified_at):
        return _Reading(bucket, stored, HTTPStatus.NOT_MODIFIED, kept_headers.validators(stored), 0, 0)
    number = whole(call.query, "partNumber", default=0, low=1, high=MOST_PARTS)
    if number:
        return _part(call, bucket, stored, headers, number)
    span = preconditions.span_of(_range(call, stored), stored.size)
    if span is not None:
        return _partly(bucket, stored, headers, span)
    if _checksums_asked(call):
        headers += kept_headers.checksum_headers(stored.checksum)
    return _Reading(bucket, stored, HTTPStatus.OK, headers, 0, stored.size)


def _range(call: Call, stored: StoredObject) -> str | None:
    """The Range header, where it counts."""
    if preconditions.range_holds(call.headers.get("if-range"), stored.etag, stored.modified_at):
        return call.headers.get("range")
    return None


def _part(call: Call, bucket: Bucket, stored: StoredObject, headers: Headers, number: int) -> _Reading:
    """One part of an object made of parts; any other object is its own first part. So transfer managers download."""
    if "range" in call.headers:
        raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
    with call.sql.read() as tx:
        parts = store.find_parts(tx, bucket, stored)
    span = span_of_part(parts or [KeptPart(stored.size, stored.checksum)], number)
    if parts:
        headers.append(("x-amz-mp-parts-count", str(len(parts))))
    if _checksums_asked(call):
        headers += kept_headers.checksum_headers(
            parts[number - 1].checksum if parts else stored.checksum, of_part=bool(parts)
        )
    return _partly(bucket, stored, headers, span)


def _partly(bucket: Bucket, stored: StoredObject, headers: Headers, span: Span) -> _Reading:
    """A reading of some bytes; none at all (an empty part) have no position that Content-Range could name."""
    if not span.length:
        return _Reading(bucket, stored, HTTPStatus.OK, headers, 0, 0)
    headers.append(("content-range", f"bytes {span.first}-{span.last}/{stored.size}"))
    return _Reading(bucket, stored, HTTPStatus.PARTIAL_CONTENT, headers, span.first, span.length)


def _checksums_asked(call: Call) -> bool:
    return call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
