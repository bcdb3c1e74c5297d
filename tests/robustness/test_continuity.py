"""Restarts and clocks that jump: what people hold goes on, and what was used stays used."""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import ids
from tests.conftest import Installation, installation_in
from tests.robustness.people import NEW_PASSWORD, PASSWORD, People, said, settle
from tests.robustness.wire import fetch


@dataclass
class Held:
    """What was given out, and what of it was used, before something happened to the installation."""

    people: People
    keys: bytes
    name: str
    tokens: dict[str, str]
    used_refresh: str
    waiting: str
    waiting_code: str
    used_code: str
    challenged: str
    session: str
    used_session: str
    credentials: Any


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    house = installation_in(tmp_path_factory.mktemp("continuity"))
    house.command("init")
    house.start()
    yield house
    assert house.stop() == 0
    assert "Traceback" not in (house.data.parent / "serve.log").read_text()


def _keys(people: People) -> bytes:
    answer = fetch(people.house.userpool, "GET", f"/{people.pool}/.well-known/jwks.json")
    assert answer.status == 200
    return answer.body


def _hold(house: Installation) -> Held:
    people = settle(house)
    name, waiting, challenged = people.person(), "w" + ids.digits(10), people.person()
    first = people.tokens(name)
    following = said(people.refresh(first["RefreshToken"]))["AuthenticationResult"]
    said(people.sign_up(waiting))
    confirmed = "c" + ids.digits(10)
    said(people.sign_up(confirmed))
    used_code = house.code_for(f"{confirmed}@example.com")
    said(people.confirm(confirmed, used_code))
    other = people.person()
    used_session = people.challenged(other)
    said(people.choose(other, used_session))
    return Held(
        people=people,
        keys=_keys(people),
        name=name,
        tokens={**first, **following},
        used_refresh=people.tokens(name)["RefreshToken"],
        waiting=waiting,
        waiting_code=house.code_for(f"{waiting}@example.com"),
        used_code=used_code,
        challenged=challenged,
        session=people.challenged(challenged),
        used_session=used_session,
        credentials=house.client("sts").get_session_token()["Credentials"],
    )


def _use_one_refresh_token(held: Held) -> None:
    said(held.people.refresh(held.used_refresh))


def _check(held: Held, house: Installation) -> None:
    people = held.people
    assert _keys(people) == held.keys
    assert said(people.get_user(held.tokens["AccessToken"]))["Username"] == held.name
    said(people.refresh(held.tokens["RefreshToken"]))
    said(people.identity(held.tokens["IdToken"]))
    said(people.confirm(held.waiting, held.waiting_code))
    said(people.choose(held.challenged, held.session))
    given = held.credentials
    sts = house.client("sts", given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert sts.get_caller_identity()["Arn"].endswith(":user/admin")
    assert people.refresh(held.used_refresh).status == 400
    assert people.confirm(held.waiting, held.waiting_code).status == 400
    assert people.choose(held.challenged, held.session).status == 400
    assert people.choose(held.name, held.used_session).status == 400
    people.tokens(held.challenged, NEW_PASSWORD)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "kill -9"])
def test_everything_goes_on_after_a_restart(house: Installation, how: signal.Signals) -> None:
    held = _hold(house)
    _use_one_refresh_token(held)
    assert house.process is not None
    house.process.send_signal(how)
    house.process.wait(15)
    house.start()
    _check(held, house)


def _move(house: Installation, offset_s: float) -> None:
    assert fetch(house.userpool, path="/test/clock", body=json.dumps({"offset_s": offset_s}).encode()).status == 200


def test_an_hour_back_everything_goes_on(house: Installation) -> None:
    held = _hold(house)
    _use_one_refresh_token(held)
    _move(house, -3600)
    try:
        with pytest.raises(ClientError, match="SignatureDoesNotMatch|SignatureExpired"):
            house.client("sts").get_caller_identity()  # AWS's window of 5 minutes; the client must know the time
        people = held.people
        assert _keys(people) == held.keys
        said(people.get_user(held.tokens["AccessToken"]))
        said(people.refresh(held.tokens["RefreshToken"]))
        said(people.confirm(held.waiting, held.waiting_code))
        assert people.refresh(held.used_refresh).status == 400
        assert people.choose(held.name, held.used_session).status == 400
        said(people.get_user(people.tokens(held.name)["AccessToken"]))
        assert fetch(house.userpool, "GET", "/health/ready").status == 200
    finally:
        _move(house, 0)
    people.tokens(held.name)


def test_a_lockout_lasts_no_longer_than_its_end_whatever_the_clock_does(house: Installation) -> None:
    people = settle(house)
    name = people.person()
    for _ in range(8):
        assert people.sign_in(name, "Wrong-horse-9").status == 400
    assert people.sign_in(name, PASSWORD).status == 400, "it is locked"
    _move(house, -3600)
    try:
        people.sign_in(name, PASSWORD)
        _move(house, 15 * 60 + 1)
        people.tokens(name)
    finally:
        _move(house, 0)
