"""SQL of identities and their logins."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.identitypool.schema.identities import identities, identity_index, identity_logins
from shared.sql.engine import Tx

_POOL_OF: Final = sa.select(identity_index.c.pool_id).where(identity_index.c.identity_id == sa.bindparam("identity"))
_OF_POOL: Final = identities.c.pool_id == sa.bindparam("pool")
_WITH_LOGINS: Final = (
    sa.select(
        identities.c.identity_id,
        identities.c.created_at,
        identities.c.updated_at,
        identities.c.merged_into,
        identity_logins.c.issuer,
        identity_logins.c.subject,
        identity_logins.c.shown_as,
    )
    .select_from(
        identities.outerjoin(
            identity_logins,
            sa.and_(
                identity_logins.c.pool_id == identities.c.pool_id,
                identity_logins.c.identity_id == identities.c.identity_id,
            ),
        )
    )
    .where(_OF_POOL)
)
_FIND: Final = _WITH_LOGINS.where(identities.c.identity_id == sa.bindparam("identity"))
_LOCK: Final = (
    sa.select(identities.c.identity_id)
    .where(_OF_POOL, identities.c.identity_id == sa.bindparam("identity"))
    .with_for_update()
)
_PAGE: Final = (
    sa.select(identities.c.identity_id)
    .where(_OF_POOL, identities.c.identity_id > sa.bindparam("after"))
    .order_by(identities.c.identity_id)
    .limit(sa.bindparam("limit"))
)
_LIST: Final = _WITH_LOGINS.where(identities.c.identity_id.in_(_PAGE)).order_by(identities.c.identity_id)
_LIST_ENABLED: Final = _WITH_LOGINS.where(
    identities.c.identity_id.in_(_PAGE.where(identities.c.merged_into.is_(None)))
).order_by(identities.c.identity_id)
_OWNER: Final = sa.select(identity_logins.c.identity_id).where(
    identity_logins.c.pool_id == sa.bindparam("pool"),
    identity_logins.c.issuer == sa.bindparam("issuer"),
    identity_logins.c.subject == sa.bindparam("subject"),
)
_ADD: Final = sa.insert(identities)
_ADD_TO_INDEX: Final = sa.insert(identity_index)
_LINK: Final = insert(identity_logins).on_conflict_do_nothing()
_TOUCH: Final = (
    sa.update(identities)
    .where(identities.c.pool_id == sa.bindparam("of_pool"), identities.c.identity_id == sa.bindparam("of_identity"))
    .values(updated_at=sa.bindparam("at"))
)
_MERGE: Final = _TOUCH.values(merged_into=sa.bindparam("into"))
_UNLINK: Final = sa.delete(identity_logins).where(
    identity_logins.c.pool_id == sa.bindparam("pool"),
    identity_logins.c.identity_id == sa.bindparam("identity"),
    identity_logins.c.issuer == sa.bindparam("issuer"),
    identity_logins.c.subject == sa.bindparam("subject"),
)
_REMOVE: Final = tuple(
    sa.delete(table).where(table.c.pool_id == sa.bindparam("pool"), table.c.identity_id == sa.bindparam("identity"))
    for table in (identities, identity_logins)
)
_REMOVE_FROM_INDEX: Final = sa.delete(identity_index).where(identity_index.c.identity_id == sa.bindparam("identity"))


@dataclass(frozen=True, slots=True)
class Login:
    """Someone of an issuer; `shown_as` is the provider's name as the pool's settings spell it."""

    issuer: str
    subject: str
    shown_as: str


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity of a pool; a guest has no logins. `linked`: issuer and subject of each.

    `merged_into`: the identity that a guest turned out to have, with which this one is disabled.
    """

    id: str
    created_at: float
    updated_at: float
    logins: tuple[Login, ...]
    linked: frozenset[tuple[str, str]]
    merged_into: str | None = None


