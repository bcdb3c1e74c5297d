"""Which bucket and object a request means (Amazon S3 User Guide: Virtual hosting of buckets, Bucket naming rules)."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from services.demo.refusals import InvalidArgument, InvalidBucketName, InvalidURI, KeyTooLongError

LONGEST_KEY: Final = 1024
_BUCKET: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_ADDRESS: Final = re.compile(r"[0-9]+(\.[0-9]+){3}")
_RESERVED_BEGINNINGS: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_ENDS: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_LOCAL: Final = ".localhost"
_MOST_PARAMETERS: Final = 64


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about: an object, a bucket (no key), or the service (no bucket)."""

    bucket: str = ""
    key: str = ""

    @property
    def level(self) -> str:
        """`service`, `bucket` or `object`."""
        return "object" if self.key else "bucket" if self.bucket else "service"

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN, which ListBucket and kin are about."""
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def arn(self) -> str:
        """The object's ARN."""
        return f"{self.bucket_arn}/{self.key}"


def domains_of(base: str) -> tuple[str, ...]:
    """The domains whose hosts are buckets: `.localhost`, and that of the store's base URL if it has a name."""
    name = urlsplit(base).hostname or ""
    is_name = bool(name) and ":" not in name and _ADDRESS.fullmatch(name) is None
    return (f".{name}", _LOCAL) if is_name else (_LOCAL,)


def target_of(path: str, host: str, domains: tuple[str, ...]) -> Target:
    """The target of an encoded path; a host below one of `domains` names the bucket there. Raises InvalidURI and kin."""
    named = _bucket_of(host, domains)
    if named:
        return target(named, decoded(path[1:]))
    bucket, _, key = path[1:].partition("/")
    return target(decoded(bucket), decoded(key))


def resource_of(path: str, host: str, domains: tuple[str, ...]) -> str:
    """The encoded path with the bucket first, also where the host names it (what signature version 2 signs)."""
    named = _bucket_of(host, domains)
    return f"/{named}{path}" if named else path


def _bucket_of(host: str, domains: tuple[str, ...]) -> str:
    name = host.partition(":")[0].lower()
    if f".{name}" in domains:
        return ""
    return next((name.removesuffix(domain) for domain in domains if name.endswith(domain)), "")


def target(bucket: str, key: str) -> Target:
    """A target with names that can be. Raises InvalidBucketName or KeyTooLongError."""
    if bucket and not is_bucket_name(bucket):
        raise InvalidBucketName(BucketName=bucket)
    check_key(key)
    return Target(bucket, key)


def check_key(key: str) -> None:
    """Raises KeyTooLongError for more than 1024 bytes of UTF-8."""
    if len(key.encode()) > LONGEST_KEY:
        raise KeyTooLongError(Size=str(len(key.encode())), MaxSizeAllowed=str(LONGEST_KEY))


def is_bucket_name(name: str) -> bool:
    """3 to 63 lower-case letters, digits, hyphens and single dots; not an IP address, and not a form that S3 reserves."""
    if name.startswith(_RESERVED_BEGINNINGS) or name.endswith(_RESERVED_ENDS):
        return False
    return _BUCKET.fullmatch(name) is not None and _ADDRESS.fullmatch(name) is None


def decoded(text: str) -> str:
    """Percent-decoded UTF-8; a plus is a plus. Raises InvalidURI."""
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        raise InvalidURI from None


def parameters(query: str) -> dict[str, str]:
    """The decoded query, a plus in it a space.

    Raises InvalidArgument for a parameter given twice: readers would differ on which counts.
    """
    found: dict[str, str] = {}
    pairs = [pair for pair in query.split("&") if pair]
    if len(pairs) > _MOST_PARAMETERS:
        raise InvalidArgument("The request has too many query parameters.")
    for pair in pairs:
        name, _, value = pair.replace("+", "%20").partition("=")
        name = decoded(name)
        if name in found:
            raise InvalidArgument(f"The parameter {name[:64]!a} is given twice.")
        found[name] = decoded(value)
    return found


def copy_source(text: str) -> Target:
    """The source that x-amz-copy-source names: `bucket/key`, percent-encoded. Raises InvalidArgument and kin."""
    path, _, version = text.partition("?")
    bucket, _, key = decoded(path.removeprefix("/")).partition("/")
    if version or not bucket or not key:
        raise InvalidArgument("Invalid copy source object key", ArgumentName="x-amz-copy-source")
    return target(bucket, key)
