"""PostgreSQL restarts, hangs, ends connections, is read-only: errors are 503, soon over, and nothing acknowledged is lost."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Installation, installation_in
from tests.robustness.processes import Crowd, children_of, is_ready, readiness, until
from tests.robustness.wire import Answer, ask, fetch, form_of
from tests.servers import Postgres

IMPATIENT_S = 4
REQUEST_DEADLINE_S = 20
LOOKS = 20
BETWEEN_LOOKS_S = 0.25
NUMBERS = itertools.count()


@dataclass
class OnPostgres:
    server: Postgres
    house: Installation

    def create_user(self) -> tuple[str, Answer]:
        name = f"user-{next(NUMBERS)}"
        return name, ask(self.house, "iam", "CreateUser", form_of("iam", "CreateUser", UserName=name))

    def users(self) -> set[str]:
        pages = self.house.client("iam").get_paginator("list_users").paginate()
        return {user["UserName"] for page in pages for user in page["Users"]}

    def recovers(self) -> None:
        """A caller who tries again now and then needs few tries; how long each takes is the machine's affair."""
        looks: list[Callable[[], bool]] = [
            lambda: self.create_user()[1].status == 200,
            lambda: is_ready(self.house.identitypool),
        ]
        for is_well in looks:
            for _ in range(LOOKS):
                if is_well():
                    break
                time.sleep(BETWEEN_LOOKS_S)
            else:
                pytest.fail("it does not recover")
        for _ in range(20):  # each thread's connection, and none is still a broken one
            assert self.create_user()[1].status == 200


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnPostgres]:
    server = Postgres()
    server.start()
    house = installation_in(tmp_path_factory.mktemp("postgres"), database_url=server.url)
    house.command("init")
    house.start()
    yield OnPostgres(server, house)
    status = house.stop()
    server.close()
    log = (house.data.parent / "serve.log").read_text()
    assert "Traceback" not in log, log[-4000:]
    assert status == 0


def _well_formed(answer: Answer) -> bool:
    return answer.status == 200 or (
        answer.status == 503 and answer.code == "ServiceUnavailable" and answer.headers["retry-after"] == "1"
    )


def test_a_restart_loses_nothing_that_was_acknowledged(on_postgres: OnPostgres) -> None:
    crowd = Crowd(3, on_postgres.create_user)
    until(lambda: len(crowd.came) >= 9, REQUEST_DEADLINE_S, "each has written")
    on_postgres.server.stop()
    time.sleep(0.5)
    on_postgres.server.start()
    on_postgres.recovers()
    came = crowd.stop()
    answers = [one for one in came if isinstance(one, tuple)]
    assert len(answers) == len(came), [one for one in came if not isinstance(one, tuple)]
    assert not [answer for _, answer in answers if not _well_formed(answer)]
    assert {answer.status for _, answer in answers} == {200, 503}
    assert {name for name, answer in answers if answer.status == 200} <= on_postgres.users()


def test_a_database_that_hangs_holds_nobody_for_long(on_postgres: OnPostgres) -> None:
    """It is noticed by our own patience with it, long before the deadline of requests; health does not wait even for that."""
    crowd = Crowd(12, on_postgres.create_user)
    time.sleep(0.3)
    on_postgres.server.hang(children_of(on_postgres.server.pid))
    try:
        ends = time.monotonic() + 7
        while time.monotonic() < ends:
            began = time.monotonic()
            assert fetch(on_postgres.house.identitypool, "GET", "/health/live").status == 200
            assert time.monotonic() - began < IMPATIENT_S
            time.sleep(0.2)
        began = time.monotonic()
        assert readiness(on_postgres.house.identitypool) == 503
        assert readiness(on_postgres.house.userpool) == 503
        assert time.monotonic() - began < 2 * IMPATIENT_S
        began = time.monotonic()
        _, answer = on_postgres.create_user()
        assert answer.status == 503
        assert _well_formed(answer)
        assert time.monotonic() - began < REQUEST_DEADLINE_S / 2
        answers = [one for one in crowd.stop() if isinstance(one, tuple)]
        assert not [answer for _, answer in answers if not _well_formed(answer)]
        assert len([answer for _, answer in answers if answer.status == 503]) > 50, "most are told at once"
    finally:
        on_postgres.server.go_on()
        crowd.stop()
    on_postgres.recovers()


def test_connections_that_the_server_ends_are_replaced(on_postgres: OnPostgres) -> None:
    on_postgres.recovers()
    with psycopg.connect(on_postgres.server.url, autocommit=True) as administrator:
        administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    came = [on_postgres.create_user()[1] for _ in range(20)]
    assert not [answer for answer in came if not _well_formed(answer)]
    assert len([answer for answer in came if answer.status != 200]) <= 2
    on_postgres.recovers()


def test_a_primary_that_became_read_only_is_left(on_postgres: OnPostgres) -> None:
    def default(read_only: str) -> None:
        with psycopg.connect(on_postgres.server.url, autocommit=True) as administrator:
            administrator.execute("SET default_transaction_read_only = off")
            administrator.execute(f"ALTER SYSTEM SET default_transaction_read_only = {read_only}".encode())
            administrator.execute("SELECT pg_reload_conf()")

    on_postgres.recovers()
    default("on")
    try:
        until(lambda: on_postgres.create_user()[1].status == 503, REQUEST_DEADLINE_S, "writes are refused")
        assert _well_formed(on_postgres.create_user()[1])
    finally:
        default("off")
    on_postgres.recovers()


def test_a_database_that_cannot_hold_every_text_is_refused_at_init(on_postgres: OnPostgres, tmp_path: Path) -> None:
    with psycopg.connect(on_postgres.server.url, autocommit=True) as administrator:
        administrator.execute(
            "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
        )
    house = installation_in(tmp_path, database_url=on_postgres.server.url.replace("/postgres", "/ascii"))
    done = house.command("init", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("cannot be used: its encoding is SQL_ASCII; make one with ENCODING 'UTF8'\n")
    assert done.stderr.count("\n") == 1
    assert not house.data.exists()
