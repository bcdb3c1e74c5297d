"""Pages of users, each a range of one index, however large the pool."""

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from services.userpool.directory.user import Profile
from services.userpool.schema.directory import user_search, users
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared

COLUMNS: Final = (
    users.c.sub,
    users.c.username,
    users.c.status,
    users.c.enabled,
    users.c.attributes,
    users.c.created_at,
    users.c.modified_at,
)
_BY_SUB: Final = Prepared(
    sa.select(*COLUMNS)
    .where(
        users.c.pool_id == sa.bindparam("pool"),
        users.c.sub > sa.bindparam("after"),
        users.c.sub >= sa.bindparam("low"),
        users.c.sub < sa.bindparam("high"),
    )
    .order_by(users.c.sub)
    .limit(sa.bindparam("limit"))
)
_SEARCHED: Final = user_search.join(
    users, sa.and_(users.c.pool_id == user_search.c.pool_id, users.c.sub == user_search.c.sub)
)
_WITH: Final = (
    sa.select(*COLUMNS)
    .select_from(_SEARCHED)
    .where(
        user_search.c.pool_id == sa.bindparam("pool"),
        user_search.c.attribute == sa.bindparam("the_attribute"),
        user_search.c.value == sa.bindparam("the_value"),
        user_search.c.sub > sa.bindparam("after"),
    )
    .order_by(user_search.c.sub)
    .limit(sa.bindparam("limit"))
)
_FOUND: Final = (
    sa.select(*COLUMNS, user_search.c.value)
    .select_from(_SEARCHED)
    .where(
        user_search.c.pool_id == sa.bindparam("pool"),
        user_search.c.attribute == sa.bindparam("the_attribute"),
        sa.tuple_(user_search.c.value, user_search.c.sub)
        > sa.tuple_(sa.bindparam("after_value", type_=sa.Text), sa.bindparam("after", type_=sa.Text)),
        user_search.c.value < sa.bindparam("high"),
    )
    .order_by(user_search.c.value, user_search.c.sub)
    .limit(sa.bindparam("limit"))
)
_ATTRIBUTES: Final = msgspec.json.Decoder(dict[str, str])
_LAST: Final = "\U0010ffff"


def profile(row: Any) -> Profile:  # noqa: ANN401 - a row of COLUMNS
    """The record of a row."""
    return Profile(
        sub=row[0],
        username=row[1],
        status=row[2],
        enabled=row[3],
        attributes=_ATTRIBUTES.decode(row[4]),
        created_s=row[5],
        modified_s=row[6],
    )


def users_of_pool(
    tx: Tx, pool_id: str, *, after: str, limit: int, since: str = "", below: str = _LAST
) -> list[Profile]:
    """Up to `limit` users in order of their subs, past `after`, from `since` on and before `below`."""
    rows = _BY_SUB.all(tx, {"pool": pool_id, "after": after, "low": since, "high": below, "limit": limit})
    return [profile(row) for row in rows]


def users_with(tx: Tx, pool_id: str, attribute: str, value: str, *, after: str, limit: int) -> list[Profile]:
    """Up to `limit` users whose attribute has the value, in order of their subs, past `after`."""
    values = {"pool": pool_id, "the_attribute": attribute, "the_value": value, "after": after, "limit": limit}
    return [profile(row) for row in tx.execute(_WITH, values).all()]


def users_found(
    tx: Tx, pool_id: str, attribute: str, *, after: tuple[str, str], below: str, limit: int
) -> list[tuple[str, Profile]]:
    """Up to `limit` users with the value of `attribute` by which each was found, in order of (value, sub).

    Values lie past `after` (a value and a sub) and before `below`.
    """
    value, sub = after
    rows = tx.execute(
        _FOUND,
        {
            "pool": pool_id,
            "the_attribute": attribute,
            "after_value": value,
            "after": sub,
            "high": below,
            "limit": limit,
        },
    )
    return [(row[7], profile(row)) for row in rows.all()]
