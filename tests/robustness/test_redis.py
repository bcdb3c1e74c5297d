"""Redis hangs or is gone: people sign in as before, and what may be used once is used once."""

import math
import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from shared import ids
from tests.conftest import Installation, installation_in
from tests.robustness.people import NEW_PASSWORD, People, said, settle
from tests.robustness.processes import is_ready
from tests.servers import Redis

WAITED_FOR_REDIS_S = 2.0
"""At most, in one sign-in: a few times 0.3 s. A sign-in that waited for Redis itself would never end."""


@dataclass
class OnRedis:
    server: Redis
    house: Installation
    people: People

    def hang(self) -> None:
        os.kill(self.server.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.server.pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def on_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnRedis]:
    server = Redis()
    server.start()
    house = installation_in(tmp_path_factory.mktemp("redis"), redis_url=server.url)
    house.command("init")
    house.start()
    yield OnRedis(server, house, settle(house))
    status = house.stop()
    server.close()
    log = (house.data.parent / "serve.log").read_text()
    assert "Traceback" not in log, log[-4000:]
    assert status == 0


@pytest.fixture(scope="module")
def usual_s(on_redis: OnRedis) -> float:
    """How long a sign-in takes here while Redis answers."""
    return _everything_works(on_redis.people, math.inf)


def _everything_works(people: People, usual_s: float) -> float:
    """Everything works, and a sign-in takes little longer than usual; gives how long one took."""
    took = []
    for _ in range(5):
        name = people.person()
        began = time.monotonic()
        people.tokens(name)
        assert people.sign_in(name, "Wrong-horse-9").status == 400
        took.append((time.monotonic() - began) / 2)
    assert statistics.median(took) < WAITED_FOR_REDIS_S + 3 * usual_s, took
    assert is_ready(people.house.userpool)
    name = "n" + ids.digits(10)
    said(people.sign_up(name))
    code = people.house.code_for(f"{name}@example.com")
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda _: people.confirm(name, code), range(16)))
    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} == {200, 400}
    return statistics.median(took)


def test_while_redis_hangs(on_redis: OnRedis, usual_s: float) -> None:
    on_redis.hang()
    try:
        _everything_works(on_redis.people, usual_s)
    finally:
        on_redis.go_on()


def test_while_redis_is_gone_and_when_it_is_back(on_redis: OnRedis, usual_s: float) -> None:
    on_redis.server.stop()
    _everything_works(on_redis.people, usual_s)
    on_redis.server.start()
    time.sleep(1.1)
    _everything_works(on_redis.people, usual_s)


@pytest.mark.parametrize("between", ["hangs", "is emptied"])
def test_what_was_used_before_stays_used(on_redis: OnRedis, between: str) -> None:
    people = on_redis.people
    name = people.person()
    used = people.tokens(name)["RefreshToken"]
    said(people.refresh(used))
    session = people.challenged(name)
    said(people.choose(name, session))
    code = people.forgot(name)
    said(people.reset(name, code))
    if between == "hangs":
        on_redis.hang()
    else:
        on_redis.server.stop()
        on_redis.server.start()
    again: list[Callable[[], int]] = [
        lambda: people.refresh(used).status,
        lambda: people.choose(name, session).status,
        lambda: people.reset(name, code).status,
    ]
    try:
        assert [ask() for ask in again] == [400, 400, 400]
    finally:
        on_redis.go_on()
    people.tokens(name, NEW_PASSWORD)
