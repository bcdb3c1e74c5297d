"""CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from services.demo import headers as kept_headers
from services.demo import preconditions
from services.demo.answers import empty, xml
from services.demo.bodies import is_checksum
from services.demo.call import Call
from services.demo.copying import copied_from
from services.demo.documents import MOST_PARTS, Element, read_completion
from services.demo.multipart import joining, store
from services.demo.multipart.joining import COMPOSITE, FULL_OBJECT
from services.demo.multipart.store import Part, Upload
from services.demo.numbers import whole
from services.demo.objects import write
from services.demo.refusals import InvalidRequest, NoSuchKey, NoSuchUpload
from services.demo.store import Bucket, StoredObject, add_parts
from shared import ids
from shared.guard import checksum as checksums
from shared.guard.refusals import ChecksumMismatch
from shared.sql.engine import Tx
from shared.web import HttpResponse

LIFETIME: Final = timedelta(days=7)
_MOST_ENDED: Final = 20
_TYPES: Final = {COMPOSITE, FULL_OBJECT}


def create_multipart_upload(call: Call) -> HttpResponse:
    """Begins an upload; the object's headers are given now. Uploads of this bucket that nobody ended in a week end."""
    bucket = call.bucket()
    call.allow("s3:PutObject", call.target.arn, bucket.account)
    upload_id = ids.opaque(384)
    upload = Upload(upload_id, call.target.key, call.now, kept_headers.kept(call.headers), _checksum_asked(call))
    with call.sql.write() as tx:
        forgotten = store.remove_uploads_before(tx, bucket, call.now - LIFETIME, _MOST_ENDED)
        store.add_upload(tx, bucket, upload)
    _remove(call, bucket, forgotten)
    algorithm, _, kind = upload.checksum.partition(":")
    headers = [("x-amz-checksum-algorithm", algorithm.upper()), ("x-amz-checksum-type", kind)] if algorithm else []
    shown: list[Element] = [("Bucket", bucket.name), ("Key", call.target.key), ("UploadId", upload_id)]
    return xml("InitiateMultipartUploadResult", shown, headers=headers)


def upload_part(call: Call) -> HttpResponse:
    """Keeps a part; one of the same number sent before is replaced."""
    bucket, upload = upload_named(call, "s3:PutObject")
    number = _number(call)
    etag = hashlib.md5(call.body, usedforsecurity=False).hexdigest()
    blob = call.blobs.add(bucket.account, call.body)
    _keep_part(call, bucket, upload, Part(number, len(call.body), etag, call.now, blob, call.checksum))
    algorithm, _, value = call.checksum.partition(":")
    headers = [(f"{checksums.PREFIX}{algorithm}", value)] if value else []
    return empty(headers=[("etag", f'"{etag}"'), *headers])


def upload_part_copy(call: Call) -> HttpResponse:
    """Keeps an object, or a range of its bytes, as a part."""
    bucket, upload = upload_named(call, "s3:PutObject")
    number = _number(call)
    source, stored = copied_from(call)
    span = preconditions.copied_span(call.headers.get("x-amz-copy-source-range"), stored.size)
    algorithm = upload.checksum.partition(":")[0]
    md5 = hashlib.md5(usedforsecurity=False)
    running = checksums.Running(algorithm) if algorithm else None
    try:
        pieces = call.blobs.pieces(source.account, stored.blob, span.first, span.length)
    except FileNotFoundError:  # removed or written anew since it was found
        raise NoSuchKey(Key=stored.key) from None

    def measured() -> Iterator[bytes]:
        for piece in pieces:
            md5.update(piece)
            if running is not None:
                running.update(piece)
            yield piece

    blob = call.blobs.add_pieces(bucket.account, measured())
    value = "" if running is None else running.text()
    etag = md5.hexdigest()
    checksum = f"{algorithm}:{value}" if value else ""
    _keep_part(call, bucket, upload, Part(number, span.length, etag, call.now, blob, checksum))
    shown: list[Element] = [
        ("LastModified", kept_headers.iso_date(call.now)),
        ("ETag", f'"{etag}"'),
        *([(f"Checksum{checksums.written(algorithm)}", value)] if value else []),
    ]
    return xml("CopyPartResult", shown)


def _number(call: Call) -> int:
    return whole(call.query, "partNumber", default=0, low=1, high=MOST_PARTS)


def _keep_part(call: Call, bucket: Bucket, upload: Upload, part: Part) -> None:
    """Writes the part over an earlier one. Raises NoSuchUpload where the upload ended meanwhile; the file is gone then."""
    try:
        before = _replaced(call, bucket, upload, part)
    except BaseException:
        call.blobs.remove(bucket.account, part.blob)
        raise
    _remove(call, bucket, before)


