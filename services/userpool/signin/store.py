"""The SQL of failures under names that nobody has."""

from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.passwords.lockout import LONGEST, REST, Lockout
from services.userpool.schema.signin import stranger
from shared.sql.engine import Tx

_FORGOTTEN_AFTER: Final = LONGEST + REST + timedelta(minutes=1)

_this = sa.and_(stranger.c.pool_id == sa.bindparam("pool_"), stranger.c.sub == sa.bindparam("sub_"))
_FIND = sa.select(stranger.c.failures, stranger.c.last_failure_at).where(_this)
_new = insert(stranger)
_SET = _new.on_conflict_do_update(
    index_elements=["pool_id", "sub"],
    set_={"failures": _new.excluded.failures, "last_failure_at": _new.excluded.last_failure_at},
)
_FORGET = sa.delete(stranger).where(
    stranger.c.pool_id == sa.bindparam("pool_"), stranger.c.last_failure_at < sa.bindparam("before_", type_=sa.Double)
)


def find_stranger(tx: Tx, pool_id: str, sub: str) -> Lockout:
    """Gives the lockout state of an invented person."""
    row = tx.execute(_FIND, {"pool_": pool_id, "sub_": sub}).first()
    return Lockout() if row is None else Lockout(row.failures, datetime.fromtimestamp(row.last_failure_at, UTC))


def set_stranger(tx: Tx, pool_id: str, sub: str, state: Lockout, at: datetime) -> None:
    """Keeps the state, and forgets those of the pool that have rested."""
    last = (state.last_failure_at or at).timestamp()
    tx.execute(_SET, {"pool_id": pool_id, "sub": sub, "failures": state.failures, "last_failure_at": last})
    tx.execute(_FORGET, {"pool_": pool_id, "before_": (at - _FORGOTTEN_AFTER).timestamp()})
