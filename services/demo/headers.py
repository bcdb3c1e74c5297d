"""Which headers S3 keeps with an object and gives back (Amazon S3 API Reference: PutObject, GetObject)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from services.demo.refusals import InvalidArgument, MetadataTooLarge
from services.demo.store import StoredObject
from shared.guard import checksum as checksums

META: Final = "x-amz-meta-"
DEFAULT_TYPE: Final = "binary/octet-stream"
_KEPT: Final = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_MOST_METADATA: Final = 2048
OVERRIDES: Final = {
    f"response-{name}": name
    for name in (
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    )
}
_HARMLESS: Final = [("content-security-policy", "sandbox"), ("x-content-type-options", "nosniff")]
"""An object opened in a browser runs no script in the origin of the page."""


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a write that come back with the object. Raises MetadataTooLarge."""
    found = {name: headers[name] for name in _KEPT if headers.get(name)}
    encodings = [one.strip() for one in found.get("content-encoding", "").split(",")]
    found["content-encoding"] = ",".join(one for one in encodings if one and one != "aws-chunked")
    found["content-type"] = headers.get("content-type") or DEFAULT_TYPE
    meta = {name: value.strip() for name, value in headers.items() if name.startswith(META)}
    size = sum(len(name) - len(META) + len(value.encode("utf-8", "replace")) for name, value in meta.items())
    if size > _MOST_METADATA:
        raise MetadataTooLarge(Size=str(size), MaxSizeAllowed=str(_MOST_METADATA))
    return {name: value for name, value in (found | meta).items() if value}


def given_back(stored: StoredObject, query: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers of a read, but length, range and checksum. Raises InvalidArgument for an override that no header holds."""
    overrides = {OVERRIDES[name]: value for name, value in query.items() if name in OVERRIDES}
    for name, value in overrides.items():
        if not value.isprintable() or not _is_latin(value):
            raise InvalidArgument("Header value cannot be represented using ISO-8859-1.", ArgumentName=name)
    return [
        *{**stored.headers, **overrides}.items(),
        *validators(stored),
        ("accept-ranges", "bytes"),
        *_HARMLESS,
    ]


def _is_latin(value: str) -> bool:
    return value.isascii() or all(ord(letter) < 256 for letter in value)


def validators(stored: StoredObject) -> list[tuple[str, str]]:
    """ETag and Last-Modified."""
    return [("etag", f'"{stored.etag}"'), ("last-modified", http_date(stored.modified_at))]


def checksum_headers(checksum: str, *, of_part: bool = False) -> list[tuple[str, str]]:
    """The checksum that was verified when the object came, or one of the parts that its own was made of."""
    algorithm, _, value = checksum.partition(":")
    if not value:
        return []
    kind = "COMPOSITE" if of_part or "-" in value else "FULL_OBJECT"
    return [(f"{checksums.PREFIX}{algorithm}", value), (f"{checksums.PREFIX}type", kind)]


def http_date(at: datetime) -> str:
    """A time as HTTP headers have it."""
    return _http_second(int(at.timestamp()))


@lru_cache(maxsize=4096)
def _http_second(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)


def iso_date(at: datetime) -> str:
    """A time as S3's XML has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
