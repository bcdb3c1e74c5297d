"""The port on SQL. With SQLite it is a file of its own, synchronous NORMAL: it survives a killed process without an fsync a call."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from shared.clock import Clock
from shared.sql.engine import Sql

_METADATA = sa.MetaData()
_VALUES = sa.Table(
    "ephemeral",
    _METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False, index=True),
)
_ENDLESS = 1e12
_LONGEST_S = 2 * 86_400.0
"""Nothing lives longer: what would was written while the clock was wrong, and must not count for years."""

_key: sa.BindParameter[str] = sa.bindparam("key_", type_=sa.String)
_now: sa.BindParameter[float] = sa.bindparam("now_", type_=sa.Float)
_LOOK = sa.select(_VALUES.c.value).where(_VALUES.c.key == _key, _VALUES.c.ends_at > _now)
_TAKE = sa.delete(_VALUES).where(_VALUES.c.key == _key, _VALUES.c.ends_at > _now).returning(_VALUES.c.value)
_GENERATION = sa.select(_VALUES.c.number).where(_VALUES.c.key == _key)
_SWEEP = sa.delete(_VALUES).where(
    sa.or_(_VALUES.c.ends_at <= _now, sa.and_(_VALUES.c.ends_at > _now + _LONGEST_S, _VALUES.c.ends_at < _ENDLESS))
)
_new = insert(_VALUES)
_PUT = _new.on_conflict_do_update(
    index_elements=["key"],
    set_={"value": _new.excluded.value, "number": _new.excluded.number, "ends_at": _new.excluded.ends_at},
)
_CLAIM = _new.on_conflict_do_update(
    index_elements=["key"],
    set_={"ends_at": _new.excluded.ends_at},
    where=_VALUES.c.ends_at <= _now,
).returning(_VALUES.c.key)
_COUNT = _new.on_conflict_do_update(
    index_elements=["key"],
    set_={
        "number": sa.case((_VALUES.c.ends_at <= _now, 1), else_=_VALUES.c.number + 1),
        "ends_at": sa.case((_VALUES.c.ends_at <= _now, _new.excluded.ends_at), else_=_VALUES.c.ends_at),
    },
).returning(_VALUES.c.number)
_SWEEP_EVERY = 512


class OnSql:
    """Ephemeral state in one table."""

    def __init__(self, sql: Sql, clock: Clock) -> None:
        self._sql = sql
        self._clock = clock
        self._writes = 0

    def create(self) -> None:
        """Makes the table where it is missing. Any number of processes may do so at once."""
        with self._sql.write() as tx:
            self._sql.alone(tx)
            _METADATA.create_all(tx)

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        with self._sql.write() as tx:
            tx.execute(_PUT, self._row("v:" + key, value, ttl_s))

    def look(self, key: str) -> bytes | None:
        with self._sql.read() as tx:
            return tx.execute(_LOOK, {"key_": "v:" + key, "now_": self._now()}).scalar_one_or_none()

    def take(self, key: str) -> bytes | None:
        with self._sql.write() as tx:
            return tx.execute(_TAKE, {"key_": "v:" + key, "now_": self._now()}).scalar_one_or_none()

    def claim(self, key: str, ttl_s: int) -> bool:
        with self._sql.write() as tx:
            return tx.execute(_CLAIM, self._row("c:" + key, b"", ttl_s) | {"now_": self._now()}).first() is not None

    def count(self, key: str, window_s: int) -> int:
        with self._sql.write() as tx:
            self._sweep(tx)
            return int(tx.execute(_COUNT, self._row("n:" + key, b"", window_s) | {"now_": self._now()}).scalar_one())

    def notify(self, topic: str) -> None:
        row = {"key": "g:" + topic, "value": b"", "number": 1, "ends_at": _ENDLESS}
        with self._sql.write() as tx:
            tx.execute(_COUNT, row | {"now_": self._now()})

    def generation(self, topic: str) -> int:
        with self._sql.read() as tx:
            return int(tx.execute(_GENERATION, {"key_": "g:" + topic}).scalar_one_or_none() or 0)

    def clear(self) -> None:
        with self._sql.write() as tx:
            tx.execute(sa.delete(_VALUES))

    def _now(self) -> float:
        return self._clock().timestamp()

    def _row(self, key: str, value: bytes, ttl_s: int) -> dict[str, object]:
        return {"key": key, "value": value, "number": 1, "ends_at": self._now() + ttl_s}

    def _sweep(self, tx: sa.Connection) -> None:
        """Removes what has ended, once in a while."""
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            tx.execute(_SWEEP, {"now_": self._now()})
