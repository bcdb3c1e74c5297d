"""Two accounts of one installation: what crosses from one to the other, and what never does."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from services.identitypool.iam.records import InlinePolicy
from services.identitypool.iam.store import inline, users
from tests.services.identitypool.installation import (
    ACCOUNT,
    Installation,
    Refused,
    allow,
    install,
    session,
    trusting,
)

OTHER = "444455556666"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
ROLE = f"arn:aws:iam::{OTHER}:role/theirs"


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    made = install(tmp_path)
    made.account(OTHER)
    return made


def _assume(here: Installation, who: Credentials, **more: str) -> Credentials:
    return session(here.sts("AssumeRole", who, RoleArn=ROLE, RoleSessionName="s1", **more))


@pytest.mark.parametrize("principal", [{"AWS": ANN}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "*", {"AWS": "*"}])
def test_both_accounts_must_say_yes(here: Installation, principal: Any) -> None:
    here.role("theirs", trusting(principal), account=OTHER)
    ann = here.user("ann")
    with pytest.raises(Refused) as refused:
        _assume(here, ann)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")
    text = json.dumps(allow("sts:AssumeRole", ROLE))
    with here.context.sql.write() as tx:
        user = users.find_user(tx, ACCOUNT, "ann")
        assert user is not None
        inline.put_inline(tx, ACCOUNT, user.id, InlinePolicy("visit", text, len(text)))
    shown = here.sts("GetCallerIdentity", _assume(here, ann))
    assert (shown["Account"], shown["Arn"]) == (OTHER, f"arn:aws:sts::{OTHER}:assumed-role/theirs/s1")


def test_a_role_of_another_account_that_trusts_nobody_here_stays_shut(here: Installation) -> None:
    here.role("theirs", trusting({"AWS": f"arn:aws:iam::{OTHER}:root"}), account=OTHER)
    with pytest.raises(Refused) as refused:
        _assume(here, here.user("ann", allow("*")))
    assert refused.value.message.endswith(f"is not authorized to perform: sts:AssumeRole on resource: {ROLE}")


def test_a_visitor_carries_only_the_roles_rights_and_only_there(here: Installation) -> None:
    here.role("theirs", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("cognito-identity:*"), account=OTHER)
    ann = here.user("ann", allow("*"))
    request = {"IdentityPoolName": "mine", "AllowUnauthenticatedIdentities": False}
    mine = here.identity("CreateIdentityPool", ann, **request)["IdentityPoolId"]
    visitor = _assume(here, ann)
    theirs = here.identity("CreateIdentityPool", visitor, **request)["IdentityPoolId"]
    assert [
        one["IdentityPoolId"] for one in here.identity("ListIdentityPools", visitor, MaxResults=9)["IdentityPools"]
    ] == [theirs]
    for operation in ("DescribeIdentityPool", "DeleteIdentityPool", "GetIdentityPoolRoles"):
        with pytest.raises(Refused) as refused:
            here.identity(operation, visitor, IdentityPoolId=mine)
        assert refused.value.code == "ResourceNotFoundException"


def test_an_account_passes_no_role_of_another(here: Installation) -> None:
    role = here.role("theirs", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), account=OTHER)
    ann = here.user("ann", allow("*"))
    request = {"IdentityPoolName": "mine", "AllowUnauthenticatedIdentities": False}
    pool_id = here.identity("CreateIdentityPool", ann, **request)["IdentityPoolId"]
    with pytest.raises(Refused) as refused:
        here.identity("SetIdentityPoolRoles", ann, IdentityPoolId=pool_id, Roles={"authenticated": role.arn})
    assert refused.value.code == "InvalidParameterException"


def test_the_other_accounts_root_is_nobody_here(here: Installation) -> None:
    stranger = here.key(None, OTHER)
    request = {"IdentityPoolName": "mine", "AllowUnauthenticatedIdentities": False}
    mine = here.identity("CreateIdentityPool", here.root, **request)["IdentityPoolId"]
    arn = f"arn:aws:cognito-identity:us-east-1:{ACCOUNT}:identitypool/{mine}"
    with pytest.raises(Refused) as refused:
        here.identity("TagResource", stranger, ResourceArn=arn, Tags={"a": "b"})
    assert refused.value.code in {"AccessDeniedException", "InvalidParameterException"}
    with pytest.raises(Refused):
        here.identity("DescribeIdentityPool", stranger, IdentityPoolId=mine)
    assert "IdentityPoolTags" not in json.dumps(here.identity("DescribeIdentityPool", here.root, IdentityPoolId=mine))


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("GetPolicy", {}),
        ("DeletePolicy", {}),
        ("GetPolicyVersion", {"VersionId": "v1"}),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}),
        ("CreatePolicyVersion", {"PolicyDocument": json.dumps(allow("*"))}),
        ("ListEntitiesForPolicy", {}),
        ("TagPolicy", {"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
    ],
)
def test_another_accounts_policies_are_nobodys_here(here: Installation, action: str, more: dict[str, str]) -> None:
    stranger = here.key(None, OTHER)
    here.iam("CreatePolicy", stranger, PolicyName="theirs", PolicyDocument=json.dumps(allow("*")))
    admin = here.user("ann", allow("*"))
    with pytest.raises(Refused) as refused:
        here.iam(action, admin, PolicyArn=f"arn:aws:iam::{OTHER}:policy/theirs", **more)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")


def test_another_accounts_policy_is_not_attached_and_bounds_nobody(here: Installation) -> None:
    stranger = here.key(None, OTHER)
    here.iam("CreatePolicy", stranger, PolicyName="theirs", PolicyDocument=json.dumps(allow("*")))
    admin, theirs = here.user("ann", allow("*")), f"arn:aws:iam::{OTHER}:policy/theirs"
    for action, member in (("AttachUserPolicy", "PolicyArn"), ("PutUserPermissionsBoundary", "PermissionsBoundary")):
        with pytest.raises(Refused) as refused:
            here.iam(action, admin, UserName="ann", **{member: theirs})
        assert (refused.value.status, refused.value.code) == (404, "NoSuchEntity")


def test_root_manages_the_keys_of_its_own_account(here: Installation) -> None:
    stranger = here.key(None, OTHER)
    for action, more in (("UpdateAccessKey", {"Status": "Inactive"}), ("DeleteAccessKey", {})):
        with pytest.raises(Refused) as refused:
            here.iam(action, here.root, AccessKeyId=stranger.access_key, **more)
        assert (refused.value.status, refused.value.code) == (404, "NoSuchEntity")
    assert here.sts("GetCallerIdentity", stranger)["Account"] == OTHER


def test_an_identity_of_another_account_does_not_name_its_pool(here: Installation) -> None:
    pool = here.identity("CreateIdentityPool", here.root, IdentityPoolName="m", AllowUnauthenticatedIdentities=True)
    identity_id = here.identity("GetId", IdentityPoolId=pool["IdentityPoolId"])["IdentityId"]
    nobody = _assume_with_nothing(here)
    told = []
    for asked_for in (identity_id, "us-east-1:00000000-0000-4000-8000-000000000000"):
        with pytest.raises(Refused) as refused:
            here.identity("DescribeIdentity", nobody, IdentityId=asked_for)
        told.append((refused.value.code, refused.value.message))
    assert told[0] == told[1]
    assert told[0][0] == "AccessDeniedException"
    assert pool["IdentityPoolId"] not in told[0][1]


def _assume_with_nothing(here: Installation) -> Credentials:
    """A session in the other account, without any rights there."""
    here.role("theirs", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), account=OTHER)
    return _assume(here, here.user("ann", allow("*")))


def test_an_account_deletes_and_simulates_only_its_own(here: Installation) -> None:
    stranger = here.key(None, OTHER)
    pool = here.identity("CreateIdentityPool", here.root, IdentityPoolName="m", AllowUnauthenticatedIdentities=True)
    identity_id = here.identity("GetId", IdentityPoolId=pool["IdentityPoolId"])["IdentityId"]
    answer = here.identity("DeleteIdentities", stranger, IdentityIdsToDelete=[identity_id])
    assert answer["UnprocessedIdentityIds"] == [{"IdentityId": identity_id, "ErrorCode": "AccessDenied"}]
    assert here.identity("DescribeIdentity", here.root, IdentityId=identity_id)["IdentityId"] == identity_id
    here.user("ann")
    with pytest.raises(Refused) as refused:
        here.iam("SimulatePrincipalPolicy", stranger, PolicySourceArn=ANN, **{"ActionNames.member.1": "s3:GetObject"})
    assert refused.value.code in {"AccessDenied", "NoSuchEntity"}
