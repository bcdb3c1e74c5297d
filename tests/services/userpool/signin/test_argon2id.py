"""Pools that keep password hashes only, and pools that change their mind."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from services.userpool.clients.client import AppClient
from services.userpool.errors import (
    WRONG_PROOF,
    InvalidParameter,
    NotAuthorized,
    PasswordHistoryPolicyViolation,
    TooManyRequests,
)
from services.userpool.passwords import argon2
from services.userpool.passwords.argon2 import HashPool
from services.userpool.passwords.verifier import Kind, Vault
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import with_password_storage
from services.userpool.signin.flow import NO_SRP
from services.userpool.signin.parts import hash_pool
from shared.aws.api import cognito_idp as api
from shared.settings import Settings
from tests.services.userpool.live import PASSWORD, Live
from tests.services.userpool.srp_half import Srp

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def keep_as(live: Live, pool: UserPool, storage: Any) -> UserPool:
    with live.context.sql.write() as tx:
        held = pools.pool_named(tx, pool.id)
        settings = with_password_storage(held.settings, storage)
        pools.set_pool(tx, pool.id, name=pool.name, settings=settings, at=live.now)
        return pools.pool_named(tx, pool.id)


def sign_in_by_srp(live: Live, pool: UserPool, client: AppClient) -> Any:
    srp = Srp(live, pool, client)
    return srp.answer(srp.claim(srp.begin()))


def kind(live: Live, pool: UserPool, name: str = "alice") -> Kind:
    record = live.find(pool, name).password
    assert record is not None
    return record.kind


@pytest.fixture
def pool(live: Live) -> UserPool:
    return keep_as(live, live.pool(auto_verified_attributes=["email"]), "argon2id")


@pytest.fixture
def client(live: Live, pool: UserPool) -> AppClient:
    return live.client(pool, prevent_user_existence_errors="ENABLED")


@pytest.fixture
def hashes(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The passwords that were hashed; in the end every place among those who wait is free again."""
    made: list[str] = []
    real = argon2.argon2id

    def note(password: str, salt: bytes, parameters: argon2.Parameters) -> bytes:
        made.append(password)
        return real(password, salt, parameters)

    monkeypatch.setattr(argon2, "argon2id", note)
    room = live.context.part(HashPool)._room
    places = room._value
    yield made
    assert room._value == places


def test_every_way_to_a_password_makes_the_pools_kind(live: Live, pool: UserPool, client: AppClient) -> None:
    email = [{"Name": "email", "Value": "bob@test.com"}]
    live.ask("SignUp", ClientId=client.id, Username="bob", Password=PASSWORD, UserAttributes=email)
    assert kind(live, pool, "bob") is Kind.ARGON2ID
    live.ask("ConfirmSignUp", ClientId=client.id, Username="bob", ConfirmationCode=live.codes()[-1])
    tokens = live.tokens(client, "bob")
    change = {"PreviousPassword": PASSWORD, "ProposedPassword": "Another-horse-2"}
    live.ask("ChangePassword", AccessToken=tokens.access_token, **change)
    live.ask("ForgotPassword", ClientId=client.id, Username="bob")
    reset = {"ConfirmationCode": live.codes()[-1], "Password": "Third-horse-3"}
    live.ask("ConfirmForgotPassword", ClientId=client.id, Username="bob", **reset)
    assert live.tokens(client, "bob", "Third-horse-3")
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="bob", Password="Fourth-horse-4", Permanent=True)
    assert live.tokens(client, "bob", "Fourth-horse-4")
    live.ask("AdminCreateUser", UserPoolId=pool.id, Username="carl", TemporaryPassword="Temporary-1")
    asked = live.sign_in(client, "carl", "Temporary-1")
    answers = {"USERNAME": "carl", "NEW_PASSWORD": PASSWORD}
    live.ask(
        "RespondToAuthChallenge",
        ClientId=client.id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked.session,
        ChallengeResponses=answers,
    )
    assert {kind(live, pool, name) for name in ("bob", "carl")} == {Kind.ARGON2ID}


def test_srp_is_refused_for_every_name_alike(live: Live, pool: UserPool, client: AppClient) -> None:
    live.user(pool)
    for name in ("alice", "nobody"):
        parameters = {"USERNAME": name, "SRP_A": "abc"}
        with pytest.raises(InvalidParameter, match=NO_SRP):
            live.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=client.id, AuthParameters=parameters)


