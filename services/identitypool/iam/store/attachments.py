"""Which managed policies are attached to which users, groups and roles, and which serve as boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.iam import arns
from services.identitypool.iam.records import ManagedPolicy
from services.identitypool.schema.iam import attachments, groups, roles, users
from shared.sql.engine import Tx

_ACCOUNT: Final = attachments.c.account_id == sa.bindparam("account")
_OF: Final = (
    sa.select(attachments.c.policy_arn)
    .where(_ACCOUNT, attachments.c.owner_id == sa.bindparam("owner"))
    .order_by(attachments.c.name_key, attachments.c.policy_arn)
)
_ADD: Final = insert(attachments).on_conflict_do_nothing()
_REMOVE: Final = sa.delete(attachments).where(
    _ACCOUNT,
    attachments.c.owner_id == sa.bindparam("owner"),
    attachments.c.policy_arn == sa.bindparam("policy"),
)
_COUNT: Final = (
    sa.select(attachments.c.policy_arn, sa.func.count())
    .where(_ACCOUNT, attachments.c.policy_arn.in_(sa.bindparam("policies", expanding=True)))
    .group_by(attachments.c.policy_arn)
)


def _bounded(table: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(table.c.boundary_arn, sa.func.count())
        .where(
            table.c.account_id == sa.bindparam("account"),
            table.c.boundary_arn.in_(sa.bindparam("policies", expanding=True)),
        )
        .group_by(table.c.boundary_arn)
    )


def _attached_to(table: sa.Table, kind: str) -> sa.Select[Any]:
    owner_id = table.c[f"{kind}_id"]
    return (
        sa.select(table.c[f"{kind}_name"], owner_id, table.c.path)
        .join(attachments, sa.and_(attachments.c.account_id == table.c.account_id, attachments.c.owner_id == owner_id))
        .where(_ACCOUNT, attachments.c.policy_arn == sa.bindparam("policy"))
        .order_by(table.c.name_key)
    )


def _bounded_by(table: sa.Table, kind: str) -> sa.Select[Any]:
    return (
        sa.select(table.c[f"{kind}_name"], table.c[f"{kind}_id"], table.c.path)
        .where(table.c.account_id == sa.bindparam("account"), table.c.boundary_arn == sa.bindparam("policy"))
        .order_by(table.c.name_key)
    )


_BOUNDED: Final = (_bounded(users), _bounded(roles))
_ENTITIES: Final = {
    ("PermissionsPolicy", "User"): _attached_to(users, "user"),
    ("PermissionsPolicy", "Group"): _attached_to(groups, "group"),
    ("PermissionsPolicy", "Role"): _attached_to(roles, "role"),
    ("PermissionsBoundary", "User"): _bounded_by(users, "user"),
    ("PermissionsBoundary", "Role"): _bounded_by(roles, "role"),
}


@dataclass(frozen=True, slots=True)
class Attached:
    """A managed policy that something has."""

    arn: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A User, Group or Role that has a policy."""

    kind: str
    name: str
    id: str
    path: str


def attached_policies(tx: Tx, account: str, owner_id: str) -> list[Attached]:
    """The managed policies of a user, group or role, by name."""
    return [_attached(arn) for (arn,) in tx.execute(_OF, {"account": account, "owner": owner_id})]


def attach(tx: Tx, account: str, owner_id: str, policy: ManagedPolicy) -> None:
    """Attaches a policy; one that is attached stays so."""
    row = {
        "account_id": account,
        "owner_id": owner_id,
        "policy_arn": policy.arn,
        "policy_id": None if policy.by_aws else policy.id,
        "name_key": policy.name.lower(),
    }
    tx.execute(_ADD, row)


def detach(tx: Tx, account: str, owner_id: str, policy_arn: str) -> bool:
    """Detaches a policy. False when it is not attached."""
    return tx.execute(_REMOVE, {"account": account, "owner": owner_id, "policy": policy_arn}).rowcount == 1


def attachment_counts(tx: Tx, account: str, policy_arns: Sequence[str]) -> dict[str, int]:
    """To how many users, groups and roles of the account each policy is attached; none has no entry."""
    rows = tx.execute(_COUNT, {"account": account, "policies": list(policy_arns)})
    return {row[0]: row[1] for row in rows}


def boundary_counts(tx: Tx, account: str, policy_arns: Sequence[str]) -> dict[str, int]:
    """Of how many users and roles of the account each policy is the boundary; none has no entry."""
    counts: dict[str, int] = {}
    for statement in _BOUNDED:
        for arn, count in tx.execute(statement, {"account": account, "policies": list(policy_arns)}):
            counts[arn] = counts.get(arn, 0) + count
    return counts


def entities_with(tx: Tx, account: str, policy_arn: str, usage: str, kind: str) -> list[Entity]:
    """What has the policy: `usage` PermissionsPolicy or PermissionsBoundary, `kind` User, Group or Role."""
    statement = _ENTITIES.get((usage, kind))
    if statement is None:
        return []
    rows = tx.execute(statement, {"account": account, "policy": policy_arn})
    return [Entity(kind, name, entity_id, path) for name, entity_id, path in rows]


def _attached(arn: str) -> Attached:
    parts = arns.parse(arn)
    if parts is None:
        raise ValueError(f"{arn} is attached and no policy's ARN")
    return Attached(arn, parts.name, parts.path)
