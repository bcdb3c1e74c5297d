"""Tags of users, roles and policies."""

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.schema.iam import tags
from shared.sql.engine import Tx

_OWNER: Final = sa.and_(tags.c.account_id == sa.bindparam("account"), tags.c.owner_id == sa.bindparam("owner"))
_OF: Final = sa.select(tags.c.tag_key, tags.c.tag_value).where(_OWNER).order_by(tags.c.key_key)
_NEW: Final = insert(tags)
_SET: Final = _NEW.on_conflict_do_update(
    index_elements=[tags.c.account_id, tags.c.owner_id, tags.c.key_key],
    set_={"tag_key": _NEW.excluded.tag_key, "tag_value": _NEW.excluded.tag_value},
)
_REMOVE: Final = sa.delete(tags).where(_OWNER, tags.c.key_key == sa.bindparam("gone"))
_REMOVE_ALL: Final = sa.delete(tags).where(_OWNER)


def tags_of(tx: Tx, account: str, owner_id: str) -> dict[str, str]:
    """The tags of a user, role or policy, by key."""
    return {row.tag_key: row.tag_value for row in tx.execute(_OF, {"account": account, "owner": owner_id})}


def set_tags(tx: Tx, account: str, owner_id: str, wanted: Mapping[str, str], *, with_case: bool) -> None:
    """Adds these tags, or gives those that exist new values. `with_case`: keys that differ in case are two tags."""
    rows = [
        {
            "account_id": account,
            "owner_id": owner_id,
            "key_key": key if with_case else key.lower(),
            "tag_key": key,
            "tag_value": value,
        }
        for key, value in wanted.items()
    ]
    if rows:
        tx.execute(_SET, rows)


def remove_tags(tx: Tx, account: str, owner_id: str, keys: Iterable[str], *, with_case: bool) -> None:
    """Removes the tags with these keys; those that are not there do not matter."""
    rows = [{"account": account, "owner": owner_id, "gone": key if with_case else key.lower()} for key in keys]
    if rows:
        tx.execute(_REMOVE, rows)


def remove_all_tags(tx: Tx, account: str, owner_id: str) -> None:
    """Removes every tag of something that goes."""
    tx.execute(_REMOVE_ALL, {"account": account, "owner": owner_id})
