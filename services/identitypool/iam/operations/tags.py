"""Tags of users, roles and managed policies."""

from services.identitypool.context import Call
from services.identitypool.iam import lists, quotas, resources, shown
from services.identitypool.iam.entities import own_policy, policy_named, role_named, user_named
from services.identitypool.iam.records import ManagedPolicy, Role, User
from services.identitypool.iam.store import tags
from services.identitypool.service import iam
from shared.aws.api import iam as api
from shared.sql.engine import Tx


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def tag_user(call: Call, request: api.TagUserRequest) -> api.TagUserResponse:
    """Adds tags, or gives those that exist new values."""
    with call.write() as tx:
        _set(tx, user_named(tx, call.caller.account, request.user_name, lock=True), request.tags)
    return api.TagUserResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def untag_user(call: Call, request: api.UntagUserRequest) -> api.UntagUserResponse:
    """Removes tags; those that are not there do not matter."""
    with call.write() as tx:
        _remove(tx, user_named(tx, call.caller.account, request.user_name, lock=True), request.tag_keys)
    return api.UntagUserResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_user_tags(call: Call, request: api.ListUserTagsRequest) -> api.ListUserTagsResponse:
    """The tags, by key."""
    with call.context.sql.read() as tx:
        page = _page(call, request, tx, user_named(tx, call.caller.account, request.user_name))
    return api.ListUserTagsResponse(tags=list(page.items), is_truncated=page.is_truncated, marker=page.marker)


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def tag_role(call: Call, request: api.TagRoleRequest) -> api.TagRoleResponse:
    """Adds tags, or gives those that exist new values."""
    with call.write() as tx:
        _set(tx, role_named(tx, call.caller.account, request.role_name, lock=True), request.tags)
    return api.TagRoleResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def untag_role(call: Call, request: api.UntagRoleRequest) -> api.UntagRoleResponse:
    """Removes tags; those that are not there do not matter."""
    with call.write() as tx:
        _remove(tx, role_named(tx, call.caller.account, request.role_name, lock=True), request.tag_keys)
    return api.UntagRoleResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def list_role_tags(call: Call, request: api.ListRoleTagsRequest) -> api.ListRoleTagsResponse:
    """The tags, by key."""
    with call.context.sql.read() as tx:
        page = _page(call, request, tx, role_named(tx, call.caller.account, request.role_name))
    return api.ListRoleTagsResponse(tags=list(page.items), is_truncated=page.is_truncated, marker=page.marker)


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys)
def tag_policy(call: Call, request: api.TagPolicyRequest) -> api.TagPolicyResponse:
    """Adds tags, or gives those that exist new values."""
    with call.write() as tx:
        _set(tx, own_policy(tx, call.caller.account, request.policy_arn), request.tags)
    return api.TagPolicyResponse()


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys)
def untag_policy(call: Call, request: api.UntagPolicyRequest) -> api.UntagPolicyResponse:
    """Removes tags; those that are not there do not matter."""
    with call.write() as tx:
        _remove(tx, own_policy(tx, call.caller.account, request.policy_arn), request.tag_keys)
    return api.UntagPolicyResponse()


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys, in_place=True)
def list_policy_tags(call: Call, request: api.ListPolicyTagsRequest) -> api.ListPolicyTagsResponse:
    """The tags, by key."""
    with call.context.sql.read() as tx:
        page = _page(call, request, tx, policy_named(tx, call.caller.account, request.policy_arn))
    return api.ListPolicyTagsResponse(tags=list(page.items), is_truncated=page.is_truncated, marker=page.marker)


def _set(tx: Tx, owner: User | Role | ManagedPolicy, given: list[api.Tag]) -> None:
    with_case = isinstance(owner, ManagedPolicy)
    wanted = quotas.tags_once([(tag.key, tag.value) for tag in given], with_case=with_case)
    quotas.check_tags(tags.tags_of(tx, owner.account, owner.id), wanted, with_case=with_case)
    tags.set_tags(tx, owner.account, owner.id, wanted, with_case=with_case)


def _remove(tx: Tx, owner: User | Role | ManagedPolicy, keys: list[str]) -> None:
    tags.remove_tags(tx, owner.account, owner.id, keys, with_case=isinstance(owner, ManagedPolicy))


def _page(call: Call, request: lists.ListRequest, tx: Tx, owner: User | Role | ManagedPolicy) -> lists.Page[api.Tag]:
    found = shown.tag_list(tags.tags_of(tx, owner.account, owner.id))
    return lists.cut(call, request, f"tags {owner.id}", found, lambda tag: lists.short(tag.key))
