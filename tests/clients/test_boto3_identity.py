"""The hardest customer of identity pools: unmodified boto3 against a running installation."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.client import Config
from botocore.exceptions import ClientError

from tests.clients.conftest import PASSWORD, App, trust_of
from tests.conftest import REGION, Installation


def unsigned(service: str, url: str) -> Any:
    return boto3.client(service, endpoint_url=url, region_name=REGION, config=Config(signature_version=UNSIGNED))


def tokens(app: App, name: str) -> dict[str, str]:
    given = {"USERNAME": name, "PASSWORD": PASSWORD}
    idp = unsigned("cognito-idp", app.userpool)
    answer = idp.initiate_auth(ClientId=app.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
    result: dict[str, str] = answer["AuthenticationResult"]
    return result


def refused(code: str, call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    assert refusal.value.response["Error"]["Code"] == code
    return str(refusal.value.response["Error"]["Message"])


@pytest.fixture(scope="module")
def checked_pool(house: Installation, app: App) -> str:
    """An identity pool that asks the user pool before it gives anything."""
    identity, iam = house.client("cognito-identity"), house.client("iam")
    pool_id = identity.create_identity_pool(
        IdentityPoolName="checked",
        AllowUnauthenticatedIdentities=False,
        AllowClassicFlow=True,
        CognitoIdentityProviders=[
            {"ProviderName": app.provider, "ClientId": app.client, "ServerSideTokenCheck": True},
        ],
    )["IdentityPoolId"]
    role = iam.create_role(RoleName=f"checked-{app.bucket}", AssumeRolePolicyDocument=trust_of(pool_id))["Role"]["Arn"]
    identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role})
    return str(pool_id)


ENDS: dict[str, Callable[[Installation, App, str, dict[str, str]], None]] = {
    "signed out by themselves": lambda _house, app, _name, given: unsigned("cognito-idp", app.userpool).global_sign_out(
        AccessToken=given["AccessToken"]
    ),
    "signed out by an administrator": lambda house, app, name, _given: house.client(
        "cognito-idp"
    ).admin_user_global_sign_out(UserPoolId=app.pool, Username=name),
    "revoked": lambda _house, app, _name, given: unsigned("cognito-idp", app.userpool).revoke_token(
        ClientId=app.client, Token=given["RefreshToken"]
    ),
    "disabled": lambda house, app, name, _given: house.client("cognito-idp").admin_disable_user(
        UserPoolId=app.pool, Username=name
    ),
    "deleted": lambda house, app, name, _given: house.client("cognito-idp").admin_delete_user(
        UserPoolId=app.pool, Username=name
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_sign_in_that_ended_gives_nothing_more(
    house: Installation, app: App, person: str, checked_pool: str, how: str
) -> None:
    identity = unsigned("cognito-identity", app.identitypool)
    given = tokens(app, person)
    logins = {app.provider: given["IdToken"]}
    one = identity.get_id(IdentityPoolId=checked_pool, Logins=logins)["IdentityId"]
    assert identity.get_credentials_for_identity(IdentityId=one, Logins=logins)["IdentityId"] == one
    assert identity.get_open_id_token(IdentityId=one, Logins=logins)["IdentityId"] == one

    ENDS[how](house, app, person, given)

    for call in (identity.get_credentials_for_identity, identity.get_open_id_token):
        told = refused("NotAuthorizedException", call, IdentityId=one, Logins=logins)
        assert told == "Invalid login token. Token has been revoked."
    assert identity.get_id(IdentityPoolId=checked_pool, Logins=logins)["IdentityId"] == one


def test_a_pool_that_does_not_ask_takes_a_token_until_it_ends(app: App, person: str) -> None:
    identity = unsigned("cognito-identity", app.identitypool)
    given = tokens(app, person)
    logins = {app.provider: given["IdToken"]}
    one = identity.get_id(IdentityPoolId=app.identity_pool, Logins=logins)["IdentityId"]
    unsigned("cognito-idp", app.userpool).global_sign_out(AccessToken=given["AccessToken"])
    assert identity.get_credentials_for_identity(IdentityId=one, Logins=logins)["IdentityId"] == one


def test_another_session_of_the_same_person_goes_on(app: App, person: str, checked_pool: str) -> None:
    identity, idp = unsigned("cognito-identity", app.identitypool), unsigned("cognito-idp", app.userpool)
    first, second = tokens(app, person), tokens(app, person)
    logins = {app.provider: first["IdToken"]}
    one = identity.get_id(IdentityPoolId=checked_pool, Logins=logins)["IdentityId"]
    idp.revoke_token(ClientId=app.client, Token=first["RefreshToken"])
    refused("NotAuthorizedException", identity.get_credentials_for_identity, IdentityId=one, Logins=logins)
    other = {app.provider: second["IdToken"]}
    assert identity.get_credentials_for_identity(IdentityId=one, Logins=other)["IdentityId"] == one


def test_the_check_is_shown_as_it_was_set(house: Installation, app: App, checked_pool: str) -> None:
    identity = house.client("cognito-identity")
    shown = identity.describe_identity_pool(IdentityPoolId=checked_pool)
    assert json.loads(json.dumps(shown["CognitoIdentityProviders"])) == [
        {"ProviderName": app.provider, "ClientId": app.client, "ServerSideTokenCheck": True}
    ]
