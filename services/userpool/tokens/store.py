"""The SQL of signing keys and sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.userpool.directory.store.users import user_of
from services.userpool.directory.user import User
from services.userpool.schema import tokens as schema
from services.userpool.schema.directory import users
from services.userpool.tokens.keys import Use
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared

_KEY, _SESSION = schema.signing_key.c, schema.session.c


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key as it lies in the database."""

    use: Use
    kid: str
    sealed: bytes


class Session(msgspec.Struct, frozen=True):
    """One sign-in. Times are epoch seconds; `previous_hash` is the refresh token that was rotated last."""

    pool_id: str
    origin_jti: str
    client_id: str
    sub: str
    epoch: int
    auth_time: float
    expires_at: float
    token_hash: bytes
    previous_hash: bytes | None = None
    previous_until: float | None = None
    revoked_at: float | None = None


_pool, _jti, _sub = (sa.bindparam(name, type_=sa.Text) for name in ("pool_", "jti_", "sub_"))
_at, _until = (sa.bindparam(name, type_=sa.Double) for name in ("at_", "until_"))
_old, _new_hash = (sa.bindparam(name, type_=sa.LargeBinary) for name in ("old_", "new_"))
_this = sa.and_(_SESSION.pool_id == _pool, _SESSION.origin_jti == _jti)
_of_user = sa.and_(_SESSION.pool_id == _pool, _SESSION.sub == _sub)

_KEYS = (
    sa.select(_KEY.use, _KEY.kid, _KEY.sealed).where(_KEY.pool_id == _pool).order_by(_KEY.use, _KEY.generation.desc())
)
_POOL_OF_KID = sa.select(_KEY.pool_id).where(_KEY.kid == sa.bindparam("kid_"))
_ADD_KEY = insert(schema.signing_key).on_conflict_do_nothing()
_NAMES = tuple(column.name for column in schema.session.columns)
_ADD_SESSION = Prepared(insert(schema.session).on_conflict_do_nothing(), _NAMES)
_FIND = Prepared(sa.select(*schema.session.columns).where(_this))
_WITH_USER = Prepared(
    sa.select(*schema.session.columns, *users.columns)
    .join(users, sa.and_(users.c.pool_id == _SESSION.pool_id, users.c.sub == _SESSION.sub))
    .where(_this)
)
_HOLDER = (
    sa.select(_SESSION.epoch, *users.columns)
    .select_from(users)
    .outerjoin(
        schema.session,
        sa.and_(_SESSION.pool_id == users.c.pool_id, _SESSION.origin_jti == _jti, _SESSION.revoked_at.is_(None)),
    )
    .where(users.c.pool_id == _pool, users.c.sub == _sub)
)
_HOLDER_READ, _HOLDER_HELD = Prepared(_HOLDER), Prepared(_HOLDER.with_for_update(of=users))
_ROTATE = (
    sa.update(schema.session)
    .where(_this, _SESSION.token_hash == _old, _SESSION.revoked_at.is_(None))
    .values(token_hash=_new_hash, previous_hash=_old, previous_until=_until)
)
_REVOKE = sa.update(schema.session).where(_this, _SESSION.revoked_at.is_(None)).values(revoked_at=_at)
_REMOVE_ENDED = Prepared(sa.delete(schema.session).where(_of_user, _SESSION.expires_at <= _at))

_AFTER = (
    sa.select(_SESSION.pool_id, _SESSION.origin_jti, _SESSION.expires_at)
    .where(sa.tuple_(_SESSION.pool_id, _SESSION.origin_jti) > sa.tuple_(_pool, _jti))
    .order_by(_SESSION.pool_id, _SESSION.origin_jti)
    .limit(sa.bindparam("limit"))
)
_REMOVE_IF_ENDED = sa.delete(schema.session).where(_this, _SESSION.expires_at <= _at)


