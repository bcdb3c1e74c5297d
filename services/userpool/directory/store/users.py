"""One user in SQL."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from services.userpool.directory.aliases import can_move, folded, names_of, search_rows, taken, without_alias
from services.userpool.directory.store import names
from services.userpool.directory.user import Status, User
from services.userpool.errors import UserNotFound
from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.verifier import PasswordRecord
from services.userpool.pools.pool import UserPool
from services.userpool.schema.directory import user_names, users
from services.userpool.schema.signup import code
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared

_HERE: Final = sa.and_(users.c.pool_id == sa.bindparam("pool"), users.c.sub == sa.bindparam("the_sub"))
_OF_NAME: Final = (
    sa.select(users)
    .select_from(user_names)
    .join(users, sa.and_(users.c.pool_id == user_names.c.pool_id, users.c.sub == user_names.c.sub))
    .where(user_names.c.pool_id == sa.bindparam("pool"), user_names.c.name == sa.bindparam("the_name"))
)
_BY_NAME: Final = Prepared(_OF_NAME)
_BY_NAME_HELD: Final = Prepared(_OF_NAME.with_for_update(of=users))
_OF_SUB: Final = sa.select(users).where(_HERE)
_BY_SUB: Final = Prepared(_OF_SUB)
_BY_SUB_HELD: Final = Prepared(_OF_SUB.with_for_update())
_ADD: Final = sa.insert(users)
_REMOVE: Final = sa.delete(users).where(_HERE)
_REMOVE_CODES: Final = sa.delete(code).where(
    code.c.pool_id == sa.bindparam("pool"), code.c.sub == sa.bindparam("the_sub")
)
_SET_ATTRIBUTES: Final = (
    sa.update(users).where(_HERE).values(attributes=sa.bindparam("new"), modified_at=sa.bindparam("at"))
)
_SET_STATE: Final = (
    sa.update(users)
    .where(_HERE)
    .values(status=sa.bindparam("new_status"), enabled=sa.bindparam("new_enabled"), modified_at=sa.bindparam("at"))
)
_SET_PASSWORD: Final = (
    sa.update(users)
    .where(_HERE)
    .values(
        password=sa.bindparam("new"),
        password_set_at=sa.bindparam("at"),
        modified_at=sa.bindparam("at"),
        password_history=sa.bindparam("history"),
    )
)
_CONVERT_PASSWORD: Final = sa.update(users).where(_HERE).values(password=sa.bindparam("new"))
_SET_LOCKOUT: Final = Prepared(
    sa.update(users).where(_HERE).values(failures=sa.bindparam("count"), last_failure_at=sa.bindparam("last"))
)
_RAISE_EPOCH: Final = sa.update(users).where(_HERE).values(session_epoch=users.c.session_epoch + 1)
_ATTRIBUTES: Final = msgspec.json.Decoder(dict[str, str])
_PASSWORD: Final = msgspec.msgpack.Decoder(PasswordRecord)
_HISTORY: Final = msgspec.msgpack.Decoder(tuple[PasswordRecord, ...])
_NO_LOCKOUT: Final = Lockout()


def user_of(row: Any) -> User:  # noqa: ANN401 - a row of the table, column by column
    """The record of a row with all columns of `users`, in their order."""
    pool_id, sub, username, status, enabled, attributes, created, modified, *rest = row
    password, password_set_at, history, failures, last_failure_at, epoch = rest
    return User(
        pool_id=pool_id,
        sub=sub,
        username=username,
        status=status,
        enabled=enabled,
        attributes=_ATTRIBUTES.decode(attributes),
        created_s=created,
        modified_s=modified,
        password=None if password is None else _PASSWORD.decode(password),
        password_set_at=_at(password_set_at),
        password_history=() if history is None else _HISTORY.decode(history),
        lockout=Lockout(failures, _at(last_failure_at)) if failures else _NO_LOCKOUT,
        session_epoch=epoch,
    )


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def find_user(tx: Tx, pool: UserPool, name: str) -> User | None:
    """The user whom a user name, a sub or an alias means."""
    row = _BY_NAME.first(tx, {"pool": pool.id, "the_name": folded(pool, name)})
    return None if row is None else user_of(row)


def user_named(tx: Tx, pool: UserPool, name: str) -> User:
    """As `find_user`. Raises UserNotFound."""
    user = find_user(tx, pool, name)
    if user is None:
        raise UserNotFound
    return user


def user_to_change(tx: Tx, pool: UserPool, name: str) -> User:
    """As `user_named`; the row is held until the transaction ends, so that no change is lost."""
    row = _BY_NAME_HELD.first(tx, {"pool": pool.id, "the_name": folded(pool, name)})
    if row is None:
        raise UserNotFound
    return user_of(row)


def find_user_by_sub(tx: Tx, pool_id: str, sub: str, *, hold: bool = False) -> User | None:
    """The user with this sub; with `hold` the row is held until the transaction ends."""
    row = (_BY_SUB_HELD if hold else _BY_SUB).first(tx, {"pool": pool_id, "the_sub": sub})
    return None if row is None else user_of(row)


def add_user(tx: Tx, pool: UserPool, user: User, *, take_over_aliases: bool = False) -> None:
    """Stores a new user.

    Raises UsernameExists or AliasExists where another user has one of the names. With `take_over_aliases`
    (ForceAliasCreation) a proved address moves here, and is no longer verified at its former holder.
    """
    tx.execute(_ADD, _values(user))
    wanted = names_of(pool, user.sub, user.username, user.attributes)
    _claim(tx, pool, user.sub, wanted, new_user=True, take_over=take_over_aliases)
    rows = search_rows(pool, user.username, user.status, user.attributes, enabled=user.enabled)
    names.index(tx, pool.id, user.sub, rows)


def _values(user: User) -> dict[str, Any]:
    last = user.lockout.last_failure_at
    return {
        "pool_id": user.pool_id,
        "sub": user.sub,
        "username": user.username,
        "status": user.status,
        "enabled": user.enabled,
        "attributes": msgspec.json.encode(user.attributes).decode(),
        "created_at": user.created_s,
        "modified_at": user.modified_s,
        "password": None if user.password is None else msgspec.msgpack.encode(user.password),
        "password_set_at": None if user.password_set_at is None else user.password_set_at.timestamp(),
        "password_history": msgspec.msgpack.encode(user.password_history) if user.password_history else None,
        "failures": user.lockout.failures,
        "last_failure_at": None if last is None else last.timestamp(),
        "session_epoch": user.session_epoch,
    }


def _claim(
    tx: Tx, pool: UserPool, sub: str, wanted: Mapping[str, str | None], *, new_user: bool, take_over: bool
) -> None:
    """Claims names in a fixed order, user name first, so that two transactions cannot wait for each other in a ring."""
    for name in sorted(wanted, key=lambda name: (wanted[name] is not None, name)):
        attribute = wanted[name]
        if names.claim_name(tx, pool.id, name, sub):
            continue
        if take_over and can_move(pool, attribute):
            _take_from_holder(tx, pool, name)
            if names.claim_name(tx, pool.id, name, sub):
                continue
        raise taken(pool, attribute, new_user=new_user)


def _take_from_holder(tx: Tx, pool: UserPool, name: str) -> None:
    """Whoever has the name as a proved address has it no longer."""
    holder_sub = names.holder_of(tx, pool.id, name)
    holder = None if holder_sub is None else find_user_by_sub(tx, pool.id, holder_sub, hold=True)
    if holder is not None:
        left = without_alias(pool, holder.attributes, name)
        _replace_attributes(tx, pool, holder, left, datetime.fromtimestamp(holder.modified_s, UTC))


def set_attributes(
    tx: Tx,
    pool: UserPool,
    user: User,
    changes: Mapping[str, str],
    at: datetime,
    *,
    remove: Collection[str] = (),
    take_over_aliases: bool = False,
) -> User:
    """Sets attributes, removes those in `remove`, and moves the aliases with them; gives the user as it is then.

    Raises AliasExists where another user signs in with a value, unless it moves here by `take_over_aliases`.
    """
    kept = {name: value for name, value in user.attributes.items() if name not in remove}
    kept.update(changes)
    return _replace_attributes(tx, pool, user, kept, at, take_over=take_over_aliases)


def remove_attributes(tx: Tx, pool: UserPool, user: User, removed: Iterable[str], at: datetime) -> User:
    """Removes attributes, and the aliases that they were; gives the user as it is then."""
    gone = set(removed)
    kept = {name: value for name, value in user.attributes.items() if name not in gone}
    return _replace_attributes(tx, pool, user, kept, at)


def _replace_attributes(
    tx: Tx, pool: UserPool, user: User, attributes: Mapping[str, str], at: datetime, *, take_over: bool = False
) -> User:
    encoded = msgspec.json.encode(attributes).decode()
    tx.execute(_SET_ATTRIBUTES, {"pool": pool.id, "the_sub": user.sub, "new": encoded, "at": at.timestamp()})
    before = names_of(pool, user.sub, user.username, user.attributes)
    after = names_of(pool, user.sub, user.username, attributes)
    for name in sorted(before.keys() - after.keys()):
        names.release_name(tx, pool.id, name, user.sub)
    fresh = {name: attribute for name, attribute in after.items() if name not in before}
    _claim(tx, pool, user.sub, fresh, new_user=False, take_over=take_over)
    changed = msgspec.structs.replace(user, attributes=attributes, modified_s=at.timestamp())
    _reindex(tx, pool, user, changed)
    return changed


def _reindex(tx: Tx, pool: UserPool, before: User, after: User) -> None:
    old = search_rows(pool, before.username, before.status, before.attributes, enabled=before.enabled)
    new = search_rows(pool, after.username, after.status, after.attributes, enabled=after.enabled)
    names.unindex(tx, pool.id, after.sub, old - new)
    names.index(tx, pool.id, after.sub, new - old)


def set_status(tx: Tx, pool: UserPool, user: User, status: Status, at: datetime) -> User:
    """Gives the user a status; gives the user as it is then."""
    return _set_state(tx, pool, user, msgspec.structs.replace(user, status=status, modified_s=at.timestamp()))


def set_enabled(tx: Tx, pool: UserPool, user: User, at: datetime, *, enabled: bool) -> User:
    """Lets the user sign in, or not; gives the user as it is then."""
    return _set_state(tx, pool, user, msgspec.structs.replace(user, enabled=enabled, modified_s=at.timestamp()))


def _set_state(tx: Tx, pool: UserPool, before: User, after: User) -> User:
    values = {"new_status": after.status, "new_enabled": after.enabled, "at": after.modified_s}
    tx.execute(_SET_STATE, {"pool": pool.id, "the_sub": after.sub, **values})
    _reindex(tx, pool, before, after)
    return after


def set_password(tx: Tx, user: User, record: PasswordRecord, at: datetime, *, history_size: int) -> None:
    """Gives the user a password. Of the earlier ones as many stay as the policy's history counts beside it."""
    earlier = (*((user.password,) if user.password else ()), *user.password_history)[: max(history_size - 1, 0)]
    tx.execute(
        _SET_PASSWORD,
        {
            "pool": user.pool_id,
            "the_sub": user.sub,
            "new": msgspec.msgpack.encode(record),
            "at": at.timestamp(),
            "history": msgspec.msgpack.encode(earlier) if earlier else None,
        },
    )


def convert_password(tx: Tx, user: User, record: PasswordRecord) -> None:
    """Keeps the same password as another kind of record. `user` is held by the transaction."""
    values = {"pool": user.pool_id, "the_sub": user.sub, "new": msgspec.msgpack.encode(record)}
    tx.execute(_CONVERT_PASSWORD, values)


def set_lockout(tx: Tx, user: User, lockout: Lockout) -> None:
    """Stores the count of wrong passwords."""
    last = None if lockout.last_failure_at is None else lockout.last_failure_at.timestamp()
    _SET_LOCKOUT.change(tx, {"pool": user.pool_id, "the_sub": user.sub, "count": lockout.failures, "last": last})


def raise_session_epoch(tx: Tx, user: User) -> None:
    """Voids what was handed out to the user so far."""
    tx.execute(_RAISE_EPOCH, {"pool": user.pool_id, "the_sub": user.sub})


def remove_user(tx: Tx, user: User) -> None:
    """Removes the user with their codes and, by the foreign keys, all that hangs on them."""
    tx.execute(_REMOVE_CODES, {"pool": user.pool_id, "the_sub": user.sub})
    tx.execute(_REMOVE, {"pool": user.pool_id, "the_sub": user.sub})
