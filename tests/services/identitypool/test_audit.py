"""What the identity pool service's audit says of administrators, root, sessions and denials."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.credentials import Credentials

from services.identitypool.iam import operations
from services.identitypool.iam.store import access_keys, roles
from shared.audit import store
from shared.audit.record import KINDS, Entry, Kind
from shared.web import HttpResponse
from tests.services.identitypool.installation import (
    ACCOUNT,
    HOST,
    Installation,
    Refused,
    allow,
    install,
    session,
    trusting,
)

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LOADED = (operations,)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    made = install(tmp_path)
    yield made
    made.context.journal.close()
    made.context.sql.close()


def iam(here: Installation, credentials: Credentials, action: str, **parameters: str) -> HttpResponse:
    """The answer to a call to IAM."""
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "host": HOST}
    return here.gateway.answer(here._request(body, headers, "iam", credentials))


def rows(here: Installation, *kinds: Kind) -> list[Entry]:
    here.context.journal.flush()
    with here.context.sql.read() as tx:
        return [row for kind in kinds or KINDS for row in store.newest(tx, ACCOUNT, kind, since=0, most=1000)]


def test_a_change_says_who_what_on_whom_and_from_where(here: Installation) -> None:
    admin = here.user("admin", allow("*"))
    assert iam(here, admin, "CreateUser", UserName="ann", Path="/staff/").status == 200
    assert iam(here, admin, "AddUserToGroup", UserName="ann", GroupName="none").status == 404
    assert iam(here, admin, "ListUsers").status == 200
    (change,) = rows(here, "change")
    assert (change.action, change.caller) == ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/admin")
    assert (change.access_key_id, change.source, change.result) == (admin.access_key, "127.0.0.1", "Success")
    assert (change.resources, change.named) == ((f"arn:aws:iam::{ACCOUNT}:user/staff/ann",), {"UserName": "ann"})
    assert change.request_id
    (refusal,) = rows(here, "refusal")
    assert (refusal.action, refusal.result, refusal.named) == ("iam:AddUserToGroup", "NoSuchEntity", {})
    assert rows(here, "use", "denial") == []


def test_what_is_made_is_named_and_its_secret_is_not(here: Installation) -> None:
    admin = here.user("admin", allow("*"))
    made = here.identity("CreateIdentityPool", admin, IdentityPoolName="p", AllowUnauthenticatedIdentities=True)
    assert iam(here, admin, "CreateAccessKey", UserName="admin").status == 200
    by_action = {row.action: row for row in rows(here, "change")}
    key, pool = by_action["iam:CreateAccessKey"], by_action["cognito-identity:CreateIdentityPool"]
    assert pool.named == {"IdentityPoolName": "p", "IdentityPoolId": made["IdentityPoolId"]}
    assert set(key.named) == {"UserName", "AccessKeyId"}
    with here.context.sql.read() as tx:
        assert access_keys.key_named(tx, key.named["AccessKeyId"]) is not None


def test_the_root_user_is_seen_reading_changing_and_failing(here: Installation) -> None:
    assert iam(here, here.root, "ListUsers").status == 200
    assert iam(here, here.root, "CreateUser", UserName="ann").status == 200
    assert iam(here, here.root, "GetUser", UserName="bob").status == 404
    assert here.sts("GetCallerIdentity", here.root)["Arn"] == ROOT
    with pytest.raises(Refused):
        here.sts("AssumeRole", here.root, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/none", RoleSessionName="any")
    seen = rows(here)
    assert {row.caller for row in seen} == {ROOT}
    assert sorted((row.kind, row.action, row.result) for row in seen) == [
        ("change", "iam:CreateUser", "Success"),
        ("denial", "sts:AssumeRole", "AccessDenied"),
        ("refusal", "iam:GetUser", "NoSuchEntity"),
        ("use", "iam:ListUsers", "Success"),
        ("use", "sts:GetCallerIdentity", "Success"),
    ]


def test_a_denial_keeps_the_decision(here: Installation) -> None:
    ann = here.user("ann", allow("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    assert iam(here, ann, "DeleteUser", UserName="bob").status == 403
    (denial,) = rows(here)
    assert (denial.kind, denial.action, denial.result) == ("denial", "iam:DeleteUser", "AccessDenied")
    assert denial.resources == (f"arn:aws:iam::{ACCOUNT}:user/bob",)
    assert denial.explanation.endswith("because no identity-based policy allows the iam:DeleteUser action")
    decision = json.loads(denial.decision)
    assert (decision["verdict"], decision["stopped_by"]) == ("implicitDeny", "identity")
    assert decision["missing_keys"] == ["aws:multifactorauthpresent"]


def test_an_operation_that_is_not_served_is_on_record_for_those_who_may_not_call_it_too(here: Installation) -> None:
    ann = here.user("ann", allow("iam:List*"))
    assert iam(here, ann, "CreateLoginProfile", UserName="ann").status == 403
    assert iam(here, ann, "ListServerCertificates").status == 400
    assert iam(here, here.root, "ListServerCertificates").status == 400
    assert sorted((row.kind, row.action, row.result) for row in rows(here)) == [
        ("denial", "iam:CreateLoginProfile", "AccessDenied"),
        ("refusal", "iam:ListServerCertificates", "NotServed"),
    ]


def test_a_right_that_is_asked_for_inside_an_operation_is_denied_on_record(here: Installation) -> None:
    pool = here.identity("CreateIdentityPool", here.root, IdentityPoolName="p", AllowUnauthenticatedIdentities=True)
    ann = here.user("ann", allow("cognito-identity:*"))
    role = here.role("guest", trusting({"Federated": "cognito-identity.amazonaws.com"}))
    with pytest.raises(Refused):
        here.identity(
            "SetIdentityPoolRoles", ann, IdentityPoolId=pool["IdentityPoolId"], Roles={"unauthenticated": role.arn}
        )
    (denial,) = rows(here, "denial")
    assert (denial.action, denial.resources) == ("cognito-identity:SetIdentityPoolRoles", (role.arn,))
    assert "iam:PassRole" in denial.explanation


def test_hand_outs_are_seen_and_counted(here: Installation) -> None:
    ann = here.user("ann", allow("sts:AssumeRole"))
    role = here.role("r", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    for _ in range(3):
        made = here.sts("AssumeRole", ann, RoleArn=role.arn, RoleSessionName="work")
    (use,) = rows(here, "use")
    assert (use.action, use.caller, use.resources) == (
        "sts:AssumeRole",
        f"arn:aws:iam::{ACCOUNT}:user/ann",
        (role.arn,),
    )
    assert use.named["RoleSessionName"] == "work"
    assert use.named["Times"] == "3"
    assert made["SecretAccessKey"] not in str(rows(here))
    here.clock.move(seconds=1)
    here.sts("GetSessionToken", ann)
    assert rows(here, "use")[0].action == "sts:GetSessionToken"


def test_guests_who_get_credentials_are_seen(here: Installation) -> None:
    pool = here.identity("CreateIdentityPool", here.root, IdentityPoolName="p", AllowUnauthenticatedIdentities=True)
    pool_id = pool["IdentityPoolId"]
    condition = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    }
    trust = trusting(
        {"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity", Condition=condition
    )
    role = here.role("guest", trust)
    here.identity("SetIdentityPoolRoles", here.root, IdentityPoolId=pool_id, Roles={"unauthenticated": role.arn})
    identity = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
    made = here.identity("GetCredentialsForIdentity", IdentityId=identity)["Credentials"]
    (use,) = [row for row in rows(here, "use") if row.caller != ROOT]
    assert (use.action, use.caller) == ("cognito-identity:GetCredentialsForIdentity", f"identity {identity}")
    assert use.named["AccessKeyId"] == made["AccessKeyId"]
    assert {row.action for row in rows(here, "change")} == {
        "cognito-identity:CreateIdentityPool",
        "cognito-identity:SetIdentityPoolRoles",
    }


def test_keys_and_roles_show_when_they_were_last_used(here: Installation) -> None:
    ann = here.user("ann", allow("*"))
    role = here.role("r", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("*"))
    here.sts("GetCallerIdentity", ann)
    here.clock.move(seconds=90)
    made = session(here.sts("AssumeRole", ann, RoleArn=role.arn, RoleSessionName="work"))
    here.clock.move(seconds=90)
    here.identity("ListIdentityPools", made, MaxResults=1)
    here.context.journal.flush()
    with here.context.sql.read() as tx:
        key, used = access_keys.key_named(tx, ann.access_key), roles.role_with_id(tx, ACCOUNT, role.id)
    assert key is not None
    assert used is not None
    assert (here.clock.now - key.last_used_at).total_seconds() == 90 if key.last_used_at else False
    assert (key.last_used_service, key.last_used_region) == ("sts", "us-east-1")
    assert (used.last_used_at, used.last_used_region) == (here.clock.now, "us-east-1")
    shown = iam(here, ann, "GetRole", RoleName="r").body
    assert b"<RoleLastUsed><LastUsedDate>2026-03-01T12:03:00Z</LastUsedDate><Region>us-east-1</Region>" in shown


def test_a_wrong_signature_is_no_use_of_a_key(here: Installation) -> None:
    ann = here.user("ann", allow("*"))
    assert iam(here, Credentials(ann.access_key, "wrong"), "ListUsers").status == 403
    here.context.journal.flush()
    with here.context.sql.read() as tx:
        key: Any = access_keys.key_named(tx, ann.access_key)
    assert key.last_used_at is None
    assert rows(here) == []
