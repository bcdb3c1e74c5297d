"""Access keys of users and of the root user."""

from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import InvalidInput, NoSuchEntity
from services.identitypool.iam import lists, quotas, resources
from services.identitypool.iam.entities import user_name, user_named
from services.identitypool.iam.records import AccessKey, User
from services.identitypool.iam.secrets_at_rest import seal_secret
from services.identitypool.iam.store import access_keys, accounts, users
from services.identitypool.service import iam
from shared import ids
from shared.aws.api import iam as api
from shared.guard.guard import AccessDenied
from shared.refusal import InternalFault
from shared.secret import Secret
from shared.sql.engine import Tx

_ROOT: Final = "root"


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def create_access_key(call: Call, request: api.CreateAccessKeyRequest) -> api.CreateAccessKeyResponse:
    """A new key of the named user or of the caller; its secret is shown this once."""
    key_id, secret = ids.unique_id("AKIA"), Secret(ids.secret_access_key())
    sealed = seal_secret(call.context.keys, key_id, secret)
    name = user_name(call, request.user_name)
    with call.write(AccessKeyId=key_id) as tx:
        owner = _owner(call, tx, name, lock=True)
        key = AccessKey(
            account=call.caller.account,
            id=key_id,
            user_id=None if owner is None else owner.id,
            active=True,
            sealed_secret=sealed,
            bootstrap=False,
            created_at=call.now,
            last_used_at=None,
            last_used_service=None,
            last_used_region=None,
        )
        has = access_keys.keys_of_user(tx, key.account, key.user_id)
        quotas.check_room("AccessKeysPerUser", len(has), quotas.ACCESS_KEYS_PER_USER)
        if not access_keys.add_key(tx, key):
            raise InternalFault("a random access key id was taken")
    return api.CreateAccessKeyResponse(
        access_key=api.AccessKey(
            user_name=_name(owner) or _ROOT,
            access_key_id=key.id,
            status=key.status,
            secret_access_key=secret.reveal(),
            create_date=key.created_at,
        )
    )


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_access_keys(call: Call, request: api.ListAccessKeysRequest) -> api.ListAccessKeysResponse:
    """The keys of the named user or of the caller, without their secrets."""
    name = user_name(call, request.user_name)
    with call.context.sql.read() as tx:
        owner = _owner(call, tx, name)
        found = access_keys.keys_of_user(tx, call.caller.account, None if owner is None else owner.id)
    page = lists.cut(
        call,
        request,
        f"keys of {'root' if owner is None else owner.id}",
        found,
        lambda key: f"{key.created_at.timestamp():020.6f} {key.id}",
    )
    return api.ListAccessKeysResponse(
        access_key_metadata=[
            api.AccessKeyMetadata(
                user_name=_name(owner),
                access_key_id=key.id,
                status=key.status,
                create_date=key.created_at,
            )
            for key in page.items
        ],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def update_access_key(call: Call, request: api.UpdateAccessKeyRequest) -> api.UpdateAccessKeyResponse:
    """An inactive key signs nothing; it can be made active again."""
    if request.status == "Expired":
        raise InvalidInput("Status must be Active or Inactive.")
    name = user_name(call, request.user_name)
    with call.write() as tx:
        owner = _owner(call, tx, name, lock=True)
        access_keys.set_key_status(tx, _key_of(call, tx, owner, request.access_key_id), request.status)
    return api.UpdateAccessKeyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def delete_access_key(call: Call, request: api.DeleteAccessKeyRequest) -> api.DeleteAccessKeyResponse:
    """The key is gone for good."""
    name = user_name(call, request.user_name)
    with call.write() as tx:
        owner = _owner(call, tx, name, lock=True)
        access_keys.remove_key(tx, _key_of(call, tx, owner, request.access_key_id))
    return api.DeleteAccessKeyResponse()


@iam.operation(resource=resources.of_access_key, in_place=True)
def get_access_key_last_used(call: Call, request: api.GetAccessKeyLastUsedRequest) -> api.GetAccessKeyLastUsedResponse:
    """Whose key it is, and when and for what it last signed (to a minute).

    A key that does not exist is refused as another account's is: as forbidden.
    """
    with call.context.sql.read() as tx:
        key = access_keys.key_named(tx, request.access_key_id)
        if key is None or key.account != call.caller.account:
            raise AccessDenied(
                f"User: {call.caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed "
                f"on resource: access key {request.access_key_id}"
            )
        owner = None if key.user_id is None else users.user_with_id(tx, key.account, key.user_id)
    return api.GetAccessKeyLastUsedResponse(
        user_name=_name(owner),
        access_key_last_used=api.AccessKeyLastUsed(
            last_used_date=key.last_used_at,
            service_name=key.last_used_service or "N/A",
            region=key.last_used_region or "N/A",
        ),
    )


def _owner(call: Call, tx: Tx, name: str | None, *, lock: bool = False) -> User | None:
    """The user of this name; without a name it is the root user, whose account is locked instead."""
    if name is not None:
        return user_named(tx, call.caller.account, name, lock=lock)
    if lock:
        accounts.lock_account(tx, call.caller.account)
    return None


def _key_of(call: Call, tx: Tx, owner: User | None, access_key_id: str) -> AccessKey:
    key = access_keys.key_named(tx, access_key_id)
    expected = None if owner is None else owner.id
    if key is None or key.account != call.caller.account or key.user_id != expected:
        raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
    return key


def _name(user: User | None) -> str | None:
    return None if user is None else user.name
