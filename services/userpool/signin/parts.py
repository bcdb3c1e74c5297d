"""The process-wide objects behind sign-in and sign-up, put together once by the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.userpool.context import Context
from services.userpool.passwords import verifier
from services.userpool.passwords.argon2 import HashPool
from services.userpool.passwords.verifier import Vault
from services.userpool.tokens.key_ring import KeyRing
from services.userpool.tokens.refresh_token import RefreshTokens
from services.userpool.tokens.spare import SpareKeys
from shared.clock import Clock
from shared.house import own_key
from shared.seal import Keys
from shared.settings import Settings, cores
from shared.sql.engine import Sql

_THREADS_FOR_THE_REST: Final = 2


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of the installation, each for one purpose: inventing people who do not exist, and hashing codes.

    They outlive every master key: an invented person who changed at a rotation would be known by it.
    """

    decoys: bytes
    codes: bytes


def make_parts(sql: Sql, keys: Keys, clock: Clock, hashing: HashPool) -> Mapping[type[Any], Any]:
    """Gives what `Context.parts` must hold. `close_parts` ends its threads."""
    spare = SpareKeys()
    seal = keys.seal(verifier.SEALED_FOR)
    parts = (
        hashing,
        spare,
        Vault(seal.seal, seal.open, hashing.argon2id),
        KeyRing(sql, keys, spare, clock),
        RefreshTokens(keys.derived("refresh token")),
        Secrets(decoys=own_key(sql, keys, "decoys"), codes=own_key(sql, keys, "codes")),
    )
    return {type(part): part for part in parts}


def hash_pool(settings: Settings) -> HashPool:
    """The hashing threads of one process: a core's share of the machine, and never all threads that serve requests."""
    threads = max(cores() // settings.workers, 1)
    at_once = max(settings.threads - _THREADS_FOR_THE_REST, 1)
    return HashPool(min(threads, at_once), waiters=max(at_once - threads, 0))


def close_parts(context: Context) -> None:
    """Ends the hashing threads and the thread that makes keys; what it has not begun is given up."""
    context.part(HashPool).close()
    context.part(SpareKeys).close()
