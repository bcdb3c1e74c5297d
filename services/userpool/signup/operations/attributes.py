"""Users' attributes: change, remove, and prove an address; by themselves and by administrators."""

from collections.abc import Mapping

from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.attributes import check_writable, given_attributes, removed
from services.userpool.directory.user import User
from services.userpool.errors import InvalidParameter, LimitExceeded, TooManyRequests
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import by_user, of_pool
from services.userpool.service import cognito_idp
from services.userpool.signup import store
from services.userpool.signup.addresses import ADDRESSES, PURPOSE, Address, change_of
from services.userpool.signup.codes import Code
from services.userpool.signup.delivery import Destination, OutgoingCode, check_rate, keep, new_code, send_code
from services.userpool.signup.spend import spend
from services.userpool.tokens.signed_in import signed_in, still_signed_in
from shared.aws.api import cognito_idp as api
from shared.sql.engine import Tx


@cognito_idp.operation()
def update_user_attributes(call: Call, request: api.UpdateUserAttributesRequest) -> api.UpdateUserAttributesResponse:
    """Sets what this client may write; a changed address gets a code, and waits for it where the pool says so."""
    holder = signed_in(call, request.access_token)
    pool, user = holder.pool, holder.user
    given = given_attributes(pool, request.user_attributes)
    check_writable(holder.client, given)
    if change_of(pool, user.attributes, given).to_prove:
        check_rate(call, pool, user.sub)
    with call.write(by_user(call, pool, user.sub)) as tx:
        outgoing = write_change(tx, call, pool, still_signed_in(tx, holder), given)
    sent = [send_code(call, pool, each) for each in outgoing]
    return api.UpdateUserAttributesResponse(code_delivery_details_list=sent)


@cognito_idp.operation(resource=of_pool)
def admin_update_user_attributes(
    call: Call, request: api.AdminUpdateUserAttributesRequest
) -> api.AdminUpdateUserAttributesResponse:
    """Sets attributes, `email_verified` and developer-only ones among them; a blank value removes. Aliases follow.

    A changed address gets a code as if the user had changed it, unless the call says that it is verified.
    """
    with call.context.sql.read() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = directory.user_named(tx, pool, request.username)
    given = given_attributes(pool, request.user_attributes)
    if change_of(pool, user.attributes, given).to_prove:
        _check_rate_for_admin(call, pool, user)
    with call.write() as tx:
        outgoing = write_change(tx, call, pool, directory.user_to_change(tx, pool, user.sub), given)
    for each in outgoing:
        send_code(call, pool, each)
    return api.AdminUpdateUserAttributesResponse()


def _check_rate_for_admin(call: Call, pool: UserPool, user: User) -> None:
    """Raises TooManyRequests: this operation does not know LimitExceeded."""
    try:
        check_rate(call, pool, user.sub)
    except LimitExceeded as refusal:
        raise TooManyRequests(refusal.message) from None


def write_change(tx: Tx, call: Call, pool: UserPool, held: User, given: Mapping[str, str]) -> list[OutgoingCode]:
    """Writes the change of a user whose row is held; gives the codes that are to be sent once it is committed.

    A code for an address that is changed again or removed is void; one for an address that is given once more is not.
    """
    change = change_of(pool, held.attributes, given)
    directory.set_attributes(tx, pool, held, change.fresh, call.now, remove=change.gone)
    _void_codes(tx, pool, held, given)
    outgoing = [new_code(call, held.owner, PURPOSE[each.attribute], each) for each in change.to_prove]
    for each in outgoing:
        keep(tx, each, call.now)
    return outgoing


def _void_codes(tx: Tx, pool: UserPool, held: User, given: Mapping[str, str]) -> None:
    for name in ADDRESSES:
        if name in given:
            store.remove_code_for_another(tx, pool.id, held.sub, PURPOSE[name], given[name])


@cognito_idp.operation()
def delete_user_attributes(call: Call, request: api.DeleteUserAttributesRequest) -> api.DeleteUserAttributesResponse:
    """Removes attributes that this client may write."""
    holder = signed_in(call, request.access_token)
    with call.write(by_user(call, holder.pool, holder.user.sub)) as tx:
        user = still_signed_in(tx, holder)
        gone = removed(holder.pool, user.attributes, request.user_attribute_names)
        check_writable(holder.client, request.user_attribute_names)
        directory.remove_attributes(tx, holder.pool, user, gone, call.now)
        _void_codes(tx, holder.pool, user, dict.fromkeys(gone, ""))
    return api.DeleteUserAttributesResponse()


@cognito_idp.operation(resource=of_pool)
def admin_delete_user_attributes(
    call: Call, request: api.AdminDeleteUserAttributesRequest
) -> api.AdminDeleteUserAttributesResponse:
    """Removes attributes; those that the user does not have do no harm."""
    with call.write() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = directory.user_to_change(tx, pool, request.username)
        gone = removed(pool, user.attributes, request.user_attribute_names)
        directory.remove_attributes(tx, pool, user, gone, call.now)
        _void_codes(tx, pool, user, dict.fromkeys(gone, ""))
    return api.AdminDeleteUserAttributesResponse()


@cognito_idp.operation()
def get_user_attribute_verification_code(
    call: Call, request: api.GetUserAttributeVerificationCodeRequest
) -> api.GetUserAttributeVerificationCodeResponse:
    """A code to the address that the user has now, or to the one that waits for its proof."""
    holder = signed_in(call, request.access_token)
    pool, user, name = holder.pool, holder.user, _address(request.attribute_name)
    with call.context.sql.read() as tx:
        pending = store.find_code(tx, pool.id, user.sub, PURPOSE[name])
    waits = pending is not None and pending.target and name in pool.verified_before_update
    target = pending.target if pending is not None and waits else user.attributes.get(name)
    if not target:
        raise InvalidParameter(f"User does not have a {name}.")
    check_rate(call, pool, user.sub)
    outgoing = new_code(call, user.owner, PURPOSE[name], Destination(name, target))
    with call.write(by_user(call, pool, user.sub)) as tx:
        still_signed_in(tx, holder)
        keep(tx, outgoing, call.now)
    return api.GetUserAttributeVerificationCodeResponse(code_delivery_details=send_code(call, pool, outgoing))


@cognito_idp.operation()
def verify_user_attribute(call: Call, request: api.VerifyUserAttributeRequest) -> api.VerifyUserAttributeResponse:
    """The code proves the address; one that waited for it takes the place of the old one now."""
    holder = signed_in(call, request.access_token)
    name = _address(request.attribute_name)

    def verify(tx: Tx, user: User, code: Code) -> None:
        still_signed_in(tx, holder)
        proved = {name: code.target, f"{name}_verified": "true"}
        directory.set_attributes(tx, holder.pool, user, proved, call.now)

    spend(call, holder.pool, holder.user.sub, PURPOSE[name], request.code, effect=verify)
    return api.VerifyUserAttributeResponse()


def _address(name: str) -> Address:
    for address in ADDRESSES:
        if name == address:
            return address
    raise InvalidParameter(f"Only email and phone_number can be verified, not {name}.")
