"""Everything that CreateUserPool takes, with the defaults that AWS fills in. Pure.

The record holds the settled values, so that what is given back, and what the product does, never differ.
Source: API reference CreateUserPool, UpdateUserPool.
"""

from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from services.userpool.errors import InvalidParameter
from services.userpool.pools.attributes import attribute_table
from shared.aws.api import cognito_idp as api
from shared.aws.model import Shape

T = TypeVar("T")
Request: TypeAlias = api.CreateUserPoolRequest | api.UpdateUserPoolRequest

_KEY: Final = api.KeyConfigurationType(key_type="AWS_OWNED_KEY")
_ISSUER: Final = api.IssuerConfigurationType(type="ORIGINAL")
_PASSWORD_POLICY: Final = api.PasswordPolicyType(
    require_uppercase=True, require_lowercase=True, require_numbers=True, require_symbols=True
)
_RECOVERY: Final = api.AccountRecoverySettingType(
    recovery_mechanisms=[
        api.RecoveryOptionType(priority=1, name="verified_email"),
        api.RecoveryOptionType(priority=2, name="verified_phone_number"),
    ]
)
"""What a pool has that was given none (recorded)."""


class PoolSettings(Shape, frozen=True, kw_only=True):
    """What a pool was given, with the defaults settled. Stored as JSON."""

    policies: api.UserPoolPolicyType = api.UserPoolPolicyType()
    deletion_protection: api.DeletionProtectionType = "INACTIVE"
    auto_verified_attributes: list[api.VerifiedAttributeType] = msgspec.field(default_factory=list)
    alias_attributes: list[api.AliasAttributeType] | None = None
    username_attributes: list[api.UsernameAttributeType] | None = None
    verification_message_template: api.VerificationMessageTemplateType = api.VerificationMessageTemplateType()
    sms_verification_message: str | None = None
    sms_authentication_message: str | None = None
    email_verification_message: str | None = None
    email_verification_subject: str | None = None
    user_attribute_update_settings: api.UserAttributeUpdateSettingsType | None = None
    email_configuration: api.EmailConfigurationType = api.EmailConfigurationType()
    sms_configuration: api.SmsConfigurationType | None = None
    user_pool_tags: dict[str, str] = msgspec.field(default_factory=dict)
    admin_create_user_config: api.AdminCreateUserConfigType = api.AdminCreateUserConfigType()
    schema: list[api.SchemaAttributeType] = msgspec.field(default_factory=list)
    added_attributes: list[api.SchemaAttributeType] = msgspec.field(default_factory=list)
    user_pool_add_ons: api.UserPoolAddOnsType | None = None
    username_configuration: api.UsernameConfigurationType | None = None
    account_recovery_setting: api.AccountRecoverySettingType | None = None
    user_pool_tier: api.UserPoolTierType = "ESSENTIALS"
    key_configuration: api.KeyConfigurationType | None = None
    issuer_configuration: api.IssuerConfigurationType | None = None
    password_storage: Literal["srp", "argon2id"] = "srp"  # noqa: S105
    """AWS has no such setting: it is set under /admin/v1/, and an update of the pool leaves it."""
    passwords_were_hashed: bool = False
    """Whether `password_storage` was argon2id before: then some users may still have such a record."""


