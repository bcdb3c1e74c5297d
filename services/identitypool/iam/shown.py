"""IAM's records as its API shows them. Which optional members appear depends on the operation, as recorded."""

from collections.abc import Mapping
from urllib.parse import quote

from services.identitypool.iam.records import Group, ManagedPolicy, PolicyVersion, Role, User
from shared.aws.api import iam as api


def document(text: str) -> str:
    """A policy document as the wire carries it: percent-encoded (RFC 3986)."""
    return quote(text, safe="")


def tag_list(tagged: Mapping[str, str]) -> list[api.Tag]:
    """Tags."""
    return [api.Tag(key=key, value=value) for key, value in tagged.items()]


def boundary(arn: str | None) -> api.AttachedPermissionsBoundary | None:
    """A permissions boundary, where there is one. `Policy` is what AWS answers; its model says otherwise."""
    if arn is None:
        return None
    return api.AttachedPermissionsBoundary(
        permissions_boundary_type="Policy",  # type: ignore[arg-type]
        permissions_boundary_arn=arn,
    )


def user(found: User, tagged: Mapping[str, str] | None = None) -> api.User:
    """A user. Lists give no `tagged`, and then neither tags nor boundary are shown."""
    return api.User(
        path=found.path,
        user_name=found.name,
        user_id=found.id,
        arn=found.arn,
        create_date=found.created_at,
        permissions_boundary=None if tagged is None else boundary(found.boundary_arn),
        tags=tag_list(tagged) if tagged else None,
    )


def group(found: Group) -> api.Group:
    """A group."""
    return api.Group(
        path=found.path,
        group_name=found.name,
        group_id=found.id,
        arn=found.arn,
        create_date=found.created_at,
    )


def new_role(found: Role, trust_policy: str, tagged: Mapping[str, str]) -> api.Role:
    """A role as CreateRole answers: without its description, longest session and last use."""
    return api.Role(
        path=found.path,
        role_name=found.name,
        role_id=found.id,
        arn=found.arn,
        create_date=found.created_at,
        assume_role_policy_document=document(trust_policy),
        permissions_boundary=boundary(found.boundary_arn),
        tags=tag_list(tagged) if tagged else None,
    )


def role(found: Role, trust_policy: str, tagged: Mapping[str, str] | None = None) -> api.Role:
    """A role. Lists give no `tagged`, and then neither tags, boundary nor last use are shown."""
    used = api.RoleLastUsed(last_used_date=found.last_used_at, region=found.last_used_region)
    return api.Role(
        path=found.path,
        role_name=found.name,
        role_id=found.id,
        arn=found.arn,
        create_date=found.created_at,
        assume_role_policy_document=document(trust_policy),
        description=found.description,
        max_session_duration=found.max_session_s,
        permissions_boundary=None if tagged is None else boundary(found.boundary_arn),
        tags=tag_list(tagged) if tagged else None,
        role_last_used=None if tagged is None else used,
    )


def policy(
    found: ManagedPolicy,
    attached: int,
    boundaries: int,
    *,
    tagged: Mapping[str, str] | None = None,
    with_description: bool = False,
) -> api.Policy:
    """A managed policy. `tagged` None leaves tags out; an empty one is shown as an empty list."""
    return api.Policy(
        policy_name=found.name,
        policy_id=found.id,
        arn=found.arn,
        path=found.path,
        default_version_id=f"v{found.default_version}",
        attachment_count=attached,
        permissions_boundary_usage_count=boundaries,
        is_attachable=True,
        description=found.description if with_description else None,
        create_date=found.created_at,
        update_date=found.updated_at,
        tags=None if tagged is None else tag_list(tagged),
    )


def version(found: PolicyVersion, default: int, *, with_text: bool) -> api.PolicyVersion:
    """A version of a managed policy."""
    return api.PolicyVersion(
        document=document(found.text) if with_text else None,
        version_id=f"v{found.number}",
        is_default_version=found.number == default,
        create_date=found.created_at,
    )
