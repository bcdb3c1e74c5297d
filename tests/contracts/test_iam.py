from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.identitypool import errors
from services.identitypool.iam.store.effective import boundary_of_role, identity_policies_of_user
from shared.refusal import Refusal
from tests.contracts.conftest import empty_database
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, Console

TRUST = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":'
    f'{{"AWS":"arn:aws:iam::{ACCOUNT}:user/admin"}}}}}}'
)
OWN = f"arn:aws:iam::{ACCOUNT}:policy/P"


@pytest.fixture(params=["sqlite", "postgresql"])
def iam(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Console]:
    with empty_database(request.param, request, tmp_path) as sql:
        yield Console.on(sql)


def outcomes(iam: Console, calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """The answers of calls made at once, or the classes of their refusals."""

    def one(call: tuple[str, dict[str, Any]]) -> Any:
        mine = iam.another()
        try:
            return mine(call[0], **call[1])
        except Refusal as refusal:
            return type(refusal)
        finally:
            mine.context.sql.close()

    with ThreadPoolExecutor(len(calls)) as crowd:
        return list(crowd.map(one, calls))


def test_everything_that_binds_a_user_is_found(iam: Console) -> None:
    iam("CreatePolicy", PolicyName="P", PolicyDocument=ALLOW_ALL)
    iam("CreatePolicyVersion", PolicyArn=OWN, PolicyDocument=ALLOW_ALL, SetAsDefault=True)
    user = iam("CreateUser", UserName="Ann", Path="/a/", Tags=[{"Key": "k", "Value": "v"}]).user
    iam("CreateGroup", GroupName="g")
    iam("AddUserToGroup", GroupName="g", UserName="Ann")
    iam("AttachGroupPolicy", GroupName="g", PolicyArn=OWN)
    iam("AttachUserPolicy", UserName="Ann", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    iam("PutGroupPolicy", GroupName="g", PolicyName="in", PolicyDocument=ALLOW_ALL)
    role = iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=OWN).role
    with iam.context.sql.read() as tx:
        texts = identity_policies_of_user(tx, ACCOUNT, user.user_id)
        boundary = boundary_of_role(tx, ACCOUNT, role.role_id)
    assert {(text.source_id, text.version) for text in texts} == {
        (OWN, "v2"),
        ("arn:aws:iam::aws:policy/IAMReadOnlyAccess", "v4"),
        ("in", ""),
    }
    assert boundary is not None
    assert boundary.source_id == OWN
    assert iam("GetPolicy", PolicyArn=OWN).policy.permissions_boundary_usage_count == 1
    assert [one.policy_name for one in iam("ListPolicies", OnlyAttached=True, Scope="Local").policies] == ["P"]
    assert len(iam("ListEntitiesForPolicy", PolicyArn=OWN).policy_roles) == 1
    assert iam("GetAccountSummary").summary_map["Users"] == 2


def test_pages_hold_each_name_once(iam: Console) -> None:
    names = ["a-b", "a_b", "A.c", "ab", "Z", "y", "0", "a+b", "a=b", "a@b"]
    for name in names:
        iam("CreateUser", UserName=name, Path="/page/")
    seen: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = iam("ListUsers", PathPrefix="/page/", MaxItems=3, **marker)
        seen += [user.user_name for user in page.users]
        if not page.is_truncated:
            break
        marker = {"Marker": page.marker}
    assert sorted(seen) == sorted(names)


def test_a_name_goes_to_one_of_many(iam: Console) -> None:
    made = outcomes(iam, [("CreateUser", {"UserName": name}) for name in ("Ann", "ANN", "ann", "aNN")])
    assert made.count(errors.EntityAlreadyExists) == 3
    for name in ("one", "two", "three"):
        iam("CreateUser", UserName=name)
    moved = outcomes(
        iam, [("UpdateUser", {"UserName": name, "NewUserName": "New"}) for name in ("one", "two", "three")]
    )
    assert moved.count(errors.EntityAlreadyExists) == 2


def test_quotas_hold_against_a_crowd(iam: Console) -> None:
    made = outcomes(iam, [("CreateAccessKey", {"UserName": "admin"})] * 4)
    assert made.count(errors.LimitExceeded) == 3
    for number in range(12):
        iam("CreatePolicy", PolicyName=f"Q{number}", PolicyDocument=ALLOW_ALL)
    arns = [f"arn:aws:iam::{ACCOUNT}:policy/Q{number}" for number in range(12)]
    attached = outcomes(iam, [("AttachUserPolicy", {"UserName": "admin", "PolicyArn": arn}) for arn in arns])
    assert attached.count(errors.LimitExceeded) == 2


def test_a_policy_is_never_deleted_and_attached(iam: Console) -> None:
    for _ in range(5):
        iam("CreatePolicy", PolicyName="P", PolicyDocument=ALLOW_ALL)
        attach = ("AttachUserPolicy", {"UserName": "admin", "PolicyArn": OWN})
        first, second = outcomes(iam, [attach, ("DeletePolicy", {"PolicyArn": OWN})])
        assert (first is errors.NoSuchEntity) != (second is errors.DeleteConflict)
        if second is errors.DeleteConflict:
            iam("DetachUserPolicy", UserName="admin", PolicyArn=OWN)
            iam("DeletePolicy", PolicyArn=OWN)
