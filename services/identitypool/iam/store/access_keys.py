"""Access keys, and the index of the installation that finds the account of one."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.iam.records import AccessKey
from services.identitypool.iam.store.columns import instant, instant_or_none
from services.identitypool.schema.iam import access_key_index, access_keys
from shared.audit.record import KeyUse
from shared.sql.engine import Tx

_ACCOUNT_OF: Final = sa.select(access_key_index.c.account_id).where(
    access_key_index.c.access_key_id == sa.bindparam("id"),
)
_FIND: Final = sa.select(access_keys).where(
    access_keys.c.account_id == sa.bindparam("account"),
    access_keys.c.access_key_id == sa.bindparam("id"),
)
_OF_USER: Final = (
    sa.select(access_keys)
    .where(access_keys.c.account_id == sa.bindparam("account"), access_keys.c.user_id == sa.bindparam("user"))
    .order_by(access_keys.c.created_at, access_keys.c.access_key_id)
)
_BOOTSTRAP: Final = sa.select(access_keys).where(
    access_keys.c.account_id == sa.bindparam("account"),
    access_keys.c.bootstrap,
)
_ADD: Final = sa.insert(access_keys)
_ADD_TO_INDEX: Final = insert(access_key_index).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
_THIS: Final = sa.and_(
    access_keys.c.account_id == sa.bindparam("of_account"),
    access_keys.c.access_key_id == sa.bindparam("of_id"),
)
_SET_STATUS: Final = sa.update(access_keys).where(_THIS).values(status=sa.bindparam("to_status"))
_TOUCH: Final = (
    sa.update(access_keys)
    .where(_THIS, sa.or_(access_keys.c.last_used_at.is_(None), access_keys.c.last_used_at < sa.bindparam("used_at")))
    .values(
        last_used_at=sa.bindparam("used_at"),
        last_used_service=sa.bindparam("used_for"),
        last_used_region=sa.bindparam("used_in"),
    )
)
_REMOVE: Final = sa.delete(access_keys).where(_THIS)
_REMOVE_FROM_INDEX: Final = sa.delete(access_key_index).where(access_key_index.c.access_key_id == sa.bindparam("of_id"))


def account_of_key(tx: Tx, access_key_id: str) -> str | None:
    """The account that a long-lived access key belongs to."""
    return tx.execute(_ACCOUNT_OF, {"id": access_key_id}).scalar()


def key_named(tx: Tx, access_key_id: str) -> AccessKey | None:
    """The access key with this id, active or not, of whichever account."""
    account = account_of_key(tx, access_key_id)
    if account is None:
        return None
    row = tx.execute(_FIND, {"account": account, "id": access_key_id}).mappings().first()
    return None if row is None else _record(row)


def keys_of_user(tx: Tx, account: str, user_id: str | None) -> list[AccessKey]:
    """The keys of a user (None: of the root user), oldest first."""
    return [_record(row) for row in tx.execute(_OF_USER, {"account": account, "user": user_id or account}).mappings()]


def find_bootstrap_key(tx: Tx, account: str) -> AccessKey | None:
    """The key that the account's first administrator was given at the start."""
    row = tx.execute(_BOOTSTRAP, {"account": account}).mappings().first()
    return None if row is None else _record(row)


def add_key(tx: Tx, key: AccessKey) -> bool:
    """Adds an access key. False when the id is taken."""
    if tx.execute(_ADD_TO_INDEX, {"access_key_id": key.id, "account_id": key.account}).rowcount == 0:
        return False
    row = {
        "account_id": key.account,
        "access_key_id": key.id,
        "user_id": key.user_id or key.account,
        "status": key.status,
        "sealed_secret": key.sealed_secret,
        "bootstrap": key.bootstrap,
        "created_at": key.created_at.timestamp(),
    }
    tx.execute(_ADD, row)
    return True


def set_key_status(tx: Tx, key: AccessKey, status: str) -> None:
    """Makes the key Active or Inactive."""
    tx.execute(_SET_STATUS, {"of_account": key.account, "of_id": key.id, "to_status": status})


def touch_key_last_used(tx: Tx, use: KeyUse) -> None:
    """Notes that the key was used, unless a later use is known."""
    parameters = {
        "of_account": use.account,
        "of_id": use.key,
        "used_at": use.at,
        "used_for": use.service,
        "used_in": use.region,
    }
    tx.execute(_TOUCH, parameters)


def remove_key(tx: Tx, key: AccessKey) -> None:
    """Removes the key."""
    tx.execute(_REMOVE, {"of_account": key.account, "of_id": key.id})
    tx.execute(_REMOVE_FROM_INDEX, {"of_id": key.id})


def _record(row: sa.RowMapping) -> AccessKey:
    return AccessKey(
        account=row["account_id"],
        id=row["access_key_id"],
        user_id=None if row["user_id"] == row["account_id"] else row["user_id"],
        active=row["status"] == "Active",
        sealed_secret=row["sealed_secret"],
        bootstrap=row["bootstrap"],
        created_at=instant(row["created_at"]),
        last_used_at=instant_or_none(row["last_used_at"]),
        last_used_service=row["last_used_service"],
        last_used_region=row["last_used_region"],
    )
