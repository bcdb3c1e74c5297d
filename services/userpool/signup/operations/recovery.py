"""A forgotten password: a code to a verified address opens the way to a new one."""

from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.user import User
from services.userpool.errors import USER_DISABLED, CodeMismatch, NotAuthorized, PasswordHistoryPolicyViolation
from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.policy import check_password
from services.userpool.passwords.verifier import PasswordRecord
from services.userpool.pools import store as pools
from services.userpool.pools.resource import of_pool
from services.userpool.service import cognito_idp
from services.userpool.signin.new_password import new_password, store_password
from services.userpool.signup.codes import Code, Purpose
from services.userpool.signup.delivery import Destination, check_rate, keep, new_code, send_code
from services.userpool.signup.operations.sign_up import Asker, asked_by, no_code, post, spend_for
from services.userpool.signup.spend import MISMATCH, is_good
from services.userpool.signup.ways import to_recover
from shared.aws.api import cognito_idp as api
from shared.refusal import Refusal
from shared.sql.engine import Tx


@cognito_idp.operation()
def forgot_password(call: Call, request: api.ForgotPasswordRequest) -> api.ForgotPasswordResponse:
    """Sends a code; where the client hides who is a user, anybody is told that one went out."""
    asker = asked_by(call, request.client_id, request.username, request.secret_hash)
    found = None if asker.user is None else to_recover(asker.pool, asker.user)
    if isinstance(found, Refusal) and not asker.client.hides_user_existence:
        raise found
    check_rate(call, asker.pool, asker.owner.sub)
    outgoing = (
        new_code(call, asker.owner, Purpose.RESET, found, version=asker.user.password_version)
        if asker.user is not None and isinstance(found, Destination)
        else no_code(call, asker, Purpose.RESET)
    )
    return api.ForgotPasswordResponse(code_delivery_details=post(call, asker, outgoing))


@cognito_idp.operation()
def confirm_forgot_password(call: Call, request: api.ConfirmForgotPasswordRequest) -> api.ConfirmForgotPasswordResponse:
    """The code and a new password; a lock is over, since the address has been proved."""
    asker = asked_by(call, request.client_id, request.username, request.secret_hash)
    pool, given = asker.pool, request.confirmation_code
    check_password(pool.password_policy, request.password)
    made = _made(call, asker, given, request.password)

    def change(tx: Tx, held: User, code: Code) -> None:
        if held.attributes.get(code.attribute) != code.target:  # the address is another by now
            raise CodeMismatch(MISMATCH)
        if not held.enabled:
            raise NotAuthorized(USER_DISABLED)
        if isinstance(made, Refusal):
            raise made
        store_password(tx, pool, held, made, call.now, status="CONFIRMED")
        directory.set_lockout(tx, held, Lockout())

    spend_for(call, asker, Purpose.RESET, given, change)
    return api.ConfirmForgotPasswordResponse()


def _made(call: Call, asker: Asker, given: str, password: str) -> PasswordRecord | Refusal:
    """The record of the new password, or what will be said of it once the code is proved.

    Only a good code has the password hashed and compared with earlier ones: anybody else learns nothing by it.
    """
    good = is_good(call, asker.pool, asker.owner.sub, Purpose.RESET, given, asker.user)
    if asker.user is None or not good:
        return CodeMismatch(MISMATCH)
    try:
        return new_password(call.context, asker.pool, asker.user, password)
    except PasswordHistoryPolicyViolation as refusal:
        return refusal


@cognito_idp.operation(resource=of_pool)
def admin_reset_user_password(
    call: Call, request: api.AdminResetUserPasswordRequest
) -> api.AdminResetUserPasswordResponse:
    """The password is good no longer; the user gets a code for a new one."""
    with call.context.sql.read() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, request.user_pool_id)
        user = directory.user_named(tx, pool, request.username)
    found = to_recover(pool, user, by_admin=True)
    if isinstance(found, Refusal):
        raise found
    check_rate(call, pool, user.sub)
    outgoing = new_code(call, user.owner, Purpose.RESET, found, version=user.password_version)
    with call.write() as tx:
        held = directory.user_to_change(tx, pool, user.sub)
        directory.set_status(tx, pool, held, "RESET_REQUIRED", call.now)
        keep(tx, outgoing, call.now)
    send_code(call, pool, outgoing)
    return api.AdminResetUserPasswordResponse()
