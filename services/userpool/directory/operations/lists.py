"""Users by the page, with the filter language."""

from typing import Final

from services.userpool.context import Call
from services.userpool.directory import store
from services.userpool.directory.filters import Filter, parsed, past_prefix
from services.userpool.directory.shown import shown
from services.userpool.directory.user import Profile
from services.userpool.errors import InvalidParameter
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import of_pool
from services.userpool.pools.store import pool_of_account
from services.userpool.service import cognito_idp
from shared.aws import paging
from shared.aws.api import cognito_idp as api
from shared.sql.engine import Tx

_PAGE: Final = 60
_Found = tuple[str, Profile]
"""The value by which a user was found, and the user."""


@cognito_idp.operation(resource=of_pool, in_place=True)
def list_users(call: Call, request: api.ListUsersRequest) -> api.ListUsersResponse:
    """A page of the pool's users, in order of the filtered attribute or else of their subs."""
    keys, limit = call.context.keys, request.limit or _PAGE
    name = f"ListUsers {request.user_pool_id} {request.filter or ''}"
    position = paging.position(keys, name, request.pagination_token)
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        only = _attributes_to_get(pool, request.attributes_to_get)
        found = _found(tx, pool, parsed(pool, request.filter or ""), position, limit + 1)
    page, token = paging.page(keys, name, found, limit, lambda each: (each[0], each[1].sub))
    return api.ListUsersResponse(users=[shown(user, only) for _, user in page], pagination_token=token)


def _attributes_to_get(pool: UserPool, names: list[str] | None) -> frozenset[str] | None:
    """Raises InvalidParameter for names that the schema does not have."""
    if not names:
        return None
    if not pool.schema.keys() >= set(names):
        raise InvalidParameter("One or more requested attributes do not exist.")
    return frozenset(names)


def _found(tx: Tx, pool: UserPool, wanted: Filter | None, position: tuple[str, ...] | None, limit: int) -> list[_Found]:
    """Up to `limit` users past the position: a range of one index, whatever the filter."""
    value, sub = position or ("", "")
    if wanted is None:
        return [("", user) for user in store.users_of_pool(tx, pool.id, after=sub, limit=limit)]
    if wanted.attribute == "sub":
        return [("", user) for user in _by_sub(tx, pool, wanted, sub, limit)]
    if not wanted.prefix:
        users = store.users_with(tx, pool.id, wanted.attribute, wanted.value, after=sub, limit=limit)
        return [("", user) for user in users]
    after = (value, sub) if position else (wanted.value, "")
    below = past_prefix(wanted.value)
    return store.users_found(tx, pool.id, wanted.attribute, after=after, below=below, limit=limit)


def _by_sub(tx: Tx, pool: UserPool, wanted: Filter, after: str, limit: int) -> list[Profile]:
    if wanted.prefix:
        below = past_prefix(wanted.value)
        return store.users_of_pool(tx, pool.id, since=wanted.value, after=after, below=below, limit=limit)
    user = store.find_user_by_sub(tx, pool.id, wanted.value)
    return [user] if user and user.sub > after else []