def signing_keys(tx: Tx, pool_id: str) -> list[StoredKey]:
    """Gives the newest key of each use; nothing for a pool that has none yet."""
    newest: dict[str, StoredKey] = {}
    for use, kid, sealed in tx.execute(_KEYS, {"pool_": pool_id}):
        newest.setdefault(use, StoredKey(Use(use), kid, sealed))
    return list(newest.values())


def find_pool_of_kid(tx: Tx, kid: str) -> str | None:
    """Gives the id of the pool that has a key of this name."""
    found: str | None = tx.execute(_POOL_OF_KID, {"kid_": kid}).scalar()
    return found


def add_first_signing_keys(tx: Tx, pool_id: str, keys: list[StoredKey], made_at: float) -> None:
    """Stores the first key of each use; keys that are there already stay."""
    for key in keys:
        row = {"pool_id": pool_id, "use": key.use, "generation": 1, "kid": key.kid, "sealed": key.sealed}
        tx.execute(_ADD_KEY, {**row, "made_at": made_at})


def add_session(tx: Tx, session: Session) -> bool:
    """Stores a new session. False if its sign-in has been finished before: a challenge is good for one session."""
    return _ADD_SESSION.change(tx, {name: getattr(session, name) for name in _NAMES}) == 1


def find_session(tx: Tx, pool_id: str, origin_jti: str) -> Session | None:
    """Gives the session, revoked or not."""
    row = _FIND.first(tx, {"pool_": pool_id, "jti_": origin_jti})
    return None if row is None else Session(*row)


def find_session_and_user(tx: Tx, pool_id: str, origin_jti: str) -> tuple[Session, User] | None:
    """Gives the session, revoked or not, and whose it is."""
    row = _WITH_USER.first(tx, {"pool_": pool_id, "jti_": origin_jti})
    return None if row is None else (Session(*row[: len(_NAMES)]), user_of(row[len(_NAMES) :]))


def find_holder(tx: Tx, pool_id: str, origin_jti: str, sub: str, *, hold: bool) -> tuple[User, bool] | None:
    """Gives the user, and whether this session was begun in the user's present epoch and was not revoked since.

    With `hold` the user's row is held until the transaction ends.
    """
    row = (_HOLDER_HELD if hold else _HOLDER_READ).first(tx, {"pool_": pool_id, "jti_": origin_jti, "sub_": sub})
    if row is None:
        return None
    user = user_of(row[1:])
    return user, row[0] == user.session_epoch


def rotate(tx: Tx, session: Session, new_hash: bytes, previous_until: float | None) -> bool:
    """Puts a new refresh token in the place of `session`'s; one of any number of callers gets True (R2)."""
    row = {"pool_": session.pool_id, "jti_": session.origin_jti, "old_": session.token_hash, "new_": new_hash}
    return tx.execute(_ROTATE, {**row, "until_": previous_until}).rowcount == 1


def revoke_session(tx: Tx, pool_id: str, origin_jti: str, at: float) -> None:
    """Ends a session and every token that came of it."""
    tx.execute(_REVOKE, {"pool_": pool_id, "jti_": origin_jti, "at_": at})


def sessions_after(tx: Tx, place: tuple[str, str], limit: int) -> list[tuple[str, str, float]]:
    """Pool, id and end of up to `limit` sessions in the order of their keys, past `place`."""
    rows = tx.execute(_AFTER, {"pool_": place[0], "jti_": place[1], "limit": limit})
    return [(pool_id, origin_jti, expires_at) for pool_id, origin_jti, expires_at in rows]


def remove_ended_sessions(tx: Tx, places: Sequence[tuple[str, str]], at: float) -> None:
    """Forgets those of these sessions whose refresh token has expired."""
    tx.execute(_REMOVE_IF_ENDED, [{"pool_": pool_id, "jti_": jti, "at_": at} for pool_id, jti in places])


def remove_ended_sessions_of(tx: Tx, pool_id: str, sub: str, at: float) -> None:
    """Forgets a user's sessions whose refresh token has expired."""
    _REMOVE_ENDED.change(tx, {"pool_": pool_id, "sub_": sub, "at_": at})
