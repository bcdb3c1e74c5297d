"""From SQLite to PostgreSQL: everybody signs in afterwards as before."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Installation, installation_in
from tests.servers import Postgres

PASSWORD = "Correct-horse-7"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    server = Postgres()
    server.start()
    yield server.url
    server.close()


@pytest.fixture
def copy(initialised: Installation, tmp_path: Path) -> Installation:
    shutil.copytree(initialised.data, tmp_path / "data")
    return installation_in(tmp_path)


def test_an_installation_moves_with_all_that_it_keeps(copy: Installation, postgres: str) -> None:
    copy.start()
    idp, iam, identities = (copy.client(name) for name in ("cognito-idp", "iam", "cognito-identity"))
    pool = idp.create_user_pool(PoolName="people")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = idp.create_user_pool_client(
        UserPoolId=pool,
        ClientName="app",
        ExplicitAuthFlows=flows,
    )
    client_id = client["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=pool, Username="mia", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username="mia", Password=PASSWORD, Permanent=True)
    proof = {"USERNAME": "mia", "PASSWORD": PASSWORD}
    begun = idp.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
    token = {"REFRESH_TOKEN": begun["AuthenticationResult"]["RefreshToken"]}
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    guests = identities.create_identity_pool(IdentityPoolName="app", AllowUnauthenticatedIdentities=True)
    identity = identities.get_id(IdentityPoolId=guests["IdentityPoolId"])["IdentityId"]
    there = {**copy.environ, "POOLKEEPER_DATABASE_URL": postgres}
    here, copy.environ = copy.environ, there
    refused = copy.command("move", check=False)
    assert (refused.returncode, "is taken" in refused.stderr) == (1, True)
    assert copy.stop() == 0
    copy.command("move")
    again = copy.command("move", check=False)
    assert (again.returncode, "is not empty" in again.stderr, "Traceback" in again.stderr) == (1, True, False)
    for file in copy.data.glob("*pool*.db*"):
        file.unlink()
    copy.start()
    idp.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
    idp.initiate_auth(ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=token)
    assert identities.describe_identity(IdentityId=identity)["IdentityId"] == identity
    ann = copy.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    assert ann.get_caller_identity()["Arn"].endswith(":user/ann")
    with pytest.raises(ClientError):
        iam.create_user(UserName="Ann")
    assert "CreateAccessKey" in copy.command("audit").stdout
    assert copy.stop() == 0
    copy.environ = {name: value for name, value in here.items() if name != "POOLKEEPER_DATABASE_URL"}
    without = copy.command("move", check=False)
    assert (without.returncode, "names no database" in without.stderr) == (1, True)
