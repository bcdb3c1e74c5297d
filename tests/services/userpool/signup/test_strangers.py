"""R15: an answer, what it writes and what it posts are the same for users who are and are not."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from services.userpool.clients.client import AppClient
from services.userpool.errors import CodeMismatch, InvalidPassword, PasswordHistoryPolicyViolation
from services.userpool.pools.pool import UserPool
from services.userpool.schema.signin import stranger
from services.userpool.schema.signup import code
from shared.aws import json_protocol
from shared.aws.api import cognito_idp as api
from shared.refusal import Refusal
from tests.services.userpool.live import PASSWORD, Live

STATES: dict[str, dict[str, Any]] = {
    "verified": {},
    "unverified": {"attributes": {"email": "u@test.com"}},
    "without": {"attributes": {}},
    "signing-up": {"status": "UNCONFIRMED", "attributes": {"email": "s@test.com"}},
    "invited": {"status": "FORCE_CHANGE_PASSWORD"},
}
PEOPLE = [*STATES, "disabled", "nobody"]


@pytest.fixture
def client(live: Live) -> AppClient:
    pool = live.pool(auto_verified_attributes=["email"])
    for name, state in STATES.items():
        live.user(pool, name, **state)
    live.user(pool, "disabled")
    live.ask("AdminDisableUser", UserPoolId=pool.id, Username="disabled")
    return live.client(pool, prevent_user_existence_errors="ENABLED")


@contextmanager
def statements(live: Live) -> Iterator[list[str]]:
    """What both databases are asked, without the values."""
    asked: list[str] = []

    def note(text: str) -> None:
        if "app_clients" in text or text.startswith("PRAGMA"):
            return  # kept for as long as nothing is committed, whoever the call is about
        asked.append(re.sub(r"\s+", " ", re.sub(r"x?'(?:[^']|'')*'|\b\d+(\.\d+)?\b", "?", text, flags=re.IGNORECASE)))

    raws: list[Any] = []
    for sql in (live.context.sql, live._ephemeral):
        with sql.read() as tx:
            raws.append(tx.connection.driver_connection)
    for raw in raws:
        raw.set_trace_callback(note)
    try:
        yield asked
    finally:
        for raw in raws:
            raw.set_trace_callback(None)


def seen(live: Live, ask: Callable[[], Any]) -> tuple[Any, list[str], int]:
    """The answer, the statements, and how many messages were built."""
    before = len(live.sent.messages) + len(live.sent.pretended)
    with statements(live) as asked:
        answer: Any
        try:
            answer = json_protocol.encode(ask())
        except Refusal as refusal:
            answer = (type(refusal), refusal.message)
    return answer, asked, len(live.sent.messages) + len(live.sent.pretended) - before


@pytest.mark.parametrize("operation", ["ForgotPassword", "ResendConfirmationCode"])
def test_a_code_that_goes_out_and_one_that_does_not_cost_the_same(
    live: Live, client: AppClient, operation: str
) -> None:
    found = {name: seen(live, partial(live.ask, operation, ClientId=client.id, Username=name)) for name in PEOPLE}
    assert {(tuple(asked), built) for _, asked, built in found.values()} == {(tuple(found["nobody"][1]), 1)}
    assert {len(answer) for answer, _, _ in found.values()} == {len(found["nobody"][0])}
    assert len(live.sent.messages) == 1
    assert [message.to for message in live.sent.messages] == [
        "verified@example.com" if operation == "ForgotPassword" else "s@test.com"
    ]


@pytest.mark.parametrize("sent_before", [False, True])
@pytest.mark.parametrize("operation", ["ConfirmForgotPassword", "ConfirmSignUp"])
def test_a_wrong_code_costs_and_says_the_same(
    live: Live, client: AppClient, operation: str, *, sent_before: bool
) -> None:
    more = {"Password": "Another-horse-2"} if operation == "ConfirmForgotPassword" else {}
    if sent_before:
        for name in PEOPLE:
            before = "ForgotPassword" if more else "ResendConfirmationCode"
            live.ask(before, ClientId=client.id, Username=name)
    for _ in range(7):  # past the fifth try, too
        found = [
            seen(
                live,
                partial(live.ask, operation, ClientId=client.id, Username=name, ConfirmationCode="abc", **more),
            )
            for name in PEOPLE
        ]
        wrong = (CodeMismatch, "Invalid verification code provided, please try again.")
        assert {answer for answer, _, _ in found} == {wrong}
        assert len({tuple(asked) for _, asked, _ in found}) == 1
        assert len(found[0][1]) == (8 if more else 7)


def test_a_password_that_the_pool_refuses_tells_nothing(live: Live, client: AppClient) -> None:
    for name in PEOPLE:
        with pytest.raises(InvalidPassword):
            live.ask(
                "ConfirmForgotPassword",
                ClientId=client.id,
                Username=name,
                ConfirmationCode="123456",
                Password="short-1",
            )


def test_only_a_good_code_tells_that_a_password_was_used_before(live: Live) -> None:
    policy = api.PasswordPolicyType(minimum_length=8, password_history_size=3)
    pool = live.pool(policies=api.UserPoolPolicyType(password_policy=policy))
    live.user(pool, "verified")
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    asked = {"ClientId": client.id, "Username": "verified"}
    live.ask("ForgotPassword", **asked)
    with pytest.raises(CodeMismatch):
        live.ask("ConfirmForgotPassword", **asked, ConfirmationCode="abc", Password=PASSWORD)
    for _ in range(2):  # the code is not spent by it
        with pytest.raises(PasswordHistoryPolicyViolation):
            live.ask("ConfirmForgotPassword", **asked, ConfirmationCode=live.codes()[0], Password=PASSWORD)
    live.ask("ConfirmForgotPassword", **asked, ConfirmationCode=live.codes()[0], Password="Another-horse-2")


def test_a_wrong_password_is_written_down_alike(live: Live, client: AppClient) -> None:
    for _ in range(7):
        found = {name: seen(live, partial(live.sign_in, client, name, "Wrong-horse-1")) for name in PEOPLE}
        assert len({answer for answer, _, _ in found.values()}) == 1
        kinds = {name: [text.split(" ")[0] for text in asked] for name, (_, asked, _) in found.items()}
        nobody = kinds.pop("nobody")
        assert nobody.pop(nobody.index("SELECT")) == "SELECT"  # a stranger's lock is one read more
        durable = {"INSERT": "held", "SELECT": "held"}
        assert {tuple(durable.get(kind, kind) for kind in each) for each in kinds.values()} == {
            tuple(durable.get(kind, kind) for kind in nobody)
        }


def test_the_limit_of_messages_is_the_same(live: Live, client: AppClient) -> None:
    for name in PEOPLE:
        outcomes = [
            seen(live, partial(live.ask, "ForgotPassword", ClientId=client.id, Username=name))[0] for _ in range(6)
        ]
        assert outcomes[5][1] == "Attempt limit exceeded, please try after some time."
        assert all(isinstance(outcome, bytes) for outcome in outcomes[:5])


def test_rows_of_nobody_are_forgotten(live: Live, client: AppClient) -> None:
    for number in range(30):
        live.ask("ForgotPassword", ClientId=client.id, Username=f"nobody{number}")
        seen(live, partial(live.sign_in, client, f"nobody{number}", "Wrong-horse-1"))
    live.later(hours=1, seconds=1)
    live.ask("ForgotPassword", ClientId=client.id, Username="nobody")
    seen(live, lambda: live.sign_in(client, "nobody", "Wrong-horse-1"))
    with live.context.sql.read() as tx:
        assert len(tx.execute(code.select()).all()) == 1
        assert len(tx.execute(stranger.select()).all()) == 1


def test_a_decoy_does_not_void_a_code_that_an_administrator_sent(live: Live) -> None:
    only = api.AccountRecoverySettingType(recovery_mechanisms=[api.RecoveryOptionType(priority=1, name="admin_only")])
    pool = live.pool(account_recovery_setting=only)
    live.user(pool, "verified")
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    live.ask("AdminResetUserPassword", UserPoolId=pool.id, Username="verified")
    live.ask("ForgotPassword", ClientId=client.id, Username="verified")
    assert len(live.sent.messages) == 1
    live.ask(
        "ConfirmForgotPassword",
        ClientId=client.id,
        Username="verified",
        ConfirmationCode=live.codes()[0],
        Password="Another-horse-2",
    )


def test_removing_a_user_removes_their_codes(live: Live, client: AppClient) -> None:
    live.ask("ForgotPassword", ClientId=client.id, Username="verified")
    live.ask("AdminDeleteUser", UserPoolId=client.pool_id, Username="verified")
    with live.context.sql.read() as tx:
        assert tx.execute(code.select()).all() == []


def told(live: Live, client: AppClient, name: str) -> set[Any]:
    """What the two calls that send codes say of where one went."""
    asked = (live.ask(each, ClientId=client.id, Username=name) for each in ("ForgotPassword", "ResendConfirmationCode"))
    return {json_protocol.encode(each.code_delivery_details) for each in asked}


def test_two_calls_together_do_not_tell_who_is_a_user(live: Live, client: AppClient) -> None:
    assert {len(told(live, client, name)) for name in PEOPLE} == {1}


def test_where_people_have_addresses_of_both_kinds_so_have_those_invented(live: Live) -> None:
    pool = live.pool(auto_verified_attributes=["email", "phone_number"])
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    mediums = {
        live.ask("ForgotPassword", ClientId=client.id, Username=f"nobody{n}").code_delivery_details.delivery_medium
        for n in range(40)
    }
    assert mediums == {"EMAIL", "SMS"}


@pytest.mark.parametrize("name", ["@", "+", "{####}", "Ünal", "x"])
def test_an_invented_destination_looks_like_any_other(live: Live, client: AppClient, name: str) -> None:
    told = live.ask("ForgotPassword", ClientId=client.id, Username=name).code_delivery_details
    assert re.fullmatch(r"[a-z]\*{3}@[a-z]\*{3}", told.destination)


def test_a_pool_of_phone_numbers_pretends_to_send_text_messages(live: Live) -> None:
    pool: UserPool = live.pool(auto_verified_attributes=["phone_number"])
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    told = live.ask("ForgotPassword", ClientId=client.id, Username="nobody").code_delivery_details
    assert (told.delivery_medium, told.attribute_name) == ("SMS", "phone_number")
    assert re.fullmatch(r"\+\*{7}[0-9]{4}", told.destination)
    assert told == live.ask("ForgotPassword", ClientId=client.id, Username="nobody").code_delivery_details
