import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared import deadline
from shared.clock import monotonic_s
from shared.refusal import Unavailable
from shared.serve import Pool
from shared.sql.engine import Sql
from shared.web import HttpResponse

DONE = HttpResponse(200, [], b"done")
_METADATA = sa.MetaData()
_THINGS = sa.Table("things", _METADATA, sa.Column("name", sa.Text, primary_key=True))


def _stuck_until(over: threading.Event) -> HttpResponse:
    over.wait(20)
    return DONE


def test_what_takes_too_long_is_told_so_and_the_thread_is_not_waited_for() -> None:
    go_on = threading.Event()

    async def ask() -> HttpResponse:
        pool = Pool(1, 0.2)
        loop = asyncio.get_running_loop()
        first, second = (
            asyncio.ensure_future(pool.run(work, loop)) for work in (lambda: _stuck_until(go_on), lambda: DONE)
        )
        with pytest.raises(Unavailable, match="in time"):
            await first
        with pytest.raises(Unavailable, match="in time"):
            await second  # it never got a thread
        assert not pool.is_full
        go_on.set()
        return await pool.run(lambda: DONE, loop)

    assert asyncio.run(ask()) == DONE


def test_what_waited_too_long_for_a_thread_is_not_begun() -> None:
    begun = []

    def late() -> HttpResponse:
        begun.append(True)
        return DONE

    async def ask() -> None:
        pool = Pool(1, 0.3)
        loop = asyncio.get_running_loop()
        over = threading.Event()
        first = asyncio.ensure_future(pool.run(lambda: _stuck_until(over), loop))
        second = asyncio.ensure_future(pool.run(late, loop))
        await asyncio.wait([first, second])
        over.set()
        assert await pool.run(lambda: DONE, loop) == DONE
        assert [type(one.exception()) for one in (first, second)] == [Unavailable, Unavailable]

    asyncio.run(ask())
    assert not begun


def test_nothing_is_committed_for_a_request_whose_time_is_over(tmp_path: Path) -> None:
    sql = Sql(f"sqlite:///{tmp_path / 'x.db'}", schema="x")
    found: list[int] = []

    def work() -> None:
        with sql.write() as tx:
            _METADATA.create_all(tx)
        deadline.begin(monotonic_s() + 0.05)
        with pytest.raises(Unavailable, match="in time"):
            _write_slowly(sql)
        deadline.begin(monotonic_s() + 60)
        with sql.read() as tx:
            found.append(tx.execute(sa.select(sa.func.count()).select_from(_THINGS)).scalar_one())
        sql.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [0]


def _write_slowly(sql: Sql) -> None:
    with sql.write() as tx:
        tx.execute(sa.insert(_THINGS), {"name": "late"})
        threading.Event().wait(0.2)


def test_a_request_that_comes_late_is_refused_before_it_begins() -> None:
    refused = []

    def work() -> None:
        try:
            deadline.begin(monotonic_s() - 1)
        except Unavailable as refusal:
            refused.append(refusal)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(refused) == 1
