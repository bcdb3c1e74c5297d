"""Crowds at the sign-in and at the directory, on SQLite and PostgreSQL: no more is judged or kept than should be."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.userpool.errors import WRONG_PROOF, NotAuthorized, ResourceNotFound
from services.userpool.passwords.lockout import FREE_FAILURES, MESSAGE
from services.userpool.schema.directory import group_members
from shared.refusal import Refusal, Removed
from tests.services.userpool.live import PASSWORD, Live, living


@pytest.fixture(params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with living(tmp_path, url) as service:
        yield service


def crowd(live: Live, attempts: int, attempt: Callable[[int], object]) -> Counter[str]:
    """What each of so many parallel attempts was told."""

    def told(number: int) -> str:
        try:
            attempt(number)
        except Refusal as refusal:
            return refusal.message
        finally:
            live.close()
        return "done"

    with ThreadPoolExecutor(16) as people:
        return Counter(people.map(told, range(attempts)))


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_of_64_parallel_wrong_passwords_none_is_judged_beyond_the_limit(live: Live, username: str) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    told = crowd(live, 64, lambda number: live.sign_in(client, username, f"Wrong-horse-{number}"))
    assert told == {WRONG_PROOF: FREE_FAILURES + 1, MESSAGE: 64 - FREE_FAILURES - 1}
    with pytest.raises(NotAuthorized, match=MESSAGE):
        live.sign_in(client, username, PASSWORD)


def test_a_group_that_is_deleted_meanwhile_is_not_found(live: Live) -> None:
    pool = live.pool()
    live.user(pool)

    def join_or_delete(number: int) -> None:
        names = {"UserPoolId": pool.id, "GroupName": f"group{number // 4}"}
        if number % 4 == 0:
            live.ask("CreateGroup", **names)
        elif number % 4 == 3:
            with contextlib.suppress(ResourceNotFound):
                live.ask("DeleteGroup", **names)
        else:
            live.ask("AdminAddUserToGroup", **names, Username="alice")

    assert set(crowd(live, 200, join_or_delete)) <= {"done", "Group not found."}


def test_what_belongs_to_something_that_is_gone_is_refused(live: Live) -> None:
    row = {"pool_id": "us-east-1_gone", "sub": "s", "group_name": "g"}
    with pytest.raises(Removed), live.context.sql.write() as tx:
        tx.execute(sa.insert(group_members), row)
    assert live.pool().id  # the connection is as good as before


def test_codes_of_people_who_are_and_are_not_are_kept_and_forgotten_alike(live: Live) -> None:
    pool = live.pool(auto_verified_attributes=["email"])
    live.user(pool)
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    for name in ("alice", "nobody") * 2:
        live.ask("ForgotPassword", ClientId=client.id, Username=name)
    confirm = {"ClientId": client.id, "Password": "Another-horse-2"}
    told = crowd(
        live,
        16,
        lambda number: live.ask(
            "ConfirmForgotPassword", **confirm, Username=("alice", "nobody")[number % 2], ConfirmationCode="abc"
        ),
    )
    assert told == {"Invalid verification code provided, please try again.": 16}
    live.later(hours=2)
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    live.ask("ConfirmForgotPassword", **confirm, Username="alice", ConfirmationCode=live.codes()[-1])
    assert live.tokens(client, password="Another-horse-2")
