"""Multipart uploads: CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload."""

import base64
import hashlib
import itertools
from collections.abc import Sequence
from typing import Final

from services.demo import headers as kept_headers
from services.demo import store
from services.demo.answers import empty, xml
from services.demo.bodies import is_checksum
from services.demo.call import Call
from services.demo.documents import MOST_PARTS, Element, NamedPart, read_completion
from services.demo.numbers import whole
from services.demo.objects import write
from services.demo.refusals import (
    EntityTooLarge,
    EntityTooSmall,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    NoSuchUpload,
)
from services.demo.store import Bucket, Part, StoredObject, Upload
from shared import ids
from shared.guard import checksum as checksums
from shared.guard.refusals import ChecksumMismatch
from shared.web import HttpResponse

MOST_BYTES: Final = 256 << 20
_LEAST_PART: Final = 5 << 20
_TYPES: Final = {"COMPOSITE", "FULL_OBJECT"}


def create_multipart_upload(call: Call) -> HttpResponse:
    """Begins an upload; the object's headers are given now."""
    bucket = call.bucket()
    call.allow("s3:PutObject", call.target.arn, bucket.account)
    upload_id = ids.opaque(384)
    upload = Upload(upload_id, call.target.key, call.now, kept_headers.kept(call.headers), _checksum_asked(call))
    with call.sql.write() as tx:
        store.add_upload(tx, bucket, upload)
    algorithm, _, kind = upload.checksum.partition(":")
    headers = [("x-amz-checksum-algorithm", algorithm.upper()), ("x-amz-checksum-type", kind)] if algorithm else []
    shown: list[Element] = [("Bucket", bucket.name), ("Key", call.target.key), ("UploadId", upload_id)]
    return xml("InitiateMultipartUploadResult", shown, headers=headers)


def upload_part(call: Call) -> HttpResponse:
    """Keeps a part; one of the same number sent before is replaced."""
    bucket, upload = _upload(call, "s3:PutObject")
    number = whole(call.query, "partNumber", default=0, low=1, high=MOST_PARTS)
    etag = hashlib.md5(call.body, usedforsecurity=False).hexdigest()
    part = Part(number, len(call.body), etag, call.blobs.add(bucket.account, call.body), call.checksum)
    try:
        before = _keep_part(call, bucket, upload, part)
    except BaseException:
        call.blobs.remove(bucket.account, part.blob)
        raise
    for one in before:
        call.blobs.remove(bucket.account, one.blob)
    algorithm, _, value = part.checksum.partition(":")
    headers = [(f"{checksums.PREFIX}{algorithm}", value)] if value else []
    return empty(headers=[("etag", f'"{etag}"'), *headers])


def _keep_part(call: Call, bucket: Bucket, upload: Upload, part: Part) -> list[Part]:
    """Writes the part; the one it replaces, if there was one. Raises NoSuchUpload where the upload ended meanwhile."""
    with call.sql.write() as tx:
        if store.find_upload(tx, bucket, upload.upload_id, upload.key) is None:
            raise NoSuchUpload(UploadId=upload.upload_id)
        before = [one for one in store.find_parts(tx, bucket, upload.upload_id) if one.number == part.number]
        store.put_part(tx, bucket, upload.upload_id, part)
    return before


def complete_multipart_upload(call: Call) -> HttpResponse:
    """Makes one object of the named parts, in their order."""
    named = read_completion(call.body)
    bucket, upload = _upload(call, "s3:PutObject")
    with call.sql.read() as tx:
        parts = _chosen(named, store.find_parts(tx, bucket, upload.upload_id))
    _check_sizes(call, parts)
    try:
        checksum = _joint_checksum(call, bucket, upload, parts)
        _check_announced(call, upload, checksum)
        blob = call.blobs.join(bucket.account, [part.blob for part in parts])
    except FileNotFoundError:  # another request ended the upload, or sent a part anew
        raise NoSuchUpload(UploadId=upload.upload_id) from None
    stored = StoredObject(
        key=upload.key,
        size=sum(part.size for part in parts),
        etag=_joint_etag(parts),
        modified_at=call.now,
        blob=blob,
        headers=upload.headers,
        checksum=checksum,
    )
    write(call, bucket, stored, upload.upload_id)
    algorithm, _, value = stored.checksum.partition(":")
    return xml(
        "CompleteMultipartUploadResult",
        [
            ("Location", f"{call.request.scheme}://{call.headers.get('host', '')}{call.request.path}"),
            ("Bucket", bucket.name),
            ("Key", upload.key),
            ("ETag", f'"{stored.etag}"'),
            (f"Checksum{algorithm.upper()}", value or None),
        ],
    )


