from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared import ids
from shared.ephemeral.on_redis import OnRedis
from shared.ephemeral.on_sql import OnSql
from shared.ephemeral.port import Ephemeral
from shared.sql.engine import Sql
from tests.contracts.conftest import empty_database


class _Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def _on_sqlite(folder: Path, clock: _Clock) -> OnSql:
    adapter = OnSql(Sql(f"sqlite:///{folder / 'e.db'}", schema="x", synchronous="NORMAL"), clock)
    adapter.create()
    return adapter


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def ephemeral(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ephemeral]:
    clock = _Clock()
    if request.param == "sqlite":
        yield _on_sqlite(tmp_path, clock)
    elif request.param == "postgresql":
        sql = Sql(request.getfixturevalue("postgres_url"), schema="public")
        adapter = OnSql(sql, clock)
        adapter.create()
        yield adapter
        sql.close()
    else:
        yield OnRedis(request.getfixturevalue("redis_url"), _on_sqlite(tmp_path, clock), ids.uuid4())


def test_put_and_look_and_take(ephemeral: Ephemeral) -> None:
    key = ids.uuid4()
    assert ephemeral.look(key) is None
    ephemeral.put(key, b"42", ttl_s=60)
    ephemeral.put(key, b"43", ttl_s=60)
    assert ephemeral.look(key) == b"43"
    assert ephemeral.take(key) == b"43"
    assert ephemeral.take(key) is None


def test_take_hands_a_value_to_exactly_one_of_many_takers(ephemeral: Ephemeral) -> None:
    key = ids.uuid4()
    ephemeral.put(key, b"42", ttl_s=60)
    with ThreadPoolExecutor(16) as crowd:
        taken = list(crowd.map(lambda _: ephemeral.take(key), range(16)))
    assert [value for value in taken if value is not None] == [b"42"]


def test_claim_is_true_for_exactly_one_of_many(ephemeral: Ephemeral) -> None:
    key = ids.uuid4()
    with ThreadPoolExecutor(16) as crowd:
        assert sum(crowd.map(lambda _: ephemeral.claim(key, 60), range(16))) == 1


def test_count_counts_every_one_of_many(ephemeral: Ephemeral) -> None:
    key = ids.uuid4()
    with ThreadPoolExecutor(8) as crowd:
        counted = sorted(crowd.map(lambda _: ephemeral.count(key, 60), range(24)))
    assert counted == list(range(1, 25))


def test_generation_grows_with_each_notice(ephemeral: Ephemeral) -> None:
    topic = ids.uuid4()
    before = ephemeral.generation(topic)
    ephemeral.notify(topic)
    ephemeral.notify(topic)
    assert ephemeral.generation(topic) == before + 2


def test_the_names_of_values_claims_and_counters_do_not_meet(ephemeral: Ephemeral) -> None:
    key = ids.uuid4()
    ephemeral.put(key, b"x", ttl_s=60)
    assert ephemeral.claim(key, 60)
    assert ephemeral.count(key, 60) == 1
    assert ephemeral.look(key) == b"x"


def test_clear_forgets_everything(ephemeral: Ephemeral) -> None:
    key = ids.uuid4()
    ephemeral.put(key, b"x", ttl_s=60)
    ephemeral.clear()
    assert ephemeral.look(key) is None


def test_values_claims_and_counters_end(tmp_path: Path) -> None:
    clock = _Clock()
    ephemeral = _on_sqlite(tmp_path, clock)
    ephemeral.put("v", b"x", ttl_s=60)
    assert ephemeral.claim("c", 60)
    assert [ephemeral.count("n", 60), ephemeral.count("n", 60)] == [1, 2]
    clock.now += timedelta(seconds=61)
    assert ephemeral.look("v") is None
    assert ephemeral.take("v") is None
    assert ephemeral.claim("c", 60)
    assert ephemeral.count("n", 60) == 1


def test_a_clock_that_was_years_ahead_and_is_right_again_pauses_nobody_for_years(tmp_path: Path) -> None:
    clock = _Clock()
    ephemeral = _on_sqlite(tmp_path, clock)
    ephemeral.notify("topic")
    clock.now += timedelta(days=1000)
    ephemeral.put("v", b"x", ttl_s=60)
    assert ephemeral.claim("c", 60)
    clock.now -= timedelta(days=1000)
    for _ in range(512):
        ephemeral.count("n", 60)
    assert ephemeral.look("v") is None
    assert ephemeral.claim("c", 60)
    assert ephemeral.generation("topic") == 1


def test_without_redis_the_fallback_serves(tmp_path: Path) -> None:
    adapter = OnRedis("redis://127.0.0.1:1/0", _on_sqlite(tmp_path, _Clock()), "p")
    assert [adapter.count("n", 60), adapter.count("n", 60)] == [1, 2]
    assert adapter.claim("c", 60)
    assert not adapter.claim("c", 60)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_processes_that_start_at_once_all_find_the_table(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str
) -> None:
    with empty_database(engine, request, tmp_path) as sql:

        def start(_: int) -> bool:
            adapter = OnSql(sql, _Clock())
            adapter.create()
            adapter.put("k", b"v", ttl_s=60)
            sql.close()
            return True

        with ThreadPoolExecutor(8) as processes:
            assert all(processes.map(start, range(8)))
