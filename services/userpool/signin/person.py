"""Whoever a sign-in is about: a user, or somebody invented who costs the same and has no password (R15)."""

import hmac

import msgspec

from services.userpool.clients.client import AppClient
from services.userpool.context import Context
from services.userpool.directory import store as directory
from services.userpool.directory.aliases import folded, names_of
from services.userpool.directory.user import User
from services.userpool.errors import UserNotFound
from services.userpool.passwords.decoy import decoy_record
from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.verifier import SEALED_FOR, Kind, Owner, PasswordRecord
from services.userpool.pools.pool import UserPool
from services.userpool.signin import store
from services.userpool.signin.parts import Secrets
from shared import ids
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
    user, owner = user_or_invented(context, tx, client, pool, name)
    return _invented(context, tx, pool, owner, name) if user is None else _real(context, pool, name, user)


def user_or_invented(
    context: Context, tx: Tx, client: AppClient, pool: UserPool, name: str
) -> tuple[User | None, Owner]:
    """As `person_named`, for calls that judge no password: one read, whoever it is about."""
    user = directory.find_user(tx, pool, name)
    if user is not None:
        return user, user.owner
    if not client.hides_user_existence:
        raise UserNotFound
    return None, _nobody(context, pool, name)


def person_again(context: Context, tx: Tx, pool: UserPool, sub: str, username: str, *, typed: str) -> Person:
    """Finds the person of a sign-in under way, a decoy included. `typed` is the name in this call."""
    user = directory.find_user_by_sub(tx, pool.id, sub)
    if user is not None:
        return _real(context, pool, typed, user)
    return _invented(context, tx, pool, Owner(pool.id, sub, username), typed)


def answers_to(context: Context, pool: UserPool, person: Person) -> bool:
    """Whether the name that the call used means this person (R3)."""
    owner, typed = person.owner, person.typed
    if typed in {owner.srp_user_id, owner.sub}:
        return True
    if person.user is None:
        return _nobody(context, pool, typed).sub == owner.sub
    return folded(pool, typed) in names_of(pool, owner.sub, person.user.username, person.user.attributes)


def record_for_srp(context: Context, person: Person) -> PasswordRecord:
    """The record of an SRP sign-in. Who has none yet is met like somebody invented: no proof fits."""
    return person.record if person.record.kind is Kind.SRP else _no_password(context, Kind.SRP, person.owner)


def _real(context: Context, pool: UserPool, name: str, user: User) -> Person:
    record = user.password or _no_password(context, pool.password_kind, user.owner)
    return Person(name, user, user.owner, record, user.lockout)


def _nobody(context: Context, pool: UserPool, name: str) -> Owner:
    """Whoever the name would be: the same each time."""
    told_apart = folded(pool, name)
    key = context.part(Secrets).decoys
    sub = _uuid(key, f"sub\0{pool.id}\0{told_apart}")
    is_alias = bool(pool.alias_attributes) and ("@" in name or name.startswith("+"))
    username = _uuid(key, f"username\0{pool.id}\0{told_apart}") if is_alias else told_apart
    return Owner(pool.id, sub, sub if pool.username_attributes else username)


def _invented(context: Context, tx: Tx, pool: UserPool, owner: Owner, name: str) -> Person:
    lockout = store.find_stranger(tx, owner.pool_id, owner.sub)
    return Person(name, None, owner, _no_password(context, pool.password_kind, owner), lockout)


def _no_password(context: Context, kind: Kind, owner: Owner) -> PasswordRecord:
    return decoy_record(context.keys.seal(SEALED_FOR).seal, context.part(Secrets).decoys, kind, owner)


def _uuid(key: bytes, label: str) -> str:
    return ids.uuid4_of(hmac.digest(key, label.encode(), "sha256")[:16])
