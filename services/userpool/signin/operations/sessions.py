"""The calls on sessions that exist: refresh, revoke, sign out; and what a signed-in user may see and do."""

from services.userpool.clients import store as clients
from services.userpool.clients.secret_hash import check_client_secret
from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.shown import attributes_shown
from services.userpool.errors import (
    TOO_MANY_ATTEMPTS,
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    PasswordResetRequired,
    ResourceNotFound,
    Unauthorized,
    UnsupportedOperation,
    UnsupportedTokenType,
)
from services.userpool.passwords.lockout import after_success, may_attempt
from services.userpool.passwords.verifier import Vault, matches
from services.userpool.pools import store as pools
from services.userpool.pools.resource import by_user, of_pool
from services.userpool.service import cognito_idp
from services.userpool.signin.entrance import Entrance
from services.userpool.signin.flow import count_failure
from services.userpool.signin.new_password import new_password, store_password
from services.userpool.signin.operations.sign_in import OFF, shown_tokens
from services.userpool.signin.person import person_again
from services.userpool.tokens import store as tokens
from services.userpool.tokens.flow import Signer, refresh, revoke_family
from services.userpool.tokens.refresh_token import RefreshTokens
from services.userpool.tokens.signed_in import SignedIn, client_and_user, signed_in, still_signed_in
from shared.aws.api import cognito_idp as api


@cognito_idp.operation()
def get_tokens_from_refresh_token(
    call: Call, request: api.GetTokensFromRefreshTokenRequest
) -> api.GetTokensFromRefreshTokenResponse:
    """New tokens for a refresh token; where the client rotates, a new refresh token with them."""
    if request.device_key is not None:
        raise InvalidParameter("DeviceKey is not supported yet.")
    with call.context.sql.read() as tx:
        client, pool = clients.client_and_pool(tx, call.context.keys, request.client_id)
    check_client_secret(client.id, client.secrets, request.client_secret)
    if not client.refreshes:
        raise InvalidParameter(OFF)
    try:
        handed = refresh(Signer(call.context, client, pool, call.now), request.refresh_token)
    except PasswordResetRequired as refusal:  # this operation does not know that error
        raise NotAuthorized(refusal.message) from None
    return api.GetTokensFromRefreshTokenResponse(authentication_result=shown_tokens(handed))


@cognito_idp.operation()
def revoke_token(call: Call, request: api.RevokeTokenRequest) -> api.RevokeTokenResponse:
    """Ends the session of a refresh token. An unknown token is as good as revoked (RFC 7009 2.2)."""
    if request.revoke_associated_sessions == "LINKED":
        raise InvalidParameter("RevokeAssociatedSessions LINKED is not supported yet.")
    context = call.context
    try:
        with context.sql.read() as tx:
            client, pool = clients.client_and_pool(tx, context.keys, request.client_id)
        check_client_secret(client.id, client.secrets, request.client_secret)
    except (ResourceNotFound, NotAuthorized) as error:
        raise Unauthorized(error.message) from None
    if not client.revocation_enabled:
        raise UnsupportedOperation("Token revocation is not enabled for this client.")
    token = context.part(RefreshTokens).find(request.token)
    if token is None and "." in request.token:
        raise UnsupportedTokenType("Unsupported token type")
    if token is not None:
        with context.sql.read() as tx:
            session = tokens.find_session(tx, pool.id, token.origin_jti)
        if session is not None and session.client_id != client.id:
            raise Unauthorized("The token was not issued to this client.")
        revoke_family(context, pool.id, request.token, call.now)
    return api.RevokeTokenResponse()


@cognito_idp.operation()
def global_sign_out(call: Call, request: api.GlobalSignOutRequest) -> api.GlobalSignOutResponse:
    """Voids every token the user was handed so far."""
    holder = signed_in(call, request.access_token)
    with call.write(by_user(call, holder.pool, holder.user.sub)) as tx:
        directory.raise_session_epoch(tx, still_signed_in(tx, holder))
    return api.GlobalSignOutResponse()


@cognito_idp.operation(resource=of_pool)
def admin_user_global_sign_out(
    call: Call, request: api.AdminUserGlobalSignOutRequest
) -> api.AdminUserGlobalSignOutResponse:
    """Voids every token the user was handed so far."""
    with call.write() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
        directory.raise_session_epoch(tx, directory.user_to_change(tx, pool, request.username))
    return api.AdminUserGlobalSignOutResponse()


@cognito_idp.operation(in_place=True)
def get_user(call: Call, request: api.GetUserRequest) -> api.GetUserResponse:
    """The user's name, and the attributes that the client may read."""
    client, user = client_and_user(call, request.access_token)
    readable = {name: value for name, value in user.attributes.items() if client.readable(name)}
    return api.GetUserResponse(username=user.username, user_attributes=attributes_shown(user.sub, readable))


@cognito_idp.operation()
def delete_user(call: Call, request: api.DeleteUserRequest) -> api.DeleteUserResponse:
    """The user removes themselves, with all that belongs to them."""
    holder = signed_in(call, request.access_token)
    with call.write(by_user(call, holder.pool, holder.user.sub)) as tx:
        directory.remove_user(tx, still_signed_in(tx, holder))
    return api.DeleteUserResponse()


@cognito_idp.operation()
def change_password(call: Call, request: api.ChangePasswordRequest) -> api.ChangePasswordResponse:
    """A new password for someone who has proved the old one."""
    holder = signed_in(call, request.access_token)
    _prove(call, holder, request.previous_password)
    record = new_password(call.context, holder.pool, holder.user, request.proposed_password, member="proposedPassword")
    with call.write(by_user(call, holder.pool, holder.user.sub)) as tx:
        user = still_signed_in(tx, holder)
        if not may_attempt(user.lockout, call.now):
            raise LimitExceeded(TOO_MANY_ATTEMPTS)
        store_password(tx, holder.pool, user, record, call.now)
        if after_success(user.lockout) is not user.lockout:
            directory.set_lockout(tx, user, after_success(user.lockout))
    return api.ChangePasswordResponse()


def _prove(call: Call, holder: SignedIn, previous: str | None) -> None:
    """Raises LimitExceeded during a lock, NotAuthorized for a wrong password. A user without one has none to prove."""
    user = holder.user
    if user.password is None:
        return
    if previous is None:
        raise InvalidParameter("Missing required parameter PreviousPassword")
    if not may_attempt(user.lockout, call.now):
        raise LimitExceeded(TOO_MANY_ATTEMPTS)
    if matches(call.context.part(Vault), user.password, user.owner, previous):
        return
    with call.context.sql.read() as tx:
        person = person_again(call.context, tx, holder.pool, user.sub, user.username, typed=user.username)
    raise count_failure(Entrance(call, holder.client, holder.pool, {}), person)


@cognito_idp.operation(resource=of_pool)
def admin_set_user_password(call: Call, request: api.AdminSetUserPasswordRequest) -> api.AdminSetUserPasswordResponse:
    """A permanent password confirms the user; any other has to be changed at the next sign-in."""
    with call.context.sql.read() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = directory.user_named(tx, pool, request.username)
    record = new_password(call.context, pool, user, request.password)
    with call.write() as tx:
        held = directory.user_to_change(tx, pool, user.sub)
        store_password(
            tx, pool, held, record, call.now, status="CONFIRMED" if request.permanent else "FORCE_CHANGE_PASSWORD"
        )
    return api.AdminSetUserPasswordResponse()
