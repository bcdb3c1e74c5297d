"""What lies sealed in a database: sealed again under the newest master key, and counted by the key it lies under (R28).

A value changes only if it still is what was read, so services may run meanwhile, and a run that was killed is begun again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from shared.house import PURPOSE, installation
from shared.seal import ID_BYTES, BrokenSeal, Keys
from shared.sql.engine import Sql

Through = Callable[[bytes, bytes], bytes]
"""(sealed, its owner) -> what stands in its place."""

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column with sealed values, or with records that hold such.

    `passed`: gives a row's value put together again, with each sealed part of it passed through a function.
    """

    column: sa.Column[Any]
    purpose: str
    passed: Callable[[Any, Through], bytes]


OWN: Final = Sealed(installation.c.value, PURPOSE, lambda row, through: through(row.value, row.name.encode()))
"""What every service keeps sealed for itself."""


@dataclass(slots=True)
class Rewrapped:
    """How many values were sealed again, and the keys of the rows whose value no master key opens."""

    done: int = 0
    broken: list[tuple[Any, ...]] = field(default_factory=list)


def rewrap(sql: Sql, keys: Keys, sealed: Sealed) -> Rewrapped:
    """Seals the column's values under the newest master key where they are not. Raises Unavailable."""
    table, place = sealed.column.table, sealed.column.name
    result = Rewrapped()
    here = sa.and_(*(column == sa.bindparam(f"at_{column.name}") for column in table.primary_key))
    change = table.update().where(here, sealed.column == sa.bindparam("old")).values({place: sa.bindparam("new")})
    for rows in _pages(sql, sealed.column):
        fresh = [(row, new) for row in rows if (new := _again(keys, sealed, row, result)) != getattr(row, place)]
        if not fresh:
            continue
        with sql.write() as tx:
            for row, new in fresh:
                at = {f"at_{column.name}": getattr(row, column.name) for column in table.primary_key}
                result.done += tx.execute(change, {**at, "old": getattr(row, place), "new": new}).rowcount
    return result


def _again(keys: Keys, sealed: Sealed, row: Any, result: Rewrapped) -> bytes:  # noqa: ANN401 - a row has no type
    """The row's value under the newest key; as it is where it cannot be opened, which is noted."""
    try:
        return sealed.passed(row, keys.seal(sealed.purpose).again)
    except BrokenSeal:
        result.broken.append(tuple(row)[:-1])
        value: bytes = row[-1]
        return value


def counted(sql: Sql, sealed: Sealed) -> Counter[bytes]:
    """How many sealed values lie under which key id."""
    found: Counter[bytes] = Counter()

    def count(value: bytes, _owner: bytes) -> bytes:
        found[value[:ID_BYTES]] += 1
        return value

    for rows in _pages(sql, sealed.column):
        for row in rows:
            sealed.passed(row, count)
    return found


def _pages(sql: Sql, column: sa.Column[Any]) -> Iterator[Sequence[Any]]:
    """All rows that have the column, some hundred at once, in the order of the table's key."""
    key = list(column.table.primary_key)
    page = sa.select(*key, column).where(column.is_not(None)).order_by(*key).limit(_AT_ONCE)
    after: tuple[Any, ...] | None = None
    while True:
        wanted = page if after is None else page.where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, after)))
        with sql.read() as tx:
            rows = tx.execute(wanted).fetchall()
        if not rows:
            return
        yield rows
        after = tuple(rows[-1][: len(key)])
