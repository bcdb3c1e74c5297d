"""What people hold of an installation, and whether it still is as good as it was."""

from dataclasses import dataclass
from typing import Any

from shared import ids
from tests.conftest import Installation
from tests.robustness.people import NEW_PASSWORD, People, said, settle
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


def published(people: People) -> bytes:
    """The key set of the pool."""
    answer = fetch(people.house.userpool, "GET", f"/{people.pool}/.well-known/jwks.json")
    assert answer.status == 200
    return answer.body


def hold(house: Installation) -> Held:
    """Somebody of each kind, with something that was used and something that was not."""
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
        keys=published(people),
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


def use_one_refresh_token(held: Held) -> None:
    said(held.people.refresh(held.used_refresh))


def check(held: Held, house: Installation) -> None:
    """What was not used is good, and what was is not."""
    people = held.people
    assert published(people) == held.keys
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
