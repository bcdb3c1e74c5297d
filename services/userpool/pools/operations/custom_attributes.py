"""Attributes that a pool gets after it was made."""

import msgspec

from services.userpool.context import Call
from services.userpool.pools import store
from services.userpool.pools.attributes import attribute_table
from services.userpool.pools.resource import of_pool
from services.userpool.service import cognito_idp
from shared.aws.api import cognito_idp as api


@cognito_idp.operation(resource=of_pool)
def add_custom_attributes(call: Call, request: api.AddCustomAttributesRequest) -> api.AddCustomAttributesResponse:
    """Adds custom attributes to the pool's schema; they stay for as long as the pool."""
    with call.write() as tx:
        pool = store.pool_to_change(tx, call.caller.account, request.user_pool_id)
        added = [*pool.settings.added_attributes, *request.custom_attributes]
        attribute_table(pool.settings.schema, added)
        settings = msgspec.structs.replace(pool.settings, added_attributes=added)
        store.set_pool(tx, pool.id, name=pool.name, settings=settings, at=call.now)
    return api.AddCustomAttributesResponse()
