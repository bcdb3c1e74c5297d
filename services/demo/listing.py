"""ListObjectsV2: a page of keys, grouped by prefix where a delimiter is given."""

import base64
import binascii
import functools
from urllib.parse import quote

from services.demo import store
from services.demo.answers import xml
from services.demo.call import Call
from services.demo.documents import Element
from services.demo.grouping import Listing, grouped
from services.demo.headers import iso_date
from services.demo.numbers import whole
from services.demo.refusals import InvalidArgument
from services.demo.store import StoredObject
from shared.guard.caller import ContextValue
from shared.web import HttpResponse

_MOST_KEYS = 1000
_LONGEST_TOKEN = 4096


def list_objects_v2(call: Call) -> HttpResponse:
    """A page of the bucket's keys; more than 1000 are never given at once."""
    bucket = call.bucket()
    keys: dict[str, ContextValue] = {
        f"s3:{name}": call.query[name] for name in ("prefix", "delimiter", "max-keys") if name in call.query
    }
    call.allow("s3:ListBucket", call.target.bucket_arn, bucket.account, keys)
    _check_form(call)
    asked = whole(call.query, "max-keys", default=_MOST_KEYS, low=0, high=2_147_483_647)
    most = min(asked, _MOST_KEYS)
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    with call.sql.read() as tx:
        page = grouped(functools.partial(store.find_objects, tx, bucket), prefix, delimiter, _start(call), most)
    return xml("ListBucketResult", _shown(call, page, bucket.account, most))


def _check_form(call: Call) -> None:
    if call.query["list-type"] != "2":
        raise InvalidArgument("Invalid List Type specified in Request", ArgumentName="list-type")
    if call.query.get("encoding-type", "url") != "url":
        raise InvalidArgument("Invalid Encoding Method specified in Request", ArgumentName="encoding-type")


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
        ("Prefix", _text(call.query.get("prefix", ""), url=url)),
        ("Delimiter", _text(call.query["delimiter"], url=url) if call.query.get("delimiter") else None),
        ("StartAfter", _text(call.query["start-after"], url=url) if call.query.get("start-after") else None),
        ("MaxKeys", most),
        ("KeyCount", len(page)),
        ("EncodingType", "url" if url else None),
        ("IsTruncated", token is not None),
        ("ContinuationToken", call.query.get("continuation-token")),
        ("NextContinuationToken", token),
    ]
    objects: list[Element] = [("Contents", [*_object(one, url=url), owner]) for one in page.objects]
    groups: list[Element] = [("CommonPrefixes", [("Prefix", _text(one, url=url))]) for one in page.prefixes]
    return head + objects + groups


def _object(stored: StoredObject, *, url: bool) -> list[Element]:
    algorithm, _, value = stored.checksum.partition(":")
    return [
        ("Key", _text(stored.key, url=url)),
        ("LastModified", iso_date(stored.modified_at)),
        ("ETag", f'"{stored.etag}"'),
        ("ChecksumAlgorithm", algorithm.upper() or None),
        ("ChecksumType", ("COMPOSITE" if "-" in value else "FULL_OBJECT") if value else None),
        ("Size", stored.size),
        ("StorageClass", "STANDARD"),
    ]


def _text(text: str, *, url: bool) -> str:
    return quote(text, safe="/-_.~*") if url else text
