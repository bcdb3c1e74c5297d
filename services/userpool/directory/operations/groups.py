"""Groups: create, get, list, update, delete."""

from typing import Final

import msgspec

from services.userpool.context import Call
from services.userpool.directory import store
from services.userpool.directory.shown import group_shown
from services.userpool.directory.user import Group
from services.userpool.errors import InvalidParameter, LimitExceeded
from services.userpool.pools.resource import of_pool
from services.userpool.pools.store import pool_of_account
from services.userpool.service import cognito_idp
from shared.aws import paging
from shared.aws.api import cognito_idp as api
from shared.guard.guard import Guard

MOST_GROUPS: Final = 10_000
_PAGE: Final = 60
_HIGHEST_PRECEDENCE: Final = 2**31 - 1


def _check(call: Call, request: api.CreateGroupRequest | api.UpdateGroupRequest) -> None:
    """Raises InvalidParameter for what no group can have, AccessDenied without iam:PassRole on the role.

    An identity pool may give the role to whoever is in the group: so it is passed as by SetIdentityPoolRoles.
    """
    if request.precedence is not None and request.precedence > _HIGHEST_PRECEDENCE:
        raise InvalidParameter(f"Precedence is at most {_HIGHEST_PRECEDENCE}.")
    if request.role_arn is not None and call.grant is not None:
        keys = {**call.keys, "iam:passedtoservice": "cognito-idp.amazonaws.com"}
        Guard.authorize(call.grant, "iam:PassRole", request.role_arn, keys, resource_account=call.caller.account)


@cognito_idp.operation(resource=of_pool)
def create_group(call: Call, request: api.CreateGroupRequest) -> api.CreateGroupResponse:
    """A new group of the pool."""
    _check(call, request)
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        if store.count_groups(tx, pool.id) >= MOST_GROUPS:
            raise LimitExceeded("The number of groups of a user pool is limited.")
        group = Group(
            pool_id=pool.id,
            name=request.group_name,
            description=request.description,
            role_arn=request.role_arn,
            precedence=request.precedence,
            created_at=call.now,
            modified_at=call.now,
        )
        store.add_group(tx, group)
    return api.CreateGroupResponse(group=group_shown(group))


@cognito_idp.operation(resource=of_pool, in_place=True)
def get_group(call: Call, request: api.GetGroupRequest) -> api.GetGroupResponse:
    """The group."""
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        group = store.group_named(tx, pool.id, request.group_name)
    return api.GetGroupResponse(group=group_shown(group))


@cognito_idp.operation(resource=of_pool, in_place=True)
def list_groups(call: Call, request: api.ListGroupsRequest) -> api.ListGroupsResponse:
    """The pool's groups in order of their names."""
    keys, limit = call.context.keys, request.limit or _PAGE
    name = f"ListGroups {request.user_pool_id}"
    (after,) = paging.position(keys, name, request.next_token) or ("",)
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        found = store.groups_of_pool(tx, pool.id, after=after, limit=limit + 1)
    page, token = paging.page(keys, name, found, limit, lambda group: (group.name,))
    return api.ListGroupsResponse(groups=[group_shown(group) for group in page], next_token=token)


@cognito_idp.operation(resource=of_pool)
def update_group(call: Call, request: api.UpdateGroupRequest) -> api.UpdateGroupResponse:
    """Changes what is given of a group."""
    _check(call, request)
    given = {"description": request.description, "role_arn": request.role_arn, "precedence": request.precedence}
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        before = store.group_named(tx, pool.id, request.group_name)
        changes = {name: value for name, value in given.items() if value is not None}
        group = msgspec.structs.replace(before, modified_at=call.now, **changes)
        store.set_group(tx, group)
    return api.UpdateGroupResponse(group=group_shown(group))


@cognito_idp.operation(resource=of_pool)
def delete_group(call: Call, request: api.DeleteGroupRequest) -> api.DeleteGroupResponse:
    """The group is gone; its members stay users."""
    with call.write() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        store.remove_group(tx, pool.id, request.group_name)
    return api.DeleteGroupResponse()
