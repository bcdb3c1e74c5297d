from typing import Any

import pytest

from services.userpool.clients import store
from services.userpool.clients.client import AppClient
from services.userpool.errors import InvalidParameter, ResourceNotFound
from tests.services.userpool.in_process import STRANGER, InProcess


def record(aws: InProcess, client_id: str) -> AppClient:
    with aws.sql.read() as tx:
        return store.client_and_pool(tx, aws.context.keys, client_id)[0]


def test_a_public_client_has_awss_defaults(aws: InProcess) -> None:
    shown = aws.client(aws.pool())
    assert len(shown["ClientId"]) == 26
    assert "ClientSecret" not in shown
    assert shown["RefreshTokenValidity"] == 30
    assert "ExplicitAuthFlows" not in shown
    assert (shown["EnableTokenRevocation"], shown["AuthSessionValidity"]) == (True, 3)
    assert (shown["AllowedOAuthFlowsUserPoolClient"], shown["TokenValidityUnits"]) == (False, {})
    client = record(aws, shown["ClientId"])
    assert (client.access_ttl_s, client.id_ttl_s, client.refresh_ttl_s) == (3600, 3600, 30 * 86400)
    assert client.auth_session_ttl_s == 180
    assert client.explicit_auth_flows == {"ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"}
    assert not client.hides_user_existence
    assert client.revocation_enabled
    assert not client.rotation.enabled


def test_a_secret_is_made_kept_and_sealed_at_rest(aws: InProcess) -> None:
    pool = aws.pool()
    shown = aws.client(pool, GenerateSecret=True)
    secret = shown["ClientSecret"]
    assert len(secret) == 51
    assert record(aws, shown["ClientId"]).secrets == (secret,)
    described = aws.call("DescribeUserPoolClient", UserPoolId=pool, ClientId=shown["ClientId"])["UserPoolClient"]
    assert described == shown
    assert secret not in repr(record(aws, shown["ClientId"]))
    with aws.sql.read() as tx:
        (stored,) = tx.exec_driver_sql("SELECT secrets FROM app_clients").one()
    assert secret.encode() not in stored


def test_client_and_pool_come_in_one_read(aws: InProcess) -> None:
    pool = aws.pool()
    client_id = aws.client(pool)["ClientId"]
    with aws.sql.read() as tx:
        client, of_pool = store.client_and_pool(tx, aws.context.keys, client_id)
        assert (client.id, client.pool_id, of_pool.id) == (client_id, pool, pool)
        with pytest.raises(ResourceNotFound, match=r"^User pool client nobody does not exist\.$"):
            store.client_and_pool(tx, aws.context.keys, "nobody")


@pytest.mark.parametrize(
    ("parameters", "access", "identity", "refresh"),
    [
        ({"AccessTokenValidity": 10, "TokenValidityUnits": {"AccessToken": "minutes"}}, 600, 3600, 2592000),
        ({"IdTokenValidity": 24}, 3600, 86400, 2592000),
        ({"RefreshTokenValidity": 90, "TokenValidityUnits": {"RefreshToken": "minutes"}}, 3600, 3600, 5400),
        ({"RefreshTokenValidity": 0}, 3600, 3600, 2592000),
        ({"TokenValidityUnits": {"AccessToken": "minutes", "RefreshToken": "hours"}}, 3600, 3600, 2592000),
    ],
)
def test_validities_have_units(aws: InProcess, parameters: Any, access: int, identity: int, refresh: int) -> None:
    client = record(aws, aws.client(aws.pool(), **parameters)["ClientId"])
    assert (client.access_ttl_s, client.id_ttl_s, client.refresh_ttl_s) == (access, identity, refresh)


