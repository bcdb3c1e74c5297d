from typing import Any

import pytest

from services.userpool.directory import store
from services.userpool.errors import GroupExists, InvalidParameter, ResourceNotFound, UserNotFound
from shared.guard.guard import AccessDenied
from tests.services.userpool.in_process import STRANGER, InProcess

ROLE = "arn:aws:iam::111122223333:role/admins"


def test_a_group_is_given_back_as_it_was_made(aws: InProcess) -> None:
    pool = aws.pool()
    made = aws.call("CreateGroup", UserPoolId=pool, GroupName="admins", Description="d", RoleArn=ROLE, Precedence=0)
    assert made["Group"] == {
        "GroupName": "admins",
        "UserPoolId": pool,
        "Description": "d",
        "RoleArn": ROLE,
        "Precedence": 0,
        "CreationDate": aws.now.timestamp(),
        "LastModifiedDate": aws.now.timestamp(),
    }
    assert aws.call("GetGroup", UserPoolId=pool, GroupName="admins") == made
    with pytest.raises(GroupExists, match="A group with the name already exists"):
        aws.call("CreateGroup", UserPoolId=pool, GroupName="admins")


def test_a_role_is_given_to_a_group_by_who_may_pass_it(aws: InProcess) -> None:
    """Whoever manages groups would else take every role that an identity pool may give."""
    pool = aws.pool()
    aws.call("CreateGroup", UserPoolId=pool, GroupName="g")
    aws.allowed = ("cognito-idp:*", "*"), ("iam:PassRole", "arn:aws:iam::111122223333:role/app/*")
    for role in (ROLE, "arn:aws:iam::444455556666:role/admins"):
        for operation, name in (("CreateGroup", "h"), ("UpdateGroup", "g")):
            with pytest.raises(AccessDenied, match=r"iam:PassRole on resource: arn:aws:iam:"):
                aws.call(operation, UserPoolId=pool, GroupName=name, RoleArn=role)
    own = "arn:aws:iam::111122223333:role/app/reader"
    assert aws.call("CreateGroup", UserPoolId=pool, GroupName="h", RoleArn=own)["Group"]["RoleArn"] == own
    assert aws.call("UpdateGroup", UserPoolId=pool, GroupName="g", RoleArn=own)["Group"]["RoleArn"] == own
    assert aws.call("UpdateGroup", UserPoolId=pool, GroupName="g", Precedence=1)["Group"]["RoleArn"] == own
    aws.allowed = (("*", "*"),)
    elsewhere = "arn:aws:iam::444455556666:role/admins"
    assert aws.call("UpdateGroup", UserPoolId=pool, GroupName="g", RoleArn=elsewhere)["Group"]["RoleArn"] == elsewhere


def test_an_update_changes_what_it_gives(aws: InProcess) -> None:
    pool = aws.pool()
    aws.call("CreateGroup", UserPoolId=pool, GroupName="g", Description="d", Precedence=4)
    aws.pass_time(1)
    group = aws.call("UpdateGroup", UserPoolId=pool, GroupName="g", Precedence=0)["Group"]
    assert (group["Description"], group["Precedence"]) == ("d", 0)
    assert group["LastModifiedDate"] - group["CreationDate"] == 1
    with pytest.raises(InvalidParameter):
        aws.call("UpdateGroup", UserPoolId=pool, GroupName="g", Precedence=2**31)


