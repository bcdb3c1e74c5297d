"""`poolkeeper audit` on a running installation: what services write, what they report, what is left at the end."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from services.command.audit import as_json, as_text
from shared import ids
from shared.audit.record import Entry
from tests.conftest import ACCESS_KEY, SECRET_KEY, Installation, installation_in


def said(house: Installation, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in house.command("audit", "--json", *options).stdout.splitlines()]


def until(house: Installation, *options: str, **members: str) -> dict[str, Any]:
    """The newest record that has these members, which may be a moment late."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for record in said(house, *options)[::-1]:
            if members.items() <= {key: value for key, value in record.items() if isinstance(value, str)}.items():
                return record
        time.sleep(0.2)
    raise AssertionError((members, said(house, "--since", "1h")))


@pytest.fixture
def stranger(house: Installation) -> Iterator[tuple[str, str, str]]:
    """A user without any rights: the name, and a key."""
    iam, name = house.client("iam"), "stranger" + ids.digits(8)
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield name, key["AccessKeyId"], key["SecretAccessKey"]
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def test_changes_at_both_services_are_printed_for_reading(house: Installation) -> None:
    idp, iam, name = house.client("cognito-idp"), house.client("iam"), "audited" + ids.digits(8)
    pool = idp.create_user_pool(PoolName=name)["UserPool"]["Id"]
    idp.admin_create_user(UserPoolId=pool, Username="ann", TemporaryPassword="Secret-horse-9", MessageAction="SUPPRESS")
    answer = iam.create_group(GroupName=name)
    text = house.command("audit", "--since", "1h").stdout
    request_id = answer["ResponseMetadata"]["RequestId"]
    (group,) = [record for record in text.split("\n20") if request_id in record]
    assert "iam:CreateGroup  Success" in group
    assert f"({ACCESS_KEY}) from 127.0.0.1" in group
    assert f":group/{name}" in group
    assert f"userpool/{pool}  Username=ann" in text
    assert "Secret-horse-9" not in text
    assert SECRET_KEY not in text
    assert [record["action"] for record in said(house, "--request", request_id)] == ["iam:CreateGroup"]
    iam.delete_group(GroupName=name)
    idp.delete_user_pool(UserPoolId=pool)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action"),
    [
        ("iam", "list_users", {}, "iam:ListUsers"),
        ("cognito-idp", "list_user_pools", {"MaxResults": 1}, "cognito-idp:ListUserPools"),
        ("s3", "list_buckets", {}, "s3:ListBuckets"),
    ],
)
def test_denials_at_every_service_come_with_their_reason(
    house: Installation,
    stranger: tuple[str, str, str],
    service: str,
    operation: str,
    parameters: dict[str, Any],
    action: str,
) -> None:
    name, key, secret = stranger
    with pytest.raises(ClientError, match="AccessDenied") as denied:
        getattr(house.client(service, key, secret), operation)(**parameters)
    metadata = denied.value.response["ResponseMetadata"]
    request_id = metadata.get("RequestId") or metadata["HTTPHeaders"]["x-amz-request-id"]
    record = until(house, "--denied", request_id=request_id)
    assert (record["action"], record["result"], record["access_key_id"]) == (action, "AccessDenied", key)
    assert record["caller"].endswith(f":user/{name}")
    assert record["decision"]["stopped_by"] == "identity"
    text = house.command("audit", "--denied", "--request", request_id).stdout
    assert "because no identity-based policy allows" in text
    assert "identity: silent" in text


def test_a_key_shows_its_last_use_at_another_service(house: Installation, stranger: tuple[str, str, str]) -> None:
    name, key, secret = stranger
    iam = house.client("iam")
    assert iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]["ServiceName"] == "N/A"
    with pytest.raises(ClientError, match="AccessDenied"):
        house.client("s3", key, secret).list_buckets()
    deadline = time.monotonic() + 20
    while (used := iam.get_access_key_last_used(AccessKeyId=key))["AccessKeyLastUsed"]["ServiceName"] == "N/A":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert used["UserName"] == name
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("s3", "us-east-1")
    assert "LastUsedDate" in used["AccessKeyLastUsed"]


def test_following_prints_what_comes(house: Installation) -> None:
    iam, name = house.client("iam"), "followed" + ids.digits(8)
    command = [sys.executable, "-m", "services", "audit", "--follow", "--json", "--since", "1h"]
    with subprocess.Popen(command, env=house.environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        about_it = (one for one in map(json.loads, process.stdout) if one["named"].get("GroupName") == name)
        try:
            iam.create_group(GroupName=name)
            assert next(about_it)["action"] == "iam:CreateGroup"
            iam.delete_group(GroupName=name)
            deleted = next(about_it)
            assert (deleted["action"], deleted["named"]) == ("iam:DeleteGroup", {"GroupName": name})
        finally:
            process.terminate()


def test_a_span_that_is_none_is_refused(house: Installation) -> None:
    refused = house.command("audit", "--since", "yesterday", check=False)
    assert refused.returncode == 2
    assert "say 90s, 15m, 1h or 7d" in refused.stderr


def test_what_waits_is_written_at_the_end_and_a_reset_empties_it(tmp_path: Path) -> None:
    mine = installation_in(tmp_path)
    mine.command("init")
    assert mine.command("root-key", "create").returncode == 0
    exports = dict(line[7:].split("=", 1) for line in mine.command("env", "--root").stdout.splitlines())
    key, secret = exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"]
    mine.start()
    for service, operation, parameters in (
        ("iam", "list_users", {}),
        ("cognito-idp", "list_user_pools", {"MaxResults": 1}),
        ("s3", "list_buckets", {}),
    ):
        getattr(mine.client(service, key, secret.strip("'")), operation)(**parameters)
    assert mine.stop() == 0
    seen = {record["action"]: record for record in said(mine)}
    assert set(seen) == {
        "poolkeeper:CreateRootKey",
        "iam:ListUsers",
        "cognito-idp:ListUserPools",
        "s3:ListBuckets",
    }
    assert seen["poolkeeper:CreateRootKey"]["named"] == {"AccessKeyId": key}
    assert {record["kind"] for record in seen.values()} == {"change", "use"}
    mine.start()
    httpx.post(f"{mine.identitypool}/test/reset").raise_for_status()
    assert said(mine) == []
    assert mine.stop() == 0


def test_a_terminal_obeys_nothing_that_others_wrote() -> None:
    hostile = "\x1b]0;mine\x07\n2026 root did it\x9b31m\u202egpj"
    entry = Entry(
        account="111122223333",
        kind="denial",
        at=0.0,
        request_id="r",
        number=0,
        action="s3:GetObject",
        caller=hostile,
        access_key_id="",
        source=hostile,
        resources=(hostile,),
        named={"UserName": hostile},
        result="AccessDenied",
        explanation=hostile,
    )
    assert all(line.isprintable() for line in as_text(entry).split("\n"))
    assert as_json(entry).isprintable()
    assert as_json(entry).isascii()
    assert json.loads(as_json(entry))["caller"] == hostile
