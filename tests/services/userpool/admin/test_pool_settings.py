"""/admin/v1/ over HTTP, signed as any AWS client would sign."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import ACCESS_KEY, REGION, SECRET_KEY, Installation


def ask(
    house: Installation,
    method: str,
    path: str,
    body: bytes = b"",
    key: tuple[str, str] | None = (ACCESS_KEY, SECRET_KEY),
    service: str = "poolkeeper",
) -> tuple[int, dict[str, Any]]:
    signed = AWSRequest(method, f"{house.userpool}{path}", data=body)
    if key is not None:
        SigV4Auth(Credentials(*key), service, REGION).add_auth(signed)
    prepared = signed.prepare()
    request = urllib.request.Request(prepared.url, body or None, dict(prepared.headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def pool(house: Installation) -> str:
    made: str = house.client("cognito-idp").create_user_pool(PoolName="kept as hashes")["UserPool"]["Id"]
    return made


def settings(pool: str) -> str:
    return f"/admin/v1/user-pools/{pool}/settings"


def test_a_pool_chooses_how_passwords_are_kept(house: Installation, pool: str) -> None:
    assert ask(house, "GET", settings(pool)) == (200, {"user_pool_id": pool, "password_storage": "srp"})
    for change, kept in (({"password_storage": "argon2id"}, "argon2id"), ({}, "argon2id")):
        told = ask(house, "PATCH", settings(pool), json.dumps(change).encode())
        assert told == (200, {"user_pool_id": pool, "password_storage": kept})
    idp = house.client("cognito-idp")
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName="c", ExplicitAuthFlows=flows)["UserPoolClient"]
    idp.sign_up(ClientId=client["ClientId"], Username="ann", Password="Correct-horse-9")
    idp.admin_confirm_sign_up(UserPoolId=pool, Username="ann")
    parameters = {"USERNAME": "ann", "PASSWORD": "Correct-horse-9"}
    sign_in = {"ClientId": client["ClientId"], "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    assert idp.initiate_auth(**sign_in)["AuthenticationResult"]["AccessToken"]
    with pytest.raises(idp.exceptions.InvalidParameterException, match="stores password hashes only"):
        idp.initiate_auth(**sign_in | {"AuthFlow": "USER_SRP_AUTH"})


def test_a_change_is_in_the_audit(house: Installation, pool: str) -> None:
    assert ask(house, "PATCH", settings(pool), b'{"password_storage":"argon2id"}')[0] == 200
    shown = house.command("audit", "--json").stdout.splitlines()
    found = [row for row in map(json.loads, shown) if row["action"] == "poolkeeper:UpdateUserPoolSettings"]
    assert found[0]["resources"][0].endswith(f":userpool/{pool}")
    assert (found[0]["kind"], found[0]["access_key_id"]) == ("change", ACCESS_KEY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"password_storage":"bcrypt"}',
        b'{"password_storage":null}',
        b'{"password_storage":"srp","more":1}',
        b'{"password_storage":"srp","password_storage":"argon2id"}',
        b'{"password_storage":"\xff"}',
        b"[" * 5000,
    ],
)
def test_what_is_not_understood_is_refused_and_nothing_changes(house: Installation, pool: str, body: bytes) -> None:
    before = ask(house, "GET", settings(pool))
    status, told = ask(house, "PATCH", settings(pool), body)
    assert (status, told["code"]) == (400, "SerializationException")
    assert ask(house, "GET", settings(pool)) == before


def test_a_large_body_a_wrong_path_and_a_wrong_method_are_refused(house: Installation, pool: str) -> None:
    assert ask(house, "PATCH", settings(pool), b" " * 70_000)[0] == 413
    assert ask(house, "GET", "/admin/v1/user-pools")[0] == 404
    assert ask(house, "GET", settings("us-east-1_nobody123")) == (
        404,
        {"code": "ResourceNotFoundException", "message": "User pool us-east-1_nobody123 does not exist."},
    )
    assert ask(house, "PUT", settings(pool), b"{}")[0] == 405


def test_without_a_good_signature_nobody_is_let_in(house: Installation, pool: str) -> None:
    for key, service, code in (
        (None, "poolkeeper", "MissingAuthenticationTokenException"),
        ((ACCESS_KEY, "wrong" * 8), "poolkeeper", "InvalidSignatureException"),
        ((ACCESS_KEY, SECRET_KEY), "cognito-idp", "InvalidSignatureException"),
    ):
        status, told = ask(house, "GET", settings(pool), key=key, service=service)
        assert (status, told["code"]) == (403, code)


def test_each_call_needs_its_own_permission_on_the_pool(house: Installation, pool: str) -> None:
    iam = house.client("iam")
    iam.create_user(UserName="settings-reader")
    made = iam.create_access_key(UserName="settings-reader")["AccessKey"]
    key = (made["AccessKeyId"], made["SecretAccessKey"])
    denied = ask(house, "GET", settings(pool), key=key)
    assert (denied[0], denied[1]["code"]) == (403, "AccessDeniedException")
    assert "is not authorized to perform: poolkeeper:GetUserPoolSettings on resource: " in denied[1]["message"]
    assert denied[1]["message"].count(f"userpool/{pool}") == 1
    allow = {"Effect": "Allow", "Action": "poolkeeper:Get*", "Resource": f"arn:aws:cognito-idp:*:*:userpool/{pool}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="settings-reader", PolicyName="read", PolicyDocument=document)
    assert ask(house, "GET", settings(pool), key=key)[0] == 200
    assert ask(house, "PATCH", settings(pool), b"{}", key=key)[0] == 403
    assert ask(house, "GET", settings("us-east-1_nobody123"), key=key)[0] == 403
