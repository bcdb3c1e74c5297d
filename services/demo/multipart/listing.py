"""ListParts and ListMultipartUploads."""

from services.demo.answers import xml
from services.demo.call import Call
from services.demo.documents import MOST_PARTS, Element
from services.demo.grouping import after_all
from services.demo.headers import iso_date
from services.demo.listing import check_encoding, keys_of_listing, text_of
from services.demo.multipart import store
from services.demo.multipart.operations import LIFETIME, upload_named
from services.demo.multipart.store import Part, Upload
from services.demo.numbers import whole
from shared.guard.checksum import written
from shared.web import HttpResponse

_MOST = 1000


def list_parts(call: Call) -> HttpResponse:
    """The parts that an upload has so far."""
    bucket, upload = upload_named(call, "s3:ListMultipartUploadParts")
    most = whole(call.query, "max-parts", default=_MOST, low=0, high=2_147_483_647)
    most, after = min(most, _MOST), whole(call.query, "part-number-marker", default=0, low=0, high=MOST_PARTS)
    with call.sql.read() as tx:
        found = [part for part in store.find_parts(tx, bucket, upload.upload_id) if part.number > after]
    shown = found[:most]
    algorithm, _, kind = upload.checksum.partition(":")
    head: list[Element] = [
        ("Bucket", bucket.name),
        ("Key", upload.key),
        ("UploadId", upload.upload_id),
        ("PartNumberMarker", after),
        ("NextPartNumberMarker", shown[-1].number if shown else 0),
        ("MaxParts", most),
        ("IsTruncated", len(found) > most),
        *_owned(bucket.account),
        ("ChecksumAlgorithm", algorithm.upper() or None),
        ("ChecksumType", kind or None),
    ]
    return xml("ListPartsResult", head + [("Part", _part(part)) for part in shown])


def list_multipart_uploads(call: Call) -> HttpResponse:
    """The uploads of a bucket that have not ended."""
    bucket = call.bucket()
    call.allow("s3:ListBucketMultipartUploads", call.target.bucket_arn, bucket.account, keys_of_listing(call))
    check_encoding(call)
    prefix, marker = call.query.get("prefix", ""), call.query.get("key-marker", "")
    id_marker = call.query.get("upload-id-marker", "") if marker else ""
    most = min(whole(call.query, "max-uploads", default=_MOST, low=1, high=2_147_483_647), _MOST)
    # A key marker alone stands behind all uploads of its key: no upload id is greater than this one.
    after = (marker.encode(), id_marker or "\U0010ffff") if marker else (b"", "")
    with call.sql.read() as tx:
        low, high = prefix.encode(), after_all(prefix.encode())
        found = store.find_uploads(tx, bucket, low, high, after, most + 1)
    more, found = len(found) > most, found[:most]
    url = "encoding-type" in call.query
    head: list[Element] = [
        ("Bucket", bucket.name),
        ("KeyMarker", text_of(marker, url=url)),
        ("UploadIdMarker", id_marker),
        ("Prefix", text_of(prefix, url=url)),
        ("NextKeyMarker", text_of(found[-1].key, url=url) if more else None),
        ("NextUploadIdMarker", found[-1].upload_id if more else None),
        ("MaxUploads", most),
        ("EncodingType", "url" if url else None),
        ("IsTruncated", more),
    ]
    shown = [one for one in found if call.now - one.started_at < LIFETIME]
    return xml(
        "ListMultipartUploadsResult", head + [("Upload", _upload(one, bucket.account, url=url)) for one in shown]
    )


def _owned(account: str) -> list[Element]:
    return [("Initiator", [("ID", account)]), ("Owner", [("ID", account)]), ("StorageClass", "STANDARD")]


def _part(part: Part) -> list[Element]:
    algorithm, _, value = part.checksum.partition(":")
    return [
        ("PartNumber", part.number),
        ("LastModified", iso_date(part.modified_at)),
        ("ETag", f'"{part.etag}"'),
        ("Size", part.size),
        *([(f"Checksum{written(algorithm)}", value)] if value else []),
    ]


def _upload(upload: Upload, account: str, *, url: bool) -> list[Element]:
    algorithm, _, kind = upload.checksum.partition(":")
    return [
        ("Key", text_of(upload.key, url=url)),
        ("UploadId", upload.upload_id),
        *_owned(account),
        ("Initiated", iso_date(upload.started_at)),
        ("ChecksumAlgorithm", algorithm.upper() or None),
        ("ChecksumType", kind or None),
    ]
