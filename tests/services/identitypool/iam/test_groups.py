import pytest

from services.identitypool import errors
from services.identitypool.iam.store.effective import identity_policies_of_user
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, Console

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_members_have_the_groups_policies(iam: Console) -> None:
    user = iam("CreateUser", UserName="Ann").user
    for group in ("one", "two"):
        iam("CreateGroup", GroupName=group)
        iam("AddUserToGroup", GroupName=group, UserName="Ann")
        iam("AttachGroupPolicy", GroupName=group, PolicyArn=READ_ONLY)
    iam("PutGroupPolicy", GroupName="one", PolicyName="all", PolicyDocument=ALLOW_ALL)
    iam("PutUserPolicy", UserName="Ann", PolicyName="own", PolicyDocument=ALLOW_ALL)
    with iam.context.sql.read() as tx:
        found = {(text.source_type, text.source_id) for text in identity_policies_of_user(tx, ACCOUNT, user.user_id)}
    assert found == {("group", "all"), ("user", "own"), ("aws-managed", READ_ONLY)}
    assert [group.group_name for group in iam("ListGroupsForUser", UserName="Ann").groups] == ["one", "two"]


def test_a_user_is_in_ten_groups_at_most(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    for number in range(11):
        iam("CreateGroup", GroupName=f"g{number}")
    for number in range(10):
        iam("AddUserToGroup", GroupName=f"g{number}", UserName="Ann")
    iam("AddUserToGroup", GroupName="g0", UserName="Ann")
    with pytest.raises(errors.LimitExceeded, match="Cannot exceed quota for GroupsPerUser: 10"):
        iam("AddUserToGroup", GroupName="g10", UserName="Ann")
    assert not iam("GetGroup", GroupName="g10").users


def test_a_group_with_members_stays(iam: Console) -> None:
    iam("CreateGroup", GroupName="g", Path="/p/")
    iam("CreateUser", UserName="Ann")
    iam("AddUserToGroup", GroupName="g", UserName="Ann")
    with pytest.raises(errors.DeleteConflict, match=r"Cannot delete entity, must remove users from group first\."):
        iam("DeleteGroup", GroupName="g")
    iam("UpdateGroup", GroupName="g", NewGroupName="h")
    assert [user.user_name for user in iam("GetGroup", GroupName="h").users] == ["Ann"]
    for _ in range(2):  # who is no member stays none
        iam("RemoveUserFromGroup", GroupName="h", UserName="Ann")
        assert not iam("GetGroup", GroupName="h").users
    iam("DeleteGroup", GroupName="h")
    assert [group.group_name for group in iam("ListGroups").groups] == ["administrators"]


def test_the_refusals_name_what_is_missing(iam: Console) -> None:
    with pytest.raises(errors.NoSuchEntity, match=r"The group with name g cannot be found\."):
        iam("AddUserToGroup", GroupName="g", UserName="Ann")
    with pytest.raises(errors.NoSuchEntity, match=r"The user with name Ann cannot be found\."):
        iam("RemoveUserFromGroup", GroupName="g", UserName="Ann")
    with pytest.raises(errors.NoSuchEntity, match=r"The group with name g cannot be found\."):
        iam("RemoveUserFromGroup", GroupName="g", UserName="admin")
    iam("CreateGroup", GroupName="g")
    with pytest.raises(errors.NoSuchEntity, match=r"The user with name Ann cannot be found\."):
        iam("AddUserToGroup", GroupName="g", UserName="Ann")
    with pytest.raises(errors.EntityAlreadyExists, match=r"Group with name G already exists\."):
        iam("CreateGroup", GroupName="G")
