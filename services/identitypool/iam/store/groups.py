"""IAM groups: by name, by unique id, lists."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.identitypool.iam import arns
from services.identitypool.iam.records import Group
from services.identitypool.iam.store.columns import instant, path_parameters, under_path
from services.identitypool.schema.iam import groups, memberships
from shared.sql.engine import Tx

_ACCOUNT: Final = groups.c.account_id == sa.bindparam("account")
_BY_NAME: Final = sa.select(groups).where(_ACCOUNT, groups.c.name_key == sa.bindparam("key"))
_BY_NAME_LOCKED: Final = _BY_NAME.with_for_update()
_LIST: Final = (
    sa.select(groups)
    .where(_ACCOUNT, groups.c.name_key > sa.bindparam("after"), under_path(groups.c.path))
    .order_by(groups.c.name_key)
    .limit(sa.bindparam("limit"))
)
_ADD: Final = insert(groups).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_OF_USER: Final = (
    sa.select(groups)
    .join(
        memberships,
        sa.and_(memberships.c.account_id == groups.c.account_id, memberships.c.group_id == groups.c.group_id),
    )
    .where(_ACCOUNT, memberships.c.user_id == sa.bindparam("user"), groups.c.name_key > sa.bindparam("after"))
    .order_by(groups.c.name_key)
    .limit(sa.bindparam("limit"))
)
_ADD_MEMBER: Final = insert(memberships).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_REMOVE_MEMBER: Final = sa.delete(memberships).where(
    memberships.c.account_id == sa.bindparam("of_account"),
    memberships.c.user_id == sa.bindparam("of_user"),
    memberships.c.group_id == sa.bindparam("of_id"),
)
_COUNT_OF_USER: Final = (
    sa.select(sa.func.count())
    .select_from(memberships)
    .where(memberships.c.account_id == sa.bindparam("account"), memberships.c.user_id == sa.bindparam("user"))
)
_THIS: Final = sa.and_(groups.c.account_id == sa.bindparam("of_account"), groups.c.group_id == sa.bindparam("of_id"))
_SET_NAME: Final = (
    sa.update(groups)
    .where(_THIS)
    .values(group_name=sa.bindparam("to_name"), name_key=sa.bindparam("to_key"), path=sa.bindparam("to_path"))
)
_REMOVE: Final = sa.delete(groups).where(_THIS)


def find_group(tx: Tx, account: str, name: str) -> Group | None:
    """The group with this name, without regard to case."""
    return _found(tx, _BY_NAME, {"account": account, "key": name.lower()})


def lock_group(tx: Tx, account: str, name: str) -> Group | None:
    """As `find_group`; others that lock the group wait."""
    return _found(tx, _BY_NAME_LOCKED, {"account": account, "key": name.lower()})


def group_with_arn(tx: Tx, arn: str) -> Group | None:
    """The group with this ARN; its path must be right, too."""
    parts = arns.parse(arn)
    if parts is None or parts.kind != "group":
        return None
    found = find_group(tx, parts.account, parts.name)
    return found if found is not None and found.arn == arn else None


def list_groups(tx: Tx, account: str, prefix: str, after: str, limit: int) -> list[Group]:
    """Up to `limit` groups whose path begins with `prefix`, by name, after the name `after` (in lower case)."""
    parameters = {"account": account, "after": after, "limit": limit, **path_parameters(prefix)}
    return [_record(row) for row in tx.execute(_LIST, parameters).mappings()]


def list_groups_of_user(tx: Tx, account: str, user_id: str, after: str, limit: int) -> list[Group]:
    """Up to `limit` groups that a user belongs to, by name, after the name `after` (in lower case)."""
    parameters = {"account": account, "user": user_id, "after": after, "limit": limit}
    return [_record(row) for row in tx.execute(_OF_USER, parameters).mappings()]


def count_groups_of_user(tx: Tx, account: str, user_id: str) -> int:
    """How many groups a user belongs to."""
    return tx.execute(_COUNT_OF_USER, {"account": account, "user": user_id}).scalar_one()


def add_member(tx: Tx, group: Group, user_id: str) -> bool:
    """Puts a user into the group. False when it is a member already."""
    row = {"account_id": group.account, "user_id": user_id, "group_id": group.id}
    return tx.execute(_ADD_MEMBER, row).rowcount == 1


def remove_member(tx: Tx, group: Group, user_id: str) -> None:
    """Takes a user out of the group; who is no member stays none."""
    tx.execute(_REMOVE_MEMBER, {**_this(group), "of_user": user_id})


def add_group(tx: Tx, group: Group) -> bool:
    """Adds a group. False when the name is taken."""
    row = {
        "account_id": group.account,
        "group_id": group.id,
        "group_name": group.name,
        "name_key": group.name.lower(),
        "path": group.path,
        "created_at": group.created_at.timestamp(),
    }
    return tx.execute(_ADD, row).rowcount == 1


def set_group_name(tx: Tx, group: Group, name: str, path: str) -> bool:
    """Renames or moves a group. False when another group has the name; the transaction then goes no further."""
    try:
        tx.execute(_SET_NAME, {**_this(group), "to_name": name, "to_key": name.lower(), "to_path": path})
    except IntegrityError:
        return False
    return True


def remove_group(tx: Tx, group: Group) -> None:
    """Removes the group's row; what hangs on it was removed before."""
    tx.execute(_REMOVE, _this(group))


def _this(group: Group) -> dict[str, str]:
    return {"of_account": group.account, "of_id": group.id}


def _found(tx: Tx, statement: sa.Select[Any], parameters: dict[str, str]) -> Group | None:
    row = tx.execute(statement, parameters).mappings().first()
    return None if row is None else _record(row)


def _record(row: sa.RowMapping) -> Group:
    return Group(
        account=row["account_id"],
        id=row["group_id"],
        name=row["group_name"],
        path=row["path"],
        created_at=instant(row["created_at"]),
    )
