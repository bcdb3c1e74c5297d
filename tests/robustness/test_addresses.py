"""Where a service listens, and what it takes its callers' addresses for."""

import json
import socket
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from shared.settings import PREFIX
from tests.conftest import Installation, installation_in
from tests.robustness.processes import Alone
from tests.robustness.wire import ask, fetch


def _asks_from(house: Installation, network: str) -> bool:
    """Whether a caller who may do something from `network` only may do it from here."""
    iam = house.client("iam")
    name = "from-" + "".join(character for character in network if character.isalnum())
    here = {
        "Effect": "Allow",
        "Action": "iam:ListUsers",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": network}},
    }
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name, PolicyName="here", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [here]})
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return ask(house, "iam", "ListUsers", credentials=credentials).status == 200


def test_a_host_is_looked_up_by_its_name(tmp_path: Path) -> None:
    house = installation_in(tmp_path, host="localhost")
    house.command("init")
    with Alone(house, "identitypool") as service:
        assert fetch(service.base, "GET", "/health/live").status == 200
        assert _asks_from(house, "127.0.0.0/8")


@pytest.mark.parametrize("host", ["::1", "::"])
def test_ipv6(tmp_path: Path, host: str) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    house = installation_in(tmp_path, host=host)
    if host == "::":
        del house.environ[f"{PREFIX}TEST_MODE"]
    over_ipv4, house.identitypool = house.identitypool, house.identitypool.replace("127.0.0.1", "[::1]")
    house.command("init")
    assert "http://[::1]:" in house.command("env").stdout
    with Alone(house, "identitypool"):
        assert _asks_from(house, "::1/128")
        assert not _asks_from(house, "::2/128")
        if host == "::":
            house.identitypool = over_ipv4
            assert _asks_from(house, "127.0.0.1/32")


def test_services_ask_each_other_where_they_are_and_not_at_their_public_addresses(tmp_path: Path) -> None:
    """Those may lead through a proxy that is not up yet, or to another machine."""
    house = installation_in(
        tmp_path, userpool_url="https://login.example.com", identitypool_url="https://identity.example.com"
    )
    house.command("init")
    house.start()
    try:
        idp, identity = house.client("cognito-idp"), house.client("cognito-identity")
        pool = idp.create_user_pool(PoolName="app")["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        client = idp.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
        client_id = client["UserPoolClient"]["ClientId"]
        idp.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
        idp.admin_set_user_password(UserPoolId=pool, Username="ann", Password="Correct-horse-9", Permanent=True)
        sent = {"USERNAME": "ann", "PASSWORD": "Correct-horse-9"}
        signed_in = idp.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=sent)
        provider = f"login.example.com/{pool}"
        identity_pool = identity.create_identity_pool(
            IdentityPoolName="app",
            AllowUnauthenticatedIdentities=False,
            AllowClassicFlow=True,
            CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client_id, "ServerSideTokenCheck": True}],
        )["IdentityPoolId"]
        logins = {provider: signed_in["AuthenticationResult"]["IdToken"]}
        known = identity.get_id(IdentityPoolId=identity_pool, Logins=logins)["IdentityId"]
        assert identity.get_open_id_token(IdentityId=known, Logins=logins)["Token"]
    finally:
        house.stop()
