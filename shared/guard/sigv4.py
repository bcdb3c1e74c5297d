"""Signature Version 4: was this request sent by the holder of the secret, as it stands and just now? (R26)

Nothing is believed: the body's hash is computed, the path and query are those received, the comparison takes constant
time. AWS: Create a signed AWS API request; Signature Version 4 for S3 (payload claims, presigned URLs).
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.guard import canonical
from shared.guard.refusals import (
    IncompleteSignature,
    PayloadHashMismatch,
    PresignedNotAccepted,
    ScopeMismatch,
    SignatureExpired,
    SignatureMismatch,
    SignatureNotYetCurrent,
    UnknownAccessKey,
)
from shared.guard.signed_request import ALGORITHM, AMZ_DATE, TERMINATOR, SignedRequest, parse

__all__ = [
    "GENERAL",
    "GLOBAL_REGION",
    "S3",
    "Rules",
    "SignedRequest",
    "check",
    "derive_key",
    "parse",
    "string_to_sign",
    "verify",
]

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
STREAMING_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
STREAMING_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a service accepts. The defaults are those of a service that says nothing: by header, from any region.

    `payload_claims`: values of x-amz-content-sha256 taken in place of the body's hash; a body under a STREAMING claim
    proves itself in `chunked.decode`. `regions`, `services`: allowed in the scope, None for any. `presigned_for`: how
    long a signature in the query holds, whatever it says itself; None for as long as it says, and it must say.
    `plus_is_space`: in the query; whoever says so must read the query in the same way.
    """

    regions: frozenset[str] | None = None
    services: frozenset[str] | None = None
    window: timedelta = timedelta(minutes=5)
    presigned: bool = False
    presigned_for: timedelta | None = None
    normalise_path: bool = True
    plus_is_space: bool = False
    payload_claims: frozenset[str] = frozenset()


GLOBAL_REGION = "aws-global"
"""What the SDK for Java calls the region of services that are not of one; it signs so for an endpoint of one's own."""
GENERAL = Rules(presigned=True)
"""What the functions here go by when no service's rules are given: both forms of the signature."""
S3 = Rules(
    services=frozenset({"s3"}),
    window=timedelta(minutes=15),
    presigned=True,
    normalise_path=False,
    plus_is_space=True,
    payload_claims=frozenset(
        {UNSIGNED_PAYLOAD, STREAMING_SIGNED, STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER}
    ),
)


Sent = str | bytes


def verify(
    method: str,
    raw_path: Sent,
    query: Sent | None,
    headers: Sequence[tuple[Sent, Sent]],
    body: Sent | None,
    secret_for: Callable[[str], str],
    now: datetime,
    *,
    rules: Rules = GENERAL,
) -> str:
    """The request as received -> the access key id that signed it.

    What was received is bytes, or their text as UTF-8 with `surrogateescape`; None is nothing. `secret_for` gives a key's
    secret or raises; a key with an empty secret is none. Raises the refusals of `parse` and `check`.
    """
    signed = parse(method, _text(raw_path), _text(query), [(_text(name), _text(value)) for name, value in headers])
    _check_claims(signed, now, rules)
    secret = secret_for(signed.access_key_id)
    if not secret:
        raise UnknownAccessKey
    content = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body or b""
    _check_signature(signed, derive_key(secret, signed.date, signed.region, signed.service), content, rules)
    return signed.access_key_id


def _text(sent: Sent | None) -> str:
    return sent.decode("utf-8", "surrogateescape") if isinstance(sent, bytes) else sent or ""


def check(signed: SignedRequest, signing_key: bytes, body: bytes, now: datetime, *, rules: Rules = GENERAL) -> None:
    """Raises unless the claims hold now under `rules` and the signature was made with `signing_key`.

    Raises PresignedNotAccepted, ScopeMismatch, SignatureExpired, SignatureNotYetCurrent, PayloadHashMismatch,
    IncompleteSignature (text that has no bytes) or SignatureMismatch.
    """
    _check_claims(signed, now, rules)
    _check_signature(signed, signing_key, body, rules)


