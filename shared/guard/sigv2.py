"""Presigned URLs of Signature Version 2, which boto3 and the AWS CLI still make for S3-shaped stores of their own URL.

Amazon S3 API Reference: Signing and authenticating REST requests (AWS signature version 2), Query string request
authentication alternative. The secret itself signs, so no derived key can check it: the text goes to the authorizer.
What this version leaves open is closed here: the URL lives a week at most, and holds nothing that is not signed.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from shared.guard.guard import Grant
from shared.guard.refusals import IncompleteSignature, SignatureExpired, SignatureMismatch, UnknownAccessKey
from shared.guard.signed_request import LONGEST_EXPIRY_S

MARKS: Final = frozenset({"AWSAccessKeyId", "Signature", "Expires"})
METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_HEADERS: Final = ("content-md5", "content-type")
_AMZ: Final = "x-amz-"
_NOT_READ: Final = "x-id"
_RESOURCE_PARAMETERS: Final = frozenset(
    {
        "acl",
        "delete",
        "lifecycle",
        "location",
        "logging",
        "notification",
        "partNumber",
        "policy",
        "requestPayment",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
    }
)
_LONGEST_TEXT: Final = 16_384
_SIGN_AGAIN: Final = "Sign it with version 4; in boto3: Config(signature_version='s3v4')."


@dataclass(frozen=True, slots=True)
class Claims:
    """What a presigned URL of version 2 claims: this key signed this text, and the URL is good until then."""

    access_key_id: str
    security_token: str | None
    text: str
    signature: bytes
    expires_at: datetime


class Proofs(Protocol):
    """Who can tell whether a key signed a text: the authorizer, which holds the secret."""

    def prove(self, claims: Claims, now: datetime) -> Grant:
        """The grant of the key, without a signing key. Raises SignatureMismatch, UnknownAccessKey or ExpiredToken."""


def claimed(query: str) -> bool:
    """Whether the query carries a signature of version 2."""
    return "AWSAccessKeyId=" in query


def parse(method: str, resource: str, query: Mapping[str, str], headers: Mapping[str, str], now: datetime) -> Claims:
    """The claims of a URL that is still good.

    `resource`: the encoded path, the bucket's name first also where the host names it. `query`: decoded, no name twice.
    `headers`: lower-case names. Raises IncompleteSignature, SignatureExpired, SignatureMismatch or UnknownAccessKey.
    """
    _check_form(method, query, headers)
    for name, value in query.items():
        _check_parameter(name, value)
    amz = {name: value for source in (query, headers) for name, value in source.items() if name.startswith(_AMZ)}
    text = "\n".join(
        [
            method,
            *(headers.get(name, query.get(name, "")).strip() for name in _HEADERS),
            query["Expires"],
            *(f"{name}:{amz[name].strip()}" for name in sorted(amz)),
            _resource(resource, query),
        ]
    )
    if len(text) > _LONGEST_TEXT or (not text.isascii() and not _has_bytes(text)):
        raise IncompleteSignature("The request is too long, or holds text that cannot have been sent.")
    return Claims(_key_id(query), _token(query, amz), text, _signature(query["Signature"]), _end(query, now))


def hoisted(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters that stand for headers of the same name."""
    return {name: value for name, value in query.items() if _as_header(name)}


def check(text: str, signature: bytes, secret: str) -> None:
    """Raises SignatureMismatch unless `secret` signed `text`. Takes the same time whichever byte differs."""
    computed = hmac.digest(secret.encode(), text.encode(), "sha1")
    if not hmac.compare_digest(computed, signature):
        raise SignatureMismatch


def _check_form(method: str, query: Mapping[str, str], headers: Mapping[str, str]) -> None:
    missing = sorted(MARKS - query.keys())
    if missing:
        raise IncompleteSignature(f"Query-string authentication requires the {' and '.join(missing)} parameters.")
    if method not in METHODS:
        raise IncompleteSignature(f"A URL of signature version 2 is taken for {', '.join(sorted(METHODS))} only.")
    if "authorization" in headers or any(name.startswith("X-Amz-") for name in query):
        raise IncompleteSignature("Only one auth mechanism allowed.")


def _check_parameter(name: str, value: str) -> None:
    """Each parameter is signed, and stands in the text so that it can be read there in one way only."""
    if name in _RESOURCE_PARAMETERS:
        clear = not any(part.partition("=")[0] in _RESOURCE_PARAMETERS for part in value.split("&")[1:])
    elif _as_header(name):
        clear = name.isascii() and ":" not in name
    elif name in MARKS or name == _NOT_READ:
        clear = True
    else:
        raise IncompleteSignature(f"Signature version 2 leaves the parameter {name[:64]!a} unsigned. {_SIGN_AGAIN}")
    if not clear or "\n" in name or "\n" in value:
        raise IncompleteSignature(f"The parameter {name[:64]!a} can be read in two ways. {_SIGN_AGAIN}")


def _has_bytes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_header(name: str) -> bool:
    return name.startswith(_AMZ) or name in _HEADERS


def _resource(path: str, query: Mapping[str, str]) -> str:
    signed = [
        f"{name}={query[name]}" if query[name] else name for name in sorted(query) if name in _RESOURCE_PARAMETERS
    ]
    return f"{path}?{'&'.join(signed)}" if signed else path


def _key_id(query: Mapping[str, str]) -> str:
    found = query["AWSAccessKeyId"]
    if not found.isalnum() or not found.isascii() or len(found) > 128:
        raise UnknownAccessKey
    return found


def _token(query: Mapping[str, str], amz: Mapping[str, str]) -> str | None:
    """The session's token; a temporary key is nothing without it."""
    token = amz.get("x-amz-security-token")
    if (token is None and query["AWSAccessKeyId"].startswith("ASIA")) or (token is not None and not token.isascii()):
        raise UnknownAccessKey
    return token


def _signature(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureMismatch from None


def _end(query: Mapping[str, str], now: datetime) -> datetime:
    text = query["Expires"]
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise IncompleteSignature("Expires must be a time in seconds since 1970.")
    end = datetime.fromtimestamp(int(text), UTC)
    if now >= end:
        raise SignatureExpired("Request has expired")
    if end - now > timedelta(seconds=LONGEST_EXPIRY_S):
        raise IncompleteSignature("Expires may be a week away at most.")
    return end
