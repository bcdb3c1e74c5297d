"""Temporary credentials: minted and opened, never stored (R27).

The session token is the sealed claims, bound to its access key id; the secret is an HMAC of that id under a key that
follows from the same master key. Whoever has the database has no credentials; whoever has a token cannot alter it.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from shared import ids
from shared.guard.caller import ContextValue
from shared.guard.refusals import ExpiredToken, UnknownAccessKey
from shared.seal import ID_BYTES, BrokenSeal, Keys
from shared.secret import Secret

Kind = Literal["root", "user", "role"]
_PURPOSE = "temporary credentials"
_SECRETS = "temporary secrets"


class Claims(msgspec.Struct, frozen=True, array_like=True, gc=False, omit_defaults=True):
    """What a session is. Facts that can change (the role's policies, its very existence) are not in it.

    `principal_id`: unique id of the role or user, the account for root. `name`: of the role session, or of the user.
    `inline` and `policy_arns` are the session policies; a `guest` carries the guests' scope-down beside them.
    """

    kind: Kind
    account: str
    principal_id: str
    name: str
    issued_at: int
    expires_at: int
    inline: str | None = None
    policy_arns: tuple[str, ...] = ()
    guest: bool = False
    tags: dict[str, str] = {}
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    mfa: bool = False
    chain_depth: int = 0
    provider: str | None = None
    provider_keys: Mapping[str, ContextValue] = {}
    padding: bytes = b""

    @property
    def has_session_policies(self) -> bool:
        """Whether the session's rights are cut down by policies of its own."""
        return self.inline is not None or bool(self.policy_arns) or self.guest


class Credentials(msgspec.Struct, frozen=True):
    """What is handed out, once."""

    access_key_id: str
    secret: Secret
    session_token: str
    expires_at: datetime


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Claims)


def mint(keys: Keys, claims: Claims, *, least_size: int = 0) -> Credentials:
    """New temporary credentials for what `claims` says; the token has at least `least_size` characters."""
    access_key_id = ids.unique_id("ASIA")
    plain = _ENCODER.encode(claims)
    if least_size > (len(plain) * 4) // 3:
        plain = _ENCODER.encode(msgspec.structs.replace(claims, padding=bytes(least_size * 3 // 4 - len(plain))))
    sealed = keys.seal(_PURPOSE).seal(plain, access_key_id.encode())
    return Credentials(
        access_key_id=access_key_id,
        secret=Secret(_secret(keys, sealed, access_key_id)),
        session_token=base64.b64encode(sealed).decode(),
        expires_at=datetime.fromtimestamp(claims.expires_at, UTC),
    )


def open_token(keys: Keys, access_key_id: str, token: str, now: datetime) -> tuple[Claims, Secret]:
    """The session behind a temporary key, and the key's secret. Raises UnknownAccessKey or ExpiredToken.

    Only the exact text that was handed out opens (R5).
    """
    try:
        sealed = base64.b64decode(token.encode("ascii"), validate=True)
        if base64.b64encode(sealed).decode() != token:
            raise UnknownAccessKey
        claims = _DECODER.decode(keys.seal(_PURPOSE).open(sealed, access_key_id.encode("ascii")))
    except (BrokenSeal, ValueError):
        raise UnknownAccessKey from None
    if now.timestamp() >= claims.expires_at:
        raise ExpiredToken
    return claims, Secret(_secret(keys, sealed, access_key_id))


def _secret(keys: Keys, sealed: bytes, access_key_id: str) -> str:
    """The secret that belongs to a key, under the master key that sealed its token. Raises UnknownAccessKey."""
    key = keys.derived(_SECRETS).find(sealed[:ID_BYTES])
    if key is None:  # retired this very moment
        raise UnknownAccessKey
    return base64.b64encode(hmac.digest(key, access_key_id.encode(), "sha256")[:30]).decode()
