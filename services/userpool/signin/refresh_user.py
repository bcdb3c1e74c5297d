"""Whose refresh token it is, for the sake of SECRET_HASH: clients hash the user name, the sub or an alias."""

from services.userpool.directory import store as directory
from services.userpool.errors import NotAuthorized
from services.userpool.signin.entrance import Entrance
from services.userpool.tokens import store as tokens
from services.userpool.tokens.flow import INVALID
from services.userpool.tokens.refresh_token import RefreshTokens


def names_behind(entrance: Entrance, refresh_token: str) -> set[str]:
    """Gives the names of the token's user. Raises NotAuthorized for a token that has none."""
    token = entrance.context.part(RefreshTokens).find(refresh_token)
    if token is None:
        raise NotAuthorized(INVALID)
    with entrance.context.sql.read() as tx:
        session = tokens.find_session(tx, entrance.pool.id, token.origin_jti)
        user = None if session is None else directory.find_user_by_sub(tx, entrance.pool.id, session.sub)
    if user is None:
        raise NotAuthorized(INVALID)
    aliases = (user.attributes.get(name) for name in ("email", "phone_number", "preferred_username"))
    given = entrance.sent.get("USERNAME")
    return {user.sub, user.username, *(alias for alias in aliases if alias), *([given] if given else [])}
