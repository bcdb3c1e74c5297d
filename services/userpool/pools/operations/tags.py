"""Tags of a pool, by its ARN."""

import msgspec

from services.userpool.context import Call
from services.userpool.errors import InvalidParameter
from services.userpool.pools import store
from services.userpool.pools.tagging import check_tags
from services.userpool.service import cognito_idp
from shared.aws import arn
from shared.aws.api import cognito_idp as api


def _arn(
    _call: Call, request: api.TagResourceRequest | api.UntagResourceRequest | api.ListTagsForResourceRequest
) -> str:
    return request.resource_arn


def _pool_id(call: Call, resource_arn: str) -> str:
    """The pool that an ARN of the caller's account names. Raises ResourceNotFound, InvalidParameter."""
    pool_id = resource_arn.rpartition("/")[2]
    if ":userpool/" not in resource_arn:
        raise InvalidParameter(f"Invalid ARN: {resource_arn}")
    if resource_arn != arn.user_pool(call.context.settings.region, call.caller.account, pool_id):
        raise store.missing(pool_id)
    return pool_id


@cognito_idp.operation(resource=_arn)
def tag_resource(call: Call, request: api.TagResourceRequest) -> api.TagResourceResponse:
    """Adds tags; one of a key that is there takes its place."""
    pool_id = _pool_id(call, request.resource_arn)
    with call.write() as tx:
        pool = store.pool_to_change(tx, call.caller.account, pool_id)
        tags = pool.settings.user_pool_tags | request.tags
        check_tags(tags)
        settings = msgspec.structs.replace(pool.settings, user_pool_tags=tags)
        store.set_pool(tx, pool.id, name=pool.name, settings=settings, at=pool.modified_at)
    return api.TagResourceResponse()


@cognito_idp.operation(resource=_arn)
def untag_resource(call: Call, request: api.UntagResourceRequest) -> api.UntagResourceResponse:
    """Removes tags; keys that are not there do no harm."""
    pool_id = _pool_id(call, request.resource_arn)
    with call.write() as tx:
        pool = store.pool_to_change(tx, call.caller.account, pool_id)
        tags = {key: value for key, value in pool.settings.user_pool_tags.items() if key not in request.tag_keys}
        settings = msgspec.structs.replace(pool.settings, user_pool_tags=tags)
        store.set_pool(tx, pool.id, name=pool.name, settings=settings, at=pool.modified_at)
    return api.UntagResourceResponse()


@cognito_idp.operation(resource=_arn, in_place=True)
def list_tags_for_resource(call: Call, request: api.ListTagsForResourceRequest) -> api.ListTagsForResourceResponse:
    """The pool's tags."""
    with call.context.sql.read() as tx:
        pool = store.pool_of_account(tx, call.caller.account, _pool_id(call, request.resource_arn))
    return api.ListTagsForResourceResponse(tags=pool.settings.user_pool_tags)
