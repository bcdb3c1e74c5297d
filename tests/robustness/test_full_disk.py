"""A disk that takes nothing more: writes are refused as the service's trouble, reads go on, and it recovers by itself.

The limit on the size of files stands for the disk: it can be set and lifted from outside while the processes run.
"""

import resource
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Installation, installation_in
from tests.robustness.people import People, said, settle
from tests.robustness.processes import children_of, is_ready, until
from tests.robustness.wire import Answer, ask, form_of

RECOVERED_WITHIN_S = 10


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    house = installation_in(tmp_path)
    house.command("init")
    house.start()
    yield settle(house)
    assert house.stop() == 0
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def _limit(house: Installation, limit: int) -> None:
    """Bytes that any file may have; what is longer already can be changed, but not beyond that place."""
    assert house.process is not None
    for service in children_of(house.process.pid):
        for process in (service, *children_of(service)):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def _create_user(people: People, name: str) -> Answer:
    return ask(people.house, "iam", "CreateUser", form_of("iam", "CreateUser", UserName=name))


def _signs_up(people: People, name: str) -> bool:
    return people.sign_up(name).status == 200


def _writes(people: People, name: str) -> bool:
    return _create_user(people, name).status == 200


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of other processes are Linux's")
def test_writes_are_refused_reads_go_on_and_it_recovers(people: People) -> None:
    house = people.house
    name = people.person()
    tokens = people.tokens(name)
    store = house.client("s3")
    store.create_bucket(Bucket="bucket")
    store.put_object(Bucket="bucket", Key="before", Body=b"before")
    acknowledged = []
    _limit(house, 0)
    try:
        writes: dict[str, Callable[[int], Answer]] = {
            "ServiceUnavailableException": lambda number: people.sign_up(f"full{number}"),
            "ServiceUnavailable": lambda number: _create_user(people, f"full{number}"),
        }
        for code, write in writes.items():
            for number in range(10):
                answer = write(number)
                assert (answer.status, answer.code) == (503, code)
                assert answer.headers["retry-after"] == "1"
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            store.put_object(Bucket="bucket", Key="during", Body=b"x" * 10_000)
        assert said(people.get_user(tokens["AccessToken"]))["Username"] == name
        assert store.get_object(Bucket="bucket", Key="before")["Body"].read() == b"before"
        assert house.client("iam").list_users()["Users"]
        assert is_ready(house.userpool)
    finally:
        _limit(house, resource.RLIM_INFINITY)
    began = time.monotonic()
    for number in range(5):
        until(partial(_signs_up, people, f"after{number}"), RECOVERED_WITHIN_S, "people sign up")
        until(partial(_writes, people, f"after{number}"), RECOVERED_WITHIN_S, "IAM writes")
        acknowledged.append(f"after{number}")
    store.put_object(Bucket="bucket", Key="after", Body=b"after")
    assert time.monotonic() - began < RECOVERED_WITHIN_S
    for one in acknowledged:
        said(people.confirm(one, house.code_for(f"{one}@example.com")))
    people.tokens(name)
    assert not list((house.data / "store").rglob("*.new"))
    assert people.sign_up("full0").status == 200, "a refused sign-up left nothing"
