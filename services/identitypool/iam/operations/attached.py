"""Managed policies attached to users, groups and roles: each operation three times, over one function for all."""

from services.identitypool.context import Call
from services.identitypool.errors import NoSuchEntity
from services.identitypool.iam import lists, quotas, resources
from services.identitypool.iam.entities import GROUP, ROLE, USER, OwnerKind, attachable_policy
from services.identitypool.iam.store import attachments
from services.identitypool.service import iam
from shared.aws.api import iam as api

_List = api.ListAttachedUserPoliciesRequest | api.ListAttachedGroupPoliciesRequest | api.ListAttachedRolePoliciesRequest


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def attach_user_policy(call: Call, request: api.AttachUserPolicyRequest) -> api.AttachUserPolicyResponse:
    """The policy counts for the user from the next call on."""
    _attach(call, USER, request.user_name, request.policy_arn)
    return api.AttachUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def detach_user_policy(call: Call, request: api.DetachUserPolicyRequest) -> api.DetachUserPolicyResponse:
    """The policy counts for the user no longer."""
    _detach(call, USER, request.user_name, request.policy_arn)
    return api.DetachUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_attached_user_policies(
    call: Call, request: api.ListAttachedUserPoliciesRequest
) -> api.ListAttachedUserPoliciesResponse:
    """The managed policies of the user, by name."""
    page = _page(call, USER, request.user_name, request)
    return api.ListAttachedUserPoliciesResponse(
        attached_policies=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def attach_group_policy(call: Call, request: api.AttachGroupPolicyRequest) -> api.AttachGroupPolicyResponse:
    """The policy counts for the group from the next call on."""
    _attach(call, GROUP, request.group_name, request.policy_arn)
    return api.AttachGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def detach_group_policy(call: Call, request: api.DetachGroupPolicyRequest) -> api.DetachGroupPolicyResponse:
    """The policy counts for the group no longer."""
    _detach(call, GROUP, request.group_name, request.policy_arn)
    return api.DetachGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys, in_place=True)
def list_attached_group_policies(
    call: Call, request: api.ListAttachedGroupPoliciesRequest
) -> api.ListAttachedGroupPoliciesResponse:
    """The managed policies of the group, by name."""
    page = _page(call, GROUP, request.group_name, request)
    return api.ListAttachedGroupPoliciesResponse(
        attached_policies=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def attach_role_policy(call: Call, request: api.AttachRolePolicyRequest) -> api.AttachRolePolicyResponse:
    """The policy counts for the role from the next call on."""
    _attach(call, ROLE, request.role_name, request.policy_arn)
    return api.AttachRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def detach_role_policy(call: Call, request: api.DetachRolePolicyRequest) -> api.DetachRolePolicyResponse:
    """The policy counts for the role no longer."""
    _detach(call, ROLE, request.role_name, request.policy_arn)
    return api.DetachRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def list_attached_role_policies(
    call: Call, request: api.ListAttachedRolePoliciesRequest
) -> api.ListAttachedRolePoliciesResponse:
    """The managed policies of the role, by name."""
    page = _page(call, ROLE, request.role_name, request)
    return api.ListAttachedRolePoliciesResponse(
        attached_policies=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


def _attach(call: Call, kind: OwnerKind, name: str, policy_arn: str) -> None:
    with call.write() as tx:
        owner = kind.named(tx, call.caller.account, name, lock=True)
        policy = attachable_policy(tx, owner.account, policy_arn)
        has = attachments.attached_policies(tx, owner.account, owner.id)
        if all(one.arn != policy.arn for one in has):
            quotas.check_room(f"PoliciesPer{kind.word.capitalize()}", len(has), quotas.POLICIES_ATTACHED)
            attachments.attach(tx, owner.account, owner.id, policy)


def _detach(call: Call, kind: OwnerKind, name: str, policy_arn: str) -> None:
    with call.write() as tx:
        owner = kind.named(tx, call.caller.account, name, lock=True)
        if not attachments.detach(tx, owner.account, owner.id, policy_arn):
            raise NoSuchEntity(f"Policy {policy_arn} was not found.")


def _page(call: Call, kind: OwnerKind, name: str, request: _List) -> lists.Page[api.AttachedPolicy]:
    prefix = request.path_prefix or "/"
    with call.context.sql.read() as tx:
        owner = kind.named(tx, call.caller.account, name)
        has = attachments.attached_policies(tx, owner.account, owner.id)
    found = [api.AttachedPolicy(policy_name=one.name, policy_arn=one.arn) for one in has if one.path.startswith(prefix)]
    return lists.cut(
        call,
        request,
        f"attached {owner.id} {prefix}",
        found,
        lambda one: lists.short(f"{str(one.policy_name).lower()} {one.policy_arn}"),
    )