def test_members_come_and_go(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann")
    aws.user(pool, "bob")
    aws.call("CreateGroup", UserPoolId=pool, GroupName="g")
    for name in ("ann", "bob", "ann"):
        aws.call("AdminAddUserToGroup", UserPoolId=pool, Username=name, GroupName="g")
    first = aws.call("ListUsersInGroup", UserPoolId=pool, GroupName="g", Limit=1)
    second = aws.call("ListUsersInGroup", UserPoolId=pool, GroupName="g", Limit=1, NextToken=first["NextToken"])
    assert {user["Username"] for user in first["Users"] + second["Users"]} == {"ann", "bob"}
    assert "NextToken" not in second
    for _ in range(2):
        aws.call("AdminRemoveUserFromGroup", UserPoolId=pool, Username="ann", GroupName="g")
    users = aws.call("ListUsersInGroup", UserPoolId=pool, GroupName="g")["Users"]
    assert [user["Username"] for user in users] == ["bob"]


def test_a_users_groups_stand_in_order_of_precedence(aws: InProcess) -> None:
    pool = aws.pool()
    sub = aws.user(pool, "ann")
    for name, precedence in {"none": None, "nine": 9, "zero": 0}.items():
        aws.call("CreateGroup", UserPoolId=pool, GroupName=name, Precedence=precedence)
        aws.call("AdminAddUserToGroup", UserPoolId=pool, Username="ann", GroupName=name)
    first = aws.call("AdminListGroupsForUser", UserPoolId=pool, Username="ann", Limit=2)
    second = aws.call("AdminListGroupsForUser", UserPoolId=pool, Username="ann", Limit=2, NextToken=first["NextToken"])
    assert [group["GroupName"] for group in first["Groups"] + second["Groups"]] == ["zero", "nine", "none"]
    with aws.sql.read() as tx:
        assert [group.name for group in store.groups_of(tx, pool, sub)] == ["zero", "nine", "none"]


def test_a_page_goes_on_where_its_last_group_was_though_it_is_gone(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann")
    for name, precedence in {"d": None, "c": None, "b": 10, "a": 9}.items():
        aws.call("CreateGroup", UserPoolId=pool, GroupName=name, Precedence=precedence)
        aws.call("AdminAddUserToGroup", UserPoolId=pool, Username="ann", GroupName=name)
    asked: dict[str, Any] = {"UserPoolId": pool, "Username": "ann", "Limit": 1}
    met = []
    for _ in range(4):
        page = aws.call("AdminListGroupsForUser", **asked)
        met += [group["GroupName"] for group in page["Groups"]]
        aws.call("DeleteGroup", UserPoolId=pool, GroupName=met[-1])
        asked["NextToken"] = page.get("NextToken")
    assert met == ["a", "b", "c", "d"]
    assert asked["NextToken"] is None


def test_a_deleted_group_leaves_its_members_users(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann")
    aws.call("CreateGroup", UserPoolId=pool, GroupName="g")
    aws.call("AdminAddUserToGroup", UserPoolId=pool, Username="ann", GroupName="g")
    aws.call("DeleteGroup", UserPoolId=pool, GroupName="g")
    assert aws.rows()["group_members"] == 0
    assert aws.names(pool) == ["ann"]
    with pytest.raises(ResourceNotFound, match="Group not found"):
        aws.call("DeleteGroup", UserPoolId=pool, GroupName="g")


def test_missing_users_groups_and_pools_are_told_apart(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann")
    aws.call("CreateGroup", UserPoolId=pool, GroupName="g")
    with pytest.raises(UserNotFound):
        aws.call("AdminAddUserToGroup", UserPoolId=pool, Username="nobody", GroupName="g")
    with pytest.raises(ResourceNotFound, match="Group not found"):
        aws.call("AdminAddUserToGroup", UserPoolId=pool, Username="ann", GroupName="none")
    with pytest.raises(ResourceNotFound, match="does not exist"):
        aws.call("ListGroups", by=STRANGER, UserPoolId=pool)


def test_groups_are_listed_by_name_page_by_page(aws: InProcess) -> None:
    pool = aws.pool()
    for name in ("c", "a", "b"):
        aws.call("CreateGroup", UserPoolId=pool, GroupName=name)
    first = aws.call("ListGroups", UserPoolId=pool, Limit=2)
    second = aws.call("ListGroups", UserPoolId=pool, NextToken=first["NextToken"])
    assert [group["GroupName"] for group in first["Groups"] + second["Groups"]] == ["a", "b", "c"]
