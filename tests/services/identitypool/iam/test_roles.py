import json
from urllib.parse import unquote

import pytest

from services.identitypool import errors
from services.identitypool.iam.records import Role
from services.identitypool.iam.store import accounts, roles
from shared.aws.api import iam as api
from shared.policy.document import MalformedPolicy
from tests.services.identitypool.iam.console import ACCOUNT, START, Console


def trust(*principals: str, action: str = "sts:AssumeRole") -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def principals(role: api.Role) -> list[str]:
    document = json.loads(unquote(role.assume_role_policy_document or ""))
    named: list[str] = document["Statement"][0]["Principal"]["AWS"]
    return named


def kept(iam: Console, name: str) -> str:
    with iam.context.sql.read() as tx:
        role = roles.find_role(tx, ACCOUNT, name)
    assert role is not None
    return role.trust_policy


def test_create_and_get_show_what_aws_shows(iam: Console) -> None:
    text = trust(ACCOUNT)
    made = iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=text, Description="d").role
    assert (made.description, made.max_session_duration, made.role_last_used) == (None, None, None)
    got = iam("GetRole", RoleName="R").role
    assert (got.max_session_duration, got.role_last_used.last_used_date, got.description) == (3600, None, "d")
    assert b"<RoleLastUsed></RoleLastUsed>" in iam.xml or b"<RoleLastUsed/>" in iam.xml
    listed = iam("ListRoles").roles[0]
    assert (listed.max_session_duration, listed.role_last_used) == (3600, None)
    assert "%7B%22Version%22%3A" in got.assume_role_policy_document
    assert principals(got) == [f"arn:aws:iam::{ACCOUNT}:root"]


def test_a_trusted_user_is_kept_by_unique_id_and_shown_by_arn(iam: Console) -> None:
    ann = iam("CreateUser", UserName="Ann").user
    iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust(ann.arn))
    assert ann.user_id in kept(iam, "R")
    assert ann.arn not in kept(iam, "R")
    assert principals(iam("GetRole", RoleName="R").role) == [ann.arn]
    iam("UpdateUser", UserName="Ann", NewUserName="Anna")
    assert principals(iam("GetRole", RoleName="R").role) == [f"arn:aws:iam::{ACCOUNT}:user/Anna"]


def test_a_user_made_again_is_not_trusted(iam: Console) -> None:
    ann = iam("CreateUser", UserName="Ann").user
    iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust(ann.arn))
    iam("DeleteUser", UserName="Ann")
    iam("CreateUser", UserName="Ann")
    assert principals(iam("GetRole", RoleName="R").role) == [ann.user_id]
    assert principals(iam("ListRoles").roles[0]) == [ann.user_id]


@pytest.mark.parametrize(
    "principal",
    [
        f"arn:aws:iam::{ACCOUNT}:user/Nobody",
        f"arn:aws:iam::{ACCOUNT}:role/Nothing",
        "arn:aws:iam::999999999999:root",
        "999999999999",
        "AIDAAAAAAAAAAAAAAAAAA",
    ],
)
def test_a_principal_that_does_not_exist_is_refused(iam: Console, principal: str) -> None:
    with pytest.raises(errors.MalformedPolicyDocument) as refusal:
        iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust(principal))
    assert refusal.value.message == f'Invalid principal in policy: "AWS":"{principal}"'
    assert not iam("ListRoles").roles


def test_roles_of_other_accounts_can_be_trusted_and_are_shown(iam: Console) -> None:
    other = "444455556666"
    with iam.context.sql.write() as tx:
        accounts.add_account(tx, other, "b@localhost", START)
        far = Role(other, "AROAFARFARFARFARFARFA", "Far", "/p/", "{}", "{}", None, 3600, None, START, None, None)
        roles.add_role(tx, far)
    iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust(far.arn, other))
    assert far.id in kept(iam, "R")
    assert principals(iam("GetRole", RoleName="R").role) == [far.arn, f"arn:aws:iam::{other}:root"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "This policy contains invalid Json"),
        (trust(ACCOUNT).replace('"Action"', '"Resource": "*", "Action"'), "Has prohibited field Resource"),
    ],
)
def test_malformed_trust_policies_are_refused(iam: Console, text: str, words: str) -> None:
    with pytest.raises(MalformedPolicy, match=words):
        iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=text)


def test_a_trust_policy_has_its_size(iam: Console) -> None:
    long = trust(ACCOUNT).replace('"Effect"', f'"Sid":"{"A" * 2048}","Effect"')
    with pytest.raises(errors.LimitExceeded, match="Cannot exceed quota for ACLSizePerRole: 2048"):
        iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=long)


def test_updates_change_what_they_name(iam: Console) -> None:
    iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust(ACCOUNT), Description="first")
    iam("UpdateRole", RoleName="R", MaxSessionDuration=7200)
    role = iam("UpdateRoleDescription", RoleName="R", Description="second").role
    assert (role.description, role.max_session_duration, role.role_last_used) == ("second", None, None)
    iam("UpdateRole", RoleName="R")
    role = iam("GetRole", RoleName="R").role
    assert (role.description, role.max_session_duration) == ("second", 7200)
    iam("UpdateAssumeRolePolicy", RoleName="R", PolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:user/admin"))
    assert principals(iam("GetRole", RoleName="R").role) == [f"arn:aws:iam::{ACCOUNT}:user/admin"]


def test_a_role_with_policies_stays(iam: Console) -> None:
    iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust(ACCOUNT))
    iam("AttachRolePolicy", RoleName="R", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with pytest.raises(errors.DeleteConflict, match=r"Cannot delete entity, must detach all policies first\."):
        iam("DeleteRole", RoleName="R")
    iam("DetachRolePolicy", RoleName="R", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam("DeleteRole", RoleName="R")
    with pytest.raises(errors.EntityAlreadyExists, match=r"Role with name S already exists\."):
        [iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=trust(ACCOUNT)) for name in ("s", "S")]
