"""Who is in which group."""

from typing import Final

from services.userpool.context import Call
from services.userpool.directory import store
from services.userpool.directory.shown import group_shown, shown
from services.userpool.directory.user import Group
from services.userpool.pools.resource import of_pool
from services.userpool.pools.store import pool_of_account
from services.userpool.service import cognito_idp
from shared.aws import paging
from shared.aws.api import cognito_idp as api

_PAGE: Final = 60
_LAST: Final = "~"


@cognito_idp.operation(resource=of_pool)
def admin_add_user_to_group(call: Call, request: api.AdminAddUserToGroupRequest) -> api.AdminAddUserToGroupResponse:
    """Puts the user into the group; tokens say so from the next sign-in or refresh."""
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = store.user_to_change(tx, pool, request.username)
        group = store.group_to_join(tx, pool.id, request.group_name)
        store.add_member(tx, pool.id, user.sub, group.name)
    return api.AdminAddUserToGroupResponse()


@cognito_idp.operation(resource=of_pool)
def admin_remove_user_from_group(
    call: Call, request: api.AdminRemoveUserFromGroupRequest
) -> api.AdminRemoveUserFromGroupResponse:
    """Takes the user out of the group; one who is not in it stays out."""
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = store.user_to_change(tx, pool, request.username)
        group = store.group_named(tx, pool.id, request.group_name)
        store.remove_member(tx, pool.id, user.sub, group.name)
    return api.AdminRemoveUserFromGroupResponse()


@cognito_idp.operation(resource=of_pool, in_place=True)
def admin_list_groups_for_user(
    call: Call, request: api.AdminListGroupsForUserRequest
) -> api.AdminListGroupsForUserResponse:
    """The user's groups, the one of lowest precedence first."""
    keys, limit = call.context.keys, request.limit or _PAGE
    name = f"AdminListGroupsForUser {request.user_pool_id} {request.username}"
    position = paging.position(keys, name, request.next_token)
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = store.user_named(tx, pool, request.username)
        groups = store.groups_of(tx, pool.id, user.sub)
    found = [group for group in groups if position is None or _place(group) > position][: limit + 1]
    page, token = paging.page(keys, name, found, limit, _place)
    return api.AdminListGroupsForUserResponse(groups=[group_shown(group) for group in page], next_token=token)


def _place(group: Group) -> tuple[str, str]:
    """Where the group stands among a user's: as text, since a page's token holds texts."""
    return _LAST if group.precedence is None else f"{group.precedence:010}", group.name


@cognito_idp.operation(resource=of_pool, in_place=True)
def list_users_in_group(call: Call, request: api.ListUsersInGroupRequest) -> api.ListUsersInGroupResponse:
    """The group's members in order of their subs."""
    keys, limit = call.context.keys, request.limit or _PAGE
    name = f"ListUsersInGroup {request.user_pool_id} {request.group_name}"
    (after,) = paging.position(keys, name, request.next_token) or ("",)
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        group = store.group_named(tx, pool.id, request.group_name)
        found = store.members(tx, pool.id, group.name, after=after, limit=limit + 1)
    page, token = paging.page(keys, name, found, limit, lambda user: (user.sub,))
    return api.ListUsersInGroupResponse(users=[shown(user) for user in page], next_token=token)
