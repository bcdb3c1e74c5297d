"""A crowd of users, copied from one that the API made, by bulk insert: sign-up costs a hash each, a copy does not."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from services.userpool.schema import directory as tables
from tools.bench.installation import Installation

_BATCH = 5000
_COPIED = (tables.users, tables.user_names, tables.user_search)


def many_users(here: Installation, pool: str, number: int) -> None:
    """`number` users in `pool`, copies of its `user0` under other names."""
    engine = sa.create_engine(f"sqlite:///{here.folder / 'data' / 'userpool'}.db")
    with engine.begin() as connection:
        sub = connection.execute(
            sa.select(tables.users.c.sub).where(tables.users.c.pool_id == pool, tables.users.c.username == "user0"),
        ).scalar_one()
        for table in _COPIED:
            of_one = sa.select(table).where(table.c.pool_id == pool, table.c.sub == sub)
            rows = [dict(row) for row in connection.execute(of_one).mappings()]
            for batch in _batches(rows, sub, number):
                connection.execute(sa.insert(table), batch)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _batches(rows: list[dict[str, Any]], sub: str, number: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for one in range(1, number):
        other = f"{one:08x}{sub[8:]}"
        batch += [{name: _renamed(value, sub, other, one) for name, value in row.items()} for row in rows]
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _renamed(value: Any, sub: str, other: str, one: int) -> Any:  # noqa: ANN401 - any column
    if not isinstance(value, str):
        return value
    return value.replace(sub, other).replace("user0", f"user{one}").replace("User0", f"User{one}")
