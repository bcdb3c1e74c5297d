"""The ways in which AWS's own tools swap credentials: botocore's providers, the CLI, and those of the JavaScript SDK."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from shared import ids
from tests.clients.conftest import App, trust_of
from tests.clients.test_boto3_identity import tokens, unsigned
from tests.clients.test_node import run_node
from tests.conftest import REGION, Installation


@pytest.fixture(scope="module")
def roles(house: Installation) -> Iterator[dict[str, str]]:
    """A user with a key, a role that trusts the user with an external id, and one that trusts the first role."""
    iam, name = house.client("iam"), "chain" + ids.digits(6)
    user = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    first = _role(iam, f"{name}-first", user, Condition={"StringEquals": {"sts:ExternalId": "partner"}})
    second = _role(iam, f"{name}-second", first)
    policy = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": second}
    text = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    iam.put_role_policy(RoleName=f"{name}-first", PolicyName="onward", PolicyDocument=text)
    yield {
        "key": key["AccessKeyId"],
        "secret": key["SecretAccessKey"],
        "first_role": first,
        "second_role": second,
        "name": name,
    }


def _role(iam: Any, name: str, principal: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=text, MaxSessionDuration=7200)["Role"]["Arn"])


@pytest.fixture
def web(house: Installation, app: App, person: str) -> dict[str, str]:
    """A person's identity in a pool of the basic flow, its OpenID token, and a role for it."""
    identity, iam, name = house.client("cognito-identity"), house.client("iam"), "web" + ids.digits(6)
    provider = {"ProviderName": app.provider, "ClientId": app.client}
    pool = identity.create_identity_pool(
        IdentityPoolName=name,
        AllowUnauthenticatedIdentities=False,
        AllowClassicFlow=True,
        CognitoIdentityProviders=[provider],
    )["IdentityPoolId"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of(pool))["Role"]["Arn"]
    identity.set_identity_pool_roles(IdentityPoolId=pool, Roles={"authenticated": role})
    logins = {app.provider: tokens(app, person)["IdToken"]}
    anyone = unsigned("cognito-identity", app.identitypool)
    one = anyone.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    token = anyone.get_open_id_token(IdentityId=one, Logins=logins)["Token"]
    return {"web_role": role, "web_token": token, "identity": one, "id_token": logins[app.provider], "role_name": name}


@pytest.fixture
def config(tmp_path: Path, app: App, roles: dict[str, str], web: dict[str, str]) -> Path:
    """A file of profiles as the AWS CLI's users write them."""
    token_file, file = tmp_path / "token", tmp_path / "config"
    token_file.write_text(web["web_token"])
    file.write_text(f"""
[profile own]
aws_access_key_id = {roles["key"]}
aws_secret_access_key = {roles["secret"]}
region = {app.region}
endpoint_url = {app.identitypool}

[profile first]
role_arn = {roles["first_role"]}
source_profile = own
external_id = partner
duration_seconds = 7200
role_session_name = cli-first
region = {app.region}
endpoint_url = {app.identitypool}

[profile chained]
role_arn = {roles["second_role"]}
source_profile = first
role_session_name = cli-second
region = {app.region}
endpoint_url = {app.identitypool}

[profile web]
role_arn = {web["web_role"]}
web_identity_token_file = {token_file}
role_session_name = cli-web
region = {app.region}
endpoint_url = {app.identitypool}
""")
    return file


EXPECTED = {"first": "-first/cli-first", "chained": "-second/cli-second", "web": "/cli-web"}


def _environ(config: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": ""}


@pytest.mark.parametrize("profile", EXPECTED)
def test_profiles_of_the_cli_swap_credentials(config: Path, profile: str) -> None:
    command = [sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--profile", profile, "--output", "json"]
    done = subprocess.run(command, env=_environ(config), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Arn"].endswith(EXPECTED[profile])


def test_botocore_renews_and_chains_by_itself(
    config: Path, app: App, roles: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _environ(config).items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    for profile, end in EXPECTED.items():
        sts = boto3.Session(profile_name=profile).client("sts", config=Config(retries={"max_attempts": 1}))
        assert sts.get_caller_identity()["Arn"].endswith(end)
    wrong = config.read_text().replace("external_id = partner", "external_id = stranger")
    config.write_text(wrong)
    with pytest.raises(ClientError) as refused:
        boto3.Session(profile_name="chained").client("sts").get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_botocore_takes_a_web_identity_from_its_environment(
    config: Path, app: App, web: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_ROLE_ARN", web["web_role"])
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(config.parent / "token"))
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "pod")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", app.identitypool)
    session = boto3.Session(region_name=REGION)
    assert session.client("sts").get_caller_identity()["Arn"].endswith(f"assumed-role/{web['role_name']}/pod")


def test_the_javascript_sdks_providers_swap_credentials(
    config: Path, app: App, roles: dict[str, str], web: dict[str, str]
) -> None:
    files = {"config": str(config), "web_token_file": str(config.parent / "token")}
    found = run_node("providers.mjs", app, **roles, **web, **files)
    assert found["web"].endswith(f"{web['role_name']}/web")
    assert found["file"].endswith(f"{web['role_name']}/web")
    assert found["altered"] == "InvalidIdentityTokenException"
    assert found["identity"].endswith(f"{web['role_name']}/CognitoIdentityCredentials")
    assert found["first"].endswith("-first/first")
    assert found["second"].endswith("-second/second")
    assert found["too_long"] == "ValidationError"
    assert found["profile"].endswith("-second/cli-second")
    assert found["untrusted"] == "AccessDenied"
