"""kill -9 of workers, services and the supervisor: nothing acknowledged is lost or half there, and it is soon back."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Installation, installation_in
from tests.robustness.people import People, said, settle
from tests.robustness.processes import Alone, Crowd, children_of, is_ready, until
from tests.robustness.wire import ask, fetch, form_of

READY_WITHIN_S = 5
SLOWER = 3
"""A start after a kill takes no more than so many times one without; READY_WITHIN_S where starts are quick."""
WRITTEN = 200
NUMBERS = itertools.count()


@pytest.fixture
def copy(initialised: Installation, tmp_path: Path) -> Installation:
    shutil.copytree(initialised.data, tmp_path / "data")
    return installation_in(tmp_path)


@pytest.fixture
def running(copy: Installation) -> Iterator[Installation]:
    copy.start()
    yield copy
    assert copy.stop() == 0


def _main_of(installation: Installation, service: str) -> int:
    assert installation.process is not None
    for child in children_of(installation.process.pid):
        if f"serve\0{service}" in Path(f"/proc/{child}/cmdline").read_text():
            return child
    raise AssertionError(service)


def _all_ready(installation: Installation) -> bool:
    return all(is_ready(base) for base in (installation.userpool, installation.identitypool, installation.store))


class _Writers:
    """People who sign up, a few at once, and what of it was acknowledged."""

    def __init__(self, people: People) -> None:
        self._people = people
        self.signed_up: list[str] = []
        self.crowd = Crowd(3, self._sign_up)

    def _sign_up(self) -> None:
        name = f"w{next(NUMBERS)}"
        try:
            answer = self._people.sign_up(name)
        except OSError:
            time.sleep(0.05)
            raise
        assert answer.status in {200, 503}, answer.body
        if answer.status == 200:
            self.signed_up.append(name)


def _check_whole(people: People, signed_up: list[str]) -> None:
    """Each acknowledged user is there with a code that works: sent or sent anew."""
    for name in signed_up:
        found = people.idp("AdminGetUser", signed=True, UserPoolId=people.pool, Username=name)
        assert said(found)["UserStatus"] == "UNCONFIRMED", name
    for name in signed_up[:: len(signed_up) // 20]:
        said(people.confirm(name, people.house.code_for(f"{name}@example.com")))


@pytest.mark.timeout(240)
def test_kills_of_every_process_lose_no_acknowledged_write(copy: Installation) -> None:
    began = time.monotonic()
    copy.start()
    ready_within_s = max(READY_WITHIN_S, SLOWER * (time.monotonic() - began))
    people = settle(copy)
    writers = _Writers(people)
    marks = iter(range(30, WRITTEN + 1, 34))  # six kills

    def kill_when_due(process: int) -> None:
        mark = next(marks)
        until(lambda: len(writers.signed_up) >= mark, 60, "it goes on")
        os.kill(process, signal.SIGKILL)

    for _ in range(2):
        kill_when_due(children_of(_main_of(copy, "userpool"))[0])
        kill_when_due(_main_of(copy, "userpool"))
        time.sleep(0.2)
        until(lambda: _all_ready(copy), ready_within_s, "the supervisor started it again")
        assert copy.process is not None
        kill_when_due(copy.process.pid)
        copy.process.wait()
        began = time.monotonic()
        copy.start()
        assert time.monotonic() - began < ready_within_s
    until(lambda: len(writers.signed_up) >= WRITTEN, 60, "enough was written")
    writers.crowd.stop()
    _check_whole(people, writers.signed_up)
    assert copy.stop() == 0


def _status(base: str, question: bytes) -> int:
    """The answer's status; 0 for who was in the queue of the one that was killed."""
    try:
        return fetch(base, body=question).status
    except OSError:
        return 0


def test_a_killed_worker_is_replaced_while_the_others_answer(copy: Installation) -> None:
    copy.environ["POOLKEEPER_WORKERS"] = "2"
    question = form_of("sts", "GetCallerIdentity")
    with Alone(copy, "identitypool") as service:
        until(lambda: len(service.workers()) == 2, 5, "both workers")
        time.sleep(1)
        victim = service.workers()[0]
        os.kill(victim, signal.SIGKILL)
        until(lambda: _status(service.base, question) == 403, 1, "somebody answers")
        until(lambda: len(service.workers()) == 2 and victim not in service.workers(), 5, "it was replaced")
        for _ in range(50):
            assert _status(service.base, question) == 403


def test_workers_that_are_killed_again_and_again_lose_no_acknowledged_write(copy: Installation) -> None:
    copy.environ["POOLKEEPER_WORKERS"] = "2"
    names = itertools.count()
    acknowledged: set[str] = set()

    def create() -> None:
        name = f"user-{next(names)}"
        if ask(copy, "iam", "CreateUser", form_of("iam", "CreateUser", UserName=name)).status == 200:
            acknowledged.add(name)

    with Alone(copy, "identitypool") as service:
        crowd = Crowd(3, create)
        for _ in range(6):
            until(lambda: len(service.workers()) == 2, 10, "both workers")
            victim, before = service.workers()[-1], len(acknowledged)  # the youngest: always the same place
            os.kill(victim, signal.SIGKILL)
            until(partial(_is_gone, victim), 5, "it is gone")
            until(lambda seen=before: len(acknowledged) > seen + 3, 10, "writes go on")  # type: ignore[misc]
        crowd.stop()
        assert service.process.poll() is None
        pages = copy.client("iam").get_paginator("list_users").paginate()
        assert acknowledged <= {user["UserName"] for page in pages for user in page["Users"]}


def _is_gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


def test_a_service_that_ends_is_started_again(running: Installation) -> None:
    for service in ("demo", "identitypool"):
        main = _main_of(running, service)
        os.kill(main, signal.SIGKILL)
        until(partial(_is_gone, main), 5, "it is gone")
        until(lambda: _all_ready(running), READY_WITHIN_S, "all are back")
    log = (running.data.parent / "serve.log").read_text()
    assert "demo ended with status -9; starting it again" in log


def test_a_service_that_is_killed_while_the_others_start_is_started_again(copy: Installation) -> None:
    with (copy.data.parent / "serve.log").open("ab") as log:
        copy.process = subprocess.Popen(
            [sys.executable, "-m", "services", "serve"], env=copy.environ, stdout=log, stderr=log
        )
    until(lambda: len(children_of(_pid(copy))) == 3, 20, "the services were started")
    os.kill(_main_of(copy, "userpool"), signal.SIGKILL)
    until(lambda: _all_ready(copy), 20, "all are ready")
    assert copy.stop() == 0


def _pid(installation: Installation) -> int:
    assert installation.process is not None
    return installation.process.pid
