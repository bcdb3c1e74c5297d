"""Emptying IAM in test mode: everything goes but accounts, their root keys, and first administrators with their keys."""

from typing import Final

import sqlalchemy as sa

from services.identitypool.iam.records import User
from services.identitypool.iam.store.users import user_with_id
from services.identitypool.schema.iam import (
    access_key_index,
    access_keys,
    account_aliases,
    accounts,
    attachments,
    groups,
    inline_policies,
    memberships,
    policies,
    policy_versions,
    roles,
    tags,
    users,
)
from shared.sql.engine import Tx

_WHOLE: Final = (
    roles,
    policies,
    policy_versions,
    attachments,
    inline_policies,
    tags,
    memberships,
    groups,
    account_aliases,
)
_FIRST_USERS: Final = sa.select(access_keys.c.account_id, access_keys.c.user_id).where(access_keys.c.bootstrap)
_STATEMENTS: Final = (
    *(sa.delete(table) for table in _WHOLE),
    sa.delete(access_keys).where(~access_keys.c.bootstrap, access_keys.c.user_id != access_keys.c.account_id),
    sa.delete(access_key_index).where(access_key_index.c.access_key_id.not_in(sa.select(access_keys.c.access_key_id))),
    sa.delete(users).where(users.c.user_id.not_in(sa.select(access_keys.c.user_id).where(access_keys.c.bootstrap))),
    sa.update(users).values(boundary_arn=None),
    sa.update(access_keys).values(status="Active", last_used_at=None, last_used_service=None, last_used_region=None),
    sa.update(accounts).values(alias=None),
)


def empty(tx: Tx) -> list[User]:
    """Removes all that may go and gives the first administrators, who have lost group and policies with the rest."""
    for statement in _STATEMENTS:
        tx.execute(statement)
    found = [user_with_id(tx, account, user_id) for account, user_id in tx.execute(_FIRST_USERS)]
    return [user for user in found if user is not None]
