"""The one way an access token is verified (R4): known key, signature, issuer, use, time, in this order."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from services.userpool.errors import NotAuthorized
from services.userpool.tokens.keys import SigningKey, Use, encode
from shared.checked import Checked

INVALID: Final = "Invalid Access Token"
_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()


class AccessClaims(msgspec.Struct, frozen=True, gc=False):
    """What an access token of ours says, as far as operations ask."""

    sub: str
    iss: str
    client_id: str
    event_id: str
    token_use: str
    scope: str
    exp: int
    origin_jti: str | None = None


class AccessToken(msgspec.Struct, frozen=True, gc=False):
    """An access token that was verified: only this module makes one. `origin_jti` is its sign-in, as either claim has it."""

    pool_id: str
    sub: str
    client_id: str
    origin_jti: str
    scopes: frozenset[str]


_DECODER: Final = msgspec.json.Decoder(AccessClaims)
_CHECKED: Final[Checked[SigningKey, AccessClaims]] = Checked()


def verify_access_token(
    token: str, key_for: Callable[[str], SigningKey | None], base: str, now: datetime
) -> AccessToken:
    """Opens an access token. `key_for` gives the key of an encoded header; `base` is what issuers begin with.

    Raises NotAuthorized. Whether the session behind it still lives is asked by `signed_in`.
    """
    header, _, rest = token.partition(".")
    key = key_for(header)
    if key is None or key.use is not Use.ACCESS:
        raise NotAuthorized(INVALID)
    claims = _CHECKED.find(token, key)
    if claims is None:
        claims = _signed_claims(header, rest, key)
        _CHECKED.keep(token, key, claims)
    if claims.token_use != Use.ACCESS or claims.iss != issuer(base, key.pool_id):
        raise NotAuthorized(INVALID)
    if now.timestamp() >= claims.exp:
        raise NotAuthorized("Access Token has expired")
    sign_in = claims.event_id if claims.origin_jti is None else claims.origin_jti
    return AccessToken(key.pool_id, claims.sub, claims.client_id, sign_in, frozenset(claims.scope.split()))


def _signed_claims(header: str, rest: str, key: SigningKey) -> AccessClaims:
    """What `key` signed. Raises NotAuthorized."""
    payload, _, signature = rest.partition(".")
    try:
        key.public.verify(_bytes(signature), f"{header}.{payload}".encode(), _PADDING, _HASH)
        return _DECODER.decode(_bytes(payload))
    except (InvalidSignature, ValueError) as error:
        raise NotAuthorized(INVALID) from error


def issuer(base: str, pool_id: str) -> str:
    """Gives the issuer of a pool's tokens, to the character."""
    return f"{base}/{pool_id}"


def _bytes(text: str) -> bytes:
    """Decodes base64url; another spelling of the same bytes is refused, so that no altered token is good (R5)."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if encode(raw) != text:
        raise ValueError("not canonical base64url")
    return raw
