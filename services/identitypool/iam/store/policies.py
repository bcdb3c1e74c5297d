"""Managed policies and their versions: an account's own from its tables, AWS's from `aws_managed/`."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.iam import arns, aws_managed
from services.identitypool.iam.records import ManagedPolicy, PolicyVersion
from services.identitypool.iam.store.columns import instant, path_parameters, under_path
from services.identitypool.schema.iam import policies, policy_versions
from shared.sql.engine import Tx

_ACCOUNT: Final = policies.c.account_id == sa.bindparam("account")
_BY_NAME: Final = sa.select(policies).where(_ACCOUNT, policies.c.name_key == sa.bindparam("key"))
_BY_NAME_LOCKED: Final = _BY_NAME.with_for_update()
_LIST: Final = (
    sa.select(policies)
    .where(_ACCOUNT, policies.c.name_key > sa.bindparam("after"), under_path(policies.c.path))
    .order_by(policies.c.name_key)
    .limit(sa.bindparam("limit"))
)
_THIS: Final = sa.and_(
    policies.c.account_id == sa.bindparam("of_account"),
    policies.c.policy_id == sa.bindparam("of_id"),
)
_ADD: Final = insert(policies).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_SET_VERSIONS: Final = (
    sa.update(policies)
    .where(_THIS)
    .values(
        default_version=sa.bindparam("to_default"),
        newest_version=sa.bindparam("to_newest"),
        updated_at=sa.bindparam("to_updated_at"),
    )
)
_REMOVE: Final = sa.delete(policies).where(_THIS)
_VERSIONS_OF: Final = sa.and_(
    policy_versions.c.account_id == sa.bindparam("of_account"),
    policy_versions.c.policy_id == sa.bindparam("of_id"),
)
_VERSION: Final = sa.select(policy_versions).where(_VERSIONS_OF, policy_versions.c.version == sa.bindparam("number"))
_VERSIONS: Final = sa.select(policy_versions).where(_VERSIONS_OF).order_by(policy_versions.c.version.desc())
_ADD_VERSION: Final = sa.insert(policy_versions)
_REMOVE_VERSION: Final = sa.delete(policy_versions).where(
    _VERSIONS_OF,
    policy_versions.c.version == sa.bindparam("number"),
)
_REMOVE_VERSIONS: Final = sa.delete(policy_versions).where(_VERSIONS_OF)


def policy_with_arn(tx: Tx, arn: str) -> ManagedPolicy | None:
    """The managed policy with this ARN, of whichever account, or AWS's."""
    return _with_arn(tx, arn, _BY_NAME)


def lock_policy(tx: Tx, arn: str) -> ManagedPolicy | None:
    """As `policy_with_arn`; others that lock it wait."""
    return _with_arn(tx, arn, _BY_NAME_LOCKED)


def _with_arn(tx: Tx, arn: str, statement: sa.Select[Any]) -> ManagedPolicy | None:
    parts = arns.parse(arn)
    if parts is None or parts.kind != "policy":
        return None
    if parts.account == "aws":
        return aws_managed.find(arn)
    row = tx.execute(statement, {"account": parts.account, "key": parts.name.lower()}).mappings().first()
    found = None if row is None else _record(row)
    return found if found is not None and found.arn == arn else None


def list_policies(tx: Tx, account: str, prefix: str, after: str, limit: int) -> list[ManagedPolicy]:
    """Up to `limit` policies of the account whose path begins with `prefix`, by name, after `after` (lower case)."""
    parameters = {"account": account, "after": after, "limit": limit, **path_parameters(prefix)}
    return [_record(row) for row in tx.execute(_LIST, parameters).mappings()]


def add_policy(tx: Tx, policy: ManagedPolicy, text: str) -> bool:
    """Adds a policy with its first version. False when the name is taken."""
    row = {
        "account_id": policy.account,
        "policy_id": policy.id,
        "policy_name": policy.name,
        "name_key": policy.name.lower(),
        "path": policy.path,
        "description": policy.description,
        "default_version": policy.default_version,
        "newest_version": policy.newest_version,
        "created_at": policy.created_at.timestamp(),
        "updated_at": policy.updated_at.timestamp(),
    }
    if tx.execute(_ADD, row).rowcount == 0:
        return False
    _add_version(tx, policy, policy.newest_version, text, policy.created_at)
    return True


def add_version(tx: Tx, policy: ManagedPolicy, text: str, now: datetime, *, default: bool) -> PolicyVersion:
    """Adds a version, numbered after the newest that ever was, and makes it the default if told so."""
    number = policy.newest_version + 1
    _add_version(tx, policy, number, text, now)
    parameters = {
        "to_default": number if default else policy.default_version,
        "to_newest": number,
        "to_updated_at": (now if default else policy.updated_at).timestamp(),
    }
    tx.execute(_SET_VERSIONS, {**_this(policy), **parameters})
    return PolicyVersion(number, text, now)


def set_default_version(tx: Tx, policy: ManagedPolicy, number: int, now: datetime) -> None:
    """Makes one of the policy's versions the one that counts."""
    parameters = {"to_default": number, "to_newest": policy.newest_version, "to_updated_at": now.timestamp()}
    tx.execute(_SET_VERSIONS, {**_this(policy), **parameters})


def find_version(tx: Tx, policy: ManagedPolicy, number: int) -> PolicyVersion | None:
    """One version of a policy."""
    if policy.by_aws:
        return aws_managed.version(policy) if number == policy.default_version else None
    row = tx.execute(_VERSION, {**_this(policy), "number": number}).mappings().first()
    return None if row is None else _version(row)


def versions_of(tx: Tx, policy: ManagedPolicy) -> list[PolicyVersion]:
    """The versions of a policy, newest first."""
    if policy.by_aws:
        return [aws_managed.version(policy)]
    return [_version(row) for row in tx.execute(_VERSIONS, _this(policy)).mappings()]


def remove_version(tx: Tx, policy: ManagedPolicy, number: int) -> None:
    """Removes a version that is not the default."""
    tx.execute(_REMOVE_VERSION, {**_this(policy), "number": number})


def remove_policy(tx: Tx, policy: ManagedPolicy) -> None:
    """Removes a policy and its versions; nothing has it attached."""
    tx.execute(_REMOVE_VERSIONS, _this(policy))
    tx.execute(_REMOVE, _this(policy))


def _add_version(tx: Tx, policy: ManagedPolicy, number: int, text: str, now: datetime) -> None:
    row = {
        "account_id": policy.account,
        "policy_id": policy.id,
        "version": number,
        "text": text,
        "created_at": now.timestamp(),
    }
    tx.execute(_ADD_VERSION, row)


def _this(policy: ManagedPolicy) -> dict[str, Any]:
    return {"of_account": policy.account, "of_id": policy.id}


def _version(row: sa.RowMapping) -> PolicyVersion:
    return PolicyVersion(row["version"], row["text"], instant(row["created_at"]))


def _record(row: sa.RowMapping) -> ManagedPolicy:
    return ManagedPolicy(
        account=row["account_id"],
        id=row["policy_id"],
        name=row["policy_name"],
        path=row["path"],
        description=row["description"],
        default_version=row["default_version"],
        newest_version=row["newest_version"],
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
    )
