"""A JWT in compact form: read once, its signature checked with one key and one algorithm (RFC 7515, 7519). Pure.

The header says only which key; `alg` must be the one that is expected, and `crit`, `jku`, `jwk`, `x5u` are refused (R4).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm

_HASHES: Final[dict[str, HashAlgorithm]] = {"RS256": SHA256(), "RS512": SHA512()}
_FORBIDDEN: Final = frozenset({"crit", "jku", "jwk", "x5u", "x5c"})
_LONGEST: Final = 20_000


class NotAToken(ValueError):
    """The text is no JWT of the expected kind, or its signature does not hold."""


class _Header(msgspec.Struct):
    """What `key_id_of` reads."""

    kid: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token's parts. Nothing in it is known to be true before `verify`."""

    key_id: str
    algorithm: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def read(token: str) -> Unverified:
    """The parts of a token. Raises NotAToken."""
    if len(token) > _LONGEST or token.count(".") != 2:
        raise NotAToken("not a signed JWT")
    head, body, signature = token.split(".")
    try:
        header = msgspec.json.decode(decoded(head), type=dict[str, Any])
        claims = msgspec.json.decode(decoded(body), type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise NotAToken("its JSON cannot be read") from error
    if not _FORBIDDEN.isdisjoint(header):
        raise NotAToken("its header names a key of its own")
    key_id, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(key_id, str) or not isinstance(algorithm, str):
        raise NotAToken("its header names no key")
    return Unverified(key_id, algorithm, claims, f"{head}.{body}".encode(), decoded(signature))


def key_id_of(token: str) -> str:
    """The key that the header names, and no more. Raises NotAToken."""
    try:
        return msgspec.json.decode(decoded(token.partition(".")[0]), type=_Header).kid
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAToken("its header cannot be read") from error


def verify(token: Unverified, key: RSAPublicKey, algorithm: str) -> None:
    """Raises NotAToken unless `key` signed it with `algorithm`."""
    if token.algorithm != algorithm:
        raise NotAToken("signed with another algorithm")
    try:
        key.verify(token.signature, token.signed, PKCS1v15(), _HASHES[algorithm])
    except InvalidSignature:
        raise NotAToken("the signature does not hold") from None


def sign(header: dict[str, str], claims: dict[str, Any], key: RSAPrivateKey) -> str:
    """A signed token; `header["alg"]` says how."""
    signed = f"{_encoded(msgspec.json.encode(header))}.{_encoded(msgspec.json.encode(claims))}"
    return f"{signed}.{_encoded(key.sign(signed.encode(), PKCS1v15(), _HASHES[header['alg']]))}"


def decoded(text: str) -> bytes:
    """The bytes of base64url text without padding. Raises NotAToken."""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise NotAToken("not base64url") from error


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