def _replaced(call: Call, bucket: Bucket, upload: Upload, part: Part) -> list[Part]:
    """Writes the part; the one it takes the place of, if there was one."""
    with call.sql.write() as tx:
        if store.find_upload(tx, bucket, upload.upload_id, upload.key) is None:
            raise NoSuchUpload(UploadId=upload.upload_id)
        before = [one for one in store.find_parts(tx, bucket, upload.upload_id) if one.number == part.number]
        store.put_part(tx, bucket, upload.upload_id, part)
    return before


def _remove(call: Call, bucket: Bucket, parts: list[Part]) -> None:
    for part in parts:
        call.blobs.remove(bucket.account, part.blob)


def complete_multipart_upload(call: Call) -> HttpResponse:
    """Makes one object of the named parts, in their order."""
    named = read_completion(call.body)
    bucket, upload = upload_named(call, "s3:PutObject")
    with call.sql.read() as tx:
        parts = joining.chosen(named, store.find_parts(tx, bucket, upload.upload_id))
    size = joining.checked_size(parts)
    _check_size(call, size)
    blobs = [part.blob for part in parts]
    try:
        checksum = joining.joint_checksum(upload.checksum, parts, lambda: call.blobs.joined(bucket.account, blobs))
        _check_announced(call, upload, checksum)
        blob = call.blobs.add_pieces(bucket.account, call.blobs.joined(bucket.account, blobs))
    except FileNotFoundError:  # another request ended the upload, or sent a part anew
        raise NoSuchUpload(UploadId=upload.upload_id) from None
    stored = StoredObject(
        key=upload.key,
        size=size,
        etag=joining.joint_etag(parts),
        modified_at=call.now,
        blob=blob,
        headers=upload.headers,
        checksum=checksum,
    )
    write(call, bucket, stored, lambda tx: _ended(tx, bucket, upload, blob, parts))
    algorithm, _, value = stored.checksum.partition(":")
    return xml(
        "CompleteMultipartUploadResult",
        [
            ("Location", f"{call.request.scheme}://{call.headers.get('host', '')}{call.request.path}"),
            ("Bucket", bucket.name),
            ("Key", upload.key),
            ("ETag", f'"{stored.etag}"'),
            (f"Checksum{checksums.written(algorithm)}", value or None),
            ("ChecksumType", upload.checksum.partition(":")[2] if value else None),
        ],
    )


def _ended(tx: Tx, bucket: Bucket, upload: Upload, blob: str, parts: Sequence[Part]) -> list[str]:
    """Ends the upload in the transaction that makes its object of `blob`; the blobs of its parts. Raises NoSuchUpload."""
    if store.find_upload(tx, bucket, upload.upload_id, upload.key) is None:
        raise NoSuchUpload(UploadId=upload.upload_id)
    add_parts(tx, bucket, blob, joining.kept_parts(upload.checksum, parts))
    return [part.blob for part in store.remove_upload(tx, bucket, upload.upload_id)]


def abort_multipart_upload(call: Call) -> HttpResponse:
    """Ends the upload; its parts are gone."""
    bucket, upload = upload_named(call, "s3:AbortMultipartUpload")
    with call.sql.write() as tx:
        parts = store.remove_upload(tx, bucket, upload.upload_id)
    _remove(call, bucket, parts)
    return empty(204)


def upload_named(call: Call, action: str) -> tuple[Bucket, Upload]:
    """The upload that the request names; one lives a week. Raises AccessDenied or NoSuchUpload."""
    bucket = call.bucket()
    call.allow(action, call.target.arn, bucket.account)
    upload_id = call.query["uploadId"]
    with call.sql.read() as tx:
        upload = store.find_upload(tx, bucket, upload_id, call.target.key)
    if upload is None or call.now - upload.started_at >= LIFETIME:
        raise NoSuchUpload(UploadId=upload_id[:128])
    return bucket, upload


def _checksum_asked(call: Call) -> str:
    """`algorithm:type`, or nothing where the client asks for none. Raises InvalidRequest or InvalidChecksum."""
    name = call.headers.get("x-amz-checksum-algorithm", "").lower()
    if not name:
        return ""
    checksums.algorithm_of(checksums.PREFIX + name)
    kind = call.headers.get("x-amz-checksum-type", "FULL_OBJECT" if name == "crc64nvme" else "COMPOSITE").upper()
    if kind not in _TYPES or (kind == COMPOSITE and name == "crc64nvme") or (kind == FULL_OBJECT and "crc" not in name):
        raise InvalidRequest(f"The {kind[:64]!a} checksum type cannot be used with the {name} checksum algorithm.")
    return f"{name}:{kind}"


def _check_size(call: Call, size: int) -> None:
    text = call.headers.get("x-amz-mp-object-size", str(size)).strip()
    if text != str(size):
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
