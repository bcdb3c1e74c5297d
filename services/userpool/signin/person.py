"""Whoever a sign-in is about: a user, or somebody invented who costs the same and has no password (R15)."""

import hmac
import uuid

import msgspec

from services.userpool.clients.client import AppClient
from services.userpool.context import Context
from services.userpool.directory import store as directory
from services.userpool.directory.user import User
from services.userpool.errors import UserNotFound
from services.userpool.passwords.decoy import decoy_record
from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.verifier import Kind, Owner, PasswordRecord
from services.userpool.pools.pool import UserPool
from services.userpool.signin import store
from services.userpool.signin.parts import Secrets
from shared.sql.engine import Tx


class Person(msgspec.Struct, frozen=True):
    """A user as met in this call, or a decoy (`user` is None). `typed` is the name that the call used."""

    typed: str
    user: User | None
    owner: Owner
    record: PasswordRecord
    lockout: Lockout

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which a client may mean this person in SECRET_HASH."""
        return (self.typed, self.owner.srp_user_id, self.owner.sub)


def person_named(context: Context, tx: Tx, client: AppClient, pool: UserPool, name: str) -> Person:
    """Finds who `name` is. Raises UserNotFound for nobody, where the client lets that be known."""
    user = directory.find_user(tx, pool, name)
    if user is not None:
        return _real(context, name, user)
    if not client.hides_user_existence:
        raise UserNotFound("User does not exist.")
    return _decoy(context, tx, pool, name)


def person_again(context: Context, tx: Tx, pool: UserPool, sub: str, username: str, *, typed: str) -> Person:
    """Finds the person of a sign-in under way, a decoy included. `typed` is the name in this call."""
    user = directory.find_user_by_sub(tx, pool.id, sub)
    if user is not None:
        return _real(context, typed, user)
    return _invented(context, tx, Owner(pool.id, sub, username), typed)


def _real(context: Context, name: str, user: User) -> Person:
    return Person(name, user, user.owner, user.password or _no_password(context, user.owner), user.lockout)


def _decoy(context: Context, tx: Tx, pool: UserPool, name: str) -> Person:
    told_apart = name if pool.case_sensitive else name.lower()
    key = context.part(Secrets).decoys
    sub = _uuid(key, f"sub\0{pool.id}\0{told_apart}")
    is_alias = bool(pool.alias_attributes) and ("@" in name or name.startswith("+"))
    username = _uuid(key, f"username\0{pool.id}\0{told_apart}") if is_alias else told_apart
    return _invented(context, tx, Owner(pool.id, sub, sub if pool.username_attributes else username), name)


def _invented(context: Context, tx: Tx, owner: Owner, name: str) -> Person:
    lockout = store.find_stranger(tx, owner.pool_id, owner.sub)
    return Person(name, None, owner, _no_password(context, owner), lockout)


def _no_password(context: Context, owner: Owner) -> PasswordRecord:
    return decoy_record(context.keys.seal("password").seal, context.part(Secrets).decoys, Kind.SRP, owner)


def _uuid(key: bytes, label: str) -> str:
    return str(uuid.UUID(bytes=hmac.digest(key, label.encode(), "sha256")[:16], version=4))
