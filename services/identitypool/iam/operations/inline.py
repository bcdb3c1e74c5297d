"""Policies written into users, groups and roles: each operation stands here three times, over one function for all."""

from services.identitypool.context import Call
from services.identitypool.errors import NoSuchEntity
from services.identitypool.iam import lists, quotas, resources, shown
from services.identitypool.iam.entities import GROUP, ROLE, USER, Owner, OwnerKind
from services.identitypool.iam.records import InlinePolicy
from services.identitypool.iam.store import inline
from services.identitypool.service import iam
from shared.aws.api import iam as api
from shared.policy.document import Kind, parse, policy_size

_Put = api.PutUserPolicyRequest | api.PutGroupPolicyRequest | api.PutRolePolicyRequest


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def put_user_policy(call: Call, request: api.PutUserPolicyRequest) -> api.PutUserPolicyResponse:
    """Writes a policy into the user, over one of the same name."""
    _put(call, USER, request.user_name, request)
    return api.PutUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def get_user_policy(call: Call, request: api.GetUserPolicyRequest) -> api.GetUserPolicyResponse:
    """The policy as it was written."""
    owner, policy = _found(call, USER, request.user_name, request.policy_name)
    return api.GetUserPolicyResponse(
        user_name=owner.name, policy_name=policy.name, policy_document=shown.document(policy.text)
    )


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def delete_user_policy(call: Call, request: api.DeleteUserPolicyRequest) -> api.DeleteUserPolicyResponse:
    """The policy is gone, and counts no longer."""
    _remove(call, USER, request.user_name, request.policy_name)
    return api.DeleteUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_user_policies(call: Call, request: api.ListUserPoliciesRequest) -> api.ListUserPoliciesResponse:
    """The names of the user's inline policies."""
    page = _page(call, request, USER, request.user_name)
    return api.ListUserPoliciesResponse(
        policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def put_group_policy(call: Call, request: api.PutGroupPolicyRequest) -> api.PutGroupPolicyResponse:
    """Writes a policy into the group, over one of the same name."""
    _put(call, GROUP, request.group_name, request)
    return api.PutGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys, in_place=True)
def get_group_policy(call: Call, request: api.GetGroupPolicyRequest) -> api.GetGroupPolicyResponse:
    """The policy as it was written."""
    owner, policy = _found(call, GROUP, request.group_name, request.policy_name)
    return api.GetGroupPolicyResponse(
        group_name=owner.name, policy_name=policy.name, policy_document=shown.document(policy.text)
    )


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def delete_group_policy(call: Call, request: api.DeleteGroupPolicyRequest) -> api.DeleteGroupPolicyResponse:
    """The policy is gone, and counts no longer."""
    _remove(call, GROUP, request.group_name, request.policy_name)
    return api.DeleteGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys, in_place=True)
def list_group_policies(call: Call, request: api.ListGroupPoliciesRequest) -> api.ListGroupPoliciesResponse:
    """The names of the group's inline policies."""
    page = _page(call, request, GROUP, request.group_name)
    return api.ListGroupPoliciesResponse(
        policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def put_role_policy(call: Call, request: api.PutRolePolicyRequest) -> api.PutRolePolicyResponse:
    """Writes a policy into the role, over one of the same name."""
    _put(call, ROLE, request.role_name, request)
    return api.PutRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def get_role_policy(call: Call, request: api.GetRolePolicyRequest) -> api.GetRolePolicyResponse:
    """The policy as it was written."""
    owner, policy = _found(call, ROLE, request.role_name, request.policy_name)
    return api.GetRolePolicyResponse(
        role_name=owner.name, policy_name=policy.name, policy_document=shown.document(policy.text)
    )


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def delete_role_policy(call: Call, request: api.DeleteRolePolicyRequest) -> api.DeleteRolePolicyResponse:
    """The policy is gone, and counts no longer."""
    _remove(call, ROLE, request.role_name, request.policy_name)
    return api.DeleteRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def list_role_policies(call: Call, request: api.ListRolePoliciesRequest) -> api.ListRolePoliciesResponse:
    """The names of the role's inline policies."""
    page = _page(call, request, ROLE, request.role_name)
    return api.ListRolePoliciesResponse(
        policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


def _put(call: Call, kind: OwnerKind, name: str, request: _Put) -> None:
    parse(request.policy_document, Kind.IDENTITY)
    policy = InlinePolicy(request.policy_name, request.policy_document, policy_size(request.policy_document))
    with call.write() as tx:
        owner = kind.named(tx, call.caller.account, name, lock=True)
        others = inline.size_of_others(tx, owner.account, owner.id, policy.name)
        quotas.check_inline_size(kind.word, owner.name, others + policy.size)
        inline.put_inline(tx, owner.account, owner.id, policy)


def _found(call: Call, kind: OwnerKind, name: str, policy_name: str) -> tuple[Owner, InlinePolicy]:
    with call.context.sql.read() as tx:
        owner = kind.named(tx, call.caller.account, name)
        policy = inline.find_inline(tx, owner.account, owner.id, policy_name)
    if policy is None:
        raise _unknown(kind, policy_name)
    return owner, policy


def _remove(call: Call, kind: OwnerKind, name: str, policy_name: str) -> None:
    with call.write() as tx:
        owner = kind.named(tx, call.caller.account, name, lock=True)
        if not inline.remove_inline(tx, owner.account, owner.id, policy_name):
            raise _unknown(kind, policy_name)


def _page(call: Call, request: lists.ListRequest, kind: OwnerKind, name: str) -> lists.Page[str]:
    with call.context.sql.read() as tx:
        owner = kind.named(tx, call.caller.account, name)
        return lists.read(
            call,
            request,
            f"inline {owner.id}",
            lambda policy_name: policy_name,
            lambda after, limit: inline.inline_names(tx, owner.account, owner.id, after, limit),
        )


def _unknown(kind: OwnerKind, policy_name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {kind.word} policy with name {policy_name} cannot be found.")
