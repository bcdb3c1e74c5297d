"""What an administrator may call: DescribeIdentity, ListIdentities, DeleteIdentities."""

from services.identitypool.context import Call
from services.identitypool.errors import ResourceNotFound
from services.identitypool.identities import store
from services.identitypool.identities.store import Identity
from services.identitypool.pools.operations import own_pool, pool_arn
from services.identitypool.service import cognito_identity
from shared.aws import arn, paging
from shared.aws.api import cognito_identity as api
from shared.sql.engine import Tx


def _pool_of_identity(call: Call, request: api.DescribeIdentityRequest) -> str:
    """The ARN of the pool in which the identity lives; all pools' where it lives in none of the account's."""
    with call.context.sql.read() as tx:
        pool_id = _own_pool_of(tx, call, request.identity_id)
    return arn.identity_pool(call.context.settings.region, call.caller.account, pool_id or "*")


def _any_pool(call: Call, _request: api.DeleteIdentitiesRequest) -> str:
    return arn.identity_pool(call.context.settings.region, call.caller.account, "*")


@cognito_identity.operation(resource=_pool_of_identity, in_place=True)
def describe_identity(call: Call, request: api.DescribeIdentityRequest) -> api.DescribeIdentityResponse:
    """The identity and the providers of its logins."""
    with call.context.sql.read() as tx:
        return _shown(_own_identity(tx, call, request.identity_id)[1])


@cognito_identity.operation(resource=pool_arn, in_place=True)
def list_identities(call: Call, request: api.ListIdentitiesRequest) -> api.ListIdentitiesResponse:
    """The pool's identities by id; HideDisabled leaves out the guests' that were merged into another."""
    keys, name = call.context.keys, f"ListIdentities {request.identity_pool_id} {bool(request.hide_disabled)}"
    after = paging.position(keys, name, request.next_token) or ("",)
    with call.context.sql.read() as tx:
        pool = own_pool(tx, call, request.identity_pool_id)
        found = store.list_identities(
            tx, pool.id, after[0], request.max_results + 1, disabled=not request.hide_disabled
        )
    shown, token = paging.page(keys, name, found, request.max_results, lambda one: (one.id,))
    return api.ListIdentitiesResponse(
        identity_pool_id=pool.id, identities=[_shown(one) for one in shown], next_token=token
    )


@cognito_identity.operation(resource=_any_pool)
def delete_identities(call: Call, request: api.DeleteIdentitiesRequest) -> api.DeleteIdentitiesResponse:
    """Removes the account's identities among those named; the others come back as unprocessed."""
    unprocessed = []
    with call.write() as tx:
        for identity_id in sorted(set(request.identity_ids_to_delete)):  # locked in one order by all who delete
            try:
                pool_id, _ = _own_identity(tx, call, identity_id, lock=True)
            except ResourceNotFound:
                unprocessed.append(api.UnprocessedIdentityId(identity_id=identity_id, error_code="AccessDenied"))
            else:
                store.remove_identity(tx, pool_id, identity_id)
    return api.DeleteIdentitiesResponse(unprocessed_identity_ids=unprocessed)


def _own_identity(tx: Tx, call: Call, identity_id: str, *, lock: bool = False) -> tuple[str, Identity]:
    """The pool and the identity, in the caller's account; locked to be removed. Raises ResourceNotFound."""
    pool_id = _own_pool_of(tx, call, identity_id)
    find = store.lock_identity if lock else store.find_identity
    found = find(tx, pool_id, identity_id) if pool_id is not None else None
    if pool_id is None or found is None:
        raise ResourceNotFound(f"Identity '{identity_id}' not found.")
    return pool_id, found


def _own_pool_of(tx: Tx, call: Call, identity_id: str) -> str | None:
    """The pool in which the identity lives, if it is one of the caller's account."""
    pool_id = store.pool_of(tx, identity_id)
    try:
        return None if pool_id is None else own_pool(tx, call, pool_id).id
    except ResourceNotFound:
        return None


def _shown(found: Identity) -> api.IdentityDescription:
    return api.IdentityDescription(
        identity_id=found.id,
        logins=list(dict.fromkeys(login.shown_as for login in found.logins)) or None,
        creation_date=found.created_at,
        last_modified_date=found.updated_at,
    )
