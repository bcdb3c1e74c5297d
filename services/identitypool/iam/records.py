"""What IAM keeps, as frozen values: accounts, users, groups, roles, policies, access keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.aws import arn


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant with its root user."""

    id: str
    root_email: str
    alias: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user; `boundary_arn` names the managed policy that limits it."""

    account: str
    id: str
    name: str
    path: str
    boundary_arn: str | None
    created_at: datetime

    @property
    def arn(self) -> str:
        """The user's ARN, path included."""
        return arn.iam(self.account, "user", self.path, self.name)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of IAM users."""

    account: str
    id: str
    name: str
    path: str
    created_at: datetime

    @property
    def arn(self) -> str:
        """The group's ARN, path included."""
        return arn.iam(self.account, "group", self.path, self.name)


@dataclass(frozen=True, slots=True)
class Role:
    """A role; its `trust_policy` names users and roles by unique id, whose accounts `trusted_accounts` tells (JSON)."""

    account: str
    id: str
    name: str
    path: str
    trust_policy: str
    trusted_accounts: str
    description: str | None
    max_session_s: int
    boundary_arn: str | None
    created_at: datetime
    last_used_at: datetime | None
    last_used_region: str | None

    @property
    def arn(self) -> str:
        """The role's ARN, path included."""
        return arn.iam(self.account, "role", self.path, self.name)


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy without its text. `account` is `aws` for those that AWS manages."""

    account: str
    id: str
    name: str
    path: str
    description: str | None
    default_version: int
    newest_version: int
    created_at: datetime
    updated_at: datetime

    @property
    def arn(self) -> str:
        """The policy's ARN, path included."""
        return arn.iam(self.account, "policy", self.path, self.name)

    @property
    def by_aws(self) -> bool:
        """Whether AWS manages it: nobody may change it."""
        return self.account == "aws"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a managed policy."""

    number: int
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy that binds a principal, as it was written.

    `source_type` is AWS's PolicySourceType: user, group or role for inline policies (`source_id` is then the policy's
    name), aws-managed or user-managed (`source_id` is then its ARN). `version` is v1, v2...; inline policies have an empty one.
    """

    source_id: str
    source_type: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """A policy written into a user, group or role; `size` counts as the quotas do, without blanks."""

    name: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-lived access key. `user_id` is None for a key of the account's root user."""

    account: str
    id: str
    user_id: str | None
    active: bool
    sealed_secret: bytes
    bootstrap: bool
    created_at: datetime
    last_used_at: datetime | None
    last_used_service: str | None
    last_used_region: str | None

    @property
    def status(self) -> Literal["Active", "Inactive"]:
        """AWS's word."""
        return "Active" if self.active else "Inactive"
