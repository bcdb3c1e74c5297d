"""Pools in SQL. Decoded records are kept in process by the text they were decoded from, so a stale one cannot be met."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec
import sqlalchemy as sa

from services.userpool.errors import ResourceNotFound
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import PoolSettings
from services.userpool.schema.directory import app_clients, groups, user_pools, user_search, users
from services.userpool.schema.signin import stranger
from services.userpool.schema.signup import code
from services.userpool.schema.tokens import session
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared

COLUMNS: Final = (
    user_pools.c.pool_id,
    user_pools.c.account_id,
    user_pools.c.name,
    user_pools.c.settings,
    user_pools.c.created_at,
    user_pools.c.modified_at,
)
IS_THERE: Final = user_pools.c.removed_at.is_(None)
_BY_ID: Final = sa.select(*COLUMNS).where(user_pools.c.pool_id == sa.bindparam("pool"), IS_THERE)
_FIND: Final = Prepared(_BY_ID)
_LIST: Final = (
    sa.select(*COLUMNS)
    .where(user_pools.c.account_id == sa.bindparam("account"), user_pools.c.pool_id > sa.bindparam("after"), IS_THERE)
    .order_by(user_pools.c.pool_id)
    .limit(sa.bindparam("limit"))
)
_SET: Final = (
    sa.update(user_pools)
    .where(user_pools.c.pool_id == sa.bindparam("pool"))
    .values(name=sa.bindparam("new_name"), settings=sa.bindparam("new_settings"), modified_at=sa.bindparam("at"))
)
_ADD: Final = sa.insert(user_pools)
_REMOVE: Final = sa.delete(user_pools).where(user_pools.c.pool_id == sa.bindparam("pool"))
_REMOVED: Final = sa.select(user_pools.c.pool_id).where(user_pools.c.removed_at.is_not(None)).limit(1)
_MARK: Final = (
    sa.update(user_pools).where(user_pools.c.pool_id == sa.bindparam("pool")).values(removed_at=sa.bindparam("at"))
)
_REMOVE_CLIENTS: Final = sa.delete(app_clients).where(app_clients.c.pool_id == sa.bindparam("pool"))
_LOCK: Final = _BY_ID.with_for_update()
_COUNT_USERS: Final = sa.select(sa.func.count()).where(
    user_search.c.pool_id == sa.bindparam("pool"), user_search.c.attribute == "status"
)
AT_ONCE: Final = 200
"""How many rows of a table are removed in one transaction."""
_DECODER: Final = msgspec.json.Decoder(PoolSettings)


def _remove_some_of(table: sa.Table) -> sa.Delete:
    """Some of a pool's rows; those that hang on them go along."""
    own = [column for column in table.primary_key.columns if column.name != "pool_id"]
    some = sa.select(*own).where(table.c.pool_id == sa.bindparam("pool")).order_by(*own).limit(sa.bindparam("some"))
    return sa.delete(table).where(table.c.pool_id == sa.bindparam("pool"), sa.tuple_(*own).in_(some))


_REMOVE_SOME: Final = tuple(_remove_some_of(table) for table in (session, users, groups, code, stranger))


@lru_cache(maxsize=1024)
def decoded(pool_id: str, account_id: str, name: str, settings: str, created_at: float, modified_at: float) -> UserPool:
    """The record of a row. The whole row is the cache's key."""
    return UserPool(
        id=pool_id,
        account_id=account_id,
        name=name,
        settings=_DECODER.decode(settings),
        created_at=datetime.fromtimestamp(created_at, UTC),
        modified_at=datetime.fromtimestamp(modified_at, UTC),
    )


def find_pool(tx: Tx, pool_id: str) -> UserPool | None:
    """The pool, or None."""
    row = _FIND.first(tx, {"pool": pool_id})
    return None if row is None else decoded(*row)


def pool_named(tx: Tx, pool_id: str) -> UserPool:
    """The pool. Raises ResourceNotFound."""
    pool = find_pool(tx, pool_id)
    if pool is None:
        raise missing(pool_id)
    return pool


def pool_of_account(tx: Tx, account_id: str, pool_id: str) -> UserPool:
    """The pool, if it belongs to the account; another account's answers as a missing one. Raises ResourceNotFound."""
    pool = pool_named(tx, pool_id)
    if pool.account_id != account_id:
        raise missing(pool_id)
    return pool


def pool_to_change(tx: Tx, account_id: str, pool_id: str) -> UserPool:
    """As `pool_of_account`; the row is held until the transaction ends, so that no change is lost."""
    row = tx.execute(_LOCK, {"pool": pool_id}).first()
    if row is None or row.account_id != account_id:
        raise missing(pool_id)
    return decoded(*row)


def missing(pool_id: str) -> ResourceNotFound:
    """What is said of a pool that is not there."""
    return ResourceNotFound(f"User pool {pool_id} does not exist.")


def pools_of_account(tx: Tx, account_id: str, *, after: str, limit: int) -> list[UserPool]:
    """Up to `limit` pools of the account in order of their ids, those past `after`."""
    rows = tx.execute(_LIST, {"account": account_id, "after": after, "limit": limit})
    return [decoded(*row) for row in rows]


def count_users(tx: Tx, pool_id: str) -> int:
    """How many users the pool has; takes as long as it has users."""
    return tx.execute(_COUNT_USERS, {"pool": pool_id}).scalar_one()


def add_pool(tx: Tx, pool: UserPool) -> None:
    """Stores a new pool."""
    tx.execute(
        _ADD,
        {
            "pool_id": pool.id,
            "account_id": pool.account_id,
            "name": pool.name,
            "settings": msgspec.json.encode(pool.settings).decode(),
            "created_at": pool.created_at.timestamp(),
            "modified_at": pool.modified_at.timestamp(),
        },
    )


def set_pool(tx: Tx, pool_id: str, *, name: str, settings: PoolSettings, at: datetime) -> None:
    """Gives the pool a name and settings."""
    encoded = msgspec.json.encode(settings).decode()
    tx.execute(_SET, {"pool": pool_id, "new_name": name, "new_settings": encoded, "at": at.timestamp()})


def remove_pool(tx: Tx, pool_id: str, at: datetime) -> bool:
    """Removes the pool for everybody. False if it has more than goes at once: `remove_some` is to be called for the rest."""
    if not remove_some(tx, pool_id):
        return True
    tx.execute(_MARK, {"pool": pool_id, "at": at.timestamp()})
    tx.execute(_REMOVE_CLIENTS, {"pool": pool_id})
    return False


def remove_some(tx: Tx, pool_id: str) -> bool:
    """Removes some of what a removed pool has left, and the pool after the last of it. False if nothing is left."""
    for statement in _REMOVE_SOME:
        if tx.execute(statement, {"pool": pool_id, "some": AT_ONCE}).rowcount == AT_ONCE:
            return True
    tx.execute(_REMOVE, {"pool": pool_id})  # and what came in between, by the foreign keys
    return False


def removed_pool(tx: Tx) -> str | None:
    """A pool that is removed and has something left."""
    return tx.execute(_REMOVED).scalar()
