"""A pool's two RS256 keys: one signs id tokens, one access tokens. Pure but for `make_private_key`.

Sources: RFC 7518 6.3 (JWK of RSA), RFC 7638 (thumbprint); developer guide, "Verifying JSON web tokens".
"""

import base64
import hashlib
from binascii import b2a_base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

_BITS: Final = 2048
_EXPONENT: Final = 65537
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


class Use(StrEnum):
    """What a key signs."""

    ID = "id"
    ACCESS = "access"


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """One key, loaded once. `header` is the encoded JOSE header of every token it signs."""

    pool_id: str
    use: Use
    kid: str
    private: rsa.RSAPrivateKey
    public: rsa.RSAPublicKey
    header: str


@dataclass(frozen=True, slots=True, eq=False)
class PoolKeys:
    """The keys that sign a pool's tokens now."""

    id: SigningKey
    access: SigningKey


def make_private_key() -> rsa.RSAPrivateKey:
    """Makes an RSA-2048 key; some 40 ms, during which other threads run."""
    return rsa.generate_private_key(_EXPONENT, _BITS)


def signing_key(pool_id: str, use: Use, private: rsa.RSAPrivateKey) -> SigningKey:
    """Gives the key as tokens are signed by it. Its `kid` is its thumbprint."""
    public = private.public_key()
    kid = _thumbprint(public)
    header = encode(msgspec.json.encode({"kid": kid, "alg": "RS256"}))
    return SigningKey(pool_id, use, kid, private, public, header)


def to_bytes(private: rsa.RSAPrivateKey) -> bytes:
    """Gives the key in DER (PKCS #8), to be sealed."""
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def from_bytes(der: bytes) -> rsa.RSAPrivateKey:
    """Reads what `to_bytes` gave."""
    private = load_der_private_key(der, None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("a signing key is an RSA key")
    return private


def jwk(key: SigningKey) -> dict[str, str]:
    """Gives the public half as clients read it: six members, all text."""
    numbers = key.public.public_numbers()
    return {
        "alg": "RS256",
        "e": _number(numbers.e),
        "kid": key.kid,
        "kty": "RSA",
        "n": _number(numbers.n),
        "use": "sig",
    }


def encode(raw: bytes) -> str:
    """Gives base64url without padding (RFC 7515 2)."""
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()


def _thumbprint(public: rsa.RSAPublicKey) -> str:
    numbers = public.public_numbers()
    members = msgspec.json.encode({"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)})
    return base64.b64encode(hashlib.sha256(members).digest()).decode()  # with its "=", as AWS's kids


def _number(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
