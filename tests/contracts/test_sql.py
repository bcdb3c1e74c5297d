from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared import ids
from shared.refusal import Removed, Unavailable
from shared.sql.engine import Sql

_METADATA = sa.MetaData()
_THINGS = sa.Table(
    "contract_things",
    _METADATA,
    sa.Column("tenant", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("used_at", sa.Float),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def sql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sql]:
    url = f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    sql = Sql(url, schema="public")
    with sql.write() as tx:
        _METADATA.create_all(tx)
    yield sql
    sql.close()
    sql.engine.dispose()


def _add(sql: Sql, tenant: str, *, times: int = 1, then: Exception | None = None) -> None:
    with sql.write() as tx:
        for _ in range(times):
            tx.execute(sa.insert(_THINGS), {"tenant": tenant, "name": "a"})
        if then is not None:
            raise then


def _count(sql: Sql, tenant: str) -> int:
    with sql.read() as tx:
        return tx.execute(sa.select(sa.func.count()).where(_THINGS.c.tenant == tenant)).scalar_one()


def test_what_a_block_wrote_is_there_afterwards(sql: Sql) -> None:
    tenant = ids.uuid4()
    with sql.write() as tx:
        tx.execute(sa.insert(_THINGS), {"tenant": tenant, "name": "a"})
    assert _count(sql, tenant) == 1


def test_a_block_that_raises_leaves_nothing(sql: Sql) -> None:
    tenant = ids.uuid4()
    with pytest.raises(ZeroDivisionError):
        _add(sql, tenant, then=ZeroDivisionError())
    assert _count(sql, tenant) == 0


def test_a_broken_constraint_leaves_nothing_and_the_next_block_works(sql: Sql) -> None:
    tenant = ids.uuid4()
    with pytest.raises(sa.exc.IntegrityError):
        _add(sql, tenant, times=2)
    assert _count(sql, tenant) == 0
    with sql.write() as tx:
        tx.execute(sa.insert(_THINGS), {"tenant": tenant, "name": "a"})
    assert _count(sql, tenant) == 1


def test_one_of_many_uses_a_thing_once(sql: Sql) -> None:
    tenant = ids.uuid4()
    with sql.write() as tx:
        tx.execute(sa.insert(_THINGS), {"tenant": tenant, "name": "once"})
    use = sa.update(_THINGS).where(_THINGS.c.tenant == tenant, _THINGS.c.used_at.is_(None)).values(used_at=1.0)

    def spend(_: int) -> int:
        with sql.write() as tx:
            used = tx.execute(use).rowcount
        sql.close()
        return used

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(spend, range(32))) == 1


def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    sql = Sql(f"sqlite:///{tmp_path / 'x.db'}", schema="x")
    with sql.read() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    sql.close()


def test_a_database_that_is_not_there_is_unavailable() -> None:
    sql = Sql("postgresql://nobody@127.0.0.1:1/none", schema="x")
    with pytest.raises(Unavailable), sql.read():
        pass


def test_what_is_current_is_read_again_after_any_commit(sql: Sql) -> None:
    tenant = ids.uuid4()

    def count() -> int:
        return sql.current(("count", tenant), lambda tx: _counted(tx, tenant))

    assert count() == 0
    _add(sql, tenant)
    assert count() == 1
    with ThreadPoolExecutor(1) as other:
        other.submit(_add_and_close, sql, ids.uuid4()).result()
        assert count() == 1
        other.submit(_remove_and_close, sql, tenant).result()
    assert count() == 0


def test_a_following_question_is_answered_without_asking_whether_anything_changed(sql: Sql) -> None:
    tenant = ids.uuid4()
    assert sql.current(("count", tenant), lambda tx: _counted(tx, tenant)) == 0
    known = sql.known_mark()
    assert sql.current(("count", tenant), lambda tx: _counted(tx, tenant), following=True) == 0
    assert sql.known_mark() == known
    assert (known is not None) is sql.is_sqlite


def test_what_is_current_never_comes_from_a_block_that_was_rolled_back(sql: Sql) -> None:
    tenant = ids.uuid4()
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError):
        _add_look_and_fail(sql, tenant, seen)
    assert seen == [1]
    assert sql.current(("count", tenant), lambda tx: _counted(tx, tenant)) == 0


def _add_look_and_fail(sql: Sql, tenant: str, seen: list[int]) -> None:
    with sql.write() as tx:
        tx.execute(sa.insert(_THINGS), {"tenant": tenant, "name": "a"})
        seen.append(sql.current(("count", tenant), lambda inside: _counted(inside, tenant)))
        raise ZeroDivisionError


def _counted(tx: sa.Connection, tenant: str) -> int:
    return tx.execute(sa.select(sa.func.count()).where(_THINGS.c.tenant == tenant)).scalar_one()


def _add_and_close(sql: Sql, tenant: str) -> None:
    _add(sql, tenant)
    sql.close()


def _remove_and_close(sql: Sql, tenant: str) -> None:
    with sql.write() as tx:
        tx.execute(sa.delete(_THINGS).where(_THINGS.c.tenant == tenant))
    sql.close()


_PARTS = sa.Table(
    "contract_parts",
    _METADATA,
    sa.Column("tenant", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.ForeignKeyConstraint(["tenant", "name"], [_THINGS.c.tenant, _THINGS.c.name], ondelete="CASCADE"),
)


def test_a_row_that_hangs_on_nothing_is_refused_as_removed(sql: Sql) -> None:
    tenant = ids.uuid4()
    with pytest.raises(Removed), sql.write() as tx:
        tx.execute(sa.insert(_PARTS), {"tenant": tenant, "name": "a"})
    _add(sql, tenant)
    with sql.write() as tx:
        tx.execute(sa.insert(_PARTS), {"tenant": tenant, "name": "a"})