def abort_multipart_upload(call: Call) -> HttpResponse:
    """Ends the upload; its parts are gone."""
    bucket, upload = _upload(call, "s3:AbortMultipartUpload")
    with call.sql.write() as tx:
        parts = store.remove_upload(tx, bucket, upload.upload_id)
    for part in parts:
        call.blobs.remove(bucket.account, part.blob)
    return empty(204)


def _upload(call: Call, action: str) -> tuple[Bucket, Upload]:
    """The upload that the request names. Raises AccessDenied or NoSuchUpload."""
    bucket = call.bucket()
    call.allow(action, call.target.arn, bucket.account)
    upload_id = call.query["uploadId"]
    with call.sql.read() as tx:
        upload = store.find_upload(tx, bucket, upload_id, call.target.key)
    if upload is None:
        raise NoSuchUpload(UploadId=upload_id[:128])
    return bucket, upload


def _checksum_asked(call: Call) -> str:
    """`algorithm:type`, or nothing where the client asks for none. Raises InvalidRequest or InvalidChecksum."""
    name = call.headers.get("x-amz-checksum-algorithm", "").lower()
    if not name:
        return ""
    checksums.algorithm_of(checksums.PREFIX + name)
    kind = call.headers.get("x-amz-checksum-type", "FULL_OBJECT" if name == "crc64nvme" else "COMPOSITE").upper()
    if kind not in _TYPES or (kind == "COMPOSITE" and name == "crc64nvme") or (kind != "COMPOSITE" and "sha" in name):
        raise InvalidRequest(f"The {kind[:64]!a} checksum type cannot be used with the {name} checksum algorithm.")
    return f"{name}:{kind}"


def _chosen(named: Sequence[NamedPart], uploaded: Sequence[Part]) -> list[Part]:
    """The parts as named. Raises InvalidPartOrder or InvalidPart."""
    if any(one.number >= other.number for one, other in itertools.pairwise(named)):
        raise InvalidPartOrder
    by_number = {part.number: part for part in uploaded}
    for one in named:
        part = by_number.get(one.number)
        if part is None or part.etag != one.etag:
            raise InvalidPart(PartNumber=str(one.number), ETag=one.etag[:64])
        if any(f"{algorithm}:{value}" != part.checksum for algorithm, value in one.checksums):
            raise InvalidPart(PartNumber=str(one.number), ETag=one.etag[:64])
    return [by_number[one.number] for one in named]


def _check_sizes(call: Call, parts: Sequence[Part]) -> None:
    for part in parts[:-1]:
        if part.size < _LEAST_PART:
            raise EntityTooSmall(
                ProposedSize=str(part.size), MinSizeAllowed=str(_LEAST_PART), PartNumber=str(part.number)
            )
    size = sum(part.size for part in parts)
    if size > MOST_BYTES:
        raise EntityTooLarge(ProposedSize=str(size), MaxSizeAllowed=str(MOST_BYTES))
    declared = whole({"size": call.headers.get("x-amz-mp-object-size", "")}, "size", default=size, low=0, high=1 << 32)
    if declared != size:
        raise InvalidRequest("The provided 'x-amz-mp-object-size' header does not match what was computed.")


def _check_announced(call: Call, upload: Upload, checksum: str) -> None:
    """The checksum that the client expects of the whole object. Raises InvalidRequest or ChecksumMismatch."""
    _, _, kind = upload.checksum.partition(":")
    algorithm, _, value = checksum.partition(":")
    if call.headers.get("x-amz-checksum-type", kind).upper() != kind:
        raise InvalidRequest("The checksum type is not the one that the upload was begun with.")
    for name, given in call.headers.items():
        if is_checksum(name) and (checksums.algorithm_of(name) != algorithm or given.strip() != value):
            raise ChecksumMismatch("The checksum you specified did not match the calculated checksum.")


def _joint_etag(parts: Sequence[Part]) -> str:
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"


def _joint_checksum(call: Call, bucket: Bucket, upload: Upload, parts: Sequence[Part]) -> str:
    """The object's checksum: of all its bytes, or of its parts' checksums, as was asked at the beginning."""
    algorithm, _, kind = upload.checksum.partition(":")
    if kind == "FULL_OBJECT":
        whole_body = b"".join(call.blobs.read(bucket.account, part.blob) for part in parts)
        return f"{algorithm}:{checksums.checksum(algorithm, whole_body)}"
    values = [part.checksum.removeprefix(f"{algorithm}:") for part in parts]
    if not algorithm or any(not part.checksum.startswith(f"{algorithm}:") for part in parts):
        return ""
    joined = b"".join(base64.b64decode(value) for value in values)
    return f"{algorithm}:{checksums.checksum(algorithm, joined)}-{len(parts)}"
