"""Roles: rights that someone else takes on for a while, and the trust policy that says who may."""

from msgspec.structs import replace

from services.identitypool.context import Call
from services.identitypool.errors import DeleteConflict, EntityAlreadyExists
from services.identitypool.iam import lists, quotas, resources, shown, trust
from services.identitypool.iam.entities import boundary_policy, role_named
from services.identitypool.iam.records import Role
from services.identitypool.iam.store import attachments, inline, roles, tags
from services.identitypool.service import iam
from shared import ids
from shared.aws.api import iam as api
from shared.policy.document import Kind, parse


@iam.operation(resource=resources.a_new("role"), context_keys=resources.role_keys)
def create_role(call: Call, request: api.CreateRoleRequest) -> api.CreateRoleResponse:
    """A role without rights, for those whom its trust policy names."""
    resources.check_tagging(call, request, "role")
    tagged = quotas.tags_once([(tag.key, tag.value) for tag in request.tags or []], with_case=False)
    quotas.check_tags({}, tagged, with_case=False)
    parse(request.assume_role_policy_document, Kind.TRUST)
    quotas.check_trust_size(request.assume_role_policy_document)
    account = call.caller.account
    with call.write() as tx:
        if request.permissions_boundary is not None:
            boundary_policy(tx, account, request.permissions_boundary)
        kept, trusted_accounts = trust.kept(tx, request.assume_role_policy_document, account)
        role = Role(
            account=account,
            id=ids.unique_id("AROA"),
            name=request.role_name,
            path=request.path or "/",
            trust_policy=kept,
            trusted_accounts=trusted_accounts,
            description=request.description,
            max_session_s=request.max_session_duration or 3600,
            boundary_arn=request.permissions_boundary,
            created_at=call.now,
            last_used_at=None,
            last_used_region=None,
        )
        if not roles.add_role(tx, role):
            raise EntityAlreadyExists(f"Role with name {request.role_name} already exists.")
        tags.set_tags(tx, account, role.id, tagged, with_case=False)
        trust_policy = trust.shown_for(tx)(role)
    return api.CreateRoleResponse(role=shown.new_role(role, trust_policy, tagged))


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def get_role(call: Call, request: api.GetRoleRequest) -> api.GetRoleResponse:
    """The role with its trust policy."""
    with call.context.sql.read() as tx:
        role = role_named(tx, call.caller.account, request.role_name)
        tagged = tags.tags_of(tx, role.account, role.id)
        return api.GetRoleResponse(role=shown.role(role, trust.shown_for(tx)(role), tagged))


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def update_role(call: Call, request: api.UpdateRoleRequest) -> api.UpdateRoleResponse:
    """Another description or longest session; what is not given stays (so AWS does, although its reference says else)."""
    with call.write() as tx:
        role = role_named(tx, call.caller.account, request.role_name, lock=True)
        description = role.description if request.description is None else request.description
        roles.set_role_settings(tx, role, description, request.max_session_duration or role.max_session_s)
    return api.UpdateRoleResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def update_role_description(call: Call, request: api.UpdateRoleDescriptionRequest) -> api.UpdateRoleDescriptionResponse:
    """Another description and nothing else."""
    with call.write() as tx:
        role = role_named(tx, call.caller.account, request.role_name, lock=True)
        roles.set_role_settings(tx, role, request.description, role.max_session_s)
        changed = role_named(tx, role.account, role.name)
        role_shown = shown.new_role(changed, trust.shown_for(tx)(changed), {})
    return api.UpdateRoleDescriptionResponse(role=replace(role_shown, description=changed.description))


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def update_assume_role_policy(
    call: Call, request: api.UpdateAssumeRolePolicyRequest
) -> api.UpdateAssumeRolePolicyResponse:
    """Other people may assume the role from the next call on; sessions that run go on."""
    parse(request.policy_document, Kind.TRUST)
    quotas.check_trust_size(request.policy_document)
    with call.write() as tx:
        role = role_named(tx, call.caller.account, request.role_name, lock=True)
        kept, trusted_accounts = trust.kept(tx, request.policy_document, role.account)
        roles.set_role_trust(tx, role, kept, trusted_accounts)
    return api.UpdateAssumeRolePolicyResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def delete_role(call: Call, request: api.DeleteRoleRequest) -> api.DeleteRoleResponse:
    """Only a role without policies; its sessions end with the next call."""
    with call.write() as tx:
        role = role_named(tx, call.caller.account, request.role_name, lock=True)
        if attachments.attached_policies(tx, role.account, role.id):
            raise DeleteConflict("Cannot delete entity, must detach all policies first.")
        if inline.inline_names(tx, role.account, role.id, "", 1):
            raise DeleteConflict("Cannot delete entity, must delete policies first.")
        tags.remove_all_tags(tx, role.account, role.id)
        roles.remove_role(tx, role)
    return api.DeleteRoleResponse()


@iam.operation(resource=resources.all_under_path("role"), in_place=True)
def list_roles(call: Call, request: api.ListRolesRequest) -> api.ListRolesResponse:
    """The account's roles, by name."""
    prefix = request.path_prefix or "/"
    with call.context.sql.read() as tx:
        page = lists.read(
            call,
            request,
            f"roles {prefix}",
            lambda role: role.name.lower(),
            lambda after, limit: roles.list_roles(tx, call.caller.account, prefix, after, limit),
        )
        trust_policy = trust.shown_for(tx)
        shown_roles = [shown.role(role, trust_policy(role)) for role in page.items]
    return api.ListRolesResponse(roles=shown_roles, is_truncated=page.is_truncated, marker=page.marker)
