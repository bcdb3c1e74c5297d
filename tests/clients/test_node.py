import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared import ids
from tests.clients.conftest import PASSWORD, App
from tests.conftest import ACCESS_KEY, SECRET_KEY, Installation, missing

NODE = Path(__file__).parent.parent / "node"


KEYS = ["plain", "a b+c", "100%", "a%20b", "ünï/日本 🎈", "a//b", "/a", "folder/", "a?b#c&d=e;f:@", "'q'\"!*()~"]
DOTTED = ["a/./b", "a/../b", "./a", "..", "."]


def run_node(script: str, app: App, **more: Any) -> dict[str, Any]:
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        missing("Node with the packages of tests/node")
    given = app.as_json(password=PASSWORD, **more)
    done = subprocess.run(
        ["node", "--no-deprecation", str(NODE / script)],
        input=given,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=NODE,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("script", ["identity_js.mjs", "amplify.mjs"])
def test_a_browser_library_signs_up_and_in(house: Installation, app: App, script: str) -> None:
    name = "node" + ids.digits(8)
    found = run_node(script, app, name=name, outbox=str(house.data / "outbox"))
    assert found["username"] == name
    assert found["attributes"]["email"] == f"{name}@example.com"
    assert found["refreshed"] is True
    assert found["signed_out"] is True


@pytest.mark.parametrize("rotates", [False, True])
@pytest.mark.parametrize(
    "pool",
    [
        {"UsernameAttributes": ["email"]},
        {
            "AliasAttributes": ["email"],
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
        },
    ],
)
def test_a_person_keeps_their_own_account_with_amplify(
    house: Installation, app: App, pool: dict[str, Any], *, rotates: bool
) -> None:
    idp, name = house.client("cognito-idp"), "own" + ids.digits(8)
    made = idp.create_user_pool(PoolName=name, AutoVerifiedAttributes=["email"], **pool)["UserPool"]["Id"]
    flows, rotation = ["ALLOW_USER_SRP_AUTH"], {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    given = {"RefreshTokenRotation": rotation} if rotates else {}
    client = idp.create_user_pool_client(
        UserPoolId=made,
        ClientName=name,
        ExplicitAuthFlows=flows if rotates else [*flows, "ALLOW_REFRESH_TOKEN_AUTH"],
        **given,
    )["UserPoolClient"]["ClientId"]
    email, by_email = f"{name}@example.com", "UsernameAttributes" in pool
    found = run_node(
        "profile.mjs",
        replace(app, pool=made, client=client),
        name=email if by_email else name,
        email=email,
        signs_in_with_email=by_email,
        outbox=str(house.data / "outbox"),
    )
    assert found["signed_in"] is True
    assert found["attributes"] == {"email": f"new{email}", "email_verified": "true", "nickname": "Änn 日本"}
    wrong, gone = "NotAuthorizedException", "UserNotFoundException"
    assert found["refused"] == ["CodeMismatchException", "CodeMismatchException", wrong, wrong, gone]


def test_amplify_swaps_its_token_for_credentials(house: Installation, app: App) -> None:
    found = run_node("amplify.mjs", app, name="node" + ids.digits(8), outbox=str(house.data / "outbox"))
    assert found["access_key_id"].startswith("ASIA")
    assert found["identity_id"].startswith(f"{app.region}:")


def test_the_sdks_credential_providers_reach_the_store(app: App, person: str) -> None:
    found = run_node("sdk_v3.mjs", app, name=person)
    assert found["arn"].endswith("/CognitoIdentityCredentials")
    assert found["read_back"] == "hello from node"
    assert found["denied"] == "AccessDenied"
    assert found["wrong_password"] == "NotAuthorizedException"


def test_aws_jwt_verify_takes_our_tokens_and_no_others(app: App, person: str) -> None:
    found = run_node("jwt_verify.mjs", app, name=person)
    assert found["verified"] == ["id", "access"]
    assert found["refused"] is True


def test_signed_urls_of_the_sdk_work_for_any_key(house: Installation, app: App) -> None:
    keys = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}
    assert run_node("presign.mjs", app, keys=KEYS, dotted=DOTTED, **keys) == {"failed": []}
