"""Users and groups as AWS gives them. Pure."""

from collections.abc import Collection, Mapping

from services.userpool.directory.user import Group, Profile
from shared.aws.api import cognito_idp as api


def attributes_shown(sub: str, attributes: Mapping[str, str]) -> list[api.AttributeType]:
    """The attributes as pairs, `sub` first (as AWS lists them)."""
    pair = api.AttributeType
    return [pair(name="sub", value=sub), *[pair(name=name, value=value) for name, value in attributes.items()]]


def shown(user: Profile, only: Collection[str] | None = None) -> api.UserType:
    """The user as in ListUsers; `only` names the attributes to show."""
    attributes = attributes_shown(user.sub, user.attributes)
    return api.UserType(
        username=user.username,
        attributes=attributes if only is None else [each for each in attributes if each.name in only],
        user_create_date=user.created_s,
        user_last_modified_date=user.modified_s,
        enabled=user.enabled,
        user_status=user.status,
    )


def shown_alone(user: Profile) -> api.AdminGetUserResponse:
    """The user as in AdminGetUser; MFA settings are absent where there are none (recorded)."""
    return api.AdminGetUserResponse(
        username=user.username,
        user_attributes=attributes_shown(user.sub, user.attributes),
        user_create_date=user.created_s,
        user_last_modified_date=user.modified_s,
        enabled=user.enabled,
        user_status=user.status,
    )


def group_shown(group: Group) -> api.GroupType:
    """The group as AWS gives it."""
    return api.GroupType(
        group_name=group.name,
        user_pool_id=group.pool_id,
        description=group.description,
        role_arn=group.role_arn,
        precedence=group.precedence,
        last_modified_date=group.modified_at.timestamp(),
        creation_date=group.created_at.timestamp(),
    )
