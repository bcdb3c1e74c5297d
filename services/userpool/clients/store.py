"""App clients in SQL. A client's id finds the client and its pool in one read, through the global index."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec
import sqlalchemy as sa

from services.userpool.clients.client import AppClient
from services.userpool.clients.settings import ClientSettings
from services.userpool.errors import ResourceNotFound
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.schema.directory import app_clients, client_pools, user_pools
from shared.seal import Keys, Seal
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared

_COLUMNS: Final = (
    app_clients.c.client_id,
    app_clients.c.pool_id,
    app_clients.c.name,
    app_clients.c.secrets,
    app_clients.c.settings,
    app_clients.c.created_at,
    app_clients.c.modified_at,
)
_WIDTH: Final = len(_COLUMNS)
_WITH_POOL: Final = Prepared(
    sa.select(*_COLUMNS, *pools.COLUMNS)
    .select_from(client_pools)
    .join(
        app_clients,
        sa.and_(app_clients.c.pool_id == client_pools.c.pool_id, app_clients.c.client_id == client_pools.c.client_id),
    )
    .join(user_pools, user_pools.c.pool_id == client_pools.c.pool_id)
    .where(client_pools.c.client_id == sa.bindparam("client"), pools.IS_THERE)
)
_FIND: Final = Prepared(
    sa.select(*_COLUMNS).where(
        app_clients.c.pool_id == sa.bindparam("pool"), app_clients.c.client_id == sa.bindparam("client")
    )
)
_LIST: Final = (
    sa.select(*_COLUMNS)
    .where(app_clients.c.pool_id == sa.bindparam("pool"), app_clients.c.client_id > sa.bindparam("after"))
    .order_by(app_clients.c.client_id)
    .limit(sa.bindparam("limit"))
)
_COUNT: Final = sa.select(sa.func.count()).where(app_clients.c.pool_id == sa.bindparam("pool"))
_ADD: Final = sa.insert(app_clients)
_ADD_INDEX: Final = sa.insert(client_pools)
_SET: Final = (
    sa.update(app_clients)
    .where(app_clients.c.pool_id == sa.bindparam("pool"), app_clients.c.client_id == sa.bindparam("client"))
    .values(name=sa.bindparam("new_name"), settings=sa.bindparam("new_settings"), modified_at=sa.bindparam("at"))
)
_REMOVE: Final = sa.delete(app_clients).where(
    app_clients.c.pool_id == sa.bindparam("pool"), app_clients.c.client_id == sa.bindparam("client")
)
_DECODER: Final = msgspec.json.Decoder(ClientSettings)
SEALED_FOR: Final = "client secrets"
_SECRETS: Final = msgspec.json.Decoder(tuple[str, ...])


@lru_cache(maxsize=1024)
def _decoded(
    keys: Keys,
    client_id: str,
    pool_id: str,
    name: str,
    secrets: bytes | None,
    settings: str,
    created_at: float,
    modified_at: float,
) -> AppClient:
    """The record of a row. The whole row is the cache's key, so a stale record cannot be met."""
    opened = () if secrets is None else _SECRETS.decode(_seal_of(keys).open(secrets, client_id.encode()))
    return AppClient(
        id=client_id,
        pool_id=pool_id,
        name=name,
        secrets=opened,
        settings=_DECODER.decode(settings),
        created_at=datetime.fromtimestamp(created_at, UTC),
        modified_at=datetime.fromtimestamp(modified_at, UTC),
    )


def client_and_pool(tx: Tx, keys: Keys, client_id: str) -> tuple[AppClient, UserPool]:
    """The client and its pool, in one read. Raises ResourceNotFound."""
    row = _WITH_POOL.first(tx, {"client": client_id})
    if row is None:
        raise missing(client_id)
    return _decoded(keys, *row[:_WIDTH]), pools.decoded(*row[_WIDTH:])


def client_of_pool(tx: Tx, keys: Keys, pool_id: str, client_id: str) -> AppClient:
    """The pool's client. Raises ResourceNotFound, also for another pool's."""
    row = _FIND.first(tx, {"pool": pool_id, "client": client_id})
    if row is None:
        raise missing(client_id)
    return _decoded(keys, *row)


def missing(client_id: str) -> ResourceNotFound:
    """What is said of a client that is not there."""
    return ResourceNotFound(f"User pool client {client_id} does not exist.")


def clients_of_pool(tx: Tx, keys: Keys, pool_id: str, *, after: str, limit: int) -> list[AppClient]:
    """Up to `limit` clients of the pool in order of their ids, those past `after`."""
    rows = tx.execute(_LIST, {"pool": pool_id, "after": after, "limit": limit})
    return [_decoded(keys, *row) for row in rows]


def count_clients(tx: Tx, pool_id: str) -> int:
    """How many clients the pool has."""
    return tx.execute(_COUNT, {"pool": pool_id}).scalar_one()


def add_client(tx: Tx, keys: Keys, client: AppClient) -> None:
    """Stores a new client; its secrets are sealed, bound to its id."""
    sealed = None
    if client.secrets:
        sealed = _seal_of(keys).seal(msgspec.json.encode(client.secrets), client.id.encode())
    tx.execute(
        _ADD,
        {
            "pool_id": client.pool_id,
            "client_id": client.id,
            "name": client.name,
            "secrets": sealed,
            "settings": msgspec.json.encode(client.settings).decode(),
            "created_at": client.created_at.timestamp(),
            "modified_at": client.modified_at.timestamp(),
        },
    )
    tx.execute(_ADD_INDEX, {"client_id": client.id, "pool_id": client.pool_id})


def set_client(tx: Tx, client: AppClient, *, name: str, settings: ClientSettings, at: datetime) -> None:
    """Gives the client a name and settings."""
    tx.execute(
        _SET,
        {
            "pool": client.pool_id,
            "client": client.id,
            "new_name": name,
            "new_settings": msgspec.json.encode(settings).decode(),
            "at": at.timestamp(),
        },
    )


def remove_client(tx: Tx, pool_id: str, client_id: str) -> None:
    """Removes the client. Raises ResourceNotFound."""
    if tx.execute(_REMOVE, {"pool": pool_id, "client": client_id}).rowcount == 0:
        raise missing(client_id)


def _seal_of(keys: Keys) -> Seal:
    return keys.seal(SEALED_FOR)
