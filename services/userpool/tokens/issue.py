"""Signing. The header is made once for each key; what a token costs is its signature."""

from collections.abc import Mapping
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from services.userpool.tokens.keys import SigningKey, encode

_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()
_ENCODER: Final = msgspec.json.Encoder()


def signed(key: SigningKey, claims: Mapping[str, object]) -> str:
    """Gives the token (RFC 7515 3.1) that says `claims`, signed with RS256."""
    body = f"{key.header}.{encode(_ENCODER.encode(claims))}"
    return f"{body}.{encode(key.private.sign(body.encode(), _PADDING, _HASH))}"