def test_an_srp_sign_in_under_way_ends_with_the_change_of_storage(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool)
    parameters = {"USERNAME": "alice", "SRP_A": "abc"}
    asked = live.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=client.id, AuthParameters=parameters)
    keep_as(live, pool, "argon2id")
    answers = {
        "USERNAME": "alice",
        "PASSWORD_CLAIM_SECRET_BLOCK": asked.challenge_parameters["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": "aGk=",
        "TIMESTAMP": "now",
    }
    with pytest.raises(InvalidParameter, match=NO_SRP):
        live.ask(
            "RespondToAuthChallenge",
            ClientId=client.id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=answers,
        )


def test_users_are_converted_by_their_next_password_sign_in(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool)
    before = live.find(pool, "alice")
    pool = keep_as(live, pool, "argon2id")
    with pytest.raises(NotAuthorized):
        live.sign_in(client, password="Wrong-horse-1")
    assert kind(live, pool) is Kind.SRP
    live.later(days=1)
    assert live.tokens(client)
    after = live.find(pool, "alice")
    assert after.password is not None
    assert before.password is not None
    assert (after.password.kind, after.password.version) == (Kind.ARGON2ID, before.password.version)
    assert after.password_set_at == before.password_set_at
    assert live.tokens(client)

    pool = keep_as(live, pool, "srp")
    assert kind(live, pool) is Kind.ARGON2ID
    with pytest.raises(NotAuthorized, match=WRONG_PROOF):  # there is no verifier yet
        sign_in_by_srp(live, pool, client)
    assert live.tokens(client)
    assert kind(live, pool) is Kind.SRP
    assert sign_in_by_srp(live, pool, client).authentication_result


def test_a_wrong_password_costs_one_hash_whatever_is_kept_and_whoever_it_is(
    live: Live, client: AppClient, pool: UserPool, hashes: list[str]
) -> None:
    live.user(pool, "hashed")
    keep_as(live, pool, "srp")
    live.user(keep_as(live, pool, "srp"), "verified")
    for storage in ("argon2id", "srp"):
        keep_as(live, pool, storage)
        for name in ("hashed", "verified", "nobody"):
            hashes.clear()
            with pytest.raises(NotAuthorized, match=WRONG_PROOF):
                live.sign_in(client, name, "Wrong-horse-1")
            assert hashes == ["Wrong-horse-1"]


def test_a_pool_that_never_kept_hashes_makes_none(live: Live, hashes: list[str]) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    for name in ("alice", "nobody"):
        with pytest.raises(NotAuthorized):
            live.sign_in(client, name, "Wrong-horse-1")
    assert live.tokens(client)
    assert hashes == []


def test_the_history_knows_both_kinds(live: Live) -> None:
    policy = api.PasswordPolicyType(minimum_length=8, password_history_size=3)
    pool = live.pool(policies=api.UserPoolPolicyType(password_policy=policy))
    live.user(pool)
    keep_as(live, pool, "argon2id")
    target = {"UserPoolId": pool.id, "Username": "alice", "Permanent": True}
    live.ask("AdminSetUserPassword", **target, Password="Another-horse-2")
    for used in (PASSWORD, "Another-horse-2"):
        with pytest.raises(PasswordHistoryPolicyViolation):
            live.ask("AdminSetUserPassword", **target, Password=used)


def test_above_the_bound_a_sign_in_is_turned_away_and_a_user_is_read(
    live: Live, pool: UserPool, client: AppClient
) -> None:
    live.user(pool)
    token = live.tokens(client).access_token
    full = HashPool(threads=1, waiters=1)
    live.context = _with_hashing(live, full)
    gate = threading.Event()
    full._threads.submit(gate.wait)

    def sign_in() -> Any:
        try:
            return live.tokens(client)
        finally:
            live.close()

    with ThreadPoolExecutor(2) as people:
        waiting = [people.submit(sign_in) for _ in range(2)]
        while full._threads._work_queue.qsize() < 2:
            threading.Event().wait(0.001)
        with pytest.raises(TooManyRequests):
            live.sign_in(client)
        assert live.ask("GetUser", AccessToken=token).username == "alice"
        live.ask("AdminDisableUser", UserPoolId=pool.id, Username="alice")  # no transaction waits for a hash
        live.ask("AdminEnableUser", UserPoolId=pool.id, Username="alice")
        gate.set()
        told = [str(each.exception()) for each in waiting]
    assert told == ["Invalid session for the user."] * 2  # their user was signed out everywhere meanwhile
    full.close()


def _with_hashing(live: Live, hashing: HashPool) -> Any:
    import dataclasses

    vault = live.context.part(Vault)
    parts = dict(live.context.parts) | {
        Vault: Vault(vault.seal, vault.open, hashing.argon2id),
        HashPool: hashing,
    }
    return dataclasses.replace(live.context, parts=parts)


def test_hashing_never_takes_every_thread_that_serves() -> None:
    for threads in (1, 2, 3, 8, 64):
        pool = hash_pool(Settings(threads=threads, workers=1))
        assert pool._room._value <= max(threads - 2, 1)
        pool.close()


def test_an_update_of_the_pool_leaves_the_storage(live: Live, pool: UserPool) -> None:
    live.ask("UpdateUserPool", UserPoolId=pool.id)
    with live.context.sql.read() as tx:
        assert pools.pool_named(tx, pool.id).password_kind is Kind.ARGON2ID
    shown = live.ask("DescribeUserPool", UserPoolId=pool.id)
    assert "argon2" not in msgspec.json.encode(shown).decode()
