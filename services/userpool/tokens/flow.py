"""Both tokens of a user who has just signed in or refreshes; and the refresh itself."""

from datetime import UTC, datetime, timedelta

import msgspec

from services.userpool.clients.client import AppClient
from services.userpool.context import Context
from services.userpool.directory import store as directory
from services.userpool.directory.user import Group, User
from services.userpool.errors import NotAuthorized, RefreshTokenReuse
from services.userpool.pools.pool import UserPool
from services.userpool.tokens import claims, issue, store
from services.userpool.tokens.key_ring import KeyRing
from services.userpool.tokens.refresh_token import RefreshToken, RefreshTokens
from services.userpool.tokens.sessions import Standing, refusal_of, standing
from services.userpool.tokens.store import Session
from services.userpool.tokens.verify import issuer
from shared import ids
from shared.sql.engine import Tx

INVALID = "Invalid Refresh Token."
REVOKED = "Refresh Token has been revoked"


class Tokens(msgspec.Struct, frozen=True):
    """What a client is handed. `refresh` is None where the client keeps the one it has."""

    access: str
    id: str
    expires_in: int
    refresh: str | None


class Signer(msgspec.Struct, frozen=True):
    """Whose tokens are signed, for which client, at what time."""

    context: Context
    client: AppClient
    pool: UserPool
    now: datetime

    def sign(
        self, user: User, groups: tuple[Group, ...], *, origin_jti: str, auth_time: datetime, refresh: str | None
    ) -> Tokens:
        """Signs the two tokens. Not to be called inside a transaction."""
        subject = claims.Subject(
            sub=user.sub,
            username=user.username,
            attributes={name: value for name, value in user.attributes.items() if self.client.readable(name)},
            groups=groups,
        )
        occasion = claims.Occasion(
            issuer=issuer(self.context.settings.userpool_base, self.pool.id),
            client_id=self.client.id,
            auth_time=auth_time,
            now=self.now,
            origin_jti=origin_jti,
            event_id=ids.uuid4(),
            revocable=self.client.revocation_enabled,
        )
        keys = self.context.part(KeyRing).keys_of(self.pool.id)
        access = claims.access_claims(subject, occasion, jti=ids.uuid4(), ttl_s=self.client.access_ttl_s)
        identity = claims.id_claims(subject, occasion, jti=ids.uuid4(), ttl_s=self.client.id_ttl_s)
        return Tokens(
            issue.signed(keys.access, access), issue.signed(keys.id, identity), self.client.access_ttl_s, refresh
        )


def refresh(signer: Signer, text: str) -> Tokens:
    """Gives new tokens for a refresh token; groups and attributes are read anew, `auth_time` stays (R9).

    With rotation the client gets a new refresh token and this one ends, at once or after the grace period.
    Raises NotAuthorized, PasswordResetRequired, and RefreshTokenReuse for a token that was rotated before: that one ends
    its whole family.
    """
    try:
        return _refreshed(signer, text)
    except RefreshTokenReuse:
        revoke_family(signer.context, signer.pool.id, text, signer.now)
        raise


def _refreshed(signer: Signer, text: str) -> Tokens:
    """Where nothing was committed since the client was read, session and user need not be read again after signing."""
    token = signer.context.part(RefreshTokens).find(text)
    if token is None:
        raise NotAuthorized(INVALID)
    mark = signer.context.sql.known_mark()
    with signer.context.sql.read() as tx:
        session, user = _session_and_user(tx, signer, token)
        groups = directory.groups_of(tx, signer.pool.id, user.sub)
    following = signer.context.part(RefreshTokens).following(token) if signer.client.rotation.enabled else None
    signed = signer.sign(
        user,
        groups,
        origin_jti=session.origin_jti,
        auth_time=datetime.fromtimestamp(session.auth_time, UTC),
        refresh=None if following is None else following.text,
    )
    if following is not None or mark is None or mark != signer.context.sql.change_mark():
        _hand_over(signer, token, following)
    return signed


def _hand_over(signer: Signer, token: RefreshToken, following: RefreshToken | None) -> None:
    """Asks again whether the session lives, after signing: what was committed meanwhile wins. Rotates."""
    if following is None:
        with signer.context.sql.read() as tx:
            _session_and_user(tx, signer, token)
        return
    with signer.context.sql.write() as tx:
        session, _ = _session_and_user(tx, signer, token)
        if standing(session, token, signer.now) is Standing.IN_GRACE:
            return
        grace_s = signer.client.rotation.grace_s
        # Without grace no time is right: of two calls at once the one that began earlier may come later.
        until = (signer.now + timedelta(seconds=grace_s)).timestamp() if grace_s else None
        rotated = store.rotate(tx, session, following.hash, until)
    if not rotated:
        with signer.context.sql.read() as tx:
            _session_and_user(tx, signer, token)


def _session_and_user(tx: Tx, signer: Signer, token: RefreshToken) -> tuple[Session, User]:
    """The living session that the token belongs to, and its user. Raises as `refresh`."""
    session, user = store.find_session_and_user(tx, signer.pool.id, token.origin_jti) or (None, None)
    if session is None or user is None or session.client_id != signer.client.id:
        raise NotAuthorized(INVALID)
    if session.revoked_at is not None:
        raise NotAuthorized(REVOKED)
    if signer.now.timestamp() >= session.expires_at:
        raise NotAuthorized("Refresh Token has expired")
    if standing(session, token, signer.now) is Standing.REUSED:
        raise RefreshTokenReuse(INVALID)
    if user.session_epoch != session.epoch:  # signed out everywhere
        raise NotAuthorized(REVOKED)
    refusal = refusal_of(user)
    if refusal is not None:
        raise refusal
    return session, user


def revoke_family(context: Context, pool_id: str, text: str, now: datetime) -> None:
    """Ends the session that a refresh token belongs to. Nothing happens for a text that is none of ours."""
    token = context.part(RefreshTokens).find(text)
    if token is not None:
        with context.sql.write() as tx:
            store.revoke_session(tx, pool_id, token.origin_jti, now.timestamp())
