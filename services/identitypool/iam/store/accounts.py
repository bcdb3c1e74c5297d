"""Accounts, their aliases, and the account an installation began with."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.iam.records import Account
from services.identitypool.iam.store.columns import instant
from services.identitypool.schema.iam import (
    account_aliases,
    accounts,
    first_account,
    groups,
    policies,
    policy_versions,
    roles,
    users,
)
from shared.sql.engine import Tx

_FIND: Final = sa.select(accounts).where(accounts.c.account_id == sa.bindparam("account"))
_LOCK: Final = _FIND.with_for_update()
_ADD: Final = insert(accounts).on_conflict_do_nothing()
_FIRST: Final = sa.select(first_account.c.account_id).where(first_account.c.slot == 1)
_BE_FIRST: Final = insert(first_account).on_conflict_do_nothing()
_ADD_ALIAS: Final = insert(account_aliases).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_REMOVE_ALIAS: Final = sa.delete(account_aliases).where(account_aliases.c.alias == sa.bindparam("gone"))
_SET_ALIAS: Final = (
    sa.update(accounts).where(accounts.c.account_id == sa.bindparam("account")).values(alias=sa.bindparam("new_alias"))
)
_COUNTS: Final = sa.select(
    *(
        sa.select(sa.func.count())
        .select_from(table)
        .where(table.c.account_id == sa.bindparam("account"))
        .scalar_subquery()
        .label(name)
        for name, table in (
            ("users", users),
            ("groups", groups),
            ("roles", roles),
            ("policies", policies),
            ("policy_versions", policy_versions),
        )
    ),
)


def find_account(tx: Tx, account: str) -> Account | None:
    """The account with this id."""
    return _found(tx, _FIND, account)


def lock_account(tx: Tx, account: str) -> Account | None:
    """As `find_account`; others that lock it wait."""
    return _found(tx, _LOCK, account)


def _found(tx: Tx, statement: sa.Select[tuple[str]], account: str) -> Account | None:
    row = tx.execute(statement, {"account": account}).mappings().first()
    if row is None:
        return None
    return Account(row["account_id"], row["root_email"], row["alias"], instant(row["created_at"]))


def add_account(tx: Tx, account: str, root_email: str, now: datetime) -> None:
    """Adds an account; one that exists stays as it is."""
    tx.execute(_ADD, {"account_id": account, "root_email": root_email, "alias": None, "created_at": now.timestamp()})


def find_first_account(tx: Tx) -> str | None:
    """The id of the account that the installation began with."""
    return tx.execute(_FIRST).scalar()


def claim_first_account(tx: Tx, account: str) -> str:
    """Makes `account` the first one unless there is one; gives whichever is."""
    tx.execute(_BE_FIRST, {"slot": 1, "account_id": account})
    return str(tx.execute(_FIRST).scalar_one())


def set_alias(tx: Tx, account: Account, alias: str | None) -> bool:
    """Gives the account this alias instead of the one it has. False when another account has it."""
    if alias is not None and tx.execute(_ADD_ALIAS, {"alias": alias, "account_id": account.id}).rowcount == 0:
        return False
    if account.alias is not None:
        tx.execute(_REMOVE_ALIAS, {"gone": account.alias})
    tx.execute(_SET_ALIAS, {"account": account.id, "new_alias": alias})
    return True


def counts(tx: Tx, account: str) -> dict[str, int]:
    """How many users, groups, roles, and policies of its own with how many versions the account has."""
    return dict(tx.execute(_COUNTS, {"account": account}).mappings().one())
