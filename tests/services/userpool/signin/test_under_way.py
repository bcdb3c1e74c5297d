"""A sign-in under way, in which a new password is asked for, is good for its own user, client and step alone (R3)."""

from collections.abc import Callable
from typing import Any

import pytest

from services.userpool.errors import NotAuthorized
from services.userpool.pools.pool import UserPool
from services.userpool.signin.entrance import Entrance
from services.userpool.signin.flow import Underway, proceed
from services.userpool.signin.step import Attempt, Challenge
from shared import ids
from tests.services.userpool.live import PASSWORD, Live


@pytest.fixture
def pool(live: Live) -> UserPool:
    pool = live.pool()
    for name in ("alice", "bob"):
        live.user(pool, name, status="FORCE_CHANGE_PASSWORD")
    return pool


def answer(live: Live, client_id: str, session: str, username: str = "alice") -> Any:
    return live.ask(
        "RespondToAuthChallenge",
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses={"USERNAME": username, "NEW_PASSWORD": "Another-horse-2"},
    )


def test_every_altered_character_spoils_the_session(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    session = live.sign_in(client).session
    for place, character in enumerate(session):
        altered = f"{session[:place]}{'A' if character != 'A' else 'B'}{session[place + 1 :]}"
        with pytest.raises(NotAuthorized, match=r"^Invalid session for the user\.$"):
            answer(live, client.id, altered)
    for other in (session[:-1], f"{session}A", f"{session}=", f" {session}"):
        with pytest.raises(NotAuthorized, match=r"^Invalid session for the user\.$"):
            answer(live, client.id, other)
    assert answer(live, client.id, session).authentication_result


def test_a_session_is_good_at_its_own_client_for_its_own_user(live: Live, pool: UserPool) -> None:
    client, elsewhere = live.client(pool), live.pool()
    live.user(elsewhere, status="FORCE_CHANGE_PASSWORD")
    session = live.sign_in(client).session
    for client_id, username in (
        (live.client(pool).id, "alice"),
        (live.client(elsewhere).id, "alice"),
        (client.id, "bob"),
        (client.id, live.find(pool, "bob").sub),
        (client.id, "nobody"),
    ):
        with pytest.raises(NotAuthorized, match=r"^Invalid session for the user\.$"):
            answer(live, client_id, session, username)
    assert live.find(pool, "bob").status == "FORCE_CHANGE_PASSWORD"


def removed_and_made_again(live: Live, pool: UserPool) -> None:
    live.ask("AdminDeleteUser", UserPoolId=pool.id, Username="alice")
    live.user(pool, status="FORCE_CHANGE_PASSWORD")


def asked(operation: str, **members: Any) -> Callable[[Live, UserPool], None]:
    def ask(live: Live, pool: UserPool) -> None:
        live.ask(operation, UserPoolId=pool.id, Username="alice", **members)

    return ask


@pytest.mark.parametrize(
    "meanwhile",
    [
        asked("AdminDisableUser"),
        asked("AdminUserGlobalSignOut"),
        asked("AdminSetUserPassword", Password=PASSWORD),
        asked("AdminSetUserPassword", Password=PASSWORD, Permanent=True),
        removed_and_made_again,
    ],
    ids=["disabled", "signed-out", "another-temporary-one", "a-permanent-one", "a-namesake"],
)
def test_what_happens_to_the_user_meanwhile_ends_it(
    live: Live, pool: UserPool, meanwhile: Callable[[Live, UserPool], None]
) -> None:
    client = live.client(pool)
    session = live.sign_in(client).session
    meanwhile(live, pool)
    before = live.find(pool, "alice")
    with pytest.raises(NotAuthorized):
        answer(live, client.id, session)
    assert live.find(pool, "alice") == before


def test_a_flow_that_the_client_may_use_no_longer_ends_what_is_under_way(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    session = live.sign_in(client).session
    off = ["ALLOW_REFRESH_TOKEN_AUTH"]
    live.ask("UpdateUserPoolClient", UserPoolId=pool.id, ClientId=client.id, ExplicitAuthFlows=off)
    with pytest.raises(NotAuthorized, match=r"^Invalid session for the user\.$"):
        answer(live, client.id, session)
    assert live.find(pool, "alice").status == "FORCE_CHANGE_PASSWORD"


def test_a_right_password_among_many_guesses_at_once_is_found_locked_when_it_would_be_let_in(live: Live) -> None:
    """Each of a crowd passes the first look at the lock; the second one is beside the session that would be written."""
    pool = live.pool()
    user, client = live.user(pool), live.client(pool)
    assert user.password is not None
    judged_right = Attempt(
        pool_id=pool.id,
        client_id=client.id,
        user_id=user.sub,
        username=user.username,
        first_factor=Challenge.PASSWORD,
        new_password_required=False,
        password_version=user.password.version,
        proved=frozenset({Challenge.PASSWORD}),
    )
    for _ in range(5):
        with pytest.raises(NotAuthorized):
            live.sign_in(client, password="Wrong-horse-1")
    before = live.find(pool, "alice")
    with pytest.raises(NotAuthorized, match="Password attempts exceeded"):
        proceed(Entrance(live.call(), client, pool, {}), Underway(judged_right, ids.uuid4(), user.session_epoch, user))
    assert live.find(pool, "alice") == before
