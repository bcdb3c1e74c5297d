"""The SQL of codes."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.schema.signup import code
from services.userpool.signup.codes import Code, Purpose
from shared.sql.engine import Tx

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
_HELD: Final = sa.select(*code.columns).where(_this).with_for_update()
_COUNT_TRY: Final = sa.update(code).where(_this).values(tries=code.c.tries + 1)
_REMOVE: Final = sa.delete(code).where(_this)


def put_code(tx: Tx, fresh: Code) -> None:
    """Stores a code in the place of an earlier one for the same purpose."""
    tx.execute(_PUT, {column.name: getattr(fresh, column.name) for column in code.columns})


def code_to_spend(tx: Tx, pool_id: str, sub: str, purpose: Purpose) -> Code | None:
    """Gives the code; its row is held until the transaction ends."""
    row = tx.execute(_HELD, {"pool_": pool_id, "sub_": sub, "purpose_": purpose}).first()
    return None if row is None else Code(row[0], row[1], Purpose(row[2]), *row[3:])


def count_try(tx: Tx, spent: Code) -> None:
    """Counts a wrong try."""
    tx.execute(_COUNT_TRY, {"pool_": spent.pool_id, "sub_": spent.sub, "purpose_": spent.purpose})


def remove_code(tx: Tx, pool_id: str, sub: str, purpose: Purpose) -> None:
    """The code is good for nothing any more."""
    tx.execute(_REMOVE, {"pool_": pool_id, "sub_": sub, "purpose_": purpose})
