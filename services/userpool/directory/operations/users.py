"""One user, for administrators. Their attributes are changed in `signup`, since a changed address may get a code."""

from services.userpool.context import Call
from services.userpool.directory import store
from services.userpool.directory.shown import shown_alone
from services.userpool.pools.resource import of_pool
from services.userpool.pools.store import pool_of_account
from services.userpool.service import cognito_idp
from shared.aws.api import cognito_idp as api


@cognito_idp.operation(resource=of_pool, in_place=True)
def admin_get_user(call: Call, request: api.AdminGetUserRequest) -> api.AdminGetUserResponse:
    """The user with all attributes."""
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = store.user_named(tx, pool, request.username)
    return shown_alone(user)


@cognito_idp.operation(resource=of_pool)
def admin_delete_user(call: Call, request: api.AdminDeleteUserRequest) -> api.AdminDeleteUserResponse:
    """The user is gone, with names, memberships and sessions."""
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        store.remove_user(tx, store.user_to_change(tx, pool, request.username))
    return api.AdminDeleteUserResponse()


@cognito_idp.operation(resource=of_pool)
def admin_enable_user(call: Call, request: api.AdminEnableUserRequest) -> api.AdminEnableUserResponse:
    """The user may sign in again."""
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = store.user_to_change(tx, pool, request.username)
        store.set_enabled(tx, pool, user, call.now, enabled=True)
    return api.AdminEnableUserResponse()


@cognito_idp.operation(resource=of_pool)
def admin_disable_user(call: Call, request: api.AdminDisableUserRequest) -> api.AdminDisableUserResponse:
    """The user keeps the record and can no longer sign in; tokens handed out before are void."""
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = store.user_to_change(tx, pool, request.username)
        store.set_enabled(tx, pool, user, call.now, enabled=False)
        store.raise_session_epoch(tx, user)
    return api.AdminDisableUserResponse()
