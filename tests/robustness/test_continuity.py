"""Restarts and clocks that jump: what people hold goes on, and what was used stays used."""

import json
import signal
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Installation, installation_in
from tests.robustness.held import check, hold, published, use_one_refresh_token
from tests.robustness.people import PASSWORD, said, settle
from tests.robustness.wire import fetch


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    house = installation_in(tmp_path_factory.mktemp("continuity"))
    house.command("init")
    house.start()
    yield house
    assert house.stop() == 0
    assert "Traceback" not in (house.data.parent / "serve.log").read_text()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "kill -9"])
def test_everything_goes_on_after_a_restart(house: Installation, how: signal.Signals) -> None:
    held = hold(house)
    use_one_refresh_token(held)
    assert house.process is not None
    house.process.send_signal(how)
    house.process.wait(15)
    house.start()
    check(held, house)


def _move(house: Installation, offset_s: float) -> None:
    assert fetch(house.userpool, path="/test/clock", body=json.dumps({"offset_s": offset_s}).encode()).status == 200


def test_an_hour_back_everything_goes_on(house: Installation) -> None:
    held = hold(house)
    use_one_refresh_token(held)
    _move(house, -3600)
    try:
        with pytest.raises(ClientError, match="SignatureDoesNotMatch|SignatureExpired"):
            house.client("sts").get_caller_identity()  # AWS's window of 5 minutes; the client must know the time
        people = held.people
        assert published(people) == held.keys
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
