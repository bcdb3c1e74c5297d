"""Managed policies, their versions, and what they are attached to."""

from collections.abc import Callable, Sequence
from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from services.identitypool.iam import aws_managed, lists, quotas, resources, shown
from services.identitypool.iam.entities import own_policy, policy_named
from services.identitypool.iam.records import ManagedPolicy, PolicyVersion
from services.identitypool.iam.store import attachments, policies, tags
from services.identitypool.service import iam
from shared import ids
from shared.aws.api import iam as api
from shared.policy.document import Kind, parse
from shared.sql.engine import Tx

_USAGES: Final = ("PermissionsPolicy", "PermissionsBoundary")
_KINDS: Final = ("User", "Group", "Role")


@iam.operation(resource=resources.a_new("policy"), context_keys=resources.policy_keys)
def create_policy(call: Call, request: api.CreatePolicyRequest) -> api.CreatePolicyResponse:
    """A managed policy with its first version, attached to nothing."""
    resources.check_tagging(call, request, "policy")
    parse(request.policy_document, Kind.IDENTITY)
    quotas.check_managed_size(request.policy_document)
    tagged = quotas.tags_once([(tag.key, tag.value) for tag in request.tags or []], with_case=True)
    quotas.check_tags({}, tagged, with_case=True)
    policy = ManagedPolicy(
        account=call.caller.account,
        id=ids.unique_id("ANPA"),
        name=request.policy_name,
        path=request.path or "/",
        description=request.description,
        default_version=1,
        newest_version=1,
        created_at=call.now,
        updated_at=call.now,
    )
    with call.write() as tx:
        if not policies.add_policy(tx, policy, request.policy_document):
            raise EntityAlreadyExists(
                f"A policy called {request.policy_name} already exists. Duplicate names are not allowed."
            )
        tags.set_tags(tx, policy.account, policy.id, tagged, with_case=True)
    return api.CreatePolicyResponse(policy=shown.policy(policy, 0, 0, tagged=tagged or None))


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys, in_place=True)
def get_policy(call: Call, request: api.GetPolicyRequest) -> api.GetPolicyResponse:
    """The policy without its text."""
    account = call.caller.account
    with call.context.sql.read() as tx:
        policy = policy_named(tx, account, request.policy_arn)
        attached = attachments.attachment_counts(tx, account, [policy.arn]).get(policy.arn, 0)
        boundaries = attachments.boundary_counts(tx, account, [policy.arn]).get(policy.arn, 0)
        tagged = tags.tags_of(tx, policy.account, policy.id)
    return api.GetPolicyResponse(
        policy=shown.policy(policy, attached, boundaries, tagged=tagged, with_description=True)
    )


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys)
def delete_policy(call: Call, request: api.DeletePolicyRequest) -> api.DeletePolicyResponse:
    """Only a policy that nothing has and that has no version but its default."""
    account = call.caller.account
    with call.write() as tx:
        policy = own_policy(tx, account, request.policy_arn)
        counts = attachments.attachment_counts, attachments.boundary_counts
        if any(count(tx, account, [policy.arn]) for count in counts):
            raise DeleteConflict("Cannot delete a policy attached to entities.")
        if len(policies.versions_of(tx, policy)) > 1:
            raise DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must delete "
                "the policy's versions. The default version is deleted with the policy."
            )
        tags.remove_all_tags(tx, account, policy.id)
        policies.remove_policy(tx, policy)
    return api.DeletePolicyResponse()


