import json
from dataclasses import replace
from typing import Any

import pytest

from services.userpool.clients.secret_hash import secret_hash
from services.userpool.errors import (
    InvalidParameter,
    InvalidPassword,
    NotAuthorized,
    PasswordResetRequired,
    ResourceNotFound,
    TooManyRequests,
    UserNotConfirmed,
    UserNotFound,
)
from shared.aws.api import cognito_idp as api
from tests.services.userpool.live import PASSWORD, Live, payload


def test_a_right_password_gives_three_tokens(live: Live) -> None:
    pool = live.pool()
    client, user = live.client(pool), live.user(pool)
    answer = live.sign_in(client)
    assert answer.challenge_name is None
    assert answer.challenge_parameters == {}
    result = answer.authentication_result
    assert (result.expires_in, result.token_type) == (3600, "Bearer")
    access, identity = payload(result.access_token), payload(result.id_token)
    assert access["sub"] == identity["sub"] == user.sub
    assert access["origin_jti"] == identity["origin_jti"]
    assert access["jti"] != identity["jti"]
    assert identity["email_verified"] is True
    assert identity["iss"] == f"http://127.0.0.1:8401/{pool.id}"


def test_tokens_show_only_what_the_client_may_read(live: Live) -> None:
    pool = live.pool()
    live.user(pool, attributes={"email": "a@example.com", "name": "Alice"})
    identity = payload(live.tokens(live.client(pool, read_attributes=["name"])).id_token)
    assert identity["name"] == "Alice"
    assert "email" not in identity


