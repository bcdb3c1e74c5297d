"""The SQL of codes."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.schema.signup import code
from services.userpool.signup.codes import Code, Purpose
from shared.sql.engine import Tx
from shared.sql.walk import next_value

_MOST_FORGOTTEN: Final = 100

_this: Final = sa.and_(
    code.c.pool_id == sa.bindparam("pool_"),
    code.c.sub == sa.bindparam("sub_"),
    code.c.purpose == sa.bindparam("purpose_"),
)
_new = insert(code)
_PUT: Final = _new.on_conflict_do_update(
    index_elements=["pool_id", "sub", "purpose"],
    set_={name: _new.excluded[name] for name in ("attribute", "target", "hash", "tries", "expires_at")},
)
_FIND: Final = sa.select(*code.columns).where(_this)
_HELD: Final = _FIND.with_for_update()
_COUNT_TRY: Final = _new.on_conflict_do_update(
    index_elements=["pool_id", "sub", "purpose"], set_={"tries": code.c.tries + 1}
)
_REMOVE: Final = sa.delete(code).where(_this)
_REMOVE_FOR_ANOTHER: Final = _REMOVE.where(code.c.target != sa.bindparam("target_"))
_ended: Final = (
    sa.select(code.c.pool_id, code.c.sub, code.c.purpose)
    .where(code.c.pool_id == sa.bindparam("pool_"), code.c.expires_at < sa.bindparam("before_", type_=sa.Double))
    .limit(_MOST_FORGOTTEN)
    .with_for_update(skip_locked=True)
)
_NEXT_POOL: Final = next_value(code.c.pool_id)
_FORGET: Final = sa.delete(code).where(sa.tuple_(code.c.pool_id, code.c.sub, code.c.purpose).in_(_ended))


def put_code(tx: Tx, fresh: Code) -> None:
    """Stores a code in the place of an earlier one for the same purpose."""
    tx.execute(_PUT, _row(fresh))


def find_code(tx: Tx, pool_id: str, sub: str, purpose: Purpose) -> Code | None:
    """Gives the code."""
    return _code(tx.execute(_FIND, {"pool_": pool_id, "sub_": sub, "purpose_": purpose}).first())


def code_to_spend(tx: Tx, pool_id: str, sub: str, purpose: Purpose) -> Code | None:
    """Gives the code; its row is held until the transaction ends."""
    return _code(tx.execute(_HELD, {"pool_": pool_id, "sub_": sub, "purpose_": purpose}).first())


def count_try(tx: Tx, tried: Code) -> None:
    """Counts a wrong try; `tried` is stored where there is no row that could count."""
    tx.execute(_COUNT_TRY, _row(tried))


def remove_code(tx: Tx, pool_id: str, sub: str, purpose: Purpose) -> None:
    """The code is good for nothing any more."""
    tx.execute(_REMOVE, {"pool_": pool_id, "sub_": sub, "purpose_": purpose})


def remove_code_for_another(tx: Tx, pool_id: str, sub: str, purpose: Purpose, target: str) -> None:
    """A code that was sent to another address than `target` is good for nothing any more."""
    tx.execute(_REMOVE_FOR_ANOTHER, {"pool_": pool_id, "sub_": sub, "purpose_": purpose, "target_": target})


def forget_ended(tx: Tx, pool_id: str, now_s: float) -> bool:
    """Removes some of the pool's codes whose time is over; whether there may be more."""
    return tx.execute(_FORGET, {"pool_": pool_id, "before_": now_s}).rowcount == _MOST_FORGOTTEN


def next_pool(tx: Tx, after: str) -> str | None:
    """The first pool past `after` that has codes: a point look-up in the key."""
    return tx.execute(_NEXT_POOL, {"after": after}).scalar()


def _code(row: Any) -> Code | None:  # noqa: ANN401 - a row of the table
    return None if row is None else Code(row[0], row[1], Purpose(row[2]), *row[3:])


def _row(kept: Code) -> dict[str, object]:
    return {column.name: getattr(kept, column.name) for column in code.columns}
