"""Policies written into users, groups and roles."""

from services.identitypool.context import Call
from services.identitypool.errors import NoSuchEntity
from services.identitypool.iam import lists, quotas, resources, shown
from services.identitypool.iam.entities import group_named, role_named, user_named
from services.identitypool.iam.records import Group, InlinePolicy, Role, User
from services.identitypool.iam.store import inline
from services.identitypool.service import iam
from shared.aws.api import iam as api
from shared.policy.document import Kind, parse, policy_size
from shared.sql.engine import Tx


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def put_user_policy(call: Call, request: api.PutUserPolicyRequest) -> api.PutUserPolicyResponse:
    """Writes a policy into the user, over one of the same name."""
    policy = _read(request.policy_name, request.policy_document)
    with call.write() as tx:
        _put(tx, user_named(tx, call.caller.account, request.user_name, lock=True), "user", policy)
    return api.PutUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def get_user_policy(call: Call, request: api.GetUserPolicyRequest) -> api.GetUserPolicyResponse:
    """The policy as it was written."""
    with call.context.sql.read() as tx:
        user = user_named(tx, call.caller.account, request.user_name)
        policy = _named(tx, user, "user", request.policy_name)
    return api.GetUserPolicyResponse(
        user_name=user.name, policy_name=policy.name, policy_document=shown.document(policy.text)
    )


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def delete_user_policy(call: Call, request: api.DeleteUserPolicyRequest) -> api.DeleteUserPolicyResponse:
    """The policy is gone, and counts no longer."""
    with call.write() as tx:
        _remove(tx, user_named(tx, call.caller.account, request.user_name, lock=True), "user", request.policy_name)
    return api.DeleteUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_user_policies(call: Call, request: api.ListUserPoliciesRequest) -> api.ListUserPoliciesResponse:
    """The names of the user's inline policies."""
    with call.context.sql.read() as tx:
        page = _page(call, request, tx, user_named(tx, call.caller.account, request.user_name))
    return api.ListUserPoliciesResponse(
        policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def put_group_policy(call: Call, request: api.PutGroupPolicyRequest) -> api.PutGroupPolicyResponse:
    """Writes a policy into the group, over one of the same name."""
    policy = _read(request.policy_name, request.policy_document)
    with call.write() as tx:
        _put(tx, group_named(tx, call.caller.account, request.group_name, lock=True), "group", policy)
    return api.PutGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys, in_place=True)
def get_group_policy(call: Call, request: api.GetGroupPolicyRequest) -> api.GetGroupPolicyResponse:
    """The policy as it was written."""
    with call.context.sql.read() as tx:
        group = group_named(tx, call.caller.account, request.group_name)
        policy = _named(tx, group, "group", request.policy_name)
    return api.GetGroupPolicyResponse(
        group_name=group.name, policy_name=policy.name, policy_document=shown.document(policy.text)
    )


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def delete_group_policy(call: Call, request: api.DeleteGroupPolicyRequest) -> api.DeleteGroupPolicyResponse:
    """The policy is gone, and counts no longer."""
    with call.write() as tx:
        _remove(tx, group_named(tx, call.caller.account, request.group_name, lock=True), "group", request.policy_name)
    return api.DeleteGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys, in_place=True)
def list_group_policies(call: Call, request: api.ListGroupPoliciesRequest) -> api.ListGroupPoliciesResponse:
    """The names of the group's inline policies."""
    with call.context.sql.read() as tx:
        page = _page(call, request, tx, group_named(tx, call.caller.account, request.group_name))
    return api.ListGroupPoliciesResponse(
        policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def put_role_policy(call: Call, request: api.PutRolePolicyRequest) -> api.PutRolePolicyResponse:
    """Writes a policy into the role, over one of the same name."""
    policy = _read(request.policy_name, request.policy_document)
    with call.write() as tx:
        _put(tx, role_named(tx, call.caller.account, request.role_name, lock=True), "role", policy)
    return api.PutRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def get_role_policy(call: Call, request: api.GetRolePolicyRequest) -> api.GetRolePolicyResponse:
    """The policy as it was written."""
    with call.context.sql.read() as tx:
        role = role_named(tx, call.caller.account, request.role_name)
        policy = _named(tx, role, "role", request.policy_name)
    return api.GetRolePolicyResponse(
        role_name=role.name, policy_name=policy.name, policy_document=shown.document(policy.text)
    )


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def delete_role_policy(call: Call, request: api.DeleteRolePolicyRequest) -> api.DeleteRolePolicyResponse:
    """The policy is gone, and counts no longer."""
    with call.write() as tx:
        _remove(tx, role_named(tx, call.caller.account, request.role_name, lock=True), "role", request.policy_name)
    return api.DeleteRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def list_role_policies(call: Call, request: api.ListRolePoliciesRequest) -> api.ListRolePoliciesResponse:
    """The names of the role's inline policies."""
    with call.context.sql.read() as tx:
        page = _page(call, request, tx, role_named(tx, call.caller.account, request.role_name))
    return api.ListRolePoliciesResponse(
        policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


def _read(name: str, text: str) -> InlinePolicy:
    parse(text, Kind.IDENTITY)
    return InlinePolicy(name, text, policy_size(text))


def _put(tx: Tx, owner: User | Group | Role, kind: str, policy: InlinePolicy) -> None:
    others = inline.size_of_others(tx, owner.account, owner.id, policy.name)
    quotas.check_inline_size(kind, owner.name, others + policy.size)
    inline.put_inline(tx, owner.account, owner.id, policy)


def _named(tx: Tx, owner: User | Group | Role, kind: str, name: str) -> InlinePolicy:
    found = inline.find_inline(tx, owner.account, owner.id, name)
    if found is None:
        raise NoSuchEntity(f"The {kind} policy with name {name} cannot be found.")
    return found


def _remove(tx: Tx, owner: User | Group | Role, kind: str, name: str) -> None:
    if not inline.remove_inline(tx, owner.account, owner.id, name):
        raise NoSuchEntity(f"The {kind} policy with name {name} cannot be found.")


def _page(call: Call, request: lists.ListRequest, tx: Tx, owner: User | Group | Role) -> lists.Page[str]:
    return lists.read(
        call,
        request,
        f"inline {owner.id}",
        lambda name: name,
        lambda after, limit: inline.inline_names(tx, owner.account, owner.id, after, limit),
    )
