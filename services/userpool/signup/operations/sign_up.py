"""SignUp, its confirmation, and the code for it."""

from dataclasses import dataclass

from services.userpool.clients import store as clients
from services.userpool.clients.client import AppClient
from services.userpool.clients.secret_hash import check_secret_hash
from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.attributes import NEW, check_writable, given_attributes, of_new_user
from services.userpool.directory.user import Status, User
from services.userpool.errors import (
    CodeMismatch,
    ExpiredCode,
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    UserNotFound,
)
from services.userpool.passwords.verifier import Owner
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import by_user, of_pool
from services.userpool.service import cognito_idp
from services.userpool.signin.new_password import new_password
from services.userpool.signin.person import user_or_invented
from services.userpool.signup.codes import Code, Purpose
from services.userpool.signup.delivery import OutgoingCode, check_rate, decoy_code, keep, new_code, send_code
from services.userpool.signup.names import named
from services.userpool.signup.spend import MISMATCH, Effect, spend
from services.userpool.signup.ways import pretended, to_confirm
from shared import ids
from shared.aws.api import cognito_idp as api
from shared.sql.engine import Tx

_NOT_PREFERRED_YET = (
    "Preferred username cannot be provided for unconfirmed account, since user pool is configured for preferred "
    "username alias."
)
_NO_AUTO = "Cannot resend codes. Auto verification not turned on."


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who calls without a token: through which client, about whom. `user` is None for somebody invented."""

    client: AppClient
    pool: UserPool
    typed: str
    user: User | None
    owner: Owner


@cognito_idp.operation()
def sign_up(call: Call, request: api.SignUpRequest) -> api.SignUpResponse:
    """A new user, unconfirmed until the code that is sent comes back or an administrator confirms."""
    context = call.context
    with context.sql.read() as tx:
        client, pool = clients.client_and_pool(tx, context.keys, request.client_id)
    check_secret_hash(client.id, client.secrets, (request.username,), request.secret_hash)
    if pool.allow_admin_create_user_only:
        raise NotAuthorized("SignUp is not permitted for this user pool")
    if request.password is None:
        raise InvalidParameter("Missing required parameter Password")
    given = given_attributes(pool, request.user_attributes, NEW)
    check_writable(client, given)
    if "preferred_username" in pool.alias_attributes and given.get("preferred_username"):
        raise InvalidParameter(_NOT_PREFERRED_YET)
    user = new_user(call, pool, request.username, given)
    record = new_password(context, pool, user, request.password)
    outgoing = _confirmation(call, pool, user)
    if outgoing is not None:
        check_rate(call, pool, user.sub)
    with call.write(by_user(call, pool, user.sub)) as tx:
        directory.add_user(tx, pool, user)
        directory.set_password(tx, user, record, call.now, history_size=pool.password_policy.password_history_size)
        if outgoing is not None:
            keep(tx, outgoing, call.now)
    details = None if outgoing is None else send_code(call, pool, outgoing)
    return api.SignUpResponse(user_confirmed=False, user_sub=user.sub, code_delivery_details=details)


def new_user(call: Call, pool: UserPool, username: str, given: dict[str, str], status: Status = "UNCONFIRMED") -> User:
    """The record of a new user. Raises InvalidParameter for a name or attributes that the pool does not take."""
    sub = ids.uuid4()
    name, attributes = named(pool, username, sub, given)
    return User(
        pool_id=pool.id,
        sub=sub,
        username=name,
        status=status,
        enabled=True,
        attributes=of_new_user(pool, attributes),
        created_s=call.now.timestamp(),
        modified_s=call.now.timestamp(),
    )


@cognito_idp.operation()
def confirm_sign_up(call: Call, request: api.ConfirmSignUpRequest) -> api.ConfirmSignUpResponse:
    """The code proves the address; the user may sign in, with a verified address."""
    if request.session is not None:
        raise InvalidParameter("Session is not supported yet.")
    asker = asked_by(call, request.client_id, request.username, request.secret_hash)
    take_over = bool(request.force_alias_creation)

    def confirm(tx: Tx, user: User, code: Code) -> None:
        _check_unconfirmed(user)
        if user.attributes.get(code.attribute) == code.target:
            verified = {f"{code.attribute}_verified": "true"}
            user = directory.set_attributes(tx, asker.pool, user, verified, call.now, take_over_aliases=take_over)
        directory.set_status(tx, asker.pool, user, "CONFIRMED", call.now)

    if asker.user is not None and not asker.client.hides_user_existence:
        _check_unconfirmed(asker.user)
    spend_for(call, asker, Purpose.SIGN_UP, request.confirmation_code, confirm)
    return api.ConfirmSignUpResponse()


def _check_unconfirmed(user: User) -> None:
    """Raises NotAuthorized for a user who needs no confirmation."""
    if user.status != "UNCONFIRMED":
        raise NotAuthorized(f"User cannot be confirmed. Current status is {user.status}")


@cognito_idp.operation()
def resend_confirmation_code(
    call: Call, request: api.ResendConfirmationCodeRequest
) -> api.ResendConfirmationCodeResponse:
    """A new code for a user who is not confirmed; the one before is good no longer."""
    asker = asked_by(call, request.client_id, request.username, request.secret_hash)
    user, hides = asker.user, asker.client.hides_user_existence
    if user is not None and user.status != "UNCONFIRMED" and not hides:
        raise InvalidParameter("User is already confirmed.")
    outgoing = None
    if user is not None and user.status == "UNCONFIRMED":
        outgoing = _confirmation(call, asker.pool, user)
    if outgoing is None and not hides:
        raise InvalidParameter(_NO_AUTO)
    check_rate(call, asker.pool, asker.owner.sub)
    details = post(call, asker, outgoing or no_code(call, asker, Purpose.SIGN_UP))
    return api.ResendConfirmationCodeResponse(code_delivery_details=details)


@cognito_idp.operation(resource=of_pool)
def admin_confirm_sign_up(call: Call, request: api.AdminConfirmSignUpRequest) -> api.AdminConfirmSignUpResponse:
    """The user may sign in; no address becomes verified by it."""
    with call.write() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = directory.user_to_change(tx, pool, request.username)
        _check_unconfirmed(user)
        directory.set_status(tx, pool, user, "CONFIRMED", call.now)
    return api.AdminConfirmSignUpResponse()


def asked_by(call: Call, client_id: str, username: str, secret_hash: str | None) -> Asker:
    """Finds client, pool and person of an unsigned call. Raises UserNotFound where the client lets that be known."""
    context = call.context
    with context.sql.read() as tx:
        client, pool = clients.client_and_pool(tx, context.keys, client_id)
        try:
            user, owner = user_or_invented(context, tx, client, pool, username)
        except UserNotFound:
            check_secret_hash(client.id, client.secrets, (username,), secret_hash)
            raise UserNotFound("Username/client id combination not found.") from None
    check_secret_hash(client.id, client.secrets, (username, owner.srp_user_id, owner.sub), secret_hash)
    return Asker(client, pool, username, user, owner)


def no_code(call: Call, asker: Asker, purpose: Purpose) -> OutgoingCode:
    """What takes the place of a code, and tells nobody that none goes out (R15)."""
    told = pretended(asker.pool, asker.typed, asker.owner.sub, asker.user)
    return decoy_code(call, asker.owner, purpose, told)


def post(call: Call, asker: Asker, outgoing: OutgoingCode) -> api.CodeDeliveryDetailsType:
    """Keeps a code and sends it; the same for one that only costs as much. Raises CodeDeliveryFailure."""
    with call.context.sql.write() as tx:
        keep(tx, outgoing, call.now)
    return send_code(call, asker.pool, outgoing)


def spend_for(call: Call, asker: Asker, purpose: Purpose, given: str, effect: Effect) -> None:
    """Spends a code; where the client hides who is a user, every failure of the code reads the same (R15)."""
    try:
        spend(call, asker.pool, asker.owner.sub, purpose, given, effect=effect)
    except (ExpiredCode, LimitExceeded):
        if not asker.client.hides_user_existence:
            raise
        raise CodeMismatch(MISMATCH) from None


def _confirmation(call: Call, pool: UserPool, user: User) -> OutgoingCode | None:
    """The code that confirms a sign-up; None where the pool verifies nothing that the user gave."""
    destination = to_confirm(pool, user)
    return None if destination is None else new_code(call, user.owner, Purpose.SIGN_UP, destination)