def derive_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service; it cannot be turned back into the secret."""
    key = hmac.digest(f"AWS4{secret}".encode(), date.encode(), "sha256")
    key = hmac.digest(key, region.encode(), "sha256")
    key = hmac.digest(key, service.encode(), "sha256")
    return hmac.digest(key, TERMINATOR.encode(), "sha256")


def string_to_sign(signed: SignedRequest, canonical_request: bytes) -> bytes:
    """Algorithm, time, scope and the hash of the canonical request."""
    digest = hashlib.sha256(canonical_request).hexdigest()
    return f"{ALGORITHM}\n{signed.amz_date}\n{signed.scope}\n{digest}".encode()


def canonical_requests(signed: SignedRequest, payload_hash: str, rules: Rules) -> Iterator[bytes]:
    """The canonical request, and further spellings of it where clients are known to differ (see `canonical`)."""
    tail = f"{signed.canonical_headers}\n{signed.signed_headers}\n{payload_hash}"
    for path in canonical.paths(signed.raw_path, normalise=rules.normalise_path):
        for query in canonical.queries(signed.query, plus_is_space=rules.plus_is_space):
            yield f"{signed.method}\n{path}\n{query}\n{tail}".encode("utf-8", "surrogateescape")


def _check_claims(signed: SignedRequest, now: datetime, rules: Rules) -> None:
    if signed.expires_s is not None and not rules.presigned:
        raise PresignedNotAccepted
    _check_scope(signed, rules)
    age = now - signed.requested_at
    longest = rules.window if signed.expires_s is None else _presigned_for(signed.expires_s, rules)
    if age > longest:
        raise SignatureExpired(
            f"Signature expired: {signed.amz_date} is now earlier than {_shown(now - longest)} "
            f"({_shown(now)} - {_minutes(longest)} min.)"
        )
    if -age > rules.window:
        raise SignatureNotYetCurrent(
            f"Signature not yet current: {signed.amz_date} is still later than {_shown(now + rules.window)} "
            f"({_shown(now)} + {_minutes(rules.window)} min.)"
        )


def _presigned_for(expires_s: int, rules: Rules) -> timedelta:
    if rules.presigned_for is not None:
        return rules.presigned_for
    if not expires_s:
        raise IncompleteSignature("AWS query-string parameters must include 'X-Amz-Expires'.")
    return timedelta(seconds=expires_s)


def _check_scope(signed: SignedRequest, rules: Rules) -> None:
    wrong = ""
    if rules.regions is not None and signed.region not in rules.regions:
        wrong += f"Credential should be scoped to a valid region, not '{signed.region}'. "
    if rules.services is not None and signed.service not in rules.services:
        allowed = "' or '".join(sorted(rules.services))
        wrong += f"Credential should be scoped to correct service: '{allowed}'. "
    if signed.date != signed.amz_date[:8]:
        wrong += (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{signed.date}' != '{signed.amz_date[:8]}', from '{signed.amz_date}'."
        )
    if wrong:
        raise ScopeMismatch(wrong)


def _check_signature(signed: SignedRequest, signing_key: bytes, body: bytes, rules: Rules) -> None:
    payload_hash = _payload_hash(signed, body, rules)
    try:
        for request in canonical_requests(signed, payload_hash, rules):
            computed = hmac.digest(signing_key, string_to_sign(signed, request), "sha256").hex()
            if hmac.compare_digest(computed, signed.signature):
                return
    except UnicodeEncodeError:
        raise IncompleteSignature("The request holds text that cannot have been sent.") from None
    raise SignatureMismatch


def _payload_hash(signed: SignedRequest, body: bytes, rules: Rules) -> str:
    """The last line of the canonical request: the hash computed here, or a claim that the rules accept in its place."""
    claim = signed.payload_claim
    if claim is None:
        if signed.expires_s is not None and UNSIGNED_PAYLOAD in rules.payload_claims:
            return UNSIGNED_PAYLOAD
        return hashlib.sha256(body).hexdigest()
    if claim in rules.payload_claims:
        return claim
    computed = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(computed.encode(), claim.encode("utf-8", "replace")):
        raise PayloadHashMismatch
    return computed


def _shown(at: datetime) -> str:
    return at.strftime(AMZ_DATE)


def _minutes(span: timedelta) -> str:
    return f"{span / timedelta(minutes=1):.4g}"
