"""Groups and their members in SQL."""

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.directory.store.lists import COLUMNS, profile
from services.userpool.directory.user import Group, Profile
from services.userpool.errors import GroupExists, ResourceNotFound
from services.userpool.schema.directory import group_members, groups, users
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared

_HERE: Final = sa.and_(groups.c.pool_id == sa.bindparam("pool"), groups.c.name == sa.bindparam("the_name"))
_FIND: Final = sa.select(groups).where(_HERE)
_TO_JOIN: Final = _FIND.with_for_update(key_share=True, read=True)
_LIST: Final = (
    sa.select(groups)
    .where(groups.c.pool_id == sa.bindparam("pool"), groups.c.name > sa.bindparam("after"))
    .order_by(groups.c.name)
    .limit(sa.bindparam("limit"))
)
_COUNT: Final = sa.select(sa.func.count()).where(groups.c.pool_id == sa.bindparam("pool"))
_ADD: Final = insert(groups).on_conflict_do_nothing(index_elements=["pool_id", "name"]).returning(groups.c.name)
_SET: Final = (
    sa.update(groups)
    .where(_HERE)
    .values(
        description=sa.bindparam("new_description"),
        role_arn=sa.bindparam("new_role"),
        precedence=sa.bindparam("new_precedence"),
        modified_at=sa.bindparam("at"),
    )
)
_REMOVE: Final = sa.delete(groups).where(_HERE)
_OF_USER: Final = Prepared(
    sa.select(groups)
    .select_from(group_members)
    .join(groups, sa.and_(groups.c.pool_id == group_members.c.pool_id, groups.c.name == group_members.c.group_name))
    .where(group_members.c.pool_id == sa.bindparam("pool"), group_members.c.sub == sa.bindparam("the_sub"))
)
_JOIN: Final = insert(group_members).on_conflict_do_nothing()
_LEAVE: Final = sa.delete(group_members).where(
    group_members.c.pool_id == sa.bindparam("pool"),
    group_members.c.sub == sa.bindparam("the_sub"),
    group_members.c.group_name == sa.bindparam("the_name"),
)
_MEMBERS: Final = (
    sa.select(*COLUMNS)
    .select_from(group_members)
    .join(users, sa.and_(users.c.pool_id == group_members.c.pool_id, users.c.sub == group_members.c.sub))
    .where(
        group_members.c.pool_id == sa.bindparam("pool"),
        group_members.c.group_name == sa.bindparam("the_name"),
        group_members.c.sub > sa.bindparam("after"),
    )
    .order_by(group_members.c.sub)
    .limit(sa.bindparam("limit"))
)
_LAST: Final = 1 << 62
_NO_GROUP: Final = "Group not found."


def _group(row: Any) -> Group:  # noqa: ANN401 - a row of the table
    return Group(
        pool_id=row[0],
        name=row[1],
        description=row[2],
        role_arn=row[3],
        precedence=row[4],
        created_at=datetime.fromtimestamp(row[5], UTC),
        modified_at=datetime.fromtimestamp(row[6], UTC),
    )


def find_group(tx: Tx, pool_id: str, name: str) -> Group | None:
    """The group, or None."""
    row = tx.execute(_FIND, {"pool": pool_id, "the_name": name}).first()
    return None if row is None else _group(row)


def group_named(tx: Tx, pool_id: str, name: str) -> Group:
    """The group. Raises ResourceNotFound."""
    group = find_group(tx, pool_id, name)
    if group is None:
        raise ResourceNotFound(_NO_GROUP)
    return group


def group_to_join(tx: Tx, pool_id: str, name: str) -> Group:
    """As `group_named`; the group stays until the transaction ends."""
    row = tx.execute(_TO_JOIN, {"pool": pool_id, "the_name": name}).first()
    if row is None:
        raise ResourceNotFound(_NO_GROUP)
    return _group(row)


def groups_of_pool(tx: Tx, pool_id: str, *, after: str, limit: int) -> list[Group]:
    """Up to `limit` groups in order of their names, those past `after`."""
    rows = tx.execute(_LIST, {"pool": pool_id, "after": after, "limit": limit})
    return [_group(row) for row in rows]


def count_groups(tx: Tx, pool_id: str) -> int:
    """How many groups the pool has."""
    return tx.execute(_COUNT, {"pool": pool_id}).scalar_one()


def add_group(tx: Tx, group: Group) -> None:
    """Stores a new group. Raises GroupExists."""
    added = tx.execute(
        _ADD,
        {
            "pool_id": group.pool_id,
            "name": group.name,
            "description": group.description,
            "role_arn": group.role_arn,
            "precedence": group.precedence,
            "created_at": group.created_at.timestamp(),
            "modified_at": group.modified_at.timestamp(),
        },
    ).first()
    if added is None:
        raise GroupExists("A group with the name already exists.")


def set_group(tx: Tx, group: Group) -> None:
    """Stores the changed group."""
    values = {
        "new_description": group.description,
        "new_role": group.role_arn,
        "new_precedence": group.precedence,
        "at": group.modified_at.timestamp(),
    }
    tx.execute(_SET, {"pool": group.pool_id, "the_name": group.name, **values})


def remove_group(tx: Tx, pool_id: str, name: str) -> None:
    """Removes the group; its members stay users. Raises ResourceNotFound."""
    if tx.execute(_REMOVE, {"pool": pool_id, "the_name": name}).rowcount == 0:
        raise ResourceNotFound(_NO_GROUP)


def groups_of(tx: Tx, pool_id: str, sub: str) -> tuple[Group, ...]:
    """The user's groups by precedence, lowest first; those without one last, each by name."""
    found = [_group(row) for row in _OF_USER.all(tx, {"pool": pool_id, "the_sub": sub})]
    found.sort(key=lambda group: (_LAST if group.precedence is None else group.precedence, group.name))
    return tuple(found)


def add_member(tx: Tx, pool_id: str, sub: str, group_name: str) -> None:
    """Puts the user into the group; nothing happens if they are in it."""
    tx.execute(_JOIN, {"pool_id": pool_id, "sub": sub, "group_name": group_name})


def remove_member(tx: Tx, pool_id: str, sub: str, group_name: str) -> None:
    """Takes the user out of the group; nothing happens if they are not in it."""
    tx.execute(_LEAVE, {"pool": pool_id, "the_sub": sub, "the_name": group_name})


def members(tx: Tx, pool_id: str, group_name: str, *, after: str, limit: int) -> list[Profile]:
    """Up to `limit` members in order of their subs, those past `after`."""
    rows = tx.execute(_MEMBERS, {"pool": pool_id, "the_name": group_name, "after": after, "limit": limit})
    return [profile(row) for row in rows.all()]
