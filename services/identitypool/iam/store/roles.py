"""IAM roles: by name, by unique id, lists."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.iam import arns
from services.identitypool.iam.records import Role
from services.identitypool.iam.store.columns import instant, instant_or_none, path_parameters, under_path
from services.identitypool.schema.iam import roles
from shared.audit.record import KeyUse
from shared.sql.engine import Tx

_ACCOUNT: Final = roles.c.account_id == sa.bindparam("account")
_BY_NAME: Final = sa.select(roles).where(_ACCOUNT, roles.c.name_key == sa.bindparam("key"))
_BY_NAME_LOCKED: Final = _BY_NAME.with_for_update()
_BY_ID: Final = sa.select(roles).where(_ACCOUNT, roles.c.role_id == sa.bindparam("id"))
_LIST: Final = (
    sa.select(roles)
    .where(_ACCOUNT, roles.c.name_key > sa.bindparam("after"), under_path(roles.c.path))
    .order_by(roles.c.name_key)
    .limit(sa.bindparam("limit"))
)
_ADD: Final = insert(roles).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_THIS: Final = sa.and_(roles.c.account_id == sa.bindparam("of_account"), roles.c.role_id == sa.bindparam("of_id"))
_SET_SETTINGS: Final = (
    sa.update(roles)
    .where(_THIS)
    .values(description=sa.bindparam("to_description"), max_session_s=sa.bindparam("to_max_session_s"))
)
_SET_TRUST: Final = (
    sa.update(roles)
    .where(_THIS)
    .values(trust_policy=sa.bindparam("to_trust"), trusted_accounts=sa.bindparam("to_accounts"))
)
_SET_BOUNDARY: Final = sa.update(roles).where(_THIS).values(boundary_arn=sa.bindparam("to_boundary"))
_TOUCH: Final = (
    sa.update(roles)
    .where(_THIS, sa.or_(roles.c.last_used_at.is_(None), roles.c.last_used_at < sa.bindparam("used_at")))
    .values(last_used_at=sa.bindparam("used_at"), last_used_region=sa.bindparam("used_in"))
)
_REMOVE: Final = sa.delete(roles).where(_THIS)


def find_role(tx: Tx, account: str, name: str) -> Role | None:
    """The role with this name, without regard to case."""
    return _found(tx, _BY_NAME, {"account": account, "key": name.lower()})


def lock_role(tx: Tx, account: str, name: str) -> Role | None:
    """As `find_role`; others that lock the role wait."""
    return _found(tx, _BY_NAME_LOCKED, {"account": account, "key": name.lower()})


def role_with_id(tx: Tx, account: str, role_id: str) -> Role | None:
    """The role with this unique id."""
    return _found(tx, _BY_ID, {"account": account, "id": role_id})


def role_with_arn(tx: Tx, arn: str) -> Role | None:
    """The role with this ARN; its path must be right, too."""
    parts = arns.parse(arn)
    if parts is None or parts.kind != "role":
        return None
    found = find_role(tx, parts.account, parts.name)
    return found if found is not None and found.arn == arn else None


def list_roles(tx: Tx, account: str, prefix: str, after: str, limit: int) -> list[Role]:
    """Up to `limit` roles whose path begins with `prefix`, by name, after the name `after` (in lower case)."""
    parameters = {"account": account, "after": after, "limit": limit, **path_parameters(prefix)}
    return [_record(row) for row in tx.execute(_LIST, parameters).mappings()]


def add_role(tx: Tx, role: Role) -> bool:
    """Adds a role. False when the name is taken."""
    row = {
        "account_id": role.account,
        "role_id": role.id,
        "role_name": role.name,
        "name_key": role.name.lower(),
        "path": role.path,
        "trust_policy": role.trust_policy,
        "trusted_accounts": role.trusted_accounts,
        "description": role.description,
        "max_session_s": role.max_session_s,
        "boundary_arn": role.boundary_arn,
        "created_at": role.created_at.timestamp(),
    }
    return tx.execute(_ADD, row).rowcount == 1


def set_role_settings(tx: Tx, role: Role, description: str | None, max_session_s: int) -> None:
    """Sets a role's description and longest session."""
    tx.execute(_SET_SETTINGS, {**_this(role), "to_description": description, "to_max_session_s": max_session_s})


def set_role_trust(tx: Tx, role: Role, trust_policy: str, trusted_accounts: str) -> None:
    """Sets a role's trust policy, its principals by unique id, and the accounts of those ids (JSON)."""
    tx.execute(_SET_TRUST, {**_this(role), "to_trust": trust_policy, "to_accounts": trusted_accounts})


def set_role_boundary(tx: Tx, role: Role, policy_arn: str | None) -> None:
    """Sets or takes away a role's permissions boundary."""
    tx.execute(_SET_BOUNDARY, {**_this(role), "to_boundary": policy_arn})


def touch_role_last_used(tx: Tx, use: KeyUse) -> None:
    """Notes that a session of the role was used, unless a later use is known."""
    tx.execute(_TOUCH, {"of_account": use.account, "of_id": use.key, "used_at": use.at, "used_in": use.region})


def remove_role(tx: Tx, role: Role) -> None:
    """Removes the role's row; what hangs on it was removed before."""
    tx.execute(_REMOVE, _this(role))


def _this(role: Role) -> dict[str, Any]:
    return {"of_account": role.account, "of_id": role.id}


def _found(tx: Tx, statement: sa.Select[Any], parameters: dict[str, str]) -> Role | None:
    row = tx.execute(statement, parameters).mappings().first()
    return None if row is None else _record(row)


def _record(row: sa.RowMapping) -> Role:
    return Role(
        account=row["account_id"],
        id=row["role_id"],
        name=row["role_name"],
        path=row["path"],
        trust_policy=row["trust_policy"],
        trusted_accounts=row["trusted_accounts"],
        description=row["description"],
        max_session_s=row["max_session_s"],
        boundary_arn=row["boundary_arn"],
        created_at=instant(row["created_at"]),
        last_used_at=instant_or_none(row["last_used_at"]),
        last_used_region=row["last_used_region"],
    )
