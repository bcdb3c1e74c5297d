"""What the wire may call: identity pools and their tags."""

from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import InvalidParameter, ResourceNotFound
from services.identitypool.pools import pool as pools
from services.identitypool.pools import store
from services.identitypool.pools.pool import Pool, Provider, Roles, Settings
from services.identitypool.service import cognito_identity
from shared import ids
from shared.aws import arn, paging
from shared.aws.api import cognito_identity as api
from shared.sql.engine import Tx

_MOST_TAGS: Final = 50


def pool_arn(call: Call, request: object) -> str:
    """The ARN of the pool that a request names, in the caller's account."""
    return arn.identity_pool(
        call.context.settings.region, call.caller.account, getattr(request, "identity_pool_id", "*")
    )


def own_pool(tx: Tx, call: Call, pool_id: str, *, lock: bool = False) -> Pool:
    """The caller's account's pool, locked to be changed. Raises ResourceNotFound, for another account's pool, too."""
    found = (store.lock_pool if lock else store.find_pool)(tx, pool_id)
    if found is None or found.account != call.caller.account:
        raise ResourceNotFound(f"IdentityPool '{pool_id}' not found.")
    return found


@cognito_identity.operation(resource=pool_arn)
def create_identity_pool(call: Call, request: api.CreateIdentityPoolRequest) -> api.CreateIdentityPoolResponse:
    """A new pool; it has no roles yet, so nobody gets credentials from it."""
    region = call.context.settings.region
    made = Pool(f"{region}:{ids.uuid4()}", call.caller.account, _settings(call, request), Roles(), call.now.timestamp())
    tags = _checked_tags(request.identity_pool_tags or {})
    with call.write(IdentityPoolId=made.id) as tx:
        store.add_pool(tx, made, tags)
    return _shown(made, tags)


@cognito_identity.operation(resource=pool_arn, in_place=True)
def describe_identity_pool(call: Call, request: api.DescribeIdentityPoolRequest) -> api.DescribeIdentityPoolResponse:
    """The pool's settings as they were given."""
    with call.context.sql.read() as tx:
        found = own_pool(tx, call, request.identity_pool_id)
        return _shown(found, store.tags_of(tx, found))


@cognito_identity.operation(resource=pool_arn)
def update_identity_pool(call: Call, request: api.UpdateIdentityPoolRequest) -> api.UpdateIdentityPoolResponse:
    """Replaces all of the pool's settings; tags only where they are given."""
    settings = _settings(call, request)
    with call.write() as tx:
        found = own_pool(tx, call, request.identity_pool_id, lock=True)
        store.set_settings(tx, found, settings)
        if request.identity_pool_tags is not None:
            store.set_tags(tx, found, _checked_tags(request.identity_pool_tags))
        tags = store.tags_of(tx, found)
    return _shown(Pool(found.id, found.account, settings, found.roles, found.created_at), tags)


@cognito_identity.operation(resource=pool_arn)
def delete_identity_pool(call: Call, request: api.DeleteIdentityPoolRequest) -> api.DeleteIdentityPoolResponse:
    """The pool and all its identities are gone; credentials that were handed out live to their end.

    The rows of many identities are removed later, a few at a time: nobody waits for them.
    """
    with call.write() as tx:
        found = own_pool(tx, call, request.identity_pool_id, lock=True)
        is_all = store.remove_pool(tx, found)
    if not is_all:
        call.context.sweeper.wake()
    return api.DeleteIdentityPoolResponse()


@cognito_identity.operation(resource=pool_arn, in_place=True)
def list_identity_pools(call: Call, request: api.ListIdentityPoolsRequest) -> api.ListIdentityPoolsResponse:
    """The account's pools by id."""
    keys, name = call.context.keys, f"ListIdentityPools {call.caller.account}"
    after = paging.position(keys, name, request.next_token) or ("",)
    with call.context.sql.read() as tx:
        found = store.list_pools(tx, call.caller.account, after[0], request.max_results + 1)
    shown, token = paging.page(keys, name, found, request.max_results, lambda one: (one[0],))
    return api.ListIdentityPoolsResponse(
        identity_pools=[
            api.IdentityPoolShortDescription(identity_pool_id=pool_id, identity_pool_name=pool_name)
            for pool_id, pool_name in shown
        ],
        next_token=token,
    )