def created_settings(request: api.CreateUserPoolRequest) -> PoolSettings:
    """The settings of a new pool. Raises InvalidParameter where they contradict each other."""
    if request.alias_attributes and request.username_attributes:
        raise InvalidParameter("Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
    schema = list(request.schema or [])
    attribute_table(schema)
    fixed = PoolSettings(
        alias_attributes=_once(request.alias_attributes),
        username_attributes=_once(request.username_attributes),
        username_configuration=request.username_configuration,
        schema=schema,
    )
    return _settled(request, fixed, request.user_pool_tags or {})


def updated_settings(request: api.UpdateUserPoolRequest, before: PoolSettings) -> PoolSettings:
    """The settings after an update: what is not given falls back to its default, as AWS does; tags stay."""
    tags = before.user_pool_tags if request.user_pool_tags is None else request.user_pool_tags
    return _settled(request, before, tags)


def with_password_storage(before: PoolSettings, storage: Literal["srp", "argon2id"]) -> PoolSettings:
    """The settings with another way to keep passwords."""
    return msgspec.structs.replace(
        before,
        password_storage=storage,
        passwords_were_hashed=before.passwords_were_hashed or before.password_storage == "argon2id",  # noqa: S105
    )


def _settled(request: Request, fixed: PoolSettings, tags: dict[str, str]) -> PoolSettings:
    """`fixed` has what an update cannot change."""
    return msgspec.structs.replace(
        fixed,
        policies=_policies(request),
        deletion_protection=request.deletion_protection or "INACTIVE",
        auto_verified_attributes=_once(request.auto_verified_attributes) or [],
        verification_message_template=_template(request),
        sms_verification_message=request.sms_verification_message,
        sms_authentication_message=request.sms_authentication_message,
        email_verification_message=request.email_verification_message,
        email_verification_subject=request.email_verification_subject,
        user_attribute_update_settings=_update_settings(request),
        email_configuration=request.email_configuration
        or api.EmailConfigurationType(email_sending_account="COGNITO_DEFAULT"),
        sms_configuration=request.sms_configuration,
        user_pool_tags=tags,
        admin_create_user_config=_admin_create(request),
        user_pool_add_ons=request.user_pool_add_ons,
        account_recovery_setting=_recovery(request),
        user_pool_tier=request.user_pool_tier or "ESSENTIALS",
        key_configuration=request.key_configuration or _KEY,
        issuer_configuration=request.issuer_configuration or _ISSUER,
    )


def _policies(request: Request) -> api.UserPoolPolicyType:
    given = request.policies.password_policy if request.policies else None
    given = _PASSWORD_POLICY if given is None else given
    password = api.PasswordPolicyType(
        minimum_length=given.minimum_length or 8,
        require_uppercase=given.require_uppercase or False,
        require_lowercase=given.require_lowercase or False,
        require_numbers=given.require_numbers or False,
        require_symbols=given.require_symbols or False,
        password_history_size=given.password_history_size,
        temporary_password_validity_days=_validity_days(request),
    )
    sign_in = api.SignInPolicyType(allowed_first_auth_factors=["PASSWORD"])
    return api.UserPoolPolicyType(password_policy=password, sign_in_policy=sign_in)


def _validity_days(request: Request) -> int:
    """How long a temporary password lasts: one member of the password policy, and an older one of invitations."""
    policy = request.policies and request.policies.password_policy
    newer = policy and policy.temporary_password_validity_days
    older = request.admin_create_user_config and request.admin_create_user_config.unused_account_validity_days
    if newer and older and newer != older:
        raise InvalidParameter(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        )
    return newer or older or 7


def _template(request: Request) -> api.VerificationMessageTemplateType:
    """The texts that are sent: the template's, or else those of the three older members.

    Both may be given and differ, and are given back as they were (API reference CreateUserPool, example).
    """
    given = request.verification_message_template or api.VerificationMessageTemplateType()
    return api.VerificationMessageTemplateType(
        sms_message=given.sms_message or request.sms_verification_message,
        email_message=given.email_message or request.email_verification_message,
        email_subject=given.email_subject or request.email_verification_subject,
        default_email_option="CONFIRM_WITH_CODE",
    )


def _update_settings(request: Request) -> api.UserAttributeUpdateSettingsType | None:
    settings = request.user_attribute_update_settings
    if settings is None:
        return None
    verified_first = settings.attributes_require_verification_before_update or []
    for name in verified_first:
        if name not in (request.auto_verified_attributes or []):
            raise InvalidParameter(
                "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"
            )
    return settings


def _admin_create(request: Request) -> api.AdminCreateUserConfigType:
    given = request.admin_create_user_config or api.AdminCreateUserConfigType()
    return api.AdminCreateUserConfigType(
        allow_admin_create_user_only=given.allow_admin_create_user_only or False,
        unused_account_validity_days=_validity_days(request),
        invite_message_template=given.invite_message_template,
    )


def _recovery(request: Request) -> api.AccountRecoverySettingType | None:
    """The ways in their order; `{}` brings the older way back, which has no setting and prefers the phone (recorded)."""
    setting = request.account_recovery_setting
    if setting is None:
        return _RECOVERY
    given = setting.recovery_mechanisms
    if not given:
        return None
    names = [option.name for option in given]
    priorities = [option.priority for option in given]
    if len(set(names)) < len(names) or len(set(priorities)) < len(priorities):
        raise InvalidParameter("Account Recovery Setting has two mechanisms of one name or priority.")
    if "admin_only" in names and len(names) > 1:
        raise InvalidParameter(
            "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms."
        )
    return setting


def _once(values: list[T] | None) -> list[T] | None:
    return None if values is None else list(dict.fromkeys(values))
