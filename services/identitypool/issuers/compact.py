"""A JWT in compact form: read once, its signature checked with one key and one algorithm (RFC 7515, 7519). Pure.

The header says only which key; `alg` must be the one that is expected, and `crit`, `jku`, `jwk`, `x5u` are refused (R4).
"""

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm

_HASHES: Final[dict[str, HashAlgorithm]] = {"RS256": SHA256(), "RS512": SHA512()}
_FORBIDDEN: Final = frozenset({"crit", "jku", "jwk", "x5u", "x5c"})
_LONGEST: Final = 20_000
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any])
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_PADDING: Final = (b"", b"===", b"==", b"=")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST_LETTERS: Final = (_LETTERS, "", _LETTERS[::16], _LETTERS[::4])
"""With which letter base64url may end, by its length modulo 4: bits that stand for nothing are zero (RFC 4648, 3.5)."""
_RS_PADDING: Final = PKCS1v15()


class NotAToken(ValueError):
    """The text is no JWT of the expected kind, or its signature does not hold."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token's parts. Nothing in it is known to be true before `verify`."""

    key_id: str
    algorithm: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def read(token: str) -> Unverified:
    """The parts of a token. Raises NotAToken, also where only the spelling of the signature was altered (R5)."""
    if len(token) > _LONGEST or token.count(".") != 2:
        raise NotAToken("not a signed JWT")
    head, body, last = token.split(".")
    key_id, algorithm = _header(head)
    claims = _object(body)
    if not last or last[-1] not in _LAST_LETTERS[len(last) & 3] or "+" in last or "/" in last:
        raise NotAToken("its signature is spelled in another way than it was made")
    return Unverified(key_id, algorithm, claims, f"{head}.{body}".encode(), decoded(last))


def key_id_of(token: str) -> str:
    """The key that the header names, and no more. Raises NotAToken."""
    return _header(token[:_LONGEST].partition(".")[0])[0]


@lru_cache(maxsize=256)  # a user pool's tokens differ in all but their header
def _header(head: str) -> tuple[str, str]:
    """Key id and algorithm."""
    header = _object(head)
    if not _FORBIDDEN.isdisjoint(header):
        raise NotAToken("its header names a key of its own")
    key_id, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(key_id, str) or not isinstance(algorithm, str):
        raise NotAToken("its header names no key")
    return key_id, algorithm


def _object(part: str) -> dict[str, Any]:
    try:
        return _OBJECT.decode(decoded(part))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAToken("its JSON cannot be read") from error


def verify(token: Unverified, key: RSAPublicKey, algorithm: str) -> None:
    """Raises NotAToken unless `key` signed it with `algorithm`."""
    if token.algorithm != algorithm:
        raise NotAToken("signed with another algorithm")
    try:
        key.verify(token.signature, token.signed, _RS_PADDING, _HASHES[algorithm])
    except InvalidSignature:
        raise NotAToken("the signature does not hold") from None


def sign(header: dict[str, str], claims: dict[str, Any], key: RSAPrivateKey) -> str:
    """A signed token; `header["alg"]` says how."""
    signed = f"{_encoded(msgspec.json.encode(header))}.{_encoded(msgspec.json.encode(claims))}"
    return f"{signed}.{_encoded(key.sign(signed.encode(), PKCS1v15(), _HASHES[header['alg']]))}"


def decoded(text: str) -> bytes:
    """The bytes of base64url text without padding. Raises NotAToken."""
    try:
        raw = text.encode("ascii").translate(_STANDARD) + _PADDING[len(text) % 4]
        return binascii.a2b_base64(raw, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise NotAToken("not base64url") from error


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
