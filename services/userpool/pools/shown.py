"""Pools as AWS gives them. Pure."""

from services.userpool.pools.attributes import shown as attribute_shown
from services.userpool.pools.pool import UserPool
from shared.aws import arn
from shared.aws.api import cognito_idp as api


def shown(pool: UserPool, region: str, users: int) -> api.UserPoolType:
    """The pool as CreateUserPool and DescribeUserPool give it; `users` is its number of users."""
    settings = pool.settings
    texts = settings.verification_message_template
    return api.UserPoolType(
        id=pool.id,
        name=pool.name,
        policies=settings.policies,
        deletion_protection=settings.deletion_protection,
        lambda_config=api.LambdaConfigType(),
        last_modified_date=pool.modified_at.timestamp(),
        creation_date=pool.created_at.timestamp(),
        schema_attributes=[attribute_shown(attribute) for attribute in pool.schema.values()],
        auto_verified_attributes=settings.auto_verified_attributes or None,
        alias_attributes=settings.alias_attributes,
        username_attributes=settings.username_attributes,
        sms_verification_message=settings.sms_verification_message or texts.sms_message,
        email_verification_message=settings.email_verification_message or texts.email_message,
        email_verification_subject=settings.email_verification_subject or texts.email_subject,
        verification_message_template=texts,
        sms_authentication_message=settings.sms_authentication_message,
        user_attribute_update_settings=settings.user_attribute_update_settings,
        mfa_configuration="OFF",
        estimated_number_of_users=users,
        email_configuration=settings.email_configuration,
        sms_configuration=settings.sms_configuration,
        user_pool_tags=settings.user_pool_tags,
        admin_create_user_config=settings.admin_create_user_config,
        user_pool_add_ons=settings.user_pool_add_ons,
        username_configuration=settings.username_configuration,
        arn=arn.user_pool(region, pool.account_id, pool.id),
        account_recovery_setting=settings.account_recovery_setting,
        user_pool_tier=settings.user_pool_tier,
        key_configuration=settings.key_configuration,
        issuer_configuration=settings.issuer_configuration,
    )


def shown_in_list(pool: UserPool) -> api.UserPoolDescriptionType:
    """The pool as ListUserPools gives it."""
    return api.UserPoolDescriptionType(
        id=pool.id,
        name=pool.name,
        lambda_config=api.LambdaConfigType(),
        last_modified_date=pool.modified_at.timestamp(),
        creation_date=pool.created_at.timestamp(),
    )
