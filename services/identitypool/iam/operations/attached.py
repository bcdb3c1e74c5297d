"""Managed policies attached to users, groups and roles."""

from services.identitypool.context import Call
from services.identitypool.errors import NoSuchEntity
from services.identitypool.iam import lists, quotas, resources
from services.identitypool.iam.entities import attachable_policy, group_named, role_named, user_named
from services.identitypool.iam.records import Group, Role, User
from services.identitypool.iam.store import attachments
from services.identitypool.service import iam
from shared.aws.api import iam as api
from shared.sql.engine import Tx


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def attach_user_policy(call: Call, request: api.AttachUserPolicyRequest) -> api.AttachUserPolicyResponse:
    """The policy counts for the user from the next call on."""
    with call.write() as tx:
        _attach(tx, user_named(tx, call.caller.account, request.user_name, lock=True), "User", request.policy_arn)
    return api.AttachUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def detach_user_policy(call: Call, request: api.DetachUserPolicyRequest) -> api.DetachUserPolicyResponse:
    """The policy counts for the user no longer."""
    with call.write() as tx:
        _detach(tx, user_named(tx, call.caller.account, request.user_name, lock=True), request.policy_arn)
    return api.DetachUserPolicyResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_attached_user_policies(
    call: Call, request: api.ListAttachedUserPoliciesRequest
) -> api.ListAttachedUserPoliciesResponse:
    """The managed policies of the user, by name."""
    with call.context.sql.read() as tx:
        owner = user_named(tx, call.caller.account, request.user_name)
        page = _page(call, request, tx, owner, request.path_prefix or "/")
    return api.ListAttachedUserPoliciesResponse(
        attached_policies=_shown(page), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def attach_group_policy(call: Call, request: api.AttachGroupPolicyRequest) -> api.AttachGroupPolicyResponse:
    """The policy counts for the group from the next call on."""
    with call.write() as tx:
        _attach(tx, group_named(tx, call.caller.account, request.group_name, lock=True), "Group", request.policy_arn)
    return api.AttachGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys)
def detach_group_policy(call: Call, request: api.DetachGroupPolicyRequest) -> api.DetachGroupPolicyResponse:
    """The policy counts for the group no longer."""
    with call.write() as tx:
        _detach(tx, group_named(tx, call.caller.account, request.group_name, lock=True), request.policy_arn)
    return api.DetachGroupPolicyResponse()


@iam.operation(resource=resources.of_group, context_keys=resources.group_keys, in_place=True)
def list_attached_group_policies(
    call: Call, request: api.ListAttachedGroupPoliciesRequest
) -> api.ListAttachedGroupPoliciesResponse:
    """The managed policies of the group, by name."""
    with call.context.sql.read() as tx:
        owner = group_named(tx, call.caller.account, request.group_name)
        page = _page(call, request, tx, owner, request.path_prefix or "/")
    return api.ListAttachedGroupPoliciesResponse(
        attached_policies=_shown(page), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def attach_role_policy(call: Call, request: api.AttachRolePolicyRequest) -> api.AttachRolePolicyResponse:
    """The policy counts for the role from the next call on."""
    with call.write() as tx:
        _attach(tx, role_named(tx, call.caller.account, request.role_name, lock=True), "Role", request.policy_arn)
    return api.AttachRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def detach_role_policy(call: Call, request: api.DetachRolePolicyRequest) -> api.DetachRolePolicyResponse:
    """The policy counts for the role no longer."""
    with call.write() as tx:
        _detach(tx, role_named(tx, call.caller.account, request.role_name, lock=True), request.policy_arn)
    return api.DetachRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def list_attached_role_policies(
    call: Call, request: api.ListAttachedRolePoliciesRequest
) -> api.ListAttachedRolePoliciesResponse:
    """The managed policies of the role, by name."""
    with call.context.sql.read() as tx:
        owner = role_named(tx, call.caller.account, request.role_name)
        page = _page(call, request, tx, owner, request.path_prefix or "/")
    return api.ListAttachedRolePoliciesResponse(
        attached_policies=_shown(page), is_truncated=page.is_truncated, marker=page.marker
    )


def _attach(tx: Tx, owner: User | Group | Role, kind: str, policy_arn: str) -> None:
    policy = attachable_policy(tx, owner.account, policy_arn)
    has = attachments.attached_policies(tx, owner.account, owner.id)
    if all(one.arn != policy.arn for one in has):
        quotas.check_room(f"PoliciesPer{kind}", len(has), quotas.POLICIES_ATTACHED)
        attachments.attach(tx, owner.account, owner.id, policy)


def _detach(tx: Tx, owner: User | Group | Role, policy_arn: str) -> None:
    if not attachments.detach(tx, owner.account, owner.id, policy_arn):
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")


def _page(
    call: Call, request: lists.ListRequest, tx: Tx, owner: User | Group | Role, prefix: str
) -> lists.Page[attachments.Attached]:
    has = attachments.attached_policies(tx, owner.account, owner.id)
    found = [one for one in has if one.path.startswith(prefix)]
    return lists.cut(
        call,
        request,
        f"attached {owner.id} {prefix}",
        found,
        lambda one: lists.short(f"{one.name.lower()} {one.arn}"),
    )


def _shown(page: lists.Page[attachments.Attached]) -> list[api.AttachedPolicy]:
    return [api.AttachedPolicy(policy_name=one.name, policy_arn=one.arn) for one in page.items]
