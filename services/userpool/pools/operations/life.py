"""Pools: create, describe, list, update, delete."""

from services.userpool.context import Call
from services.userpool.errors import InvalidParameter
from services.userpool.pools import store
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import any_pool, of_pool
from services.userpool.pools.settings import created_settings, updated_settings
from services.userpool.pools.shown import shown, shown_in_list
from services.userpool.pools.tagging import check_tags
from services.userpool.pools.unserved import refuse_unserved
from services.userpool.service import cognito_idp
from shared import ids
from shared.aws import paging
from shared.aws.api import cognito_idp as api
from shared.sweeper import Sweeper


@cognito_idp.operation(resource=any_pool)
def create_user_pool(call: Call, request: api.CreateUserPoolRequest) -> api.CreateUserPoolResponse:
    """A new pool in the caller's account, with AWS's defaults for what is not given."""
    refuse_unserved(request)
    check_tags(request.user_pool_tags or {})
    region = call.context.settings.region
    pool = UserPool(
        id=f"{region}_{ids.pool_suffix()}",
        account_id=call.caller.account,
        name=request.pool_name,
        settings=created_settings(request),
        created_at=call.now,
        modified_at=call.now,
    )
    with call.write(UserPoolId=pool.id) as tx:
        store.add_pool(tx, pool)
    return api.CreateUserPoolResponse(user_pool=shown(pool, region, 0))


@cognito_idp.operation(resource=of_pool)
def describe_user_pool(call: Call, request: api.DescribeUserPoolRequest) -> api.DescribeUserPoolResponse:
    """The pool with all its settings. Not run in place: counting the users takes as long as there are users."""
    with call.context.sql.read() as tx:
        pool = store.pool_of_account(tx, call.caller.account, request.user_pool_id)
        users = store.count_users(tx, pool.id)
    return api.DescribeUserPoolResponse(user_pool=shown(pool, call.context.settings.region, users))


@cognito_idp.operation(resource=any_pool, in_place=True)
def list_user_pools(call: Call, request: api.ListUserPoolsRequest) -> api.ListUserPoolsResponse:
    """The account's pools in order of their ids."""
    keys, account = call.context.keys, call.caller.account
    name = f"ListUserPools {account}"
    (after,) = paging.position(keys, name, request.next_token) or ("",)
    with call.context.sql.read() as tx:
        found = store.pools_of_account(tx, account, after=after, limit=request.max_results + 1)
    page, token = paging.page(keys, name, found, request.max_results, lambda pool: (pool.id,))
    return api.ListUserPoolsResponse(user_pools=[shown_in_list(pool) for pool in page], next_token=token)


@cognito_idp.operation(resource=of_pool)
def update_user_pool(call: Call, request: api.UpdateUserPoolRequest) -> api.UpdateUserPoolResponse:
    """New settings for the pool; what is not given is reset to its default. Sign-in attributes and schema stay."""
    refuse_unserved(request)
    check_tags(request.user_pool_tags or {})
    with call.write() as tx:
        pool = store.pool_to_change(tx, call.caller.account, request.user_pool_id)
        settings = updated_settings(request, pool.settings)
        store.set_pool(tx, pool.id, name=request.pool_name or pool.name, settings=settings, at=call.now)
    return api.UpdateUserPoolResponse()


@cognito_idp.operation(resource=of_pool)
def delete_user_pool(call: Call, request: api.DeleteUserPoolRequest) -> api.DeleteUserPoolResponse:
    """The pool is gone with its clients, users and groups. Refused while deletion protection is active.

    The rows of a large one are removed later, a few at a time: nobody waits for them.
    """
    with call.write() as tx:
        pool = store.pool_to_change(tx, call.caller.account, request.user_pool_id)
        if pool.deletion_protected:
            raise InvalidParameter(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first.",
            )
        is_all = store.remove_pool(tx, pool.id, call.now)
    if not is_all:
        call.context.part(Sweeper).wake()
    return api.DeleteUserPoolResponse()
