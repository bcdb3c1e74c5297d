"""AdminCreateUser: a user made by an administrator, and the invitation with the temporary password."""

from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.attributes import NEW, given_attributes
from services.userpool.directory.shown import shown
from services.userpool.directory.user import User
from services.userpool.errors import InvalidParameter, UnsupportedUserState
from services.userpool.passwords.policy import TEMPORARY_RANDOM_BYTES, temporary_password
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import of_pool
from services.userpool.service import cognito_idp
from services.userpool.signin.new_password import new_password, store_password
from services.userpool.signup.delivery import Destination, send_invitation
from services.userpool.signup.operations.sign_up import new_user
from shared import ids
from shared.aws.api import cognito_idp as api

Invited = tuple[User, list[Destination]]
"""The user, and where the invitation goes."""


@cognito_idp.operation(resource=of_pool)
def admin_create_user(call: Call, request: api.AdminCreateUserRequest) -> api.AdminCreateUserResponse:
    """A user with a temporary password, told to them unless the message is suppressed; RESEND gives a new one."""
    with call.context.sql.read() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
    password = request.temporary_password or temporary_password(
        pool.password_policy, ids.random_bytes(TEMPORARY_RANDOM_BYTES)
    )
    user, destinations = (
        _again(call, pool, request, password)
        if request.message_action == "RESEND"
        else _new(call, pool, request, password)
    )
    for destination in destinations:
        send_invitation(call, pool, user, password, destination)
    return api.AdminCreateUserResponse(user=shown(user))


def _new(call: Call, pool: UserPool, request: api.AdminCreateUserRequest, password: str) -> Invited:
    given = given_attributes(pool, request.user_attributes, NEW)
    user = new_user(call, pool, request.username, given, status="FORCE_CHANGE_PASSWORD")
    destinations = _destinations(user, request)
    record = new_password(call.context, pool, user, password, member="temporaryPassword")
    with call.write(sub=user.sub) as tx:
        directory.add_user(tx, pool, user, take_over_aliases=bool(request.force_alias_creation))
        directory.set_password(tx, user, record, call.now, history_size=pool.password_policy.password_history_size)
    return user, destinations


def _again(call: Call, pool: UserPool, request: api.AdminCreateUserRequest, password: str) -> Invited:
    """A fresh temporary password for somebody who never used the first; its time starts anew."""
    if request.force_alias_creation:
        raise InvalidParameter("ForceAliasCreation cannot be given with MessageAction RESEND.")
    with call.context.sql.read() as tx:
        user = directory.user_named(tx, pool, request.username)
    given = given_attributes(pool, request.user_attributes)
    if any(user.attributes.get(name, "") != value for name, value in given.items()):
        raise InvalidParameter("UserAttributes cannot be changed with MessageAction RESEND.")
    destinations = _destinations(user, request)
    record = new_password(call.context, pool, user, password, member="temporaryPassword", is_fresh=False)
    with call.write(sub=user.sub) as tx:
        held = directory.user_to_change(tx, pool, user.sub)
        if held.status != "FORCE_CHANGE_PASSWORD":
            raise UnsupportedUserState(f"Resend not possible. {held.username} status is not FORCE_CHANGE_PASSWORD")
        store_password(tx, pool, held, record, call.now)
    return held, destinations


def _destinations(user: User, request: api.AdminCreateUserRequest) -> list[Destination]:
    """The addresses of the wanted kinds; where no kind is named, the phone number before the e-mail address.

    Raises InvalidParameter for a kind that is named and that the user does not have (recorded for e-mail).
    """
    if request.message_action == "SUPPRESS":
        return []
    email, phone = user.attributes.get("email", ""), user.attributes.get("phone_number", "")
    both = {"SMS": Destination("phone_number", phone), "EMAIL": Destination("email", email)}
    if request.desired_delivery_mediums is None:
        return [each for each in both.values() if each.target][:1]
    for medium in request.desired_delivery_mediums:
        if not both[medium].target:
            words = "email" if medium == "EMAIL" else "phone number"
            raise InvalidParameter(f"No {words} provided but desired delivery medium was {medium.title()}")
    return [both[medium] for medium in dict.fromkeys(request.desired_delivery_mediums)]