def _arn_given(_call: Call, request: object) -> str:
    return str(getattr(request, "resource_arn", ""))


@cognito_identity.operation(resource=_arn_given, in_place=True)
def list_tags_for_resource(call: Call, request: api.ListTagsForResourceRequest) -> api.ListTagsForResourceResponse:
    """The pool's tags."""
    with call.context.sql.read() as tx:
        return api.ListTagsForResourceResponse(tags=store.tags_of(tx, _pool_at(tx, call, request.resource_arn)))


@cognito_identity.operation(resource=_arn_given)
def tag_resource(call: Call, request: api.TagResourceRequest) -> api.TagResourceResponse:
    """Adds tags to the pool, or gives those that exist new values."""
    with call.write() as tx:
        found = _pool_at(tx, call, request.resource_arn, lock=True)
        store.set_tags(tx, found, _checked_tags(store.tags_of(tx, found) | request.tags))
    return api.TagResourceResponse()


@cognito_identity.operation(resource=_arn_given)
def untag_resource(call: Call, request: api.UntagResourceRequest) -> api.UntagResourceResponse:
    """Removes tags; those that are not there do not matter."""
    gone = set(request.tag_keys)
    with call.write() as tx:
        found = _pool_at(tx, call, request.resource_arn, lock=True)
        kept = {key: value for key, value in store.tags_of(tx, found).items() if key not in gone}
        store.set_tags(tx, found, kept)
    return api.UntagResourceResponse()


def _pool_at(tx: Tx, call: Call, resource_arn: str, *, lock: bool = False) -> Pool:
    pool_id = resource_arn.rpartition("/")[2]
    if resource_arn != arn.identity_pool(call.context.settings.region, call.caller.account, pool_id):
        raise InvalidParameter("Invalid resource ARN.")
    return own_pool(tx, call, pool_id, lock=lock)


def _settings(call: Call, request: api.CreateIdentityPoolRequest | api.UpdateIdentityPoolRequest) -> Settings:
    """The settings in a request. Raises InvalidParameter for those that have no effect yet."""
    unserved = {
        "SupportedLoginProviders": request.supported_login_providers,
        "DeveloperProviderName": request.developer_provider_name,
        "OpenIdConnectProviderARNs": request.open_id_connect_provider_arns,
        "SamlProviderARNs": request.saml_provider_arns,
    }
    for name, value in unserved.items():
        if value:
            raise InvalidParameter(f"{name} is not supported yet.")
    providers = tuple(_provider(one) for one in request.cognito_identity_providers or ())
    return Settings(
        name=request.identity_pool_name,
        guests=request.allow_unauthenticated_identities,
        classic_flow=request.allow_classic_flow,
        providers=pools.checked_providers(providers, call.context.settings.userpool_base),
    )


def _provider(given: api.CognitoIdentityProvider) -> Provider:
    if given.provider_name is None or given.client_id is None:
        raise InvalidParameter("A Cognito identity provider needs ProviderName and ClientId.")
    return Provider(given.provider_name, given.client_id, given.server_side_token_check)


def _checked_tags(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > _MOST_TAGS:
        raise InvalidParameter(f"A resource has at most {_MOST_TAGS} tags.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise InvalidParameter("Tag keys must not start with aws:.")
    return tags


def _shown(found: Pool, tags: dict[str, str]) -> api.IdentityPool:
    settings = found.settings
    providers = [
        api.CognitoIdentityProvider(
            provider_name=one.name, client_id=one.client_id, server_side_token_check=one.server_side_check
        )
        for one in settings.providers
    ]
    return api.IdentityPool(
        identity_pool_id=found.id,
        identity_pool_name=settings.name,
        allow_unauthenticated_identities=settings.guests,
        allow_classic_flow=settings.classic_flow,
        cognito_identity_providers=providers or None,
        identity_pool_tags=tags or None,
    )
