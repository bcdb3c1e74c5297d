"""Users, groups, roles and policies by the names that requests give: a record, or the refusal in AWS's words."""

from dataclasses import dataclass
from typing import Final, Protocol

from services.identitypool.context import Call
from services.identitypool.errors import InvalidInput, NoSuchEntity, UnmodifiableEntity, ValidationFailed
from services.identitypool.iam import arns
from services.identitypool.iam.records import Group, ManagedPolicy, Role, User
from services.identitypool.iam.store import groups, policies, roles, users
from shared.guard.caller import CallerKind
from shared.sql.engine import Tx


def user_named(tx: Tx, account: str, name: str, *, lock: bool = False) -> User:
    """The user with this name. Raises NoSuchEntity."""
    found = (users.lock_user if lock else users.find_user)(tx, account, name)
    if found is None:
        raise NoSuchEntity(f"The user with name {name} cannot be found.")
    return found


def group_named(tx: Tx, account: str, name: str, *, lock: bool = False) -> Group:
    """The group with this name. Raises NoSuchEntity."""
    found = (groups.lock_group if lock else groups.find_group)(tx, account, name)
    if found is None:
        raise NoSuchEntity(f"The group with name {name} cannot be found.")
    return found


def role_named(tx: Tx, account: str, name: str, *, lock: bool = False) -> Role:
    """The role with this name. Raises NoSuchEntity."""
    found = (roles.lock_role if lock else roles.find_role)(tx, account, name)
    if found is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return found


Owner = User | Group | Role
"""What policies hang on."""


class Named(Protocol):
    """How one kind of owner is found: `user_named` and its like."""

    def __call__(self, tx: Tx, account: str, name: str, *, lock: bool = False) -> Owner:
        """The owner with this name. Raises NoSuchEntity."""


@dataclass(frozen=True, slots=True)
class OwnerKind:
    """One of the three kinds of owners: AWS's word for it, and how one is found."""

    word: str
    named: Named


USER: Final = OwnerKind("user", user_named)
GROUP: Final = OwnerKind("group", group_named)
ROLE: Final = OwnerKind("role", role_named)


def policy_named(tx: Tx, account: str, arn: str, *, lock: bool = False) -> ManagedPolicy:
    """The managed policy with this ARN, of this account or AWS's. Raises NoSuchEntity, or ValidationFailed."""
    found = _visible(tx, account, arn, lock=lock)
    if found is None:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return found


def own_policy(tx: Tx, account: str, arn: str) -> ManagedPolicy:
    """As `policy_named`, locked, and one that may be changed. Raises UnmodifiableEntity for AWS's."""
    found = policy_named(tx, account, arn, lock=True)
    if found.by_aws:
        raise UnmodifiableEntity(f"Policy {arn} is managed by AWS and cannot be changed.")
    return found


def attachable_policy(tx: Tx, account: str, arn: str) -> ManagedPolicy:
    """The managed policy with this ARN, locked, to be attached. Raises NoSuchEntity."""
    found = _visible(tx, account, arn, lock=True)
    if found is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return found


def boundary_policy(tx: Tx, account: str, arn: str) -> ManagedPolicy:
    """The managed policy with this ARN, locked, to be a boundary. Raises InvalidInput, or NoSuchEntity."""
    parts = arns.parse(arn)
    if parts is None or parts.kind != "policy":
        raise InvalidInput(f"ARN {arn} is not valid.")
    found = _visible(tx, account, arn, lock=True)
    if found is None:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")
    return found


def calling_user(call: Call) -> User | None:
    """The user who calls; None for the root user. Raises ValidationFailed for sessions."""
    if call.caller.kind is CallerKind.ROOT:
        return None
    if call.caller.kind is not CallerKind.USER:
        raise ValidationFailed("Must specify userName when calling with non-User credentials")
    with call.context.sql.read() as tx:
        found = users.user_with_id(tx, call.caller.account, call.caller.user_id)
    if found is None:
        raise NoSuchEntity(f"The user with name {call.caller.name} cannot be found.")
    return found


def user_name(call: Call, given: str | None) -> str | None:
    """The name of the user that a request means: the given one, or the caller's; None for the root user.

    Raises ValidationFailed for sessions that give none.
    """
    if given is not None:
        return given
    caller = calling_user(call)
    return None if caller is None else caller.name


def _visible(tx: Tx, account: str, arn: str, *, lock: bool) -> ManagedPolicy | None:
    if not arn.startswith("arn:") or arn.count(":") < 5:
        raise ValidationFailed("Invalid ARN:  Could not be parsed!")
    parts = arns.parse(arn)
    if parts is None or parts.account not in {account, "aws"}:
        return None
    return (policies.lock_policy if lock else policies.policy_with_arn)(tx, arn)