@iam.operation(resource=resources.all_under_path("policy"), in_place=True)
def list_policies(call: Call, request: api.ListPoliciesRequest) -> api.ListPoliciesResponse:
    """The account's policies and AWS's, by name; Scope, OnlyAttached and PolicyUsageFilter narrow the list."""
    prefix, account = request.path_prefix or "/", call.caller.account
    name = f"policies {prefix} {request.scope} {request.only_attached} {request.policy_usage_filter}"
    with call.context.sql.read() as tx:
        page = lists.read(
            call,
            request,
            name,
            _list_key,
            lambda after, limit: _list(tx, account, request, after, limit),
        )
        arns = [policy.arn for policy in page.items]
        attached = attachments.attachment_counts(tx, account, arns)
        boundaries = attachments.boundary_counts(tx, account, arns)
    return api.ListPoliciesResponse(
        policies=[shown.policy(one, attached.get(one.arn, 0), boundaries.get(one.arn, 0)) for one in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys)
def create_policy_version(call: Call, request: api.CreatePolicyVersionRequest) -> api.CreatePolicyVersionResponse:
    """A new text beside the others; it counts from now on with SetAsDefault."""
    parse(request.policy_document, Kind.IDENTITY)
    quotas.check_managed_size(request.policy_document)
    default = bool(request.set_as_default)
    with call.write() as tx:
        policy = own_policy(tx, call.caller.account, request.policy_arn)
        quotas.check_versions(len(policies.versions_of(tx, policy)))
        version = policies.add_version(tx, policy, request.policy_document, call.now, default=default)
    counts = version.number if default else policy.default_version
    return api.CreatePolicyVersionResponse(policy_version=shown.version(version, counts, with_text=False))


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys, in_place=True)
def get_policy_version(call: Call, request: api.GetPolicyVersionRequest) -> api.GetPolicyVersionResponse:
    """A version with its text."""
    with call.context.sql.read() as tx:
        policy, version = _version_named(tx, call, policy_named, request)
    return api.GetPolicyVersionResponse(policy_version=shown.version(version, policy.default_version, with_text=True))


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys)
def delete_policy_version(call: Call, request: api.DeletePolicyVersionRequest) -> api.DeletePolicyVersionResponse:
    """Any version but the default."""
    with call.write() as tx:
        policy, version = _version_named(tx, call, own_policy, request)
        if version.number == policy.default_version:
            raise DeleteConflict("Cannot delete the default version of a policy.")
        policies.remove_version(tx, policy, version.number)
    return api.DeletePolicyVersionResponse()


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys, in_place=True)
def list_policy_versions(call: Call, request: api.ListPolicyVersionsRequest) -> api.ListPolicyVersionsResponse:
    """The versions, newest first, without their texts."""
    with call.context.sql.read() as tx:
        policy = policy_named(tx, call.caller.account, request.policy_arn)
        found = policies.versions_of(tx, policy)
    page = lists.cut(call, request, f"versions {policy.id}", found, lambda version: f"{10**9 - version.number:010d}")
    return api.ListPolicyVersionsResponse(
        versions=[shown.version(one, policy.default_version, with_text=False) for one in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys)
def set_default_policy_version(
    call: Call, request: api.SetDefaultPolicyVersionRequest
) -> api.SetDefaultPolicyVersionResponse:
    """Another version counts from the next call on."""
    with call.write() as tx:
        policy, version = _version_named(tx, call, own_policy, request)
        policies.set_default_version(tx, policy, version.number, call.now)
    return api.SetDefaultPolicyVersionResponse()


@iam.operation(resource=resources.of_policy, context_keys=resources.policy_keys, in_place=True)
def list_entities_for_policy(
    call: Call, request: api.ListEntitiesForPolicyRequest
) -> api.ListEntitiesForPolicyResponse:
    """The users, groups and roles that have the policy, as permissions or as boundary."""
    prefix, account = request.path_prefix or "/", call.caller.account
    usages = _USAGES if request.policy_usage_filter is None else (request.policy_usage_filter,)
    kinds = _KINDS if request.entity_filter is None else (request.entity_filter,)
    with call.context.sql.read() as tx:
        policy = policy_named(tx, account, request.policy_arn)
        found = {
            entity
            for usage in usages
            for kind in kinds
            for entity in attachments.entities_with(tx, account, policy.arn, usage, kind)
            if entity.path.startswith(prefix)
        }
    name = f"entities {policy.arn} {prefix} {usages} {kinds}"
    page = lists.cut(call, request, name, list(found), lambda one: f"{one.kind} {one.name.lower()}")
    return api.ListEntitiesForPolicyResponse(
        policy_users=[api.PolicyUser(user_name=one.name, user_id=one.id) for one in _of(page.items, "User")],
        policy_groups=[api.PolicyGroup(group_name=one.name, group_id=one.id) for one in _of(page.items, "Group")],
        policy_roles=[api.PolicyRole(role_name=one.name, role_id=one.id) for one in _of(page.items, "Role")],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


def _of(found: Sequence[attachments.Entity], kind: str) -> list[attachments.Entity]:
    return [one for one in found if one.kind == kind]


_Version = api.GetPolicyVersionRequest | api.DeletePolicyVersionRequest | api.SetDefaultPolicyVersionRequest


def _version_named(
    tx: Tx, call: Call, named: Callable[[Tx, str, str], ManagedPolicy], request: _Version
) -> tuple[ManagedPolicy, PolicyVersion]:
    """The policy and the version of it. Raises NoSuchEntity in the same words, whichever of them is missing."""
    missing = NoSuchEntity(
        f"Policy {request.policy_arn} version {request.version_id} does not exist or is not attachable."
    )
    try:
        policy = named(tx, call.caller.account, request.policy_arn)
    except NoSuchEntity:
        raise missing from None
    number = request.version_id.removeprefix("v")
    found = policies.find_version(tx, policy, int(number)) if number.isdigit() and len(number) < 10 else None
    if found is None:
        raise missing
    return policy, found


def _list_key(policy: ManagedPolicy) -> str:
    """AWS's policies stand before the account's own, both by name."""
    return f"{'aws' if policy.by_aws else 'own'} {policy.name.lower()}"


def _list(tx: Tx, account: str, request: api.ListPoliciesRequest, after: str, limit: int) -> list[ManagedPolicy]:
    """Up to `limit` policies after the key `after`."""
    prefix, scope = request.path_prefix or "/", request.scope or "All"
    by_aws = [
        one
        for one in (aws_managed.every() if scope != "Local" else ())
        if one.path.startswith(prefix) and _list_key(one) > after
    ]
    found = _used(tx, account, request, by_aws)
    if scope != "AWS":
        found += _own(tx, account, request, after.removeprefix("own ") if after.startswith("own ") else "", limit)
    return found[:limit]


def _own(tx: Tx, account: str, request: api.ListPoliciesRequest, name: str, limit: int) -> list[ManagedPolicy]:
    """The account's own after a name; rows are read on until enough pass the filters."""
    found: list[ManagedPolicy] = []
    while len(found) < limit:
        rows = policies.list_policies(tx, account, request.path_prefix or "/", name, limit)
        found += _used(tx, account, request, rows)
        if len(rows) < limit:
            break
        name = rows[-1].name.lower()
    return found


def _used(tx: Tx, account: str, request: api.ListPoliciesRequest, found: list[ManagedPolicy]) -> list[ManagedPolicy]:
    """Those that are attached, or used, as the request says. What nobody uses yet counts as a permissions policy."""
    arns = [policy.arn for policy in found]
    if not request.only_attached and request.policy_usage_filter is None:
        return found
    attached = attachments.attachment_counts(tx, account, arns).keys()
    boundaries = attachments.boundary_counts(tx, account, arns).keys()
    keep = attached if request.only_attached else set(arns)
    if request.policy_usage_filter == "PermissionsPolicy":
        keep = keep - (boundaries - attached)
    if request.policy_usage_filter == "PermissionsBoundary":
        keep = keep & boundaries
    return [policy for policy in found if policy.arn in keep]
