"""SQL of identity pools. Settings, roles and tags are JSON: one row is one read."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from services.identitypool.pools.pool import Pool, Roles, Settings
from services.identitypool.schema.identities import (
    account_identity_pools,
    identities,
    identity_index,
    identity_logins,
    identity_pools,
)
from shared.sql.engine import Tx
from shared.sql.walk import next_value

_THIS: Final = identity_pools.c.pool_id == sa.bindparam("of_pool")
_FIND: Final = sa.select(
    identity_pools.c.pool_id,
    identity_pools.c.account_id,
    identity_pools.c.settings,
    identity_pools.c.roles,
    identity_pools.c.created_at,
).where(_THIS)
_LOCK: Final = _FIND.with_for_update()
_KEEP: Final = _FIND.with_for_update(read=True, key_share=True)
_TAGS: Final = sa.select(identity_pools.c.tags).where(_THIS)
_ADD: Final = sa.insert(identity_pools)
_ADD_TO_LIST: Final = sa.insert(account_identity_pools)
_SET: Final = sa.update(identity_pools).where(_THIS).values(settings=sa.bindparam("to_settings"))
_SET_ROLES: Final = sa.update(identity_pools).where(_THIS).values(roles=sa.bindparam("to_roles"))
_SET_TAGS: Final = sa.update(identity_pools).where(_THIS).values(tags=sa.bindparam("to_tags"))
_LISTED: Final = sa.and_(
    account_identity_pools.c.account_id == sa.bindparam("of_account"),
    account_identity_pools.c.pool_id == sa.bindparam("of_pool"),
)
_RENAME: Final = sa.update(account_identity_pools).where(_LISTED).values(name=sa.bindparam("to_name"))
_REMOVE: Final = sa.delete(identity_pools).where(_THIS)
_SOME: Final = (
    sa.select(identities.c.identity_id)
    .where(identities.c.pool_id == sa.bindparam("of_pool"))
    .order_by(identities.c.identity_id)
    .limit(sa.bindparam("limit"))
    .with_for_update()
)
_REMOVE_SOME: Final = tuple(
    sa.delete(table).where(
        table.c.pool_id == sa.bindparam("of_pool"), table.c.identity_id.in_(sa.bindparam("some", expanding=True))
    )
    for table in (identities, identity_logins, identity_index)
)
_NEXT: Final = next_value(identities.c.pool_id)
AT_ONCE: Final = 200
"""How many identities are removed in one transaction."""
_REMOVE_FROM_LIST: Final = sa.delete(account_identity_pools).where(_LISTED)
_LIST: Final = (
    sa.select(account_identity_pools.c.pool_id, account_identity_pools.c.name)
    .where(
        account_identity_pools.c.account_id == sa.bindparam("account"),
        account_identity_pools.c.pool_id > sa.bindparam("after"),
    )
    .order_by(account_identity_pools.c.pool_id)
    .limit(sa.bindparam("limit"))
)

_SETTINGS: Final = msgspec.json.Decoder(Settings)
_ROLES: Final = msgspec.json.Decoder(Roles)
_TAG_MAP: Final = msgspec.json.Decoder(dict[str, str])


def find_pool(tx: Tx, pool_id: str) -> Pool | None:
    """The identity pool with this id."""
    return _found(tx, _FIND, pool_id)


def lock_pool(tx: Tx, pool_id: str) -> Pool | None:
    """As `find_pool`; others that change the pool, or keep it, wait."""
    return _found(tx, _LOCK, pool_id)


def keep_pool(tx: Tx, pool_id: str) -> Pool | None:
    """As `find_pool`; nobody removes it until the transaction ends."""
    return _found(tx, _KEEP, pool_id)


def _found(tx: Tx, statement: sa.Select[Any], pool_id: str) -> Pool | None:
    row = tx.execute(statement, {"of_pool": pool_id}).first()
    if row is None:
        return None
    return Pool(row[0], row[1], _SETTINGS.decode(row[2]), _ROLES.decode(row[3]), row[4])


def add_pool(tx: Tx, pool: Pool, tags: dict[str, str]) -> None:
    """Adds a pool to its account."""
    tx.execute(
        _ADD,
        {
            "pool_id": pool.id,
            "account_id": pool.account,
            "settings": msgspec.json.encode(pool.settings),
            "roles": msgspec.json.encode(pool.roles),
            "tags": msgspec.json.encode(tags),
            "created_at": pool.created_at,
        },
    )
    tx.execute(_ADD_TO_LIST, {"account_id": pool.account, "pool_id": pool.id, "name": pool.settings.name})


def set_settings(tx: Tx, pool: Pool, settings: Settings) -> None:
    """Replaces the pool's settings, its name in the account's list included."""
    tx.execute(_SET, {"of_pool": pool.id, "to_settings": msgspec.json.encode(settings)})
    tx.execute(_RENAME, {"of_account": pool.account, "of_pool": pool.id, "to_name": settings.name})


def set_roles(tx: Tx, pool: Pool, roles: Roles) -> None:
    """Replaces the pool's roles and mappings."""
    tx.execute(_SET_ROLES, {"of_pool": pool.id, "to_roles": msgspec.json.encode(roles)})


def tags_of(tx: Tx, pool: Pool) -> dict[str, str]:
    """The pool's tags."""
    row = tx.execute(_TAGS, {"of_pool": pool.id}).first()
    return {} if row is None else _TAG_MAP.decode(row[0])


def set_tags(tx: Tx, pool: Pool, tags: dict[str, str]) -> None:
    """Replaces the pool's tags."""
    tx.execute(_SET_TAGS, {"of_pool": pool.id, "to_tags": msgspec.json.encode(tags)})


def remove_pool(tx: Tx, pool: Pool) -> bool:
    """Removes the pool; without it its identities are nobody's. False if there are more of them than go at once.

    `remove_identities` is to be called for the rest.
    """
    is_all = not remove_identities(tx, pool.id)
    tx.execute(_REMOVE, {"of_pool": pool.id})
    tx.execute(_REMOVE_FROM_LIST, {"of_account": pool.account, "of_pool": pool.id})
    return is_all


def remove_identities(tx: Tx, pool_id: str) -> bool:
    """Removes some identities, before their logins, as everywhere, so that nobody deadlocks; whether there may be more."""
    some = tx.execute(_SOME, {"of_pool": pool_id, "limit": AT_ONCE}).scalars().all()
    if some:
        for statement in _REMOVE_SOME:
            tx.execute(statement, {"of_pool": pool_id, "some": some})
    return len(some) == AT_ONCE


def next_with_identities(tx: Tx, after: str) -> str | None:
    """The first pool past `after` that has identities, if it is there itself or not: a point look-up in the key."""
    return tx.execute(_NEXT, {"after": after}).scalar()


def list_pools(tx: Tx, account: str, after: str, limit: int) -> list[tuple[str, str]]:
    """Up to `limit` ids and names of the account's pools, by id, after `after`."""
    return [(row[0], row[1]) for row in tx.execute(_LIST, {"account": account, "after": after, "limit": limit})]
