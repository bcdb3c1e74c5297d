import json
from functools import partial
from typing import Any
from urllib.parse import unquote

import pytest

from services.identitypool import errors
from services.identitypool.iam.store.effective import boundary_of_user, managed_policy
from shared.policy.document import MalformedPolicy
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, Console

ARN = f"arn:aws:iam::{ACCOUNT}:policy/p/P"


def test_create_shows_what_aws_shows(iam: Console) -> None:
    made = iam("CreatePolicy", PolicyName="P", Path="/p/", PolicyDocument=ALLOW_ALL, Description="d").policy
    assert (made.arn, made.default_version_id, made.attachment_count, made.is_attachable) == (ARN, "v1", 0, True)
    assert (made.description, made.tags) == (None, None)
    got = iam("GetPolicy", PolicyArn=ARN).policy
    assert (got.description, got.tags) == ("d", [])
    with pytest.raises(errors.EntityAlreadyExists, match=r"A policy called p already exists\. Duplicate names"):
        iam("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW_ALL)


def test_documents_come_back_as_they_were_written(iam: Console) -> None:
    text = ALLOW_ALL.replace('"Resource":"*"', '"Resource": "arn:aws:s3:::b/%3A %é*"')
    iam("CreatePolicy", PolicyName="P", Path="/p/", PolicyDocument=text)
    version = iam("GetPolicyVersion", PolicyArn=ARN, VersionId="v1").policy_version
    assert "%253A" in version.document
    assert unquote(version.document) == text


def test_versions_are_five_and_the_default_stays(iam: Console) -> None:
    iam("CreatePolicy", PolicyName="P", Path="/p/", PolicyDocument=ALLOW_ALL)
    for _ in range(4):
        iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=ALLOW_ALL)
    with pytest.raises(errors.LimitExceeded, match="up to 5 versions"):
        iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=ALLOW_ALL)
    with pytest.raises(errors.DeleteConflict, match=r"Cannot delete the default version of a policy\."):
        iam("DeletePolicyVersion", PolicyArn=ARN, VersionId="v1")
    iam("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v5")
    iam("DeletePolicyVersion", PolicyArn=ARN, VersionId="v1")
    newest = iam("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=ALLOW_ALL, SetAsDefault=True).policy_version
    assert (newest.version_id, newest.is_default_version, newest.document) == ("v6", True, None)
    found = iam("ListPolicyVersions", PolicyArn=ARN).versions
    assert [version.version_id for version in found] == ["v6", "v5", "v4", "v3", "v2"]
    with pytest.raises(errors.NoSuchEntity):
        iam("GetPolicyVersion", PolicyArn=ARN, VersionId="v1")
    with pytest.raises(errors.DeleteConflict, match="more than one version"):
        iam("DeletePolicy", PolicyArn=ARN)


def test_a_policy_in_use_stays_as_boundary_too(iam: Console) -> None:
    iam("CreatePolicy", PolicyName="P", Path="/p/", PolicyDocument=ALLOW_ALL)
    user = iam("CreateUser", UserName="Ann", PermissionsBoundary=ARN).user
    iam("AttachGroupPolicy", GroupName="administrators", PolicyArn=ARN)
    policy = iam("GetPolicy", PolicyArn=ARN).policy
    assert (policy.attachment_count, policy.permissions_boundary_usage_count) == (1, 1)
    with pytest.raises(errors.DeleteConflict, match=r"Cannot delete a policy attached to entities\."):
        iam("DeletePolicy", PolicyArn=ARN)
    entities = iam("ListEntitiesForPolicy", PolicyArn=ARN)
    assert [one.group_name for one in entities.policy_groups] == ["administrators"]
    assert [one.user_id for one in entities.policy_users] == [user.user_id]
    only = iam("ListEntitiesForPolicy", PolicyArn=ARN, PolicyUsageFilter="PermissionsPolicy")
    assert (only.policy_users, len(only.policy_groups)) == ([], 1)
    with iam.context.sql.read() as tx:
        boundary = boundary_of_user(tx, ACCOUNT, user.user_id)
    assert boundary is not None
    assert (boundary.source_id, boundary.version) == (ARN, "v1")
    iam("DetachGroupPolicy", GroupName="administrators", PolicyArn=ARN)
    iam("DeleteUser", UserName="Ann")
    iam("DeletePolicy", PolicyArn=ARN)
    with pytest.raises(errors.NoSuchEntity, match=rf"Policy {ARN} was not found\."):
        iam("DeletePolicy", PolicyArn=ARN)


def test_policies_are_listed_by_their_usage(iam: Console) -> None:
    """Terraform's provider looks for a policy that nothing has yet among the permissions policies, and finds it at AWS."""
    for name in ("attached", "boundary", "both", "unused"):
        iam("CreatePolicy", PolicyName=name, Path="/p/", PolicyDocument=ALLOW_ALL)
    own = f"arn:aws:iam::{ACCOUNT}:policy/p/"
    for name in ("attached", "both"):
        iam("AttachGroupPolicy", GroupName="administrators", PolicyArn=f"{own}{name}")
    for name in ("boundary", "both"):
        iam("CreateUser", UserName=name, PermissionsBoundary=f"{own}{name}")

    def listed(**narrowed: Any) -> list[str]:
        return [one.policy_name for one in iam("ListPolicies", Scope="Local", PathPrefix="/p/", **narrowed).policies]

    assert listed() == ["attached", "both", "boundary", "unused"]
    assert listed(PolicyUsageFilter="PermissionsPolicy") == ["attached", "both", "unused"]
    assert listed(PolicyUsageFilter="PermissionsBoundary") == ["both", "boundary"]
    assert listed(OnlyAttached=True) == ["attached", "both"]
    assert listed(OnlyAttached=True, PolicyUsageFilter="PermissionsPolicy") == ["attached", "both"]
    assert listed(OnlyAttached=True, PolicyUsageFilter="PermissionsBoundary") == ["both"]


def test_attaching_refuses_in_aws_words(iam: Console) -> None:
    with pytest.raises(errors.ValidationFailed, match="Invalid ARN:  Could not be parsed!"):
        iam("AttachUserPolicy", UserName="admin", PolicyArn="longer-than-twenty-characters")
    with pytest.raises(errors.NoSuchEntity, match=rf"Policy {ARN} does not exist or is not attachable\."):
        iam("AttachUserPolicy", UserName="admin", PolicyArn=ARN)
    with pytest.raises(errors.NoSuchEntity, match=r"was not found\."):
        iam("DetachUserPolicy", UserName="admin", PolicyArn=ARN)


@pytest.mark.parametrize("operation", ["GetPolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"])
def test_a_version_of_no_policy_is_refused_as_a_version_that_is_none(iam: Console, operation: str) -> None:
    with pytest.raises(errors.NoSuchEntity) as no_policy:
        iam(operation, PolicyArn=ARN, VersionId="v9")
    assert no_policy.value.message == f"Policy {ARN} version v9 does not exist or is not attachable."
    iam("CreatePolicy", PolicyName="P", Path="/p/", PolicyDocument=ALLOW_ALL)
    with pytest.raises(errors.NoSuchEntity) as no_version:
        iam(operation, PolicyArn=ARN, VersionId="v9")
    assert no_version.value.message == no_policy.value.message


@pytest.mark.parametrize("owner", ["User", "Role"])
def test_a_boundary_is_a_managed_policy(iam: Console, owner: str) -> None:
    iam("CreateUser", UserName="Ann")
    trust = ALLOW_ALL.replace('"Action":"*","Resource":"*"', '"Action":"sts:AssumeRole","Principal":"*"')
    iam("CreateRole", RoleName="Ann", AssumeRolePolicyDocument=trust)
    none, missing = f"arn:aws:iam::{ACCOUNT}:not_a_policy/invalid", f"arn:aws:iam::{ACCOUNT}:policy/missing"
    put = partial(iam, f"Put{owner}PermissionsBoundary", **{f"{owner}Name": "Ann"})
    create = partial(iam, "CreateUser", UserName="Bob")
    for named in (put, create):
        with pytest.raises(errors.InvalidInput, match=rf"ARN {none} is not valid\."):
            named(PermissionsBoundary=none)
        with pytest.raises(errors.NoSuchEntity, match=rf"Scope ARN: {missing} does not exist or is not attachable\."):
            named(PermissionsBoundary=missing)


def test_ten_managed_policies_at_most(iam: Console) -> None:
    for number in range(11):
        iam("CreatePolicy", PolicyName=f"P{number}", PolicyDocument=ALLOW_ALL)
    for number in [*range(10), 0]:
        iam("AttachUserPolicy", UserName="admin", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/P{number}")
    with pytest.raises(errors.LimitExceeded, match="Cannot exceed quota for PoliciesPerUser: 10"):
        iam("AttachUserPolicy", UserName="admin", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/P10")
    first = iam("ListAttachedUserPolicies", UserName="admin", MaxItems=7)
    rest = iam("ListAttachedUserPolicies", UserName="admin", Marker=first.marker)
    names = [one.policy_name for one in (*first.attached_policies, *rest.attached_policies)]
    assert names == [f"P{number}" for number in range(10)]


def test_policies_of_aws_can_be_listed_and_not_changed(iam: Console) -> None:
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert json.loads(unquote(iam("GetPolicyVersion", PolicyArn=admin, VersionId="v1").policy_version.document))
    with pytest.raises(errors.UnmodifiableEntity):
        iam("DeletePolicy", PolicyArn=admin)
    iam("CreatePolicy", PolicyName="AAA", PolicyDocument=ALLOW_ALL)
    names: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = iam("ListPolicies", MaxItems=3, **marker)
        names += [policy.policy_name for policy in page.policies]
        if not page.is_truncated:
            break
        marker = {"Marker": page.marker}
    assert len(names) == len(set(names)) == 27
    assert names[-1] == "AAA"
    assert [one.policy_name for one in iam("ListPolicies", Scope="Local").policies] == ["AAA"]
    assert [one.policy_name for one in iam("ListPolicies", OnlyAttached=True).policies] == ["AdministratorAccess"]


def test_every_policy_of_aws_is_well_formed(iam: Console) -> None:
    for policy in iam("ListPolicies", Scope="AWS").policies:
        with iam.context.sql.read() as tx:
            found = managed_policy(tx, policy.arn)
        assert found is not None
        iam("CreatePolicy", PolicyName=policy.policy_name, PolicyDocument=found.text)


def test_policies_of_aws_stand_at_the_version_that_aws_documents(iam: Console) -> None:
    arn = "arn:aws:iam::aws:policy/AmazonCognitoPowerUser"
    policy = iam("GetPolicy", PolicyArn=arn).policy
    assert (policy.default_version_id, policy.policy_id) == ("v9", "ANPAJKW5H2HNCPGCYGR6Y")
    assert policy.create_date < policy.update_date
    (version,) = iam("ListPolicyVersions", PolicyArn=arn).versions
    assert (version.version_id, version.is_default_version, version.create_date) == ("v9", True, policy.update_date)
    assert policy.description.startswith("Provides administrative access to existing Amazon Cognito resources.")
    assert "sms-voice:DescribeAccountAttributes" in iam(
        "GetPolicyVersion", PolicyArn=arn, VersionId="v9"
    ).policy_version.document.replace("%3A", ":")
    with pytest.raises(errors.NoSuchEntity):
        iam("GetPolicyVersion", PolicyArn=arn, VersionId="v1")


def test_a_policy_of_aws_under_a_path_is_found_and_attached(iam: Console) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam("AttachUserPolicy", UserName="admin", PolicyArn=arn)
    (listed,) = iam("ListPolicies", Scope="AWS", PathPrefix="/service-role/").policies
    assert (listed.arn, listed.path, listed.attachment_count) == (arn, "/service-role/", 1)
    (attached,) = iam("ListAttachedUserPolicies", UserName="admin", PathPrefix="/service-role/").attached_policies
    assert (attached.policy_arn, attached.policy_name) == (arn, "AWSLambdaBasicExecutionRole")


def test_malformed_and_long_documents_are_refused(iam: Console) -> None:
    for document in ("x", ALLOW_ALL.replace("2012-10-17", "2008-10-17"), ALLOW_ALL.replace("Action", "action")):
        with pytest.raises(MalformedPolicy):
            iam("CreatePolicy", PolicyName="P", PolicyDocument=document)
    long = ALLOW_ALL.replace('"Resource":"*"', f'"Resource":"arn:aws:s3:::{"b" * 6144}"')
    with pytest.raises(errors.LimitExceeded, match="Cannot exceed quota for PolicySize: 6144"):
        iam("CreatePolicy", PolicyName="P", PolicyDocument=long)


def test_inline_policies_have_one_size_together(iam: Console) -> None:
    text = ALLOW_ALL.replace('"Resource":"*"', f'"Resource":"arn:aws:s3:::{"b" * 900}"')
    iam("PutUserPolicy", UserName="admin", PolicyName="one", PolicyDocument=text + " " * 3000)
    iam("PutUserPolicy", UserName="admin", PolicyName="two", PolicyDocument=text)
    with pytest.raises(errors.LimitExceeded, match="Maximum policy size of 2048 bytes exceeded for user admin"):
        iam("PutUserPolicy", UserName="admin", PolicyName="three", PolicyDocument=text)
    iam("PutUserPolicy", UserName="admin", PolicyName="two", PolicyDocument=ALLOW_ALL)
    assert unquote(iam("GetUserPolicy", UserName="admin", PolicyName="two").policy_document) == ALLOW_ALL
    assert iam("ListUserPolicies", UserName="admin").policy_names == ["one", "two"]
    iam("DeleteUserPolicy", UserName="admin", PolicyName="two")
    with pytest.raises(errors.NoSuchEntity, match=r"The user policy with name two cannot be found\."):
        iam("GetUserPolicy", UserName="admin", PolicyName="two")


def test_tag_keys_of_policies_have_case(iam: Console) -> None:
    iam("CreatePolicy", PolicyName="P", Path="/p/", PolicyDocument=ALLOW_ALL)
    iam("TagPolicy", PolicyArn=ARN, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    with pytest.raises(errors.InvalidInput, match=r"^Duplicate tag keys found\.$"):
        iam("TagPolicy", PolicyArn=ARN, Tags=[{"Key": "b", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam("UntagPolicy", PolicyArn=ARN, TagKeys=["a"])
    assert [(tag.key, tag.value) for tag in iam("ListPolicyTags", PolicyArn=ARN).tags] == [("A", "2")]
