"""How columns become values and what lists have in common."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


def instant(epoch: float) -> datetime:
    """An aware time from a column."""
    return datetime.fromtimestamp(epoch, UTC)


def instant_or_none(epoch: float | None) -> datetime | None:
    """As `instant`, of a column that may be null."""
    return None if epoch is None else instant(epoch)


def under_path(path: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Whether `path` begins with the parameter `prefix` (of length `prefix_length`)."""
    return sa.func.substr(path, 1, sa.bindparam("prefix_length", type_=sa.Integer)) == sa.bindparam("prefix")


def path_parameters(prefix: str) -> dict[str, str | int]:
    """The parameters of `under_path`."""
    return {"prefix": prefix, "prefix_length": len(prefix)}
