"""A user pool, and what its settings mean. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from services.userpool.passwords.policy import PasswordPolicy
from services.userpool.passwords.verifier import Kind
from services.userpool.pools.attributes import Attribute, attribute_table
from services.userpool.pools.settings import PoolSettings

RecoveryWay = Literal["verified_email", "verified_phone_number", "admin_only"]


@dataclass(frozen=True)
class UserPool:
    """A pool as stored. What follows from its settings is worked out once a record, and records are kept decoded."""

    id: str
    account_id: str
    name: str
    settings: PoolSettings
    created_at: datetime
    modified_at: datetime

    @cached_property
    def password_policy(self) -> PasswordPolicy:
        """What the pool asks of passwords."""
        given = self.settings.policies.password_policy
        if given is None:
            return PasswordPolicy()
        return PasswordPolicy(
            minimum_length=given.minimum_length or 8,
            require_uppercase=given.require_uppercase or False,
            require_lowercase=given.require_lowercase or False,
            require_numbers=given.require_numbers or False,
            require_symbols=given.require_symbols or False,
            temporary_password_validity_days=given.temporary_password_validity_days or 7,
            password_history_size=given.password_history_size or 0,
        )

    @cached_property
    def password_kind(self) -> Kind:
        """How a new password is kept."""
        return Kind(self.settings.password_storage)

    @property
    def may_hold_hashes(self) -> bool:
        """Whether some password records are argon2id. Then each judgement costs a hash, or the time tells whose are."""
        return self.password_kind is Kind.ARGON2ID or self.settings.passwords_were_hashed

    @cached_property
    def username_attributes(self) -> frozenset[str]:
        """Attributes that stand in for a user name (`email`, `phone_number`); then a user's name is their sub."""
        return frozenset(self.settings.username_attributes or ())

    @cached_property
    def alias_attributes(self) -> frozenset[str]:
        """Attributes that users may sign in with beside their name."""
        return frozenset(self.settings.alias_attributes or ())

    @cached_property
    def auto_verified_attributes(self) -> frozenset[str]:
        """Attributes that are verified by a code at sign-up and at each change."""
        return frozenset(self.settings.auto_verified_attributes)

    @cached_property
    def verified_before_update(self) -> frozenset[str]:
        """Attributes of which the old value stays until the new one is verified."""
        settings = self.settings.user_attribute_update_settings
        return frozenset((settings and settings.attributes_require_verification_before_update) or ())

    @cached_property
    def case_sensitive(self) -> bool:
        """Whether names that differ in case only are two names."""
        settings = self.settings.username_configuration
        return settings is None or settings.case_sensitive

    @cached_property
    def schema(self) -> Mapping[str, Attribute]:
        """The attributes by full name (`email`, `custom:x`, `dev:custom:x`), in AWS's order."""
        return attribute_table(self.settings.schema, self.settings.added_attributes)

    @property
    def allow_admin_create_user_only(self) -> bool:
        """Whether SignUp is closed."""
        return self.settings.admin_create_user_config.allow_admin_create_user_only or False

    @property
    def deletion_protected(self) -> bool:
        """Whether DeleteUserPool is refused."""
        return self.settings.deletion_protection == "ACTIVE"

    @cached_property
    def recovery(self) -> tuple[RecoveryWay, ...]:
        """The ways to a forgotten password, preferred first. Pools whose setting is empty prefer the phone, as AWS's do."""
        setting = self.settings.account_recovery_setting
        options = setting.recovery_mechanisms if setting else None
        if not options:
            return ("verified_phone_number", "verified_email")
        return tuple(option.name for option in sorted(options, key=lambda option: option.priority))
