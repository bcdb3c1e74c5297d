"""Which name means whom, and by what ListUsers finds a user."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.schema.directory import user_names, user_search
from shared.sql.engine import Tx

_CLAIM: Final = (
    insert(user_names).on_conflict_do_nothing(index_elements=["pool_id", "name"]).returning(user_names.c.sub)
)
_HOLDER: Final = sa.select(user_names.c.sub).where(
    user_names.c.pool_id == sa.bindparam("pool"), user_names.c.name == sa.bindparam("the_name")
)
_RELEASE: Final = sa.delete(user_names).where(
    user_names.c.pool_id == sa.bindparam("pool"),
    user_names.c.name == sa.bindparam("the_name"),
    user_names.c.sub == sa.bindparam("the_sub"),
)
_INDEX: Final = insert(user_search).on_conflict_do_nothing()
_UNINDEX: Final = sa.delete(user_search).where(
    user_search.c.pool_id == sa.bindparam("pool"),
    user_search.c.attribute == sa.bindparam("the_attribute"),
    user_search.c.value == sa.bindparam("the_value"),
    user_search.c.sub == sa.bindparam("the_sub"),
)


def claim_name(tx: Tx, pool_id: str, name: str, sub: str) -> bool:
    """Makes the name mean this user; False if it means somebody already. The constraint decides."""
    return tx.execute(_CLAIM, {"pool_id": pool_id, "name": name, "sub": sub}).first() is not None


def holder_of(tx: Tx, pool_id: str, name: str) -> str | None:
    """The sub of the user whom the name means."""
    return tx.execute(_HOLDER, {"pool": pool_id, "the_name": name}).scalar()


def release_name(tx: Tx, pool_id: str, name: str, sub: str) -> None:
    """The name means this user no longer."""
    tx.execute(_RELEASE, {"pool": pool_id, "the_name": name, "the_sub": sub})


def index(tx: Tx, pool_id: str, sub: str, rows: Iterable[tuple[str, str]]) -> None:
    """Lets ListUsers find the user by these attributes."""
    values = [{"pool_id": pool_id, "attribute": name, "value": value, "sub": sub} for name, value in sorted(rows)]
    if values:
        tx.execute(_INDEX, values)


def unindex(tx: Tx, pool_id: str, sub: str, rows: Iterable[tuple[str, str]]) -> None:
    """Takes them out again."""
    values = [{"pool": pool_id, "the_attribute": name, "the_value": value, "the_sub": sub} for name, value in rows]
    if values:
        tx.execute(_UNINDEX, values)
