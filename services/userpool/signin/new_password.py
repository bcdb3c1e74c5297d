"""A new password for a user: judged by the pool's policy and history, made into a record, stored."""

from datetime import datetime

import msgspec

from services.userpool.context import Context
from services.userpool.directory import store as directory
from services.userpool.directory.attributes import changed, check_writable, given_attributes
from services.userpool.directory.user import Status, User
from services.userpool.errors import WRONG_PROOF, NotAuthorized
from services.userpool.passwords.policy import check_history, check_password
from services.userpool.passwords.srp import SALT_BYTES
from services.userpool.passwords.verifier import PasswordRecord, Vault, make_record, matches
from services.userpool.pools.pool import UserPool
from services.userpool.signin.challenges import new_password_required
from services.userpool.signin.entrance import Entrance
from services.userpool.signin.flow import Outcome, Underway, open_new_password, proceed, required_and_missing
from services.userpool.signin.step import Challenge, with_proof
from shared import ids
from shared.aws.api import cognito_idp as api
from shared.sql.engine import Tx


def new_password(
    context: Context, pool: UserPool, user: User, password: str, *, member: str = "password", is_fresh: bool = True
) -> PasswordRecord:
    """Makes the record of a new password. `member` is the input member that a refusal names.

    `is_fresh`: it must be none of the user's latest; not so for a temporary one that is handed out again.
    Raises InvalidPassword, InvalidParameter, PasswordHistoryPolicyViolation, TooManyRequests. It hashes: not to be
    called inside a transaction.
    """
    vault, policy = context.part(Vault), pool.password_policy
    check_password(policy, password, member)
    earlier = (*((user.password,) if user.password else ()), *user.password_history) if is_fresh else ()
    check_history(policy, earlier, lambda record: matches(vault, record, user.owner, password))
    kind, salt = pool.password_kind, ids.random_bytes(SALT_BYTES)
    return make_record(vault, kind, user.owner, password, salt=salt, version=user.password_version + 1)


def store_password(
    tx: Tx, pool: UserPool, user: User, record: PasswordRecord, at: datetime, *, status: Status | None = None
) -> None:
    """Writes the record, and the status if it changes. `user` is held by the transaction.

    Raises NotAuthorized if another password was set meanwhile: the record was judged against an older history.
    """
    if record.version != user.password_version + 1:
        raise NotAuthorized(WRONG_PROOF)
    directory.set_password(tx, user, record, at, history_size=pool.password_policy.password_history_size)
    if status is not None and status != user.status:
        directory.set_status(tx, pool, user, status, at)


def answer_new_password_required(entrance: Entrance, given_session: str | None) -> Outcome:
    """The user's own password in place of the temporary one, with the attributes that the pool requires."""
    underway = open_new_password(entrance, given_session)
    pool, user, now = entrance.pool, underway.user, entrance.call.now
    password, given = new_password_required.read(entrance.sent, required_and_missing(entrance, user))
    check_writable(entrance.client, given)
    pairs = [api.AttributeType(name=name, value=value) for name, value in given.items()]
    checked = given_attributes(pool, pairs)
    new_password_required.check_kept(pool, user.attributes, checked)
    fresh, gone = changed(pool, user.attributes, checked)
    record = new_password(entrance.context, pool, user, password)
    attempt = with_proof(underway.attempt, Challenge.NEW_PASSWORD_REQUIRED)

    def change(tx: Tx, held: User) -> None:
        if given:
            held = directory.set_attributes(tx, pool, held, fresh, now, remove=gone)
        store_password(tx, pool, held, record, now, status="CONFIRMED")

    kept = {name: value for name, value in user.attributes.items() if name not in gone}
    confirmed = msgspec.structs.replace(user, attributes=kept | fresh, status="CONFIRMED")
    return proceed(entrance, Underway(attempt, underway.origin_jti, underway.epoch, confirmed), change)
