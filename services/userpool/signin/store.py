"""The SQL of failures under names that nobody has."""

from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.passwords.lockout import LONGEST, REST, Lockout
from services.userpool.schema.signin import stranger
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared
from shared.sql.walk import next_value

_FORGOTTEN_AFTER: Final = LONGEST + REST + timedelta(minutes=1)

_MOST_FORGOTTEN: Final = 100

_this = sa.and_(stranger.c.pool_id == sa.bindparam("pool_"), stranger.c.sub == sa.bindparam("sub_"))
_FIND = Prepared(sa.select(stranger.c.failures, stranger.c.last_failure_at).where(_this))
_HOLD = Prepared(
    insert(stranger)
    .on_conflict_do_update(index_elements=["pool_id", "sub"], set_={"failures": stranger.c.failures})
    .returning(stranger.c.failures, stranger.c.last_failure_at),
    ("pool_id", "sub", "failures", "last_failure_at"),
)
_SET = Prepared(
    sa.update(stranger)
    .where(_this)
    .values(failures=sa.bindparam("failures_"), last_failure_at=sa.bindparam("last_", type_=sa.Double))
)
_SET_FIRST = Prepared(sa.update(stranger).where(_this).values(failures=sa.bindparam("failures_")))
_rested = (
    sa.select(stranger.c.pool_id, stranger.c.sub)
    .where(
        stranger.c.pool_id == sa.bindparam("pool_"),
        stranger.c.last_failure_at < sa.bindparam("before_", type_=sa.Double),
    )
    .limit(_MOST_FORGOTTEN)
    .with_for_update(skip_locked=True)
)
_NEXT_POOL = next_value(stranger.c.pool_id)
_FORGET = Prepared(sa.delete(stranger).where(sa.tuple_(stranger.c.pool_id, stranger.c.sub).in_(_rested)))


def find_stranger(tx: Tx, pool_id: str, sub: str) -> Lockout:
    """Gives the lockout state of an invented person."""
    row = _FIND.first(tx, {"pool_": pool_id, "sub_": sub})
    return Lockout() if row is None else Lockout(row[0], datetime.fromtimestamp(row[1], UTC))


def hold_stranger(tx: Tx, pool_id: str, sub: str, now: datetime) -> Lockout:
    """As `find_stranger`; the row is made if there is none, and held until the transaction ends."""
    fresh = {"pool_id": pool_id, "sub": sub, "failures": 0, "last_failure_at": now.timestamp()}
    row = _HOLD.first(tx, fresh)
    return Lockout(row[0], datetime.fromtimestamp(row[1], UTC)) if row and row[0] else Lockout()


def set_stranger(tx: Tx, pool_id: str, sub: str, before: Lockout, state: Lockout) -> None:
    """Keeps the state of a row that is held; one that was made for it bears the time already."""
    row = {"pool_": pool_id, "sub_": sub, "failures_": state.failures}
    if before.failures and state.last_failure_at is not None:
        _SET.change(tx, row | {"last_": state.last_failure_at.timestamp()})
    else:
        _SET_FIRST.change(tx, row)


def forget_rested(tx: Tx, pool_id: str, now: datetime) -> bool:
    """Removes some of the pool's strangers who have rested; whether there may be more."""
    before = (now - _FORGOTTEN_AFTER).timestamp()
    return _FORGET.change(tx, {"pool_": pool_id, "before_": before}) == _MOST_FORGOTTEN


def next_pool(tx: Tx, after: str) -> str | None:
    """The first pool past `after` that has strangers: a point look-up in the key."""
    return tx.execute(_NEXT_POOL, {"after": after}).scalar()
