"""64 at once, over two replicas on one store: of every thing that may be used once there is one winner (R2)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared import ids
from shared.settings import PREFIX
from tests.conftest import Installation, installation_in
from tests.robustness.people import NEW_PASSWORD, People, said, settle
from tests.robustness.wire import Answer, ask, form_of
from tests.servers import Postgres

AT_ONCE = 64


@dataclass(frozen=True)
class Replicas:
    first: Installation
    second: Installation
    people: People

    def all_at_once(self, spend: Callable[[Installation], Answer]) -> list[Answer]:
        """The answers to 64 equal requests, half of them at each replica; none is our fault."""
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            answers = list(crowd.map(spend, [self.first, self.second] * (AT_ONCE // 2)))
        assert not [answer for answer in answers if answer.status >= 500]
        return answers

    def one_wins(self, spend: Callable[[Installation], Answer]) -> None:
        answers = self.all_at_once(spend)
        assert len([answer for answer in answers if answer.status == 200]) == 1, {
            (answer.status, answer.code) for answer in answers
        }


def _replicas(folder: Path, **settings: str) -> Iterator[Replicas]:
    first = installation_in(folder, **settings)
    second = installation_in(
        folder,
        userpool_url=first.userpool,
        identitypool_url=first.identitypool,
        **settings,
    )
    second.environ |= {
        f"{PREFIX}{name}": value for name, value in {"AUTHORIZER_URL": second.identitypool, "TEST_MODE": "1"}.items()
    }
    first.command("init")
    first.start()
    second.start()
    yield Replicas(first, second, settle(first))
    statuses = [second.stop(), first.stop()]
    log = (folder / "serve.log").read_text()
    assert "Traceback" not in log, log[-4000:]
    assert statuses == [0, 0]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def replicas(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    folder = tmp_path_factory.mktemp("replicas")
    if request.param == "sqlite":
        yield from _replicas(folder)
        return
    server = Postgres()
    server.start()
    yield from _replicas(folder, database_url=server.url)
    server.close()


def test_a_sign_up_code(replicas: Replicas) -> None:
    name = "n" + ids.digits(10)
    said(replicas.people.sign_up(name))
    code = replicas.first.code_for(f"{name}@example.com")
    replicas.one_wins(lambda at: replicas.people.confirm(name, code, at))


def test_a_reset_code(replicas: Replicas) -> None:
    name = replicas.people.person()
    code = replicas.people.forgot(name)
    replicas.one_wins(lambda at: replicas.people.reset(name, code, at))
    replicas.people.tokens(name, NEW_PASSWORD)


def test_a_challenge_session(replicas: Replicas) -> None:
    name = replicas.people.person()
    session = replicas.people.challenged(name)
    replicas.one_wins(lambda at: replicas.people.choose(name, session, at))
    replicas.people.tokens(name, NEW_PASSWORD)


def test_a_refresh_token_that_rotates_and_then_its_whole_family(replicas: Replicas) -> None:
    token = replicas.people.tokens(replicas.people.person())["RefreshToken"]
    answers = replicas.all_at_once(lambda at: replicas.people.refresh(token, at))
    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1
    # 63 others showed a token that had been used: it was stolen, and what came of it is worth nothing either (R9).
    successor = said(won[0])["AuthenticationResult"]["RefreshToken"]
    assert replicas.people.refresh(successor, replicas.second).status == 400


def test_a_user_name_at_sign_up(replicas: Replicas) -> None:
    name = "n" + ids.digits(10)
    answers = replicas.all_at_once(lambda at: replicas.people.sign_up(name, at))
    assert len([answer for answer in answers if answer.status == 200]) == 1
    assert {answer.code for answer in answers if answer.status != 200} == {"UsernameExistsException"}


@pytest.mark.parametrize(
    ("operation", "members"),
    [("CreateUser", {"UserName": "n"}), ("CreateGroup", {"GroupName": "n"})],
    ids=["user", "group"],
)
def test_a_name_in_iam(replicas: Replicas, operation: str, members: dict[str, str]) -> None:
    named = {member: start + ids.digits(10) for member, start in members.items()}
    answers = replicas.all_at_once(lambda at: ask(at, "iam", operation, form_of("iam", operation, **named)))
    assert len([answer for answer in answers if answer.status == 200]) == 1
    assert {answer.code for answer in answers if answer.status != 200} == {"EntityAlreadyExists"}


def test_a_new_login_gets_one_identity(replicas: Replicas) -> None:
    token = replicas.people.tokens(replicas.people.person())["IdToken"]
    answers = replicas.all_at_once(lambda at: replicas.people.identity(token, at))
    assert len({said(answer)["IdentityId"] for answer in answers}) == 1


def test_what_one_replica_wrote_the_other_knows_at_once(replicas: Replicas) -> None:
    people = replicas.people
    name = people.person()
    tokens = people.tokens(name)
    said(people.get_user(tokens["AccessToken"], replicas.second))
    said(people.idp("GlobalSignOut", AccessToken=tokens["AccessToken"]))
    assert people.get_user(tokens["AccessToken"], replicas.second).status == 400
    idp = replicas.second.client("cognito-idp")
    pool = idp.create_user_pool(PoolName="fresh")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName="a", ExplicitAuthFlows=flows)["UserPoolClient"]
    fresh = replace(people, house=replicas.second, pool=pool, client=client["ClientId"])
    newcomer = fresh.person()
    assert said(fresh.sign_in(newcomer, at=replicas.first))["AuthenticationResult"]["AccessToken"]
    said(people.idp("AdminDisableUser", signed=True, UserPoolId=people.pool, Username=name))
    assert people.sign_in(name, at=replicas.second).status == 400
