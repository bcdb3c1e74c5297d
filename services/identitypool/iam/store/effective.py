"""Every policy text that binds a principal at this moment, and the boundary that limits it."""

from typing import Any, Final

import sqlalchemy as sa

from services.identitypool.iam import aws_managed
from services.identitypool.iam.records import PolicyText
from services.identitypool.iam.store.policies import find_version, policy_with_arn
from services.identitypool.schema.iam import (
    attachments,
    inline_policies,
    memberships,
    policies,
    policy_versions,
    roles,
    users,
)
from shared.refusal import InternalFault
from shared.sql.engine import Tx

_MINE: Final = sa.select(sa.bindparam("id", type_=sa.Text))
_MY_GROUPS: Final = sa.select(memberships.c.group_id).where(
    memberships.c.account_id == sa.bindparam("account"),
    memberships.c.user_id == sa.bindparam("id"),
)


def _inline(kind: str, owners: sa.Select[Any]) -> sa.Select[Any]:
    """Inline policies of `owners`, who are of one kind."""
    return sa.select(
        inline_policies.c.policy_name.label("source_id"),
        sa.literal(kind).label("source_type"),
        sa.cast(sa.null(), sa.Integer).label("version"),
        inline_policies.c.text.label("text"),
    ).where(
        inline_policies.c.account_id == sa.bindparam("account"),
        inline_policies.c.owner_id.in_(owners),
    )


def _attached(owners: sa.Select[Any]) -> sa.Select[Any]:
    """Managed policies of `owners`. One that AWS manages has no row in `policies`: its text comes out null."""
    policy = sa.and_(
        policies.c.account_id == attachments.c.account_id,
        policies.c.policy_id == attachments.c.policy_id,
    )
    default_version = sa.and_(
        policy_versions.c.account_id == policies.c.account_id,
        policy_versions.c.policy_id == policies.c.policy_id,
        policy_versions.c.version == policies.c.default_version,
    )
    return (
        sa.select(
            attachments.c.policy_arn,
            sa.literal("user-managed"),
            policies.c.default_version,
            policy_versions.c.text,
        )
        .select_from(attachments.outerjoin(policies, policy).outerjoin(policy_versions, default_version))
        .where(attachments.c.account_id == sa.bindparam("account"), attachments.c.owner_id.in_(owners))
    )


_OF_USER: Final = sa.union_all(
    _inline("user", _MINE),
    _inline("group", _MY_GROUPS),
    _attached(_MINE),
    _attached(_MY_GROUPS),
)
_OF_GROUP: Final = sa.union_all(_inline("group", _MINE), _attached(_MINE))
_OF_ROLE: Final = sa.union_all(_inline("role", _MINE), _attached(_MINE))
_BOUNDARY_OF_USER: Final = sa.select(users.c.boundary_arn).where(
    users.c.account_id == sa.bindparam("account"),
    users.c.user_id == sa.bindparam("id"),
)
_BOUNDARY_OF_ROLE: Final = sa.select(roles.c.boundary_arn).where(
    roles.c.account_id == sa.bindparam("account"),
    roles.c.role_id == sa.bindparam("id"),
)


def identity_policies_of_user(tx: Tx, account: str, user_id: str) -> tuple[PolicyText, ...]:
    """The user's policies and those of its groups, inline and managed, in one statement."""
    return _texts(tx, _OF_USER, account, user_id)


def identity_policies_of_group(tx: Tx, account: str, group_id: str) -> tuple[PolicyText, ...]:
    """The group's policies, inline and managed."""
    return _texts(tx, _OF_GROUP, account, group_id)


def identity_policies_of_role(tx: Tx, account: str, role_id: str) -> tuple[PolicyText, ...]:
    """The role's policies, inline and managed, in one statement."""
    return _texts(tx, _OF_ROLE, account, role_id)


def boundary_of_user(tx: Tx, account: str, user_id: str) -> PolicyText | None:
    """The user's permissions boundary."""
    return _boundary(tx, tx.execute(_BOUNDARY_OF_USER, {"account": account, "id": user_id}).scalar())


def boundary_of_role(tx: Tx, account: str, role_id: str) -> PolicyText | None:
    """The role's permissions boundary."""
    return _boundary(tx, tx.execute(_BOUNDARY_OF_ROLE, {"account": account, "id": role_id}).scalar())


def managed_policy(tx: Tx, arn: str) -> PolicyText | None:
    """The default version of a managed policy, an account's own or AWS's."""
    policy = policy_with_arn(tx, arn)
    if policy is None:
        return None
    version = find_version(tx, policy, policy.default_version)
    if version is None:
        raise InternalFault(f"{arn} lacks its default version")
    return PolicyText(arn, "aws-managed" if policy.by_aws else "user-managed", f"v{version.number}", version.text)


def _boundary(tx: Tx, arn: str | None) -> PolicyText | None:
    if arn is None:
        return None
    boundary = managed_policy(tx, arn)
    if boundary is None:
        raise InternalFault(f"the permissions boundary {arn} is gone")
    return boundary


def _texts(tx: Tx, statement: sa.CompoundSelect[Any], account: str, owner_id: str) -> tuple[PolicyText, ...]:
    """The same policy through two groups counts once."""
    rows = tx.execute(statement, {"account": account, "id": owner_id})
    return tuple(dict.fromkeys(_text(*row) for row in rows))


def _text(source_id: str, source_type: str, version: int | None, text: str | None) -> PolicyText:
    if text is not None:
        return PolicyText(source_id, source_type, "" if version is None else f"v{version}", text)
    policy = aws_managed.find(source_id)
    if policy is None:
        raise InternalFault(f"{source_id} is attached and has no text")
    built_in = aws_managed.version(policy)
    return PolicyText(source_id, "aws-managed", f"v{built_in.number}", built_in.text)