def pool_of(tx: Tx, identity_id: str) -> str | None:
    """The id of the pool in which the identity lives."""
    return tx.execute(_POOL_OF, {"identity": identity_id}).scalar()


def find_identity(tx: Tx, pool_id: str, identity_id: str) -> Identity | None:
    """The pool's identity with its logins."""
    found = _records(tx.execute(_FIND, {"pool": pool_id, "identity": identity_id}))
    return found[0] if found else None


def lock_identity(tx: Tx, pool_id: str, identity_id: str) -> Identity | None:
    """As `find_identity`; others that change its logins, or remove it, wait."""
    tx.execute(_LOCK, {"pool": pool_id, "identity": identity_id})
    return find_identity(tx, pool_id, identity_id)


def list_identities(tx: Tx, pool_id: str, after: str, limit: int, *, disabled: bool) -> list[Identity]:
    """Up to `limit` identities by id, after `after`; the disabled ones among them only where asked for."""
    return _records(tx.execute(_LIST if disabled else _LIST_ENABLED, {"pool": pool_id, "after": after, "limit": limit}))


def owner_of(tx: Tx, pool_id: str, issuer: str, subject: str) -> str | None:
    """The identity that this person has in the pool."""
    return tx.execute(_OWNER, {"pool": pool_id, "issuer": issuer, "subject": subject}).scalar()


def add_identity(tx: Tx, pool_id: str, identity_id: str, at: float) -> None:
    """Adds an identity without logins."""
    tx.execute(_ADD, {"pool_id": pool_id, "identity_id": identity_id, "created_at": at, "updated_at": at})
    tx.execute(_ADD_TO_INDEX, {"identity_id": identity_id, "pool_id": pool_id})


def link(tx: Tx, pool_id: str, identity_id: str, login: Login) -> None:
    """Links a person to an identity; one who has an identity already keeps that one."""
    row = {
        "pool_id": pool_id,
        "issuer": login.issuer,
        "subject": login.subject,
        "identity_id": identity_id,
        "shown_as": login.shown_as,
    }
    tx.execute(_LINK, row)


def touch(tx: Tx, pool_id: str, identity_id: str, at: float) -> None:
    """Notes that the identity's logins changed."""
    tx.execute(_TOUCH, {"of_pool": pool_id, "of_identity": identity_id, "at": at})


def merge(tx: Tx, pool_id: str, identity_id: str, into: str, at: float) -> None:
    """Disables a guest's identity in favour of the one that the guest already had."""
    tx.execute(_MERGE, {"of_pool": pool_id, "of_identity": identity_id, "into": into, "at": at})


def unlink(tx: Tx, pool_id: str, identity_id: str, login: Login) -> None:
    """Takes a login from an identity."""
    tx.execute(_UNLINK, {"pool": pool_id, "identity": identity_id, "issuer": login.issuer, "subject": login.subject})


def remove_identity(tx: Tx, pool_id: str, identity_id: str) -> None:
    """Removes an identity and its logins; one that existed before this transaction was locked in it."""
    for statement in _REMOVE:
        tx.execute(statement, {"pool": pool_id, "identity": identity_id})
    tx.execute(_REMOVE_FROM_INDEX, {"identity": identity_id})


def _records(rows: Iterable[Any]) -> list[Identity]:
    heads: dict[str, tuple[float, float]] = {}
    merged: dict[str, str | None] = {}
    logins: dict[str, list[Login]] = {}
    for identity_id, created_at, updated_at, merged_into, issuer, subject, shown_as in rows:
        heads[identity_id] = created_at, updated_at
        merged[identity_id] = merged_into
        logins.setdefault(identity_id, []).extend([Login(issuer, subject, shown_as)] if issuer is not None else [])
    linked = {one: frozenset((login.issuer, login.subject) for login in found) for one, found in logins.items()}
    return [Identity(one, *times, tuple(logins[one]), linked[one], merged[one]) for one, times in heads.items()]
