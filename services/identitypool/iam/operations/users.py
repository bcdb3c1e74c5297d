"""IAM users."""

from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import DeleteConflict, EntityAlreadyExists
from services.identitypool.iam import lists, quotas, resources, shown
from services.identitypool.iam.entities import boundary_policy, user_name, user_named
from services.identitypool.iam.records import User
from services.identitypool.iam.store import access_keys, accounts, attachments, groups, inline, tags, users
from services.identitypool.service import iam
from shared import ids
from shared.aws import arn
from shared.aws.api import iam as api
from shared.sql.engine import Tx

_TAKEN: Final = "User with name {} already exists."


@iam.operation(resource=resources.a_new("user"), context_keys=resources.user_keys)
def create_user(call: Call, request: api.CreateUserRequest) -> api.CreateUserResponse:
    """A user without any rights, password or key."""
    resources.check_tagging(call, request, "user")
    tagged = quotas.tags_once([(tag.key, tag.value) for tag in request.tags or []], with_case=False)
    quotas.check_tags({}, tagged, with_case=False)
    account = call.caller.account
    user = User(
        account=account,
        id=ids.unique_id("AIDA"),
        name=request.user_name,
        path=request.path or "/",
        boundary_arn=request.permissions_boundary,
        created_at=call.now,
    )
    with call.write() as tx:
        if request.permissions_boundary is not None:
            boundary_policy(tx, account, request.permissions_boundary)
        if not users.add_user(tx, user):
            raise EntityAlreadyExists(_TAKEN.format(request.user_name))
        tags.set_tags(tx, account, user.id, tagged, with_case=False)
    return api.CreateUserResponse(user=shown.user(user, tagged))


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def get_user(call: Call, request: api.GetUserRequest) -> api.GetUserResponse:
    """The named user, or the one who calls; for the root user, the account."""
    account = call.caller.account
    name = user_name(call, request.user_name)
    if name is None:
        return api.GetUserResponse(user=_root(call))
    with call.context.sql.read() as tx:
        user = user_named(tx, account, name)
        return api.GetUserResponse(user=shown.user(user, tags.tags_of(tx, account, user.id)))


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def update_user(call: Call, request: api.UpdateUserRequest) -> api.UpdateUserResponse:
    """Another name or path; memberships and policies stay, and so does the unique id."""
    with call.write() as tx:
        user = user_named(tx, call.caller.account, request.user_name, lock=True)
        name, path = request.new_user_name or user.name, request.new_path or user.path
        resources.check_target(call, "iam:UpdateUser", arn.iam(user.account, "user", path, name))
        if not users.set_user_name(tx, user, name, path):
            raise EntityAlreadyExists(_TAKEN.format(name))
    return api.UpdateUserResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def delete_user(call: Call, request: api.DeleteUserRequest) -> api.DeleteUserResponse:
    """Only a user that nothing hangs on: no keys, groups, or policies."""
    with call.write() as tx:
        user = user_named(tx, call.caller.account, request.user_name, lock=True)
        _check_free(tx, user)
        tags.remove_all_tags(tx, user.account, user.id)
        users.remove_user(tx, user)
    return api.DeleteUserResponse()


@iam.operation(resource=resources.all_under_path("user"), in_place=True)
def list_users(call: Call, request: api.ListUsersRequest) -> api.ListUsersResponse:
    """The account's users, by name."""
    prefix = request.path_prefix or "/"
    with call.context.sql.read() as tx:
        page = lists.read(
            call,
            request,
            f"users {prefix}",
            lambda user: user.name.lower(),
            lambda after, limit: users.list_users(tx, call.caller.account, prefix, after, limit),
        )
    shown_users = [shown.user(user) for user in page.items]
    return api.ListUsersResponse(users=shown_users, is_truncated=page.is_truncated, marker=page.marker)


def _check_free(tx: Tx, user: User) -> None:
    if access_keys.keys_of_user(tx, user.account, user.id):
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    if groups.count_groups_of_user(tx, user.account, user.id):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if attachments.attached_policies(tx, user.account, user.id):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if inline.inline_names(tx, user.account, user.id, "", 1):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")


def _root(call: Call) -> api.User:
    """The root user, whose id is the account's; the API's model wants a name."""
    with call.context.sql.read() as tx:
        account = accounts.find_account(tx, call.caller.account)
    return api.User(
        path="/",
        user_name="root",
        user_id=call.caller.account,
        arn=arn.root(call.caller.account),
        create_date=call.now if account is None else account.created_at,
    )
