"""What the wire may call of app clients."""

from typing import Final

from services.userpool.clients import store
from services.userpool.clients.client import AppClient
from services.userpool.clients.settings import settled
from services.userpool.clients.shown import shown, shown_in_list
from services.userpool.clients.unserved import refuse_unserved
from services.userpool.context import Call
from services.userpool.errors import InvalidParameter, LimitExceeded
from services.userpool.pools.resource import of_pool
from services.userpool.pools.store import pool_of_account, pool_to_change
from services.userpool.service import cognito_idp
from shared import ids
from shared.aws import paging
from shared.aws.api import cognito_idp as api

MOST_CLIENTS: Final = 1000
_PAGE: Final = 60


@cognito_idp.operation(resource=of_pool)
def create_user_pool_client(call: Call, request: api.CreateUserPoolClientRequest) -> api.CreateUserPoolClientResponse:
    """A new app client; the secret is generated, given, or absent."""
    refuse_unserved(request)
    keys, client_id = call.context.keys, ids.client_id()
    with call.write(ClientId=client_id) as tx:
        pool = pool_to_change(tx, call.caller.account, request.user_pool_id)
        if store.count_clients(tx, pool.id) >= MOST_CLIENTS:
            raise LimitExceeded("The number of app clients of a user pool is limited.")
        client = AppClient(
            id=client_id,
            pool_id=pool.id,
            name=request.client_name,
            secrets=_secrets(request),
            settings=settled(request, pool),
            created_at=call.now,
            modified_at=call.now,
        )
        store.add_client(tx, keys, client)
    return api.CreateUserPoolClientResponse(user_pool_client=shown(client))


def _secrets(request: api.CreateUserPoolClientRequest) -> tuple[str, ...]:
    if request.client_secret is not None:
        if request.generate_secret:
            raise InvalidParameter("GenerateSecret and ClientSecret cannot be given together.")
        return (request.client_secret,)
    return (ids.client_secret(),) if request.generate_secret else ()


@cognito_idp.operation(resource=of_pool, in_place=True)
def describe_user_pool_client(
    call: Call, request: api.DescribeUserPoolClientRequest
) -> api.DescribeUserPoolClientResponse:
    """The client with all its settings and its secret."""
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        client = store.client_of_pool(tx, call.context.keys, pool.id, request.client_id)
    return api.DescribeUserPoolClientResponse(user_pool_client=shown(client))


@cognito_idp.operation(resource=of_pool, in_place=True)
def list_user_pool_clients(call: Call, request: api.ListUserPoolClientsRequest) -> api.ListUserPoolClientsResponse:
    """The pool's clients in order of their ids; none of them registered itself (DCR)."""
    keys, limit = call.context.keys, request.max_results or _PAGE
    name = f"ListUserPoolClients {request.user_pool_id} {request.client_type}"
    (after,) = paging.position(keys, name, request.next_token) or ("",)
    with call.context.sql.read() as tx:
        pool = pool_of_account(tx, call.caller.account, request.user_pool_id)
        wanted = request.client_type != "DCR"
        found = store.clients_of_pool(tx, keys, pool.id, after=after, limit=limit + 1) if wanted else []
    page, token = paging.page(keys, name, found, limit, lambda client: (client.id,))
    return api.ListUserPoolClientsResponse(
        user_pool_clients=[shown_in_list(client) for client in page], next_token=token
    )


@cognito_idp.operation(resource=of_pool)
def update_user_pool_client(call: Call, request: api.UpdateUserPoolClientRequest) -> api.UpdateUserPoolClientResponse:
    """New settings for the client; what is not given is reset to its default. Id and secret stay."""
    refuse_unserved(request)
    keys = call.context.keys
    with call.write() as tx:
        pool = pool_to_change(tx, call.caller.account, request.user_pool_id)
        before = store.client_of_pool(tx, keys, pool.id, request.client_id)
        name = request.client_name or before.name
        store.set_client(tx, before, name=name, settings=settled(request, pool, before.settings), at=call.now)
        client = store.client_of_pool(tx, keys, pool.id, before.id)
    return api.UpdateUserPoolClientResponse(user_pool_client=shown(client))


@cognito_idp.operation(resource=of_pool)
def delete_user_pool_client(call: Call, request: api.DeleteUserPoolClientRequest) -> api.DeleteUserPoolClientResponse:
    """The client is gone; what it was given no longer works."""
    with call.write() as tx:
        pool = pool_to_change(tx, call.caller.account, request.user_pool_id)
        store.remove_client(tx, pool.id, request.client_id)
    return api.DeleteUserPoolClientResponse()
