"""Refresh tokens: opaque, and recognised as ours without a look into the database. Pure.

The 72 bytes are: session (16) | key id (4) | turn (4) | secret (32) | MAC over all that (16). The database keeps a keyed
hash of the whole. The next token of a family is derived from the one before it, so that two callers who rotate the
same token within the grace period get the same next one; without the key nobody can take that step.
A token with a good MAC that is not the current one was handed out earlier: reuse (R9).
"""

import base64
import binascii
import hmac
from typing import Final

import msgspec

from services.userpool.errors import NotAuthorized
from shared.seal import Derived

SECRET_BYTES: Final = 32
_LENGTH: Final = 96
_BODY, _MAC = 56, 16
_STANDARD: Final = bytes.maketrans(b"-_+/", b"+/--")  # the other alphabet's two characters are none of ours


class RefreshToken(msgspec.Struct, frozen=True):
    """A token that was ours when it was handed out. `hash` is what the session's row is compared with."""

    text: str
    origin_jti: str
    turn: int
    hash: bytes


class RefreshTokens:
    """Makes and recognises refresh tokens."""

    def __init__(self, keys: Derived[bytes]) -> None:
        """`keys`: the installation's, for this purpose."""
        self._keys = keys

    def first(self, origin_jti: str, secret: bytes) -> RefreshToken:
        """Makes the first token of a session. `secret`: SECRET_BYTES random bytes, used once."""
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a refresh token needs exactly {SECRET_BYTES} random bytes")
        return self._made(bytes.fromhex(origin_jti.replace("-", "")), 0, secret, *self._keys.newest())

    def following(self, token: RefreshToken) -> RefreshToken:
        """Makes the token that follows `token`; the same one each time, so under the key of the family's first.

        Raises NotAuthorized.
        """
        raw = base64.urlsafe_b64decode(token.text)
        key = self._keys.find(raw[16:20])
        if key is None:  # retired this very moment
            raise NotAuthorized("Invalid Refresh Token.")
        return self._made(raw[:16], token.turn + 1, hmac.digest(key, b"next" + raw, "sha256"), raw[16:20], key)

    def find(self, text: str) -> RefreshToken | None:
        """Gives the token, or None for a text that was never one of ours."""
        if len(text) != _LENGTH:
            return None
        try:
            raw = binascii.a2b_base64(text.encode().translate(_STANDARD), strict_mode=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        key = self._keys.find(raw[16:20])
        if key is None or not hmac.compare_digest(_mac(key, raw[:_BODY]), raw[_BODY:]):
            return None
        return RefreshToken(text, _uuid(raw), int.from_bytes(raw[20:24], "big"), _stored(key, raw))

    def _made(self, session: bytes, turn: int, secret: bytes, key_id: bytes, key: bytes) -> RefreshToken:
        body = session + key_id + turn.to_bytes(4, "big") + secret
        raw = body + _mac(key, body)
        return RefreshToken(base64.urlsafe_b64encode(raw).decode(), _uuid(raw), turn, _stored(key, raw))


def _uuid(raw: bytes) -> str:
    text = raw[:16].hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _stored(key: bytes, raw: bytes) -> bytes:
    """What the database keeps of a token."""
    return hmac.digest(key, b"stored" + raw, "sha256")


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"ours" + body, "sha256")[:_MAC]
