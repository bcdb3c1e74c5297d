"""Users' own attributes: change, remove, and prove an address."""

from typing import Literal

from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.attributes import changed, check_writable, given_attributes, removed
from services.userpool.directory.user import User
from services.userpool.errors import InvalidParameter
from services.userpool.pools.resource import by_user
from services.userpool.service import cognito_idp
from services.userpool.signup import store
from services.userpool.signup.codes import Code, Purpose
from services.userpool.signup.delivery import Destination, check_rate, keep, new_code, send_code
from services.userpool.signup.spend import spend
from services.userpool.tokens.signed_in import signed_in, still_signed_in
from shared.aws.api import cognito_idp as api
from shared.sql.engine import Tx

Address = Literal["email", "phone_number"]
_ADDRESSES: tuple[Address, ...] = ("email", "phone_number")
_PURPOSE = {"email": Purpose.VERIFY_EMAIL, "phone_number": Purpose.VERIFY_PHONE}


@cognito_idp.operation()
def update_user_attributes(call: Call, request: api.UpdateUserAttributesRequest) -> api.UpdateUserAttributesResponse:
    """Sets what this client may write; a changed address gets a code, and waits for it where the pool says so."""
    holder = signed_in(call, request.access_token)
    pool, user = holder.pool, holder.user
    given = given_attributes(pool, request.user_attributes)
    check_writable(holder.client, given)
    to_verify = [
        Destination(name, given[name])
        for name in _ADDRESSES
        if given.get(name) and given[name] != user.attributes.get(name) and name in pool.auto_verified_attributes
    ]
    waiting = {each.attribute for each in to_verify if each.attribute in pool.verified_before_update}
    if to_verify:
        check_rate(call, pool, user.sub)
    posted = [new_code(call, user, _PURPOSE[each.attribute], each) for each in to_verify]
    with call.write(by_user(call, pool, user.sub)) as tx:
        held = still_signed_in(tx, holder)
        now_given = {name: value for name, value in given.items() if name not in waiting}
        fresh, gone = changed(pool, held.attributes, now_given)
        directory.set_attributes(tx, pool, held, fresh, call.now, remove=gone)
        for name in _ADDRESSES:
            if name in given:
                store.remove_code(tx, pool.id, held.sub, _PURPOSE[name])
        for each in posted:
            keep(tx, each)
    sent = [send_code(call, pool, each) for each in posted]
    return api.UpdateUserAttributesResponse(code_delivery_details_list=sent)


@cognito_idp.operation()
def delete_user_attributes(call: Call, request: api.DeleteUserAttributesRequest) -> api.DeleteUserAttributesResponse:
    """Removes attributes that this client may write."""
    holder = signed_in(call, request.access_token)
    with call.write(by_user(call, holder.pool, holder.user.sub)) as tx:
        user = still_signed_in(tx, holder)
        gone = removed(holder.pool, user.attributes, request.user_attribute_names)
        check_writable(holder.client, request.user_attribute_names)
        directory.remove_attributes(tx, holder.pool, user, gone, call.now)
        for name in _ADDRESSES:
            if name in gone:
                store.remove_code(tx, holder.pool.id, user.sub, _PURPOSE[name])
    return api.DeleteUserAttributesResponse()


@cognito_idp.operation()
def get_user_attribute_verification_code(
    call: Call, request: api.GetUserAttributeVerificationCodeRequest
) -> api.GetUserAttributeVerificationCodeResponse:
    """A code to the address that the user has now, or to the one that waits for its proof."""
    holder = signed_in(call, request.access_token)
    pool, user, name = holder.pool, holder.user, _address(request.attribute_name)
    with call.context.sql.read() as tx:
        pending = store.code_to_spend(tx, pool.id, user.sub, _PURPOSE[name])
    waits = pending is not None and name in pool.verified_before_update
    target = pending.target if pending is not None and waits else user.attributes.get(name)
    if not target:
        raise InvalidParameter(f"User does not have a {name}.")
    check_rate(call, pool, user.sub)
    posted = new_code(call, user, _PURPOSE[name], Destination(name, target))
    with call.write(by_user(call, pool, user.sub)) as tx:
        still_signed_in(tx, holder)
        keep(tx, posted)
    return api.GetUserAttributeVerificationCodeResponse(code_delivery_details=send_code(call, pool, posted))


@cognito_idp.operation()
def verify_user_attribute(call: Call, request: api.VerifyUserAttributeRequest) -> api.VerifyUserAttributeResponse:
    """The code proves the address; one that waited for it takes the place of the old one now."""
    holder = signed_in(call, request.access_token)
    name = _address(request.attribute_name)

    def verify(tx: Tx, user: User, code: Code) -> None:
        still_signed_in(tx, holder)
        proved = {name: code.target, f"{name}_verified": "true"}
        directory.set_attributes(tx, holder.pool, user, proved, call.now)

    spend(call, holder.pool, holder.user, _PURPOSE[name], request.code, effect=verify)
    return api.VerifyUserAttributeResponse()


def _address(name: str) -> Address:
    for address in _ADDRESSES:
        if name == address:
            return address
    raise InvalidParameter(f"Only email and phone_number can be verified, not {name}.")
