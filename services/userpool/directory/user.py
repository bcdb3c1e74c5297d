"""A user and a group, as stored. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.verifier import Owner, PasswordRecord

Status = Literal[
    "UNCONFIRMED",
    "CONFIRMED",
    "ARCHIVED",
    "COMPROMISED",
    "UNKNOWN",
    "RESET_REQUIRED",
    "FORCE_CHANGE_PASSWORD",
    "EXTERNAL_PROVIDER",
]


class Profile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What administrators see of a user. `attributes` are by full name, without `sub`. Times are epoch seconds."""

    sub: str
    username: str
    status: Status
    enabled: bool
    attributes: Mapping[str, str]
    created_s: float
    modified_s: float


class User(Profile, frozen=True, kw_only=True, gc=False):
    """A user with all that sign-in needs.

    `password_history` are earlier passwords, latest first, without the current one. `session_epoch` counts the
    global sign-outs: what was handed out under an earlier one is void.
    """

    pool_id: str
    password: PasswordRecord | None = None
    password_set_at: datetime | None = None
    password_history: tuple[PasswordRecord, ...] = ()
    lockout: Lockout = Lockout()
    session_epoch: int = 0

    @property
    def password_version(self) -> int:
        """Counts the user's passwords; 0 without any."""
        return self.password.version if self.password else 0

    @property
    def owner(self) -> Owner:
        """Whose a password record of this user is. In SRP users go by the user name, which never changes."""
        return Owner(self.pool_id, self.sub, self.username)

    def verified(self, attribute: str) -> bool:
        """Whether `email` or `phone_number` has been verified."""
        return self.attributes.get(f"{attribute}_verified") == "true"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of users. The lower its precedence, the more its role counts; none counts least."""

    pool_id: str
    name: str
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None
    created_at: datetime
    modified_at: datetime
