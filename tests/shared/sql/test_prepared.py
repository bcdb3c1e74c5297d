from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.refusal import Unavailable
from shared.sql.engine import Sql
from shared.sql.prepared import Prepared

metadata = sa.MetaData()
things = sa.Table(
    "things",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("good", sa.Boolean, nullable=True),
    sa.Column("weight", sa.Double, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=True),
)
NAMES = ("name", "good", "weight", "data")
ADD = Prepared(insert(things).on_conflict_do_nothing(), NAMES)
ADD_OR_FAIL = Prepared(sa.insert(things), NAMES)
HEAVY = Prepared(
    sa.select(things)
    .where(things.c.weight >= sa.bindparam("least"), things.c.data.is_not(None))
    .order_by(things.c.name)
    .limit(sa.bindparam("most"))
)
ROWS: list[dict[str, Any]] = [
    {"name": "a", "good": True, "weight": 1.5, "data": b"\0x"},
    {"name": "b", "good": None, "weight": 2.0, "data": b""},
    {"name": "c", "good": False, "weight": 3.0, "data": b"c"},
]


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[Sql]:
    sql = Sql(f"sqlite:///{tmp_path}/things.db", schema="things", synchronous="OFF")
    metadata.create_all(sql.engine)
    with sql.write() as tx:
        assert [ADD.change(tx, row) for row in ROWS] == [1, 1, 1]
    yield sql
    sql.close()


def test_rows_are_what_sqlalchemy_gives_to_the_type(sql: Sql) -> None:
    with sql.read() as tx:
        found = HEAVY.all(tx, {"least": 0, "most": 10})
        usual = tx.execute(sa.select(things).order_by(things.c.name)).all()
    assert found == [tuple(row) for row in usual]
    assert [[type(cell) for cell in row] for row in found] == [[type(cell) for cell in row] for row in usual]


def test_values_and_limits_count(sql: Sql) -> None:
    with sql.read() as tx:
        assert [row[0] for row in HEAVY.all(tx, {"least": 2, "most": 1})] == ["b"]
        assert HEAVY.first(tx, {"least": 3, "most": 5}) == ("c", False, 3.0, b"c")
        assert HEAVY.first(tx, {"least": 4, "most": 5}) is None


def test_a_change_belongs_to_the_transaction_it_stands_in(sql: Sql) -> None:
    with pytest.raises(RuntimeError), sql.write() as tx:
        assert ADD.change(tx, {**ROWS[0], "name": "d"}) == 1
        raise RuntimeError
    with sql.write() as tx:
        assert ADD.change(tx, ROWS[0]) == 0
    with sql.read() as tx:
        assert len(HEAVY.all(tx, {"least": 0, "most": 10})) == 3


def test_a_failure_has_sqlalchemys_name(sql: Sql) -> None:
    with pytest.raises(IntegrityError), sql.write() as tx:
        ADD_OR_FAIL.change(tx, ROWS[0])


def test_a_database_without_its_table_is_not_available(tmp_path: Path) -> None:
    empty = Sql(f"sqlite:///{tmp_path}/empty.db", schema="things", synchronous="OFF")
    with pytest.raises((Unavailable, OperationalError)), empty.read() as tx:
        HEAVY.first(tx, {"least": 0, "most": 1})
    empty.close()
