"""What every process of an installation puts together first: keys, clock, database, ephemeral state, logging."""

import logging
import sys
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from shared import ids
from shared.clock import Clock, OffsetClock, system_clock
from shared.ephemeral.on_sql import OnSql
from shared.ephemeral.port import Ephemeral
from shared.keys import NoMasterKey, read_master_keys
from shared.seal import BrokenSeal, Keys
from shared.settings import Settings, sqlite_url
from shared.sql.engine import Sql

_METADATA = sa.MetaData()
installation = sa.Table(
    "installation",
    _METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)
"""What a service keeps sealed for itself."""

_WITNESS = b"this installation"
PURPOSE = "installation"


@dataclass(frozen=True, slots=True)
class House:
    """The parts below a service."""

    settings: Settings
    keys: Keys
    clock: Clock
    sql: Sql
    ephemeral: Ephemeral

    def is_ready(self) -> bool:
        """True where the database answers. Raises Unavailable where it does not."""
        with self.sql.read() as tx:
            return bool(tx.execute(sa.select(1)).scalar_one())


def test_clock(settings: Settings) -> OffsetClock | None:
    """The installation's movable clock, in test mode."""
    return OffsetClock(settings.data / "test-clock.json") if settings.test_mode else None


def clock_of(settings: Settings) -> Clock:
    """The installation's clock."""
    return test_clock(settings) or system_clock


def open_sql(settings: Settings, service: str) -> Sql:
    """The database of one service."""
    return Sql(settings.database(service), schema=service)


def open_house(settings: Settings, service: str) -> House:
    """Everything below `service`. Raises NoMasterKey."""
    keys = read_master_keys(settings.master_key, settings.key_file)
    clock = clock_of(settings)
    sql = open_sql(settings, service)
    return House(settings, keys, clock, sql, _ephemeral(settings, service, sql, clock))


def check_keys(sql: Sql, keys: Keys) -> None:
    """Raises NoMasterKey unless `keys` are those that this database was made under; makes the witness at first use."""
    try:
        _kept(sql, keys, "witness", _WITNESS)
    except BrokenSeal:
        raise NoMasterKey("the master key is not the one that this installation's data was made with") from None


def own_key(sql: Sql, keys: Keys, name: str) -> bytes:
    """32 bytes that a service keeps for as long as its data lives, whichever master key seals them; made at first use."""
    return _kept(sql, keys, f"key {name}", ids.random_bytes(32))


def _kept(sql: Sql, keys: Keys, name: str, first: bytes) -> bytes:
    """What lies sealed under `name`; `first` at first use. Raises BrokenSeal."""
    with sql.write() as tx:
        sql.alone(tx)
        _METADATA.create_all(tx)
        sealed = tx.execute(sa.select(installation.c.value).where(installation.c.name == name)).scalar_one_or_none()
        if sealed is None:
            tx.execute(sa.insert(installation), {"name": name, "value": keys.seal(PURPOSE).seal(first, name.encode())})
            return first
    return keys.seal(PURPOSE).open(sealed, name.encode())


def _ephemeral(settings: Settings, service: str, sql: Sql, clock: Clock) -> Ephemeral:
    if sql.is_sqlite:
        file = Path(sql.engine.url.database or "").with_suffix(".ephemeral.db")
        adapter = OnSql(Sql(sqlite_url(file), schema=service, synchronous="NORMAL"), clock)
    else:
        adapter = OnSql(sql, clock)
    adapter.create()
    if settings.redis_url is None:
        return adapter
    from shared.ephemeral.on_redis import OnRedis  # noqa: PLC0415 - who has no Redis need not load its client

    return OnRedis(settings.redis_url, adapter, f"poolkeeper:{service}")


def set_up_logging() -> None:
    """One line a record, to stderr; never a request's content."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        force=True,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
