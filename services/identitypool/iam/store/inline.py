"""Policies written into a user, group or role."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.iam.records import InlinePolicy
from services.identitypool.schema.iam import inline_policies
from shared.sql.engine import Tx

_OWNER: Final = sa.and_(
    inline_policies.c.account_id == sa.bindparam("account"),
    inline_policies.c.owner_id == sa.bindparam("owner"),
)
_THIS: Final = sa.and_(_OWNER, inline_policies.c.policy_name == sa.bindparam("name"))
_FIND: Final = sa.select(inline_policies).where(_THIS)
_NAMES: Final = (
    sa.select(inline_policies.c.policy_name)
    .where(_OWNER, inline_policies.c.policy_name > sa.bindparam("after"))
    .order_by(inline_policies.c.policy_name)
    .limit(sa.bindparam("limit"))
)
_SIZE_OF_OTHERS: Final = sa.select(sa.func.coalesce(sa.func.sum(inline_policies.c.size), 0)).where(
    _OWNER,
    inline_policies.c.policy_name != sa.bindparam("name"),
)
_NEW: Final = insert(inline_policies)
_PUT: Final = _NEW.on_conflict_do_update(
    index_elements=[inline_policies.c.account_id, inline_policies.c.owner_id, inline_policies.c.policy_name],
    set_={"text": _NEW.excluded.text, "size": _NEW.excluded.size},
)
_REMOVE: Final = sa.delete(inline_policies).where(_THIS)


def find_inline(tx: Tx, account: str, owner_id: str, name: str) -> InlinePolicy | None:
    """The inline policy of this name."""
    row = tx.execute(_FIND, {"account": account, "owner": owner_id, "name": name}).mappings().first()
    return None if row is None else InlinePolicy(row["policy_name"], row["text"], row["size"])


def inline_names(tx: Tx, account: str, owner_id: str, after: str, limit: int) -> list[str]:
    """Up to `limit` names of inline policies, after the name `after`."""
    parameters = {"account": account, "owner": owner_id, "after": after, "limit": limit}
    return list(tx.execute(_NAMES, parameters).scalars())


def size_of_others(tx: Tx, account: str, owner_id: str, name: str) -> int:
    """The summed size of all inline policies but the one of this name."""
    return int(tx.execute(_SIZE_OF_OTHERS, {"account": account, "owner": owner_id, "name": name}).scalar_one())


def put_inline(tx: Tx, account: str, owner_id: str, policy: InlinePolicy) -> None:
    """Writes an inline policy, over one of the same name."""
    row = {
        "account_id": account,
        "owner_id": owner_id,
        "policy_name": policy.name,
        "text": policy.text,
        "size": policy.size,
    }
    tx.execute(_PUT, row)


def remove_inline(tx: Tx, account: str, owner_id: str, name: str) -> bool:
    """Removes an inline policy. False when there is none of this name."""
    return tx.execute(_REMOVE, {"account": account, "owner": owner_id, "name": name}).rowcount == 1
