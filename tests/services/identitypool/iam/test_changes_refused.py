"""What IAM does not let happen: documents that break rules, things deleted that hang together, names of others."""

import json
from functools import partial

import pytest

from services.identitypool import errors
from services.identitypool.iam.store import roles, tags, users
from shared.guard.guard import AccessDenied
from shared.policy.document import MalformedPolicy
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, Console

TRUST = ALLOW_ALL.replace('"Action":"*","Resource":"*"', '"Action":"sts:AssumeRole","Principal":{"AWS":"*"}')
ARN = f"arn:aws:iam::{ACCOUNT}:policy/P"


@pytest.fixture
def cast(iam: Console) -> Console:
    """A user, a group, a role and a policy of one name."""
    iam("CreateUser", UserName="N", Path="/u/")
    iam("CreateGroup", GroupName="N")
    iam("CreateRole", RoleName="N", Path="/r/", AssumeRolePolicyDocument=TRUST)
    iam("CreatePolicy", PolicyName="P", PolicyDocument=ALLOW_ALL)
    return iam


@pytest.mark.parametrize("kind", ["User", "Group", "Role"])
def test_what_has_policies_is_not_deleted(cast: Console, kind: str) -> None:
    named = {f"{kind}Name": "N"}
    cast(f"Attach{kind}Policy", PolicyArn=ARN, **named)
    with pytest.raises(errors.DeleteConflict, match=r"Cannot delete entity, must detach all policies first\."):
        cast(f"Delete{kind}", **named)
    cast(f"Detach{kind}Policy", PolicyArn=ARN, **named)
    cast(f"Put{kind}Policy", PolicyName="own", PolicyDocument=ALLOW_ALL, **named)
    with pytest.raises(errors.DeleteConflict, match=r"Cannot delete entity, must delete policies first\."):
        cast(f"Delete{kind}", **named)
    cast(f"Delete{kind}Policy", PolicyName="own", **named)
    cast(f"Delete{kind}", **named)


@pytest.mark.parametrize("kind", ["User", "Group", "Role"])
def test_an_inline_policy_is_one_that_iam_can_read(cast: Console, kind: str) -> None:
    with pytest.raises(MalformedPolicy):
        cast(f"Put{kind}Policy", PolicyName="own", PolicyDocument='{"Version":"2012-10-17"}', **{f"{kind}Name": "N"})
    assert cast(f"List{kind}Policies", **{f"{kind}Name": "N"}).policy_names == []


def test_a_changed_document_is_held_to_the_rules_of_a_new_one(cast: Console) -> None:
    version = partial(cast, "CreatePolicyVersion", PolicyArn=ARN)
    retrust = partial(cast, "UpdateAssumeRolePolicy", RoleName="N")
    for change in (version, retrust):
        with pytest.raises(MalformedPolicy):
            change(PolicyDocument="{}")
    with pytest.raises(errors.LimitExceeded, match="PolicySize: 6144"):
        version(PolicyDocument=ALLOW_ALL.replace('"Resource":"*"', f'"Resource":"arn:aws:s3:::{"b" * 6144}"'))
    with pytest.raises(errors.LimitExceeded, match="ACLSizePerRole: 2048"):
        retrust(PolicyDocument=TRUST.replace('"Effect"', f'"Sid":"{"A" * 2048}","Effect"'))
    assert [one.version_id for one in cast("ListPolicyVersions", PolicyArn=ARN).versions] == ["v1"]


def test_moving_a_group_needs_the_right_to_the_target_too(cast: Console) -> None:
    allowed = [f"arn:aws:iam::{ACCOUNT}:group/N", f"arn:aws:iam::{ACCOUNT}:group/a/*"]
    statement = {"Effect": "Allow", "Action": "iam:UpdateGroup", "Resource": allowed}
    mover = cast.with_rights(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    with pytest.raises(AccessDenied):
        mover("UpdateGroup", GroupName="N", NewPath="/admins/")
    mover("UpdateGroup", GroupName="N", NewPath="/a/")


def test_a_deleted_user_leaves_no_tags(cast: Console) -> None:
    cast("TagUser", UserName="N", Tags=[{"Key": "team", "Value": "red"}])
    user = cast("GetUser", UserName="N").user
    cast("DeleteUser", UserName="N")
    with cast.context.sql.read() as tx:
        assert tags.tags_of(tx, ACCOUNT, user.user_id) == {}


def test_an_arn_with_another_path_is_nobodys(cast: Console) -> None:
    with cast.context.sql.read() as tx:
        assert users.user_with_arn(tx, f"arn:aws:iam::{ACCOUNT}:user/u/N")
        assert roles.role_with_arn(tx, f"arn:aws:iam::{ACCOUNT}:role/r/N")
        assert users.user_with_arn(tx, f"arn:aws:iam::{ACCOUNT}:user/N") is None
        assert roles.role_with_arn(tx, f"arn:aws:iam::{ACCOUNT}:role/N") is None


def test_lists_of_what_has_a_policy_hold_to_the_path(cast: Console) -> None:
    cast("AttachUserPolicy", UserName="N", PolicyArn=ARN)
    cast("AttachRolePolicy", RoleName="N", PolicyArn=ARN)
    found = cast("ListEntitiesForPolicy", PolicyArn=ARN, PathPrefix="/u/")
    assert ([one.user_name for one in found.policy_users], found.policy_roles) == (["N"], [])
    assert cast("ListAttachedUserPolicies", UserName="N", PathPrefix="/none/").attached_policies == []


@pytest.mark.parametrize("kind", ["User", "Role", "Policy"])
def test_tag_keys_of_aws_are_reserved(cast: Console, kind: str) -> None:
    named = {"PolicyArn": ARN} if kind == "Policy" else {f"{kind}Name": "N"}
    with pytest.raises(errors.InvalidInput):
        cast(f"Tag{kind}", Tags=[{"Key": "AWS:team", "Value": "red"}], **named)
