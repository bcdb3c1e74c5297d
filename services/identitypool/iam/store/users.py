"""IAM users: by name, by unique id, lists."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.identitypool.iam import arns
from services.identitypool.iam.records import User
from services.identitypool.iam.store.columns import instant, path_parameters, under_path
from services.identitypool.schema.iam import memberships, users
from shared.sql.engine import Tx

_ACCOUNT: Final = users.c.account_id == sa.bindparam("account")
_BY_NAME: Final = sa.select(users).where(_ACCOUNT, users.c.name_key == sa.bindparam("key"))
_BY_NAME_LOCKED: Final = _BY_NAME.with_for_update()
_BY_ID: Final = sa.select(users).where(_ACCOUNT, users.c.user_id == sa.bindparam("id"))
_LIST: Final = (
    sa.select(users)
    .where(_ACCOUNT, users.c.name_key > sa.bindparam("after"), under_path(users.c.path))
    .order_by(users.c.name_key)
    .limit(sa.bindparam("limit"))
)
_ADD: Final = insert(users).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_OF_GROUP: Final = (
    sa.select(users)
    .join(
        memberships, sa.and_(memberships.c.account_id == users.c.account_id, memberships.c.user_id == users.c.user_id)
    )
    .where(_ACCOUNT, memberships.c.group_id == sa.bindparam("group"), users.c.name_key > sa.bindparam("after"))
    .order_by(users.c.name_key)
    .limit(sa.bindparam("limit"))
)
_THIS: Final = sa.and_(users.c.account_id == sa.bindparam("of_account"), users.c.user_id == sa.bindparam("of_id"))
_SET_NAME: Final = (
    sa.update(users)
    .where(_THIS)
    .values(user_name=sa.bindparam("to_name"), name_key=sa.bindparam("to_key"), path=sa.bindparam("to_path"))
)
_SET_BOUNDARY: Final = sa.update(users).where(_THIS).values(boundary_arn=sa.bindparam("to_boundary"))
_REMOVE: Final = sa.delete(users).where(_THIS)


def find_user(tx: Tx, account: str, name: str) -> User | None:
    """The user with this name, without regard to case."""
    return _found(tx, _BY_NAME, {"account": account, "key": name.lower()})


def lock_user(tx: Tx, account: str, name: str) -> User | None:
    """As `find_user`; others that lock the user wait."""
    return _found(tx, _BY_NAME_LOCKED, {"account": account, "key": name.lower()})


def user_with_id(tx: Tx, account: str, user_id: str) -> User | None:
    """The user with this unique id."""
    return _found(tx, _BY_ID, {"account": account, "id": user_id})


def user_with_arn(tx: Tx, arn: str) -> User | None:
    """The user with this ARN; its path must be right, too."""
    parts = arns.parse(arn)
    if parts is None or parts.kind != "user":
        return None
    found = find_user(tx, parts.account, parts.name)
    return found if found is not None and found.arn == arn else None


def list_users(tx: Tx, account: str, prefix: str, after: str, limit: int) -> list[User]:
    """Up to `limit` users whose path begins with `prefix`, by name, after the name `after` (in lower case)."""
    parameters = {"account": account, "after": after, "limit": limit, **path_parameters(prefix)}
    return [_record(row) for row in tx.execute(_LIST, parameters).mappings()]


def list_users_of_group(tx: Tx, account: str, group_id: str, after: str, limit: int) -> list[User]:
    """Up to `limit` members of a group, by name, after the name `after` (in lower case)."""
    parameters = {"account": account, "group": group_id, "after": after, "limit": limit}
    return [_record(row) for row in tx.execute(_OF_GROUP, parameters).mappings()]


def add_user(tx: Tx, user: User) -> bool:
    """Adds a user. False when the name is taken."""
    row = {
        "account_id": user.account,
        "user_id": user.id,
        "user_name": user.name,
        "name_key": user.name.lower(),
        "path": user.path,
        "boundary_arn": user.boundary_arn,
        "created_at": user.created_at.timestamp(),
    }
    return tx.execute(_ADD, row).rowcount == 1


def set_user_name(tx: Tx, user: User, name: str, path: str) -> bool:
    """Renames or moves a user. False when another user has the name; the transaction then goes no further."""
    try:
        tx.execute(_SET_NAME, {**_this(user), "to_name": name, "to_key": name.lower(), "to_path": path})
    except IntegrityError:
        return False
    return True


def set_user_boundary(tx: Tx, user: User, policy_arn: str | None) -> None:
    """Sets or takes away a user's permissions boundary."""
    tx.execute(_SET_BOUNDARY, {**_this(user), "to_boundary": policy_arn})


def remove_user(tx: Tx, user: User) -> None:
    """Removes the user's row; what hangs on it was removed before."""
    tx.execute(_REMOVE, _this(user))


def _this(user: User) -> dict[str, str]:
    return {"of_account": user.account, "of_id": user.id}


def _found(tx: Tx, statement: sa.Select[Any], parameters: dict[str, str]) -> User | None:
    row = tx.execute(statement, parameters).mappings().first()
    return None if row is None else _record(row)


def _record(row: sa.RowMapping) -> User:
    return User(
        account=row["account_id"],
        id=row["user_id"],
        name=row["user_name"],
        path=row["path"],
        boundary_arn=row["boundary_arn"],
        created_at=instant(row["created_at"]),
    )
