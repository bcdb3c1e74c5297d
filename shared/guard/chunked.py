"""Bodies in the aws-chunked encoding, as SDKs send them to S3: chunks, signed or not, then perhaps trailing checksums.

AWS: Signature calculations for the Authorization header, Transferring payload in multiple chunks; Including trailing
headers. Each chunk's signature covers the one before it, from the seed in the Authorization header to the trailer.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.guard import checksum
from shared.guard.refusals import MalformedChunks, SignatureMismatch
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv4 import STREAMING_SIGNED, STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER

_EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
_LONGEST_CHUNK_LINE: Final = 256
_HEX_DIGITS: Final = b"0123456789abcdefABCDEF"
_MOST_DIGITS: Final = 12
_LONGEST_TRAILER: Final = 8192
_MOST_TRAILERS: Final = 16
_TRAILER_SIGNATURE: Final = "x-amz-trailer-signature"
_CHUNK_SIGNATURE: Final = b"chunk-signature="


@dataclass(frozen=True, slots=True)
class DecodedBody:
    """The body that was meant, and the trailing headers that came after it (lower-case names, checksums verified)."""

    data: bytes
    trailers: Mapping[str, str]


def is_chunked(signed: SignedRequest) -> bool:
    """Whether the payload claim says that the body comes in chunks."""
    return signed.payload_claim in {STREAMING_SIGNED, STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER}


def decode(signed: SignedRequest, signing_key: bytes, headers: Mapping[str, str], body: bytes) -> DecodedBody:
    """The body on the wire -> the body that was meant, once `sigv4.check` has accepted the request's own signature.

    `headers` (lower-case names) give x-amz-decoded-content-length and x-amz-trailer. Raises MalformedChunks,
    SignatureMismatch (of a chunk or the trailer), InvalidChecksum or ChecksumMismatch.
    """
    claim = signed.payload_claim
    if not is_chunked(signed):
        raise MalformedChunks("The x-amz-content-sha256 header does not announce a body in chunks.")
    announced = _announced(headers) if claim in {STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER} else ()
    chain = None if claim == STREAMING_UNSIGNED_TRAILER else _Chain(signed, signing_key)
    data, at = _read_chunks(body, chain, _decoded_length(headers))
    if announced:
        trailers = _read_trailers(body[at:], chain, announced)
    else:
        trailers = {}
        if body[at:] not in {b"", b"\r\n"}:
            raise MalformedChunks("There is more after the last chunk, and no trailer was announced.")
    for name, value in trailers.items():
        if name.startswith(checksum.PREFIX):
            checksum.check(name, value, data)
    return DecodedBody(data, trailers)


class _Chain:
    """The signatures of one body: each is computed over the one before it."""

    def __init__(self, signed: SignedRequest, signing_key: bytes) -> None:
        self._key = signing_key
        self._head = f"{signed.amz_date}\n{signed.scope}"
        self._previous = signed.signature

    def check_chunk(self, data: bytes, given: bytes) -> None:
        """Raises SignatureMismatch unless `given` signs the next chunk."""
        hashed = f"{_EMPTY_SHA256}\n{hashlib.sha256(data).hexdigest()}"
        self._check("AWS4-HMAC-SHA256-PAYLOAD", hashed, given)

    def check_trailer(self, canonical: bytes, given: bytes) -> None:
        """Raises SignatureMismatch unless `given` signs the trailing headers in their canonical form."""
        self._check("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(canonical).hexdigest(), given)

    def _check(self, algorithm: str, hashed: str, given: bytes) -> None:
        text = f"{algorithm}\n{self._head}\n{self._previous}\n{hashed}"
        computed = hmac.digest(self._key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(computed.encode(), given):
            raise SignatureMismatch
        self._previous = computed


def _announced(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The names in x-amz-trailer. Checksums that cannot be verified are refused here by name."""
    names = tuple(name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",") if name.strip())
    if not names or len(names) > _MOST_TRAILERS or len(set(names)) != len(names):
        raise MalformedChunks("The x-amz-trailer header must name the trailing headers, each of them once.")
    for name in names:
        checksum.algorithm_of(name)
    return names


def _decoded_length(headers: Mapping[str, str]) -> int:
    text = headers.get("x-amz-decoded-content-length", "").strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise MalformedChunks("You must provide the x-amz-decoded-content-length HTTP header.")
    return int(text)


def _read_chunks(body: bytes, chain: _Chain | None, expected: int) -> tuple[bytes, int]:
    """The data of all chunks, and where in the body the line of the last, empty chunk ends."""
    pieces: list[bytes] = []
    total = at = 0
    while True:
        end = body.find(b"\r\n", at, at + _LONGEST_CHUNK_LINE)
        if end < 0:
            raise MalformedChunks("The line before a chunk is incomplete.")
        size, signature = _chunk_line(body[at:end], signed=chain is not None)
        at = end + 2
        data = body[at : at + size]
        total += size
        if total > expected or len(data) != size:
            raise MalformedChunks("The chunks do not add up to x-amz-decoded-content-length.")
        if chain is not None:
            chain.check_chunk(data, signature)
        if size == 0:
            break
        if body[at + size : at + size + 2] != b"\r\n":
            raise MalformedChunks("A chunk does not end with a line break.")
        pieces.append(data)
        at += size + 2
    if total != expected:
        raise MalformedChunks("The chunks do not add up to x-amz-decoded-content-length.")
    return b"".join(pieces), at


def _chunk_line(line: bytes, *, signed: bool) -> tuple[int, bytes]:
    """`<hex size>` or `<hex size>;chunk-signature=<hex>`."""
    digits, semicolon, extension = line.partition(b";")
    if not digits or len(digits) > _MOST_DIGITS or digits.strip(_HEX_DIGITS):
        raise MalformedChunks("The size of a chunk is not a hexadecimal number.")
    if signed != extension.startswith(_CHUNK_SIGNATURE) or (semicolon and not signed):
        raise MalformedChunks("Chunks carry a signature if, and only if, x-amz-content-sha256 says that they do.")
    return int(digits, 16), extension.removeprefix(_CHUNK_SIGNATURE)


def _read_trailers(text: bytes, chain: _Chain | None, announced: tuple[str, ...]) -> dict[str, str]:
    """The announced trailing headers, no others and none missing. Blank lines between them are how some clients write."""
    if len(text) > _LONGEST_TRAILER or not text.isascii() or not text.endswith(b"\n"):
        raise MalformedChunks("The trailing headers are too long, incomplete or not ASCII.")
    found: dict[str, str] = {}
    for line in text.decode().replace("\r", "\n").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            if name.strip().lower() in found:
                raise MalformedChunks("A trailing header is given twice.")
            found[name.strip().lower()] = value.strip()
        elif line:
            raise MalformedChunks("A trailing header has no colon.")
    signature = found.pop(_TRAILER_SIGNATURE, None)
    if found.keys() != set(announced) or (signature is None) != (chain is None):
        raise MalformedChunks("The trailing headers are not those that x-amz-trailer announced.")
    if chain is not None and signature is not None:
        canonical = "".join(f"{name}:{found[name]}\n" for name in sorted(found))
        chain.check_trailer(canonical.encode(), signature.encode())
    return found
