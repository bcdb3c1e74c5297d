"""Going through the values of a column that many rows share, without a look at each row."""

from typing import Any

import sqlalchemy as sa


def next_value(column: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Gives the query for the first value past `:after`: a point look-up where an index or key begins with the column."""
    return sa.select(column).where(column > sa.bindparam("after")).order_by(column).limit(1)
