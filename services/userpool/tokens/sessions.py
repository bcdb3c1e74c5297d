"""The life of a sign-in: its session row, and what it is worth when a token of it comes back. Pure."""

from datetime import datetime, timedelta
from enum import Enum, auto

from services.userpool.directory.user import User
from services.userpool.errors import USER_DISABLED, NotAuthorized, PasswordResetRequired
from services.userpool.tokens.refresh_token import RefreshToken
from services.userpool.tokens.store import Session
from shared.refusal import Refusal


class Standing(Enum):
    """What a refresh token is in its family."""

    CURRENT = auto()
    IN_GRACE = auto()  # rotated a moment ago; the one who holds it may not have got the next one
    REUSED = auto()


def new_session(
    token: RefreshToken, *, pool_id: str, client_id: str, sub: str, epoch: int, now: datetime, ttl_s: int
) -> Session:
    """Gives the row of a sign-in that is finished at `now`."""
    return Session(
        pool_id=pool_id,
        origin_jti=token.origin_jti,
        client_id=client_id,
        sub=sub,
        epoch=epoch,
        auth_time=now.timestamp(),
        expires_at=(now + timedelta(seconds=ttl_s)).timestamp(),
        token_hash=token.hash,
    )


def refusal_of(user: User) -> Refusal | None:
    """Why nothing that the user was handed is good now, or None (R8).

    Both errors are documented for the calls that take an access token and for refreshes.
    """
    if not user.enabled:
        return NotAuthorized(USER_DISABLED)
    if user.status == "RESET_REQUIRED":
        return PasswordResetRequired("Password reset required for the user")
    return None


def standing(session: Session, token: RefreshToken, now: datetime) -> Standing:
    """Says whether `token`, which is one of this session's, is the current one (R9)."""
    if token.hash == session.token_hash:  # both are keyed hashes: nothing to learn from the time this takes
        return Standing.CURRENT
    grace = session.previous_until is not None and now.timestamp() < session.previous_until
    return Standing.IN_GRACE if grace and token.hash == session.previous_hash else Standing.REUSED
