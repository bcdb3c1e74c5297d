from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.userpool.clients.client import AppClient
from services.userpool.clients.secret_hash import secret_hash
from services.userpool.directory import store as directory
from services.userpool.errors import (
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    PasswordResetRequired,
    RefreshTokenReuse,
    Unauthorized,
    UnsupportedOperation,
    UnsupportedTokenType,
    UserNotFound,
)
from services.userpool.pages.wellknown import well_known
from services.userpool.pools.pool import UserPool
from shared.aws.api import cognito_idp as api
from shared.aws.violations import Violations
from tests.services.userpool.live import PASSWORD, Live, payload

SECRET = "aSecretOfTheClientsOwn1234"


@pytest.fixture
def pool(live: Live) -> UserPool:
    pool = live.pool()
    live.user(pool)
    return pool


def refreshed(live: Live, client: AppClient, token: str, **sent: str) -> Any:
    return live.ask(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client.id,
        AuthParameters={"REFRESH_TOKEN": token, **sent},
    ).authentication_result


def renewed(live: Live, client: AppClient, token: str, **members: str) -> Any:
    return live.ask(
        "GetTokensFromRefreshToken", RefreshToken=token, ClientId=client.id, **members
    ).authentication_result


def rotating(live: Live, pool: UserPool, grace_s: int = 0) -> AppClient:
    rotation = api.RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=grace_s)
    return live.client(pool, refresh_token_rotation=rotation, explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"])


def test_a_refresh_keeps_the_session_and_gives_no_new_refresh_token(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    first = live.tokens(client)
    live.later(minutes=10)
    for second in (refreshed(live, client, first.refresh_token), renewed(live, client, first.refresh_token)):
        assert second.refresh_token is None
        before, after = payload(first.access_token), payload(second.access_token)
        assert after["auth_time"] == before["auth_time"]
        assert after["origin_jti"] == before["origin_jti"]
        assert after["iat"] == before["iat"] + 600
        assert after["jti"] != before["jti"]


def test_without_grace_a_call_that_began_earlier_and_came_later_gets_nothing(live: Live, pool: UserPool) -> None:
    client = rotating(live, pool)
    token = live.tokens(client).refresh_token
    renewed(live, client, token)
    live.later(seconds=-1)
    with pytest.raises(RefreshTokenReuse):
        renewed(live, client, token)


@pytest.mark.parametrize("token", ["garbage", "A" * 96])
def test_a_made_up_refresh_token_is_refused(live: Live, pool: UserPool, token: str) -> None:
    with pytest.raises(NotAuthorized, match=r"^Invalid Refresh Token\.$"):
        refreshed(live, live.client(pool), token)


def test_a_refresh_token_belongs_to_its_client(live: Live, pool: UserPool) -> None:
    token = live.tokens(live.client(pool)).refresh_token
    for other in (live.client(pool), live.client(live.pool())):
        with pytest.raises(NotAuthorized, match=r"^Invalid Refresh Token\.$"):
            refreshed(live, other, token)


def test_a_refresh_proves_the_secret_by_name_or_sub(live: Live, pool: UserPool) -> None:
    client = live.client(pool, secret="s3cret")
    proof = secret_hash(client.id, "s3cret", "alice")
    sent = {"USERNAME": "alice", "PASSWORD": "Correct-horse-1", "SECRET_HASH": proof}
    answer = live.ask("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client.id, AuthParameters=sent)
    token = answer.authentication_result.refresh_token
    for name in ("alice", live.find(pool, "alice").sub, "alice@example.com"):
        assert refreshed(live, client, token, SECRET_HASH=secret_hash(client.id, "s3cret", name)).access_token
    with pytest.raises(NotAuthorized, match="SECRET_HASH was not received"):
        refreshed(live, client, token)


def test_a_refresh_token_ends(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    token = live.tokens(client).refresh_token
    live.later(days=30, seconds=1)
    with pytest.raises(NotAuthorized, match="Refresh Token has expired"):
        refreshed(live, client, token)


def test_groups_are_read_anew_and_a_disabled_user_gets_nothing(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    token = live.tokens(client).refresh_token
    live.ask("CreateGroup", UserPoolId=pool.id, GroupName="staff")
    live.ask("AdminAddUserToGroup", UserPoolId=pool.id, Username="alice", GroupName="staff")
    assert payload(refreshed(live, client, token).access_token)["cognito:groups"] == ["staff"]
    with live.context.sql.write() as tx:
        directory.set_enabled(tx, pool, live.find(pool, "alice"), live.now, enabled=False)
    with pytest.raises(NotAuthorized, match="User is disabled"):
        refreshed(live, client, token)


def test_a_user_who_must_reset_the_password_gets_nothing_for_what_was_handed_out(live: Live, pool: UserPool) -> None:
    client, rotates = live.client(pool), rotating(live, pool)
    held, kept = live.tokens(client), live.tokens(rotates).refresh_token
    live.ask("AdminResetUserPassword", UserPoolId=pool.id, Username="alice")
    with pytest.raises(PasswordResetRequired):
        refreshed(live, client, held.refresh_token)
    for refresh_at, token in ((client, held.refresh_token), (rotates, kept)):
        with pytest.raises(NotAuthorized, match="Password reset required"):
            renewed(live, refresh_at, token)
    changed = {"PreviousPassword": PASSWORD, "ProposedPassword": f"{PASSWORD}2"}
    for operation, members in {"GetUser": {}, "ChangePassword": changed, "DeleteUser": {}}.items():
        with pytest.raises(PasswordResetRequired):
            live.ask(operation, AccessToken=held.access_token, **members)


def test_a_client_that_does_not_allow_refreshes_gets_none_at_either_entrance(live: Live, pool: UserPool) -> None:
    client = live.client(pool, explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"])
    token = live.tokens(client).refresh_token
    for ask in (refreshed, renewed):
        with pytest.raises(InvalidParameter, match="Auth flow not enabled for this client"):
            ask(live, client, token)


def test_after_a_revocation_nothing_of_the_session_works(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    gone, kept = live.tokens(client), live.tokens(client)
    live.ask("RevokeToken", Token=gone.refresh_token, ClientId=client.id)
    with pytest.raises(NotAuthorized, match=r"^Refresh Token has been revoked$"):
        refreshed(live, client, gone.refresh_token)
    with pytest.raises(NotAuthorized, match=r"^Access Token has been revoked$"):
        live.ask("GetUser", AccessToken=gone.access_token)
    assert live.ask("GetUser", AccessToken=kept.access_token).username == "alice"
    live.ask("RevokeToken", Token=gone.refresh_token, ClientId=client.id)


def test_only_refresh_tokens_of_the_client_can_be_revoked(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    handed = live.tokens(client)
    with pytest.raises(UnsupportedTokenType):
        live.ask("RevokeToken", Token=handed.access_token, ClientId=client.id)
    with pytest.raises(Unauthorized):
        live.ask("RevokeToken", Token=handed.refresh_token, ClientId=live.client(pool).id)
    with pytest.raises(Unauthorized):
        live.ask("RevokeToken", Token=handed.refresh_token, ClientId="unknown")
    without = live.client(pool, enable_token_revocation=False)
    with pytest.raises(UnsupportedOperation):
        live.ask("RevokeToken", Token=live.tokens(without).refresh_token, ClientId=without.id)
    assert refreshed(live, client, handed.refresh_token)


def test_a_client_without_revocation_gives_tokens_without_its_claims_and_their_session_still_ends(
    live: Live, pool: UserPool
) -> None:
    client = live.client(pool, enable_token_revocation=False)
    handed = live.tokens(client)
    renewed_ones = refreshed(live, client, handed.refresh_token)
    for result in (handed, renewed_ones):
        access, identity = payload(result.access_token), payload(result.id_token)
        assert "origin_jti" not in access | identity
        assert "jti" in access
        assert "jti" not in identity
        assert live.ask("GetUser", AccessToken=result.access_token).username == "alice"
    with pytest.raises(UnsupportedOperation, match=r"^Token revocation is not enabled for this client\.$"):
        live.ask("RevokeToken", Token=handed.refresh_token, ClientId=client.id)
    live.ask("GlobalSignOut", AccessToken=handed.access_token)
    for result in (handed, renewed_ones):
        with pytest.raises(NotAuthorized, match=r"^Access Token has been revoked$"):
            live.ask("GetUser", AccessToken=result.access_token)


SPACED = "Three little w0rds!"


def test_a_password_may_have_spaces_inside_at_every_entrance(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    access = live.tokens(client).access_token
    live.ask("ChangePassword", AccessToken=access, PreviousPassword=PASSWORD, ProposedPassword=SPACED)
    live.ask("ChangePassword", AccessToken=access, PreviousPassword=SPACED, ProposedPassword=SPACED + " More")
    assert live.tokens(client, password=SPACED + " More")
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="alice", Password=SPACED, Permanent=True)
    assert live.tokens(client, password=SPACED)
    live.ask("SignUp", ClientId=client.id, Username="bob", Password=SPACED)
    live.ask("AdminCreateUser", UserPoolId=pool.id, Username="carol", TemporaryPassword=SPACED)
    asked = live.sign_in(client, "carol", SPACED)
    answers = {"USERNAME": "carol", "NEW_PASSWORD": SPACED + " Own"}
    own = {"ChallengeName": asked.challenge_name, "ChallengeResponses": answers, "Session": asked.session}
    assert live.ask("RespondToAuthChallenge", ClientId=client.id, **own).authentication_result


def test_no_entrance_takes_a_password_with_a_space_at_its_end(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    access = live.tokens(client).access_token
    for operation, members in (
        ("ChangePassword", {"AccessToken": access, "PreviousPassword": PASSWORD, "ProposedPassword": SPACED + " "}),
        ("AdminSetUserPassword", {"UserPoolId": pool.id, "Username": "alice", "Password": SPACED + " "}),
        ("SignUp", {"ClientId": client.id, "Username": "bob", "Password": SPACED + " "}),
        ("AdminCreateUser", {"UserPoolId": pool.id, "Username": "carol", "TemporaryPassword": SPACED + " "}),
    ):
        with pytest.raises((Violations, InvalidParameter), match="failed to satisfy constraint"):
            live.ask(operation, **members)


def test_signing_out_everywhere_ends_every_session(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    first, second = live.tokens(client), live.tokens(client)
    live.ask("GlobalSignOut", AccessToken=first.access_token)
    for handed in (first, second):
        with pytest.raises(NotAuthorized, match=r"^Access Token has been revoked$"):
            live.ask("GetUser", AccessToken=handed.access_token)
        with pytest.raises(NotAuthorized, match=r"^Refresh Token has been revoked$"):
            refreshed(live, client, handed.refresh_token)
    third = live.tokens(client)
    live.ask("AdminUserGlobalSignOut", UserPoolId=pool.id, Username="alice")
    with pytest.raises(NotAuthorized, match="revoked"):
        live.ask("GetUser", AccessToken=third.access_token)


def test_rotation_gives_a_new_refresh_token_and_reuse_ends_the_family(live: Live, pool: UserPool) -> None:
    client = rotating(live, pool)
    first = live.tokens(client)
    second = renewed(live, client, first.refresh_token)
    assert second.refresh_token not in {None, first.refresh_token}
    with pytest.raises(RefreshTokenReuse):
        renewed(live, client, first.refresh_token)
    with pytest.raises(NotAuthorized, match=r"^Refresh Token has been revoked$"):
        renewed(live, client, second.refresh_token)
    with pytest.raises(NotAuthorized, match=r"^Access Token has been revoked$"):
        live.ask("GetUser", AccessToken=second.access_token)


def test_within_the_grace_period_the_old_token_gives_the_same_new_one(live: Live, pool: UserPool) -> None:
    client = rotating(live, pool, 30)
    first = live.tokens(client)
    second = renewed(live, client, first.refresh_token)
    live.later(seconds=29)
    again = renewed(live, client, first.refresh_token)
    assert again.refresh_token == second.refresh_token
    assert renewed(live, client, second.refresh_token).refresh_token
    live.later(seconds=31)
    with pytest.raises(RefreshTokenReuse):
        renewed(live, client, first.refresh_token)


def test_one_of_64_parallel_rotations_wins(live: Live, pool: UserPool) -> None:
    client = rotating(live, pool)
    token = live.tokens(client).refresh_token

    def spend(_number: int) -> bool:
        try:
            return renewed(live, client, token) is not None
        except (RefreshTokenReuse, NotAuthorized):
            return False
        finally:
            live.close()

    with ThreadPoolExecutor(16) as crowd:
        assert sum(crowd.map(spend, range(64))) == 1


def test_a_rotating_client_refreshes_by_the_call_that_rotates(live: Live, pool: UserPool) -> None:
    rotation = api.RefreshTokenRotationType(feature="ENABLED")
    client = live.client(pool, refresh_token_rotation=rotation)
    with pytest.raises(InvalidParameter, match="GetTokensFromRefreshToken"):
        refreshed(live, client, live.tokens(client).refresh_token)


def test_get_user_shows_what_the_client_may_read(live: Live, pool: UserPool) -> None:
    shown = live.ask("GetUser", AccessToken=live.tokens(live.client(pool, read_attributes=["email"])).access_token)
    assert shown.username == "alice"
    assert [(pair.name, pair.value) for pair in shown.user_attributes] == [
        ("sub", live.find(pool, "alice").sub),
        ("email", "alice@example.com"),
    ]
    assert shown.user_mfa_setting_list is None


def test_an_access_token_is_good_for_an_hour(live: Live, pool: UserPool) -> None:
    token = live.tokens(live.client(pool)).access_token
    live.later(hours=1)
    with pytest.raises(NotAuthorized, match=r"^Access Token has expired$"):
        live.ask("GetUser", AccessToken=token)


def test_somebody_who_removed_themselves_is_gone(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    handed = live.tokens(client)
    live.ask("DeleteUser", AccessToken=handed.access_token)
    with pytest.raises(UserNotFound):
        live.ask("GetUser", AccessToken=handed.access_token)
    with pytest.raises(NotAuthorized, match="Invalid Refresh Token"):
        refreshed(live, client, handed.refresh_token)


def test_a_password_is_changed_by_someone_who_knows_it(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    token = live.tokens(client).access_token
    change = {"AccessToken": token, "ProposedPassword": "Another-horse-2"}
    with pytest.raises(NotAuthorized, match="Incorrect username or password"):
        live.ask("ChangePassword", **change, PreviousPassword="Wrong-horse-1")
    live.ask("ChangePassword", **change, PreviousPassword="Correct-horse-1")
    assert live.tokens(client, password="Another-horse-2")
    for _ in range(5):
        with pytest.raises(NotAuthorized):
            live.ask("ChangePassword", **change, PreviousPassword="Wrong-horse-1")
    with pytest.raises(LimitExceeded, match=r"^Attempt limit exceeded, please try after some time\.$"):
        live.ask("ChangePassword", **change, PreviousPassword="Another-horse-2")


def test_an_administrator_sets_passwords(live: Live, pool: UserPool) -> None:
    client = live.client(pool)
    members = {"UserPoolId": pool.id, "Username": "alice", "Password": "Another-horse-2"}
    live.ask("AdminSetUserPassword", **members)
    assert live.sign_in(client, password="Another-horse-2").challenge_name == "NEW_PASSWORD_REQUIRED"
    live.ask("AdminSetUserPassword", **members, Permanent=True)
    assert live.tokens(client, password="Another-horse-2")


def test_documents_are_published_for_pools_that_exist(live: Live, pool: UserPool) -> None:
    keys = well_known(live.context, f"/{pool.id}/.well-known/jwks.json")
    assert keys is not None
    assert keys.count(b'"kid"') == 2
    told = well_known(live.context, f"/{pool.id}/.well-known/openid-configuration")
    assert told is not None
    assert f"http://127.0.0.1:8401/{pool.id}".encode() in told
    for path in ("/us-east-1_none/.well-known/jwks.json", "/.well-known/jwks.json", f"/{pool.id}/.well-known/x", "/"):
        assert well_known(live.context, path) is None


def test_whoever_has_a_token_and_not_the_clients_secret_gets_nothing_for_it(live: Live, pool: UserPool) -> None:
    client = live.client(pool, secret=SECRET)
    sent = {"USERNAME": "alice", "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(client.id, SECRET, "alice")}
    answer = live.ask("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client.id, AuthParameters=sent)
    token = answer.authentication_result.refresh_token
    for given in ({}, {"ClientSecret": SECRET[::-1]}):
        with pytest.raises(NotAuthorized):
            renewed(live, client, token, **given)
        with pytest.raises(Unauthorized):
            live.ask("RevokeToken", ClientId=client.id, Token=token, **given)
    assert renewed(live, client, token, ClientSecret=SECRET).access_token