def test_a_wrong_password_is_refused_in_the_recorded_words(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    with pytest.raises(NotAuthorized, match=r"^Incorrect username or password\.$"):
        live.sign_in(live.client(pool), password="Wrong-horse-1")


def test_a_stranger_is_told_apart_only_where_the_client_wants_it(live: Live) -> None:
    pool = live.pool()
    with pytest.raises(UserNotFound, match=r"^User does not exist\.$"):
        live.sign_in(live.client(pool, prevent_user_existence_errors="LEGACY"), "nobody")
    with pytest.raises(NotAuthorized, match=r"^Incorrect username or password\.$"):
        live.sign_in(live.client(pool, prevent_user_existence_errors="ENABLED"), "nobody")


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_five_failures_lock_users_and_strangers_alike(live: Live, username: str) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    for _ in range(5):
        with pytest.raises(NotAuthorized, match="Incorrect username or password"):
            live.sign_in(client, username, "Wrong-horse-1")
    with pytest.raises(NotAuthorized, match=r"^Password attempts exceeded$"):
        live.sign_in(client, username, PASSWORD)
    live.later(seconds=1.1)
    if username == "alice":
        assert live.tokens(client).access_token
        assert live.find(pool, "alice").lockout.failures == 0
    else:
        with pytest.raises(NotAuthorized, match="Incorrect username or password"):
            live.sign_in(client, username, PASSWORD)
        with pytest.raises(NotAuthorized, match="Password attempts exceeded"):
            live.sign_in(client, username, PASSWORD)


def test_failures_count_over_all_names_of_a_user(live: Live) -> None:
    pool = live.pool(alias_attributes=["email"])
    live.user(pool)
    client = live.client(pool)
    for name in ("alice", "alice@example.com", "alice", "alice@example.com", "alice"):
        with pytest.raises(NotAuthorized, match="Incorrect"):
            live.sign_in(client, name, "Wrong-horse-1")
    with pytest.raises(NotAuthorized, match="Password attempts exceeded"):
        live.sign_in(client, "alice@example.com")


def test_flows_that_the_client_has_not_are_refused(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"])
    with pytest.raises(InvalidParameter, match=r"^USER_PASSWORD_AUTH flow not enabled for this client$"):
        live.sign_in(client)
    sent = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    with pytest.raises(InvalidParameter, match="USER_SRP_AUTH is not enabled"):
        live.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=client.id, AuthParameters=sent)
    with pytest.raises(InvalidParameter, match="Auth flow not enabled for this client"):
        live.ask(
            "AdminInitiateAuth",
            AuthFlow="ADMIN_NO_SRP_AUTH",
            UserPoolId=pool.id,
            ClientId=client.id,
            AuthParameters=sent,
        )
    for flow in ("CUSTOM_AUTH", "USER_AUTH"):
        with pytest.raises(InvalidParameter, match=f"{flow} is not supported yet"):
            live.ask("InitiateAuth", AuthFlow=flow, ClientId=client.id, AuthParameters=sent)
    with pytest.raises(InvalidParameter, match="Initiate Auth method not supported"):
        live.ask("InitiateAuth", AuthFlow="ADMIN_NO_SRP_AUTH", ClientId=client.id, AuthParameters=sent)


def test_a_back_end_signs_a_user_in(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    members = {
        "UserPoolId": pool.id,
        "ClientId": live.client(pool).id,
        "AuthParameters": {"USERNAME": "alice", "PASSWORD": PASSWORD},
    }
    answer = live.ask("AdminInitiateAuth", AuthFlow="ADMIN_USER_PASSWORD_AUTH", **members)
    assert answer.authentication_result.refresh_token
    other = live.pool()
    with pytest.raises(ResourceNotFound):
        live.ask("AdminInitiateAuth", AuthFlow="ADMIN_USER_PASSWORD_AUTH", **{**members, "UserPoolId": other.id})


def test_a_client_with_a_secret_has_to_prove_it(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, secret="s3cret")
    with pytest.raises(NotAuthorized, match=f"Client {client.id} is configured with secret but SECRET_HASH was not"):
        live.sign_in(client)
    members = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client.id}
    sent = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    with pytest.raises(NotAuthorized, match=f"Unable to verify secret hash for client {client.id}"):
        live.ask("InitiateAuth", **members, AuthParameters={**sent, "SECRET_HASH": "AAAA"})
    proof = secret_hash(client.id, "s3cret", "alice")
    assert live.ask("InitiateAuth", **members, AuthParameters={**sent, "SECRET_HASH": proof}).authentication_result


@pytest.mark.parametrize(
    ("status", "refusal", "words"),
    [
        ("UNCONFIRMED", UserNotConfirmed, r"^User is not confirmed\.$"),
        ("RESET_REQUIRED", PasswordResetRequired, "^Password reset required for the user$"),
    ],
)
def test_the_state_of_a_user_is_told_first_or_after_the_proof(
    live: Live, status: str, refusal: type[Exception], words: str
) -> None:
    pool = live.pool()
    live.user(pool, status=status)
    with pytest.raises(refusal, match=words):
        live.sign_in(live.client(pool), password="Wrong-horse-1")
    hiding = live.client(pool, prevent_user_existence_errors="ENABLED")
    with pytest.raises(NotAuthorized, match="Incorrect"):
        live.sign_in(hiding, password="Wrong-horse-1")
    with pytest.raises(refusal, match=words):
        live.sign_in(hiding)


def test_a_source_that_fails_too_often_is_paused_and_loopback_never(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    for number in range(301):
        with pytest.raises(NotAuthorized):
            live.sign_in(client, f"nobody{number}", PASSWORD)
    assert live.tokens(client)
    live.origin = "192.0.2.7"
    limit = live.context.settings.source_failures
    for _ in range(limit):
        live.context.ephemeral.count("failed:192.0.2.7", 300)
    with pytest.raises(NotAuthorized):
        live.sign_in(client, "nobody", PASSWORD)
    with pytest.raises(TooManyRequests):
        live.sign_in(client)
    live.origin = "192.0.2.8"
    assert live.tokens(client)


@pytest.mark.parametrize(
    ("failing", "paused", "free"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
    ],
)
def test_whoever_has_a_network_of_addresses_is_one_source(live: Live, failing: str, paused: str, free: str) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    live.context = replace(live.context, settings=replace(live.context.settings, source_failures=1))
    live.origin = failing
    with pytest.raises(NotAuthorized):
        live.sign_in(client, "nobody")
    live.origin = paused
    with pytest.raises(TooManyRequests):
        live.sign_in(client)
    live.origin = free
    assert live.tokens(client)


def test_a_temporary_password_leads_to_a_new_one(live: Live) -> None:
    pool = live.pool()
    live.user(pool, status="FORCE_CHANGE_PASSWORD")
    client = live.client(pool)
    asked = live.sign_in(client)
    assert asked.challenge_name == "NEW_PASSWORD_REQUIRED"
    assert json.loads(asked.challenge_parameters["requiredAttributes"]) == []
    assert json.loads(asked.challenge_parameters["userAttributes"])["email"] == "alice@example.com"

    def answer(password: str) -> Any:
        return live.ask(
            "RespondToAuthChallenge",
            ClientId=client.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=asked.session,
            ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": password, "userAttributes.name": "Alice"},
        )

    with pytest.raises(InvalidPassword):
        answer("short")
    result = answer("Another-horse-2").authentication_result
    assert payload(result.id_token)["name"] == "Alice"
    assert live.find(pool, "alice").status == "CONFIRMED"
    assert live.tokens(client, password="Another-horse-2")
    with pytest.raises(NotAuthorized, match=r"^Invalid session for the user\.$"):
        answer("Third-horse-3")


def test_a_temporary_password_does_not_change_an_address_or_what_is_required(live: Live) -> None:
    pool = live.pool(schema=[api.SchemaAttributeType(name="name", required=True)])
    live.user(pool, attributes={"email": "a@test.com", "email_verified": "true", "name": "Alice", "locale": "de"})
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="alice", Password="Temporary-1")
    client = live.client(pool)
    asked = live.sign_in(client, password="Temporary-1")

    def answer(**attributes: str) -> Any:
        given = {f"userAttributes.{name}": value for name, value in attributes.items()}
        return live.ask(
            "RespondToAuthChallenge",
            ClientId=client.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=asked.session,
            ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": "Another-horse-2", **given},
        )

    for changed in ({"email": "other@test.com"}, {"name": "Bob"}, {"name": ""}):
        with pytest.raises(NotAuthorized, match="Cannot modify an already provided (email|name)$"):
            answer(**changed)
    assert answer(email="a@test.com", phone_number="+12065551234", locale="en").authentication_result
    assert live.find(pool, "alice").attributes == {
        "email": "a@test.com",
        "email_verified": "true",
        "name": "Alice",
        "locale": "en",
        "phone_number": "+12065551234",
        "phone_number_verified": "false",
    }


def test_an_old_session_has_ended(live: Live) -> None:
    pool = live.pool()
    live.user(pool, status="FORCE_CHANGE_PASSWORD")
    client = live.client(pool)
    asked = live.sign_in(client)
    members = {
        "ClientId": client.id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "ChallengeResponses": {"USERNAME": "alice", "NEW_PASSWORD": "Another-horse-2"},
    }
    with pytest.raises(InvalidParameter, match=r"^Missing required parameter Session$"):
        live.ask("RespondToAuthChallenge", **members)
    for other in (live.client(pool), live.client(live.pool())):
        with pytest.raises(NotAuthorized, match="Invalid session"):
            live.ask("RespondToAuthChallenge", **{**members, "ClientId": other.id}, Session=asked.session)
    with pytest.raises(NotAuthorized, match="Invalid session"):
        live.ask("RespondToAuthChallenge", **members, Session=asked.session[:-2] + "AA")
    live.later(seconds=181)
    with pytest.raises(NotAuthorized, match=r"^Invalid session for the user, session is expired\.$"):
        live.ask("RespondToAuthChallenge", **members, Session=asked.session)


def test_a_temporary_password_ends(live: Live) -> None:
    pool = live.pool()
    live.user(pool, status="FORCE_CHANGE_PASSWORD")
    live.later(days=8)
    with pytest.raises(NotAuthorized, match="Temporary password has expired"):
        live.sign_in(live.client(pool))
