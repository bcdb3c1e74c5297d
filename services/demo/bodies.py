"""The body that was meant: out of its chunks, of a size that is taken, its checksums verified (Amazon S3 User Guide)."""

import hashlib
from typing import Final

from services.demo.refusals import EntityTooLarge
from shared.guard import checksum, chunked
from shared.guard.refusals import PayloadHashMismatch
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv4 import UNSIGNED_PAYLOAD
from shared.web import HttpRequest

MOST_BYTES: Final = 64 << 20
_NO_VALUE: Final = frozenset(f"{checksum.PREFIX}{name}" for name in ("algorithm", "mode", "type"))


def is_checksum(header: str) -> bool:
    """Whether the header carries a checksum; `x-amz-checksum-algorithm` and kin only speak of one."""
    return header.startswith(checksum.PREFIX) and header not in _NO_VALUE


def body_of(
    request: HttpRequest, signed: SignedRequest | None, signing_key: bytes, *, checksum_of_body: bool
) -> tuple[bytes, str]:
    """The body and its checksum as `algorithm:value`, empty where none came with it.

    `signed`: None for a URL of signature version 2, which knows no chunks. `checksum_of_body`: False where the header
    speaks of the object and not of this body. Raises EntityTooLarge, MalformedChunks, SignatureMismatch,
    PayloadHashMismatch, InvalidChecksum or ChecksumMismatch.
    """
    headers, body, trailers = dict(request.named), request.body, dict[str, str]()
    if signed is None:
        _check_plain(headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD), body)
    elif chunked.is_chunked(signed):
        decoded = chunked.decode(signed, signing_key, headers, body)
        body, trailers = decoded.data, dict(decoded.trailers)
    if len(body) > MOST_BYTES:
        raise EntityTooLarge(ProposedSize=str(len(body)), MaxSizeAllowed=str(MOST_BYTES))
    if not checksum_of_body:
        headers = {name: value for name, value in headers.items() if not is_checksum(name)}
    checksum.check_headers(headers, body)
    found = [(name, value) for name, value in (headers | trailers).items() if is_checksum(name)]
    return body, ":".join((checksum.algorithm_of(found[0][0]), found[0][1].strip())) if found else ""


def _check_plain(claim: str, body: bytes) -> None:
    if claim not in {UNSIGNED_PAYLOAD, hashlib.sha256(body).hexdigest()}:
        raise PayloadHashMismatch
