"""SQL of the key pair behind the identity pools' own tokens."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.schema.identities import token_keys
from shared.sql.engine import Tx

_FIND: Final = (
    sa.select(token_keys.c.key_id, token_keys.c.private_key)
    .where(token_keys.c.region == sa.bindparam("region"))
    .order_by(token_keys.c.created_at, token_keys.c.key_id)
    .limit(1)
)
_NAMED: Final = sa.select(token_keys.c.key_id, token_keys.c.private_key).where(
    token_keys.c.region == sa.bindparam("region"), token_keys.c.key_id == sa.bindparam("key_id")
)
_ADD: Final = insert(token_keys).on_conflict_do_nothing()


def find_key(tx: Tx, region: str) -> tuple[str, bytes] | None:
    """Id and sealed private key of the region's oldest key pair: two that were made at once settle on one."""
    row = tx.execute(_FIND, {"region": region}).first()
    return None if row is None else (row.key_id, row.private_key)


def key_named(tx: Tx, region: str, key_id: str) -> tuple[str, bytes] | None:
    """As `find_key`, of the key pair with this id."""
    row = tx.execute(_NAMED, {"region": region, "key_id": key_id}).first()
    return None if row is None else (row.key_id, row.private_key)


def add_key(tx: Tx, region: str, key_id: str, sealed: bytes, at: float) -> None:
    """Keeps a key pair."""
    tx.execute(_ADD, {"region": region, "key_id": key_id, "private_key": sealed, "created_at": at})
