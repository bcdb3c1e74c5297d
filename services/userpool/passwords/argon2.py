"""argon2id on a bounded pool of hashing threads.

Hashing on the threads that serve requests makes every other request wait for it (0.3 ms become 300), and each thread
that ever hashed keeps 19 MiB. So a pool with one thread a core hashes, few may wait for it, and the rest is told at
once to come back later. Parameters: OWASP's password storage cheat sheet, RFC 9106 for the algorithm.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Final

import msgspec
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from services.userpool.errors import TooManyRequests

HASH_BYTES: Final = 32
_NICE: Final = 10


class Parameters(msgspec.Struct, frozen=True):
    """What a hash costs: memory in KiB, passes over it, lanes. Stored with each hash, so that it can rise later."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1

    def __str__(self) -> str:
        """Gives the form of the PHC string format, `m=19456,t=2,p=1`."""
        return f"m={self.memory_kib},t={self.passes},p={self.lanes}"


def parse_parameters(text: str) -> Parameters:
    """Reads `m=...,t=...,p=...`. Raises ValueError for anything else: such a record was not written here."""
    values = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    parameters = Parameters(*(int(values.get(name, "0")) for name in "mtp"))
    if str(parameters) != text or parameters.lanes < 1:
        raise ValueError("unknown argon2 parameters")
    return parameters


def argon2id(password: str, salt: bytes, parameters: Parameters) -> bytes:
    """Gives the 32 bytes of argon2id, computed on the calling thread."""
    return hash_secret_raw(
        secret=password.encode(),
        salt=salt,
        time_cost=parameters.passes,
        memory_cost=parameters.memory_kib,
        parallelism=parameters.lanes,
        hash_len=HASH_BYTES,
        type=Type.ID,
        version=ARGON2_VERSION,
    )


def _give_way() -> None:
    """Leaves the processor to those that answer: a hash can wait a millisecond, a token check need not."""
    if sys.platform == "linux":  # elsewhere it would be the whole process
        with suppress(OSError):  # a sandbox may forbid it; hashing goes on all the same
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class HashPool:
    """The threads that hash, and the bound on those who wait for them. One for each process."""

    def __init__(self, threads: int, waiters: int) -> None:
        """Hashes on `threads` threads, one a core, while at most `waiters` more requests wait for a thread.

        `waiters` plus `threads` must stay below the number of threads that serve requests.
        """
        self._room = BoundedSemaphore(threads + waiters)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_give_way)

    def argon2id(self, password: str, salt: bytes, parameters: Parameters) -> bytes:
        """Gives the 32 bytes of argon2id. Raises TooManyRequests at once if the waiting room is full."""
        if not self._room.acquire(blocking=False):
            raise TooManyRequests("Rate exceeded")
        try:
            return self._threads.submit(argon2id, password, salt, parameters).result()
        finally:
            self._room.release()

    def close(self) -> None:
        """Ends the threads when the hashes under way are done."""
        self._threads.shutdown()
