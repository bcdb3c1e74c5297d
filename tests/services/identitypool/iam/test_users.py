import pytest

from services.identitypool import errors
from shared.guard.guard import AccessDenied
from tests.services.identitypool.iam.console import ACCOUNT, Console


def test_a_new_user_has_an_id_an_arn_with_its_path_and_its_tags(iam: Console) -> None:
    user = iam("CreateUser", UserName="Ann", Path="/staff/", Tags=[{"Key": "team", "Value": "blue"}]).user
    assert user.arn == f"arn:aws:iam::{ACCOUNT}:user/staff/Ann"
    assert user.user_id.startswith("AIDA")
    assert [(tag.key, tag.value) for tag in user.tags] == [("team", "blue")]
    assert iam("GetUser", UserName="Ann").user == user


def test_names_are_unique_without_regard_to_case(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    with pytest.raises(errors.EntityAlreadyExists, match=r"User with name ANN already exists\."):
        iam("CreateUser", UserName="ANN")
    iam("CreateUser", UserName="Ben")
    with pytest.raises(errors.EntityAlreadyExists):
        iam("UpdateUser", UserName="Ben", NewUserName="ann")
    iam("UpdateUser", UserName="Ben", NewUserName="BEN", NewPath="/x/")
    assert iam("GetUser", UserName="ben").user.arn.endswith(":user/x/BEN")


def test_an_unknown_user_is_refused_in_aws_words(iam: Console) -> None:
    with pytest.raises(errors.NoSuchEntity, match=r"The user with name Nobody cannot be found\."):
        iam("GetUser", UserName="Nobody")


def test_get_user_without_a_name_shows_the_caller(iam: Console) -> None:
    assert iam("GetUser").user.user_name == "admin"
    assert iam.as_root()("GetUser").user.user_id == ACCOUNT
    with pytest.raises(errors.ValidationFailed, match="Must specify userName when calling with non-User credentials"):
        iam.as_session()("GetUser")


def test_a_user_goes_only_when_nothing_hangs_on_it(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    key = iam("CreateAccessKey", UserName="Ann").access_key
    iam("CreateGroup", GroupName="g")
    iam("AddUserToGroup", GroupName="g", UserName="Ann")
    iam("AttachUserPolicy", UserName="Ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with pytest.raises(errors.DeleteConflict, match="access keys"):
        iam("DeleteUser", UserName="Ann")
    iam("DeleteAccessKey", UserName="Ann", AccessKeyId=key.access_key_id)
    with pytest.raises(errors.DeleteConflict, match="group"):
        iam("DeleteUser", UserName="Ann")
    iam("RemoveUserFromGroup", GroupName="g", UserName="Ann")
    with pytest.raises(errors.DeleteConflict, match="must detach all policies first"):
        iam("DeleteUser", UserName="Ann")
    iam("DetachUserPolicy", UserName="Ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam("DeleteUser", UserName="Ann")
    with pytest.raises(errors.NoSuchEntity):
        iam("GetUser", UserName="Ann")


def test_lists_follow_names_page_by_page_and_hold_to_the_path(iam: Console) -> None:
    for name in ("carl", "Ann", "ben"):
        iam("CreateUser", UserName=name, Path="/staff/")
    iam("CreateUser", UserName="Dora")
    first = iam("ListUsers", PathPrefix="/staff/", MaxItems=2)
    assert [user.user_name for user in first.users] == ["Ann", "ben"]
    assert first.is_truncated
    second = iam("ListUsers", PathPrefix="/staff/", Marker=first.marker)
    assert [user.user_name for user in second.users] == ["carl"]
    assert (second.is_truncated, second.marker) == (False, None)


def test_a_marker_is_good_for_its_own_list_only(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    marker = iam("ListUsers", MaxItems=1).marker
    for operation, members in (("ListUsers", {"PathPrefix": "/x/"}), ("ListGroups", {})):
        with pytest.raises(errors.ValidationFailed, match=r"^Invalid Marker\.$"):
            iam(operation, Marker=marker, **members)


def test_lists_show_neither_tags_nor_boundaries(iam: Console) -> None:
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam("CreateUser", UserName="Ann", PermissionsBoundary=boundary, Tags=[{"Key": "a", "Value": "b"}])
    shown = iam("GetUser", UserName="Ann").user.permissions_boundary
    assert (shown.permissions_boundary_type, shown.permissions_boundary_arn) == ("Policy", boundary)
    listed = next(user for user in iam("ListUsers").users if user.user_name == "Ann")
    assert (listed.tags, listed.permissions_boundary) == (None, None)


def test_tag_keys_of_users_are_unique_without_case_and_fifty_at_most(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    iam("TagUser", UserName="Ann", Tags=[{"Key": "Team", "Value": "blue"}])
    iam("TagUser", UserName="Ann", Tags=[{"Key": "team", "Value": "red"}])
    assert [(tag.key, tag.value) for tag in iam("ListUserTags", UserName="Ann").tags] == [("team", "red")]
    with pytest.raises(errors.InvalidInput, match=r"^Tag keys beginning with aws: are reserved for system use\.$"):
        iam("TagUser", UserName="Ann", Tags=[{"Key": "AWS:a", "Value": "1"}])
    with pytest.raises(errors.InvalidInput, match="Duplicate tag keys found"):
        iam("TagUser", UserName="Ann", Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    iam("TagUser", UserName="Ann", Tags=[{"Key": f"k{n:02}", "Value": ""} for n in range(49)])
    with pytest.raises(errors.LimitExceeded):
        iam("TagUser", UserName="Ann", Tags=[{"Key": "one too many", "Value": ""}])
    iam("UntagUser", UserName="Ann", TagKeys=["TEAM", "absent"])
    page = iam("ListUserTags", UserName="Ann", MaxItems=40)
    rest = iam("ListUserTags", UserName="Ann", Marker=page.marker)
    assert [tag.key for tag in (*page.tags, *rest.tags)] == [f"k{n:02}" for n in range(49)]


def test_moving_a_user_needs_the_right_to_the_target_too(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    mover = iam.with_rights(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:UpdateUser","Resource":'
        f'["arn:aws:iam::{ACCOUNT}:user/Ann","arn:aws:iam::{ACCOUNT}:user/a/*"]}}}}'
    )
    with pytest.raises(AccessDenied):
        mover("UpdateUser", UserName="Ann", NewPath="/admins/")
    mover("UpdateUser", UserName="Ann", NewPath="/a/")


def test_a_boundary_that_the_request_names_is_what_conditions_see(iam: Console) -> None:
    wanted, other = ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess")
    delegate = iam.with_rights(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*",'
        f'"Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{wanted}"}}}}}}}}'
    )
    with pytest.raises(AccessDenied):
        delegate("CreateUser", UserName="Ann")
    delegate("CreateUser", UserName="Ann", PermissionsBoundary=wanted)
    delegate("AttachUserPolicy", UserName="Ann", PolicyArn=other)
    with pytest.raises(AccessDenied):
        delegate("PutUserPermissionsBoundary", UserName="Ann", PermissionsBoundary=other)
    iam("DeleteUserPermissionsBoundary", UserName="Ann")
    with pytest.raises(errors.NoSuchEntity):
        iam("DeleteUserPermissionsBoundary", UserName="Ann")


def test_permission_is_asked_on_the_users_whole_arn(iam: Console) -> None:
    iam("CreateUser", UserName="Ann", Path="/staff/", Tags=[{"Key": "Team", "Value": "blue"}])
    iam("GetUser", UserName="Ann")
    action, resource, keys = iam.asked[-1]
    assert (action, resource) == ("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/staff/Ann")
    assert keys["aws:resourcetag/team"] == "blue"
    assert iam.asked[0][2]["aws:requesttag/team"] == "blue"
