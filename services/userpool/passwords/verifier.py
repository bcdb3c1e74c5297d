"""The stored record of a password: how it is made, and how a password is judged by it.

Kind `srp`: the SRP-6a verifier, which serves SRP and plain sign-in. Kind `argon2id`: a hash, for pools that set their
password storage so; they refuse SRP. Either is sealed under a key outside the database, bound to pool, user, kind and
version, so that a stolen database gives nothing to guess against and no record fits another user (security 4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from typing import Final

import msgspec

from services.userpool.errors import InvalidParameter
from services.userpool.passwords import argon2, srp

Seal = Callable[[bytes, bytes], bytes]
"""(plain text, associated data) -> sealed."""

Open = Callable[[bytes, bytes], bytes]
"""(sealed, associated data) -> plain text; raises if either was changed."""

Argon2id = Callable[[str, bytes, argon2.Parameters], bytes]

SEALED_FOR: Final = "password"
SRP_PARAMETERS: Final = "3072,sha256"


class Kind(StrEnum):
    """The kinds of password record."""

    SRP = "srp"
    ARGON2ID = "argon2id"


class PasswordRecord(msgspec.Struct, frozen=True):
    """One password of one user, as stored. `version` counts the user's passwords."""

    kind: Kind
    salt: bytes
    sealed: bytes
    parameters: str
    version: int


class Owner(msgspec.Struct, frozen=True):
    """Whose password it is: the pool, the user's sub, and the name under which the user takes part in SRP."""

    pool_id: str
    sub: str
    srp_user_id: str

    @property
    def group(self) -> str:
        """The pool's name inside the SRP hashes: what follows the underscore in its id."""
        return self.pool_id.partition("_")[2]


@dataclass(frozen=True, slots=True)
class Vault:
    """What making and judging records needs from outside, put together once: the seal and the hash pool."""

    seal: Seal
    open: Open
    argon2id: Argon2id


def make_record(vault: Vault, kind: Kind, owner: Owner, password: str, *, salt: bytes, version: int) -> PasswordRecord:
    """Makes the record of a new password. `salt`: 16 random bytes.

    Raises TooManyRequests if the hash pool is full. The pool's policy was asked before (`policy.check_password`).
    """
    if kind is Kind.SRP:
        parameters = SRP_PARAMETERS
        secret = srp.make_verifier(owner.group, owner.srp_user_id, password, salt)
    else:
        cost = argon2.Parameters()
        parameters = str(cost)
        secret = vault.argon2id(password, salt, cost)
    return seal_record(vault.seal, kind, owner, secret, salt=salt, parameters=parameters, version=version)


def seal_record(
    seal: Seal, kind: Kind, owner: Owner, secret: bytes, *, salt: bytes, parameters: str, version: int
) -> PasswordRecord:
    """Makes a record of a verifier or hash that exists already."""
    return PasswordRecord(kind, salt, seal(secret, _bound_to(owner, kind, version)), parameters, version)


def passed(record: PasswordRecord, owner: Owner, through: Callable[[bytes, bytes], bytes]) -> PasswordRecord:
    """Gives the record with what is sealed in it put through a function of (sealed, owner of the seal)."""
    sealed = through(record.sealed, _bound_to(owner, record.kind, record.version))
    return msgspec.structs.replace(record, sealed=sealed)


def matches(vault: Vault, record: PasswordRecord, owner: Owner, password: str) -> bool:
    """Says whether a plain password is the record's. Raises TooManyRequests if the hash pool is full."""
    secret = _opened(vault.open, record, owner)
    if record.kind is Kind.SRP:
        return srp.password_matches(secret, owner.group, owner.srp_user_id, password, record.salt)
    cost = argon2.parse_parameters(record.parameters)
    return compare_digest(vault.argon2id(password, record.salt, cost), secret)


def matches_at_the_cost_of_a_hash(vault: Vault, record: PasswordRecord, owner: Owner, password: str) -> bool:
    """As `matches`, where some records are hashes and the time may not tell which (R15): a wrong password costs one."""
    right = matches(vault, record, owner, password)
    if record.kind is not Kind.ARGON2ID and not right:
        vault.argon2id(password, record.salt, argon2.Parameters())
    return right


def srp_verifier(open_: Open, record: PasswordRecord, owner: Owner) -> bytes:
    """Gives the verifier for an SRP sign-in. Raises InvalidParameter where the pool keeps hashes only."""
    if record.kind is not Kind.SRP:
        raise InvalidParameter("SRP is not available: this user pool stores password hashes only.")
    return _opened(open_, record, owner)


def _opened(open_: Open, record: PasswordRecord, owner: Owner) -> bytes:
    if record.kind is Kind.SRP and record.parameters != SRP_PARAMETERS:
        raise ValueError("unknown SRP parameters")
    return open_(record.sealed, _bound_to(owner, record.kind, record.version))


def _bound_to(owner: Owner, kind: Kind, version: int) -> bytes:
    """The associated data of the seal. None of the parts can hold the byte between them."""
    return "\0".join(("password", owner.pool_id, owner.sub, kind, str(version))).encode()