@pytest.mark.parametrize(
    "parameters",
    [
        {"AccessTokenValidity": 299, "TokenValidityUnits": {"AccessToken": "seconds"}},
        {"IdTokenValidity": 25},
        {"AccessTokenValidity": 2, "RefreshTokenValidity": 1, "TokenValidityUnits": {"RefreshToken": "hours"}},
        {"IdTokenValidity": 2, "RefreshTokenValidity": 90, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"RefreshTokenValidity": 3651},
        {"ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]},
        {"ReadAttributes": ["custom:never"]},
        {"WriteAttributes": ["email_verified"]},
        {"GenerateSecret": True, "ClientSecret": "a" * 24},
        {"CallbackURLs": ["https://example.com"]},
        {"AllowedOAuthFlows": ["code"]},
        {"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]},
        {"AnalyticsConfiguration": {"ApplicationId": "ab"}},
    ],
)
def test_what_a_client_may_not_have(aws: InProcess, parameters: Any) -> None:
    pool = aws.pool()
    with pytest.raises(InvalidParameter):
        aws.client(pool, **parameters)
    assert aws.rows()["app_clients"] == 0


def test_an_unknown_provider_is_named(aws: InProcess) -> None:
    pool = aws.pool()
    aws.client(pool, SupportedIdentityProviders=["COGNITO"])
    with pytest.raises(InvalidParameter, match=rf"^The provider Google does not exist for User Pool {pool}\.$"):
        aws.client(pool, SupportedIdentityProviders=["Google"])


def test_old_flow_names_bring_srp_and_refresh_with_them(aws: InProcess) -> None:
    shown = aws.client(aws.pool(), ExplicitAuthFlows=["USER_PASSWORD_AUTH"])
    assert shown["ExplicitAuthFlows"] == ["USER_PASSWORD_AUTH"]
    assert record(aws, shown["ClientId"]).explicit_auth_flows == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_CUSTOM_AUTH",
    }


def test_new_flow_names_allow_only_themselves(aws: InProcess) -> None:
    shown = aws.client(aws.pool(), ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    assert record(aws, shown["ClientId"]).explicit_auth_flows == {"ALLOW_USER_PASSWORD_AUTH"}


def test_attributes_are_read_and_written_by_whitelist(aws: InProcess) -> None:
    pool = aws.pool(
        Schema=[
            {"Name": "x", "AttributeDataType": "String"},
            {"Name": "secret", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
        ]
    )
    default = record(aws, aws.client(pool)["ClientId"])
    assert default.readable("email_verified")
    for name in ("email", "custom:x"):
        assert default.readable(name)
        assert default.writable(name)
    assert not default.readable("dev:custom:secret")
    assert not default.writable("dev:custom:secret")
    for name in ("sub", "identities", "email_verified", "phone_number_verified"):
        assert not default.writable(name)
    own = record(aws, aws.client(pool, ReadAttributes=["custom:x"], WriteAttributes=["custom:x"])["ClientId"])
    assert (own.readable("custom:x"), own.writable("custom:x"), own.readable("sub")) == (True, True, True)
    assert (own.readable("email"), own.writable("email")) == (False, False)


def test_required_attributes_must_stay_writable(aws: InProcess) -> None:
    pool = aws.pool(Schema=[{"Name": "email", "Required": True}])
    with pytest.raises(InvalidParameter, match="Invalid write attributes"):
        aws.client(pool, WriteAttributes=["name"])
    aws.client(pool, WriteAttributes=["name", "email"])


def test_an_update_resets_what_it_does_not_give_and_is_seen_at_once(aws: InProcess) -> None:
    pool = aws.pool()
    shown = aws.client(pool, GenerateSecret=True, AccessTokenValidity=5, PreventUserExistenceErrors="ENABLED")
    assert record(aws, shown["ClientId"]).hides_user_existence
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 20}
    updated = aws.call(
        "UpdateUserPoolClient", UserPoolId=pool, ClientId=shown["ClientId"], RefreshTokenRotation=rotation
    )["UserPoolClient"]
    assert updated["ClientSecret"] == shown["ClientSecret"]
    assert updated["ClientName"] == "app"
    assert "AccessTokenValidity" not in updated
    client = record(aws, shown["ClientId"])
    assert (client.access_ttl_s, client.hides_user_existence) == (3600, False)
    assert (client.rotation.enabled, client.rotation.grace_s) == (True, 20)


def test_rotation_is_shown_with_its_grace_period_and_is_off_when_an_update_leaves_it_out(aws: InProcess) -> None:
    pool = aws.pool()
    shown = aws.client(pool, RefreshTokenRotation={"Feature": "ENABLED"})
    assert shown["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    given = {"UserPoolId": pool, "ClientId": shown["ClientId"]}
    updated = aws.call("UpdateUserPoolClient", **given)["UserPoolClient"]
    assert updated["RefreshTokenRotation"] == {"Feature": "DISABLED", "RetryGracePeriodSeconds": 0}
    assert "RefreshTokenRotation" not in aws.client(pool)


def test_clients_are_listed_page_by_page_and_deleted(aws: InProcess) -> None:
    pool, other = aws.pool(), aws.pool()
    made = sorted(aws.client(pool)["ClientId"] for _ in range(3))
    aws.client(other)
    first = aws.call("ListUserPoolClients", UserPoolId=pool, MaxResults=2)
    second = aws.call("ListUserPoolClients", UserPoolId=pool, MaxResults=2, NextToken=first["NextToken"])
    assert [each["ClientId"] for each in first["UserPoolClients"] + second["UserPoolClients"]] == made
    aws.call("DeleteUserPoolClient", UserPoolId=pool, ClientId=made[0])
    with pytest.raises(ResourceNotFound, match="User pool client"):
        aws.call("DescribeUserPoolClient", UserPoolId=pool, ClientId=made[0])
    with pytest.raises(ResourceNotFound):
        aws.call("DeleteUserPoolClient", UserPoolId=pool, ClientId=made[0])
    assert aws.rows()["client_pools"] == 3


def test_another_pools_client_and_another_accounts_pool_are_missing(aws: InProcess) -> None:
    pool, other = aws.pool(), aws.pool()
    client = aws.client(other)["ClientId"]
    with pytest.raises(ResourceNotFound, match="User pool client"):
        aws.call("DescribeUserPoolClient", UserPoolId=pool, ClientId=client)
    with pytest.raises(ResourceNotFound, match=f"User pool {other} does not exist"):
        aws.call("DescribeUserPoolClient", by=STRANGER, UserPoolId=other, ClientId=client)
