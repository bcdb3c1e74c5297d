"""Emptying an installation in test mode: what `poolkeeper init` made stays, and each account's root keys."""

import sqlalchemy as sa

from services.identitypool.schema import iam as tables
from services.identitypool.schema import metadata
from shared.sql.engine import Tx

_STAYS_WHOLE = (tables.accounts, tables.first_account)


def reset(tx: Tx) -> None:
    """Removes every row of the service but the accounts, their root and bootstrap keys, and the bootstrap user's rights."""
    keys = tables.access_keys
    is_root = keys.c.user_id == keys.c.account_id
    kept_keys = sa.select(keys.c.access_key_id).where(sa.or_(keys.c.bootstrap, is_root))
    kept_users = sa.select(keys.c.user_id).where(keys.c.bootstrap)
    members = tables.memberships
    kept_groups = sa.select(members.c.group_id).where(members.c.user_id.in_(kept_users))
    stays = {
        tables.access_key_index: tables.access_key_index.c.access_key_id.in_(kept_keys),
        tables.attachments: sa.or_(
            tables.attachments.c.owner_id.in_(kept_users),
            tables.attachments.c.owner_id.in_(kept_groups),
        ),
        tables.users: tables.users.c.user_id.in_(kept_users),
        tables.groups: tables.groups.c.group_id.in_(kept_groups),
        members: members.c.user_id.in_(kept_users),
        keys: sa.or_(keys.c.bootstrap, is_root),
    }
    for table, condition in stays.items():
        tx.execute(sa.delete(table).where(sa.not_(condition)))
    for table in reversed(metadata.sorted_tables):
        if table not in stays and table not in _STAYS_WHOLE:
            tx.execute(sa.delete(table))
