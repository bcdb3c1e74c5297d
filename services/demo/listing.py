"""ListObjectsV2 and ListObjects: a page of keys, grouped by prefix where a delimiter is given."""

import base64
import binascii
import functools
from urllib.parse import quote

from services.demo import store
from services.demo.answers import xml
from services.demo.call import Call
from services.demo.documents import Element
from services.demo.grouping import Listing, after_all, grouped
from services.demo.headers import iso_date
from services.demo.numbers import whole
from services.demo.refusals import InvalidArgument
from services.demo.store import Bucket, StoredObject
from shared.guard.caller import ContextValue
from shared.web import HttpResponse

_MOST_KEYS = 1000
_LONGEST_TOKEN = 4096


def list_objects_v2(call: Call) -> HttpResponse:
    """A page of the bucket's keys; more than 1000 are never given at once."""
    bucket = call.bucket()
    call.allow("s3:ListBucket", call.target.bucket_arn, bucket.account, keys_of_listing(call))
    if call.query["list-type"] != "2":
        raise InvalidArgument("Invalid List Type specified in Request", ArgumentName="list-type")
    most = _most(call)
    page = _page(call, bucket, _start(call), most)
    return xml("ListBucketResult", _shown(call, page, bucket.account, most))


def list_objects(call: Call) -> HttpResponse:
    """The same in its first version: a page begins behind the last key, or common prefix, of the one before."""
    bucket = call.bucket()
    call.allow("s3:ListBucket", call.target.bucket_arn, bucket.account, keys_of_listing(call))
    most, marker = _most(call), call.query.get("marker", "")
    page = _page(call, bucket, _behind(marker, call.query.get("delimiter", "")), most)
    url = "encoding-type" in call.query
    last = max([one.key for one in page.objects] + page.prefixes, default="", key=str.encode)
    owner: Element = ("Owner", [("ID", bucket.account)])
    head: list[Element] = [
        ("Name", call.target.bucket),
        ("Prefix", text_of(call.query.get("prefix", ""), url=url)),
        ("Marker", text_of(marker, url=url)),
        ("NextMarker", text_of(last, url=url) if page.next_at is not None and call.query.get("delimiter") else None),
        ("Delimiter", text_of(call.query["delimiter"], url=url) if call.query.get("delimiter") else None),
        ("MaxKeys", most),
        ("EncodingType", "url" if url else None),
        ("IsTruncated", page.next_at is not None),
    ]
    return xml("ListBucketResult", head + _contents(page, owner, url=url))


def keys_of_listing(call: Call) -> dict[str, ContextValue]:
    """The condition keys of a listing (Service Authorization Reference: Amazon S3)."""
    return {f"s3:{name}": call.query[name] for name in ("prefix", "delimiter", "max-keys") if name in call.query}


def check_encoding(call: Call) -> None:
    """Raises InvalidArgument for an encoding that S3 does not have."""
    if call.query.get("encoding-type", "url") != "url":
        raise InvalidArgument("Invalid Encoding Method specified in Request", ArgumentName="encoding-type")


def _most(call: Call) -> int:
    check_encoding(call)
    return min(whole(call.query, "max-keys", default=_MOST_KEYS, low=0, high=2_147_483_647), _MOST_KEYS)


def _page(call: Call, bucket: Bucket, start: bytes, most: int) -> Listing:
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    with call.sql.read() as tx:
        return grouped(functools.partial(store.find_objects, tx, bucket), prefix, delimiter, start, most)


def _behind(marker: str, delimiter: str) -> bytes:
    """Just behind a key; behind all that it stands for, where it is a common prefix."""
    if not marker:
        return b""
    return after_all(marker.encode()) if delimiter and marker.endswith(delimiter) else marker.encode() + b"\x00"


def _start(call: Call) -> bytes:
    """Where the page begins: at the token's place, or just behind start-after."""
    token = call.query.get("continuation-token")
    if token is not None:
        try:
            if len(token) > _LONGEST_TOKEN:
                raise InvalidArgument("The continuation token provided is incorrect", ArgumentName="continuation-token")
            place = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            place = b""
        if not place:
            raise InvalidArgument("The continuation token provided is incorrect", ArgumentName="continuation-token")
        return place
    after = call.query.get("start-after", "")
    return after.encode() + b"\x00" if after else b""


def _shown(call: Call, page: Listing, account: str, most: int) -> list[Element]:
    url = "encoding-type" in call.query
    owner: Element = ("Owner", [("ID", account)] if call.query.get("fetch-owner") == "true" else None)
    token = None if page.next_at is None else base64.urlsafe_b64encode(page.next_at).decode()
    head: list[Element] = [
        ("Name", call.target.bucket),
        ("Prefix", text_of(call.query.get("prefix", ""), url=url)),
        ("Delimiter", text_of(call.query["delimiter"], url=url) if call.query.get("delimiter") else None),
        ("StartAfter", text_of(call.query["start-after"], url=url) if call.query.get("start-after") else None),
        ("MaxKeys", most),
        ("KeyCount", len(page)),
        ("EncodingType", "url" if url else None),
        ("IsTruncated", token is not None),
        ("ContinuationToken", call.query.get("continuation-token")),
        ("NextContinuationToken", token),
    ]
    return head + _contents(page, owner, url=url)


def _contents(page: Listing, owner: Element, *, url: bool) -> list[Element]:
    objects: list[Element] = [("Contents", [*_object(one, url=url), owner]) for one in page.objects]
    groups: list[Element] = [("CommonPrefixes", [("Prefix", text_of(one, url=url))]) for one in page.prefixes]
    return objects + groups


def _object(stored: StoredObject, *, url: bool) -> list[Element]:
    algorithm, _, value = stored.checksum.partition(":")
    return [
        ("Key", text_of(stored.key, url=url)),
        ("LastModified", iso_date(stored.modified_at)),
        ("ETag", f'"{stored.etag}"'),
        ("ChecksumAlgorithm", algorithm.upper() or None),
        ("ChecksumType", ("COMPOSITE" if "-" in value else "FULL_OBJECT") if value else None),
        ("Size", stored.size),
        ("StorageClass", "STANDARD"),
    ]


def text_of(text: str, *, url: bool) -> str:
    """A key as the answer shows it."""
    return quote(text, safe="/-_.~*") if url else text
