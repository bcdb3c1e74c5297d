"""Groups and their members."""

from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import DeleteConflict, EntityAlreadyExists
from services.identitypool.iam import lists, quotas, resources, shown
from services.identitypool.iam.entities import group_named, user_named
from services.identitypool.iam.records import Group
from services.identitypool.iam.store import attachments, groups, inline, users
from services.identitypool.service import iam
from shared import ids
from shared.aws import arn
from shared.aws.api import iam as api

_TAKEN: Final = "Group with name {} already exists."


@iam.operation(resource=resources.a_new("group"))
def create_group(call: Call, request: api.CreateGroupRequest) -> api.CreateGroupResponse:
    """A group without members and rights."""
    group = Group(
        account=call.caller.account,
        id=ids.unique_id("AGPA"),
        name=request.group_name,
        path=request.path or "/",
        created_at=call.now,
    )
    with call.write() as tx:
        if not groups.add_group(tx, group):
            raise EntityAlreadyExists(_TAKEN.format(request.group_name))
    return api.CreateGroupResponse(group=shown.group(group))


@iam.operation(resource=resources.of_group, in_place=True)
def get_group(call: Call, request: api.GetGroupRequest) -> api.GetGroupResponse:
    """The group with a page of its members."""
    with call.context.sql.read() as tx:
        group = group_named(tx, call.caller.account, request.group_name)
        page = lists.read(
            call,
            request,
            f"group {group.id}",
            lambda user: user.name.lower(),
            lambda after, limit: users.list_users_of_group(tx, group.account, group.id, after, limit),
        )
    return api.GetGroupResponse(
        group=shown.group(group),
        users=[shown.user(user) for user in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@iam.operation(resource=resources.of_group)
def update_group(call: Call, request: api.UpdateGroupRequest) -> api.UpdateGroupResponse:
    """Another name or path; members and policies stay."""
    with call.write() as tx:
        group = group_named(tx, call.caller.account, request.group_name, lock=True)
        name, path = request.new_group_name or group.name, request.new_path or group.path
        resources.check_target(call, "iam:UpdateGroup", arn.iam(group.account, "group", path, name))
        if not groups.set_group_name(tx, group, name, path):
            raise EntityAlreadyExists(_TAKEN.format(name))
    return api.UpdateGroupResponse()


@iam.operation(resource=resources.of_group)
def delete_group(call: Call, request: api.DeleteGroupRequest) -> api.DeleteGroupResponse:
    """Only a group without members and policies."""
    with call.write() as tx:
        group = group_named(tx, call.caller.account, request.group_name, lock=True)
        if users.list_users_of_group(tx, group.account, group.id, "", 1):
            raise DeleteConflict("Cannot delete entity, must remove users from group first.")
        if attachments.attached_policies(tx, group.account, group.id):
            raise DeleteConflict("Cannot delete entity, must detach all policies first.")
        if inline.inline_names(tx, group.account, group.id, "", 1):
            raise DeleteConflict("Cannot delete entity, must delete policies first.")
        groups.remove_group(tx, group)
    return api.DeleteGroupResponse()


@iam.operation(resource=resources.all_under_path("group"), in_place=True)
def list_groups(call: Call, request: api.ListGroupsRequest) -> api.ListGroupsResponse:
    """The account's groups, by name."""
    prefix = request.path_prefix or "/"
    with call.context.sql.read() as tx:
        page = lists.read(
            call,
            request,
            f"groups {prefix}",
            lambda group: group.name.lower(),
            lambda after, limit: groups.list_groups(tx, call.caller.account, prefix, after, limit),
        )
    shown_groups = [shown.group(group) for group in page.items]
    return api.ListGroupsResponse(groups=shown_groups, is_truncated=page.is_truncated, marker=page.marker)


@iam.operation(resource=resources.of_group)
def add_user_to_group(call: Call, request: api.AddUserToGroupRequest) -> api.AddUserToGroupResponse:
    """The user has the group's rights from the next call on; a member stays one."""
    account = call.caller.account
    with call.write() as tx:
        group = group_named(tx, account, request.group_name, lock=True)
        user = user_named(tx, account, request.user_name, lock=True)
        before = groups.count_groups_of_user(tx, account, user.id)
        if groups.add_member(tx, group, user.id):
            quotas.check_room("GroupsPerUser", before, quotas.GROUPS_PER_USER)
    return api.AddUserToGroupResponse()


@iam.operation(resource=resources.of_group)
def remove_user_from_group(call: Call, request: api.RemoveUserFromGroupRequest) -> api.RemoveUserFromGroupResponse:
    """The user loses the group's rights from the next call on; who is no member stays none."""
    account = call.caller.account
    with call.write() as tx:
        user_named(tx, account, request.user_name)  # of two that are not there, AWS names the user
        group = group_named(tx, account, request.group_name, lock=True)
        user = user_named(tx, account, request.user_name, lock=True)
        groups.remove_member(tx, group, user.id)
    return api.RemoveUserFromGroupResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_groups_for_user(call: Call, request: api.ListGroupsForUserRequest) -> api.ListGroupsForUserResponse:
    """The groups that the user belongs to, by name."""
    with call.context.sql.read() as tx:
        user = user_named(tx, call.caller.account, request.user_name)
        page = lists.read(
            call,
            request,
            f"groups of {user.id}",
            lambda group: group.name.lower(),
            lambda after, limit: groups.list_groups_of_user(tx, user.account, user.id, after, limit),
        )
    shown_groups = [shown.group(group) for group in page.items]
    return api.ListGroupsForUserResponse(groups=shown_groups, is_truncated=page.is_truncated, marker=page.marker)
