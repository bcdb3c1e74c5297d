"""From an access token to the signed-in user: the entrance of every self-service operation."""

import msgspec

from services.userpool.clients import store as clients
from services.userpool.clients.client import AppClient
from services.userpool.context import Call
from services.userpool.directory.user import User
from services.userpool.errors import NotAuthorized, ResourceNotFound, UserNotFound
from services.userpool.pools.pool import UserPool
from services.userpool.tokens import store
from services.userpool.tokens.claims import ADMIN_SCOPE
from services.userpool.tokens.key_ring import KeyRing
from services.userpool.tokens.sessions import refusal_of
from services.userpool.tokens.verify import INVALID, AccessToken, verify_access_token
from shared.sql.engine import Tx


class SignedIn(msgspec.Struct, frozen=True):
    """Who holds a good access token. Only this module makes one."""

    token: AccessToken
    client: AppClient
    pool: UserPool
    user: User


def signed_in(call: Call, access_token: str) -> SignedIn:
    """Opens an access token with the scope for self-service, and finds its user as they are now.

    Raises NotAuthorized, UserNotFound for one who was removed since, and PasswordResetRequired. Writes nothing and does
    not wait.
    """
    token = _verified(call, access_token)
    with call.context.sql.read() as tx:
        user = _user(tx, token, hold=False)
        try:
            client, pool = clients.client_and_pool(tx, call.context.keys, token.client_id)
        except ResourceNotFound:
            raise NotAuthorized(INVALID) from None
    return SignedIn(token, client, pool, user)


def client_and_user(call: Call, access_token: str) -> tuple[AppClient, User]:
    """As `signed_in`, for calls that need nothing of the pool: one join less."""
    token = _verified(call, access_token)
    with call.context.sql.read() as tx:
        user = _user(tx, token, hold=False)
        try:
            return clients.client_of_pool(tx, call.context.keys, token.pool_id, token.client_id), user
        except ResourceNotFound:
            raise NotAuthorized(INVALID) from None


def still_signed_in(tx: Tx, holder: SignedIn) -> User:
    """Asks the same again inside the transaction of a change, and holds the user's row until it ends (R8)."""
    return _user(tx, holder.token, hold=True)


def _verified(call: Call, access_token: str) -> AccessToken:
    context = call.context
    base = context.settings.userpool_base
    token = verify_access_token(access_token, context.part(KeyRing).access_key, base, call.now)
    if ADMIN_SCOPE not in token.scopes:
        raise NotAuthorized("Access Token does not have required scopes")
    return token


def _user(tx: Tx, token: AccessToken, *, hold: bool) -> User:
    """The token's user, if the session behind it still lives."""
    found = store.find_holder(tx, token.pool_id, token.origin_jti, token.sub, hold=hold)
    if found is None:
        raise UserNotFound
    user, live = found
    if not live:
        raise NotAuthorized("Access Token has been revoked")
    refusal = refusal_of(user)
    if refusal is not None:
        raise refusal
    return user
