"""Statements of hot paths: compiled once, and on SQLite run by the driver itself.

SQLAlchemy spends five times as long on a point read as SQLite does. Rows are plain tuples, with the same Python types.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from shared.sql.engine import Tx

Row = tuple[Any, ...]
_DIALECT: Final = sqlite.dialect()


class Prepared:
    """One statement. Values are given by name; they are texts, numbers or bytes."""

    __slots__ = ("_fixed", "_flags", "_names", "_statement", "_text")

    def __init__(self, statement: sa.Executable, names: tuple[str, ...] | None = None) -> None:
        """`names`: the columns that an INSERT sets; None for every other statement."""
        compiled: Any = statement.compile(dialect=_DIALECT, column_keys=names)  # type: ignore[attr-defined]
        self._statement = statement
        self._text: str = compiled.string
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._fixed: dict[str, Any] = {
            name: bind.value for name, bind in compiled.binds.items() if not bind.required and bind.value is not None
        }
        self._flags = _flags(statement)

    def first(self, tx: Tx, values: Mapping[str, Any]) -> Row | None:
        """The first row, or None."""
        raw = _driver(tx)
        if raw is not None:
            try:
                row = raw.execute(self._text, self._in_order(values)).fetchone()
            except sqlite3.Error:
                pass  # run again below, where the failure gets its name
            else:
                return None if row is None else self._row(row)
        found = tx.execute(self._statement, values).first()
        return None if found is None else tuple(found)

    def all(self, tx: Tx, values: Mapping[str, Any]) -> list[Row]:
        """All rows."""
        raw = _driver(tx)
        if raw is not None:
            try:
                rows = raw.execute(self._text, self._in_order(values)).fetchall()
            except sqlite3.Error:
                pass  # as above
            else:
                return [self._row(row) for row in rows] if self._flags else rows
        return [tuple(row) for row in tx.execute(self._statement, values)]

    def change(self, tx: Tx, values: Mapping[str, Any]) -> int:
        """Runs a statement that gives no rows; gives the number of rows it changed."""
        raw = _driver(tx)
        if raw is not None:
            try:
                return raw.execute(self._text, self._in_order(values)).rowcount
            except sqlite3.Error:
                pass  # as above: a statement that failed has changed nothing
        return tx.execute(self._statement, values).rowcount

    def _in_order(self, values: Mapping[str, Any]) -> list[Any]:
        if self._fixed:
            values = {**self._fixed, **values}
        return [values[name] for name in self._names]

    def _row(self, row: Row) -> Row:
        for place in self._flags:
            flag = row[place]
            row = (*row[:place], flag if flag is None else flag == 1, *row[place + 1 :])
        return row


def _driver(tx: Tx) -> sqlite3.Connection | None:
    """SQLite's own connection below `tx`, which `Sql` put there; None on PostgreSQL."""
    raw: sqlite3.Connection | None = tx.get_execution_options().get("driver")
    return raw


def _flags(statement: Any) -> tuple[int, ...]:  # noqa: ANN401 - any statement
    """The columns that SQLite gives in another type than theirs: only booleans, which it keeps as 0 and 1."""
    columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
    return tuple(place for place, column in enumerate(columns) if isinstance(column.type, sa.Boolean))
