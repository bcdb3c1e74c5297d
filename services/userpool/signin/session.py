"""A sign-in under way, sealed into what the client carries from call to call (R3). Pure but for the seal.

Bound to pool and client by the seal, and inside to user, proofs, password version and end. The same sealed bytes are
the `Session` and, in an SRP sign-in, the SECRET_BLOCK: some clients send back only the latter.
"""

import base64
import binascii
from datetime import datetime, timedelta

import msgspec

from services.userpool.errors import INVALID_SESSION, InvalidParameter, NotAuthorized
from services.userpool.signin.step import Attempt, Challenge
from shared.seal import BrokenSeal, Keys, as_text, from_text

_PURPOSE = "sign-in"


class Exchange(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The server's side of an SRP exchange; the numbers are big-endian bytes of fixed length."""

    client_public: bytes
    server_public: bytes
    server_secret: bytes


class Asked(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What was asked of whom. `origin_jti` names the sign-in; its session's row will bear it, once. `epoch` is the user's:
    a global sign-out ends a sign-in under way too.
    """

    attempt: Attempt
    challenge: Challenge
    origin_jti: str
    epoch: int
    expires_at: float
    exchange: Exchange | None = None


_DECODER = msgspec.msgpack.Decoder(Asked)


def seal(keys: Keys, asked: Asked) -> bytes:
    """Gives the sealed bytes. Their length says nothing about whether the user exists."""
    owner = _owner(asked.attempt.pool_id, asked.attempt.client_id)
    return keys.seal(_PURPOSE).seal(msgspec.msgpack.encode(asked), owner)


def as_session(sealed: bytes) -> str:
    """Gives the form of the `Session` member."""
    return as_text(sealed)


def expires_at(now: datetime, ttl_s: int) -> float:
    """Gives the end of what is asked at `now`."""
    return (now + timedelta(seconds=ttl_s)).timestamp()


def from_session(session: str | None) -> bytes:
    """Reads the `Session` member. Raises InvalidParameter if it is missing, NotAuthorized if it is none of ours."""
    if not session:
        raise InvalidParameter("Missing required parameter Session")
    try:
        return from_text(session)
    except BrokenSeal:
        raise NotAuthorized(INVALID_SESSION) from None


def from_secret_block(block: str) -> bytes:
    """Reads PASSWORD_CLAIM_SECRET_BLOCK. Raises NotAuthorized if it is none of ours."""
    try:
        sealed = base64.b64decode(block.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthorized(INVALID_SESSION) from None
    if base64.b64encode(sealed).decode() != block:
        raise NotAuthorized(INVALID_SESSION)
    return sealed


def open_asked(
    keys: Keys, sealed: bytes, *, pool_id: str, client_id: str, challenge: Challenge, now: datetime
) -> Asked:
    """Opens what was sealed for this pool, client and challenge. Raises NotAuthorized."""
    try:
        asked = _DECODER.decode(keys.seal(_PURPOSE).open(sealed, _owner(pool_id, client_id)))
    except (BrokenSeal, msgspec.DecodeError):
        raise NotAuthorized(INVALID_SESSION) from None
    if asked.challenge is not challenge:
        raise NotAuthorized(INVALID_SESSION)
    if now.timestamp() >= asked.expires_at:
        raise NotAuthorized("Invalid session for the user, session is expired.")
    return asked


def _owner(pool_id: str, client_id: str) -> bytes:
    return f"{pool_id}\0{client_id}".encode()
