"""The physical limits of this machine, measured again and again between the rounds of the product.

On a shared machine a signature may cost half as much again a minute later; what stands beside it in the same seconds
does as well.
"""

import re
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from statistics import median
from typing import Final

import gmpy2
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from services.userpool.passwords.group import N, power_of_g
from tools.bench.installation import CLIENT, SERVICES, keep_on

_NAMES: Final = {
    "R": "one RSA-2048 signature",
    "V": "one RSA-2048 verification",
    "M": "one 3072-bit power with a 256-bit exponent (gmpy2)",
    "H": "one argon2id (19 MiB, t=2, p=1)",
    "G": "one power of the SRP group's generator, by table",
    "W": "one durable write: BEGIN IMMEDIATE, a row, COMMIT with fsync, by SQLite's driver alone",
    "E": "server CPU of a lean Flask echo",
}


class Units:
    """The units of one run, with all that was measured of each."""

    def __init__(self, echo: Callable[[], float]) -> None:
        """`echo` measures E."""
        self._measures = _measures() | {"E": echo}
        self._found: dict[str, list[float]] = {name: [] for name in _NAMES}

    def now(self, expression: str) -> float:
        """What an expression of units, such as `(2M + 2R)`, comes to at this moment, in microseconds of CPU."""
        terms = re.findall(r"(\d*)([A-Z])", expression)
        return sum(int(times or 1) * self._measured(name) for times, name in terms)

    def typical(self) -> dict[str, float]:
        """The median of each."""
        return {name: median(found or [self._measured(name)]) for name, found in self._found.items()}

    def _measured(self, name: str) -> float:
        self._found[name].append(self._measures[name]())
        return self._found[name][-1]


def _measures() -> dict[str, Callable[[], float]]:
    """For each unit but E what measures it once: microseconds of CPU, over a tenth of a second or so."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = b"x" * 800
    signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key()
    modulus, base = gmpy2.mpz(int(N)), gmpy2.mpz(secrets.randbelow(int(N)))
    exponent = gmpy2.mpz(secrets.randbits(256) | 1 << 255)
    return {
        "R": lambda: _cost(lambda: key.sign(text, padding.PKCS1v15(), hashes.SHA256()), 300),
        "V": lambda: _cost(lambda: public.verify(signature, text, padding.PKCS1v15(), hashes.SHA256()), 3000),
        "M": lambda: _cost(lambda: gmpy2.powmod(base, exponent, modulus), 150),
        "H": lambda: _cost(lambda: hash_secret_raw(b"password", b"0123456789abcdef", 2, 19456, 1, 32, Type.ID), 5),
        "G": lambda: _cost(lambda: power_of_g(secrets.token_bytes(32)), 300),
        "W": _durable_write,
    }


def _durable_write() -> float:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(f"{folder}/w.db", isolation_level=None)) as sql,
    ):
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute("PRAGMA synchronous = FULL")
        sql.execute("CREATE TABLE row (id BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID")

        def write() -> None:
            sql.execute("BEGIN IMMEDIATE")
            sql.execute("INSERT INTO row VALUES (?, ?)", (secrets.token_bytes(16), "r" * 300))
            sql.execute("COMMIT")

        return _cost(write, 300)


def described() -> dict[str, str]:
    """What each unit is."""
    return _NAMES


def _cost(work: Callable[[], object], times: int) -> float:
    """Microseconds of CPU, on the core of the services: the two of a shared machine need not be as fast."""
    keep_on(0, SERVICES)
    for _ in range(times // 5):  # caches are full of something else
        work()
    began = time.thread_time()
    for _ in range(times):
        work()
    taken = time.thread_time() - began
    keep_on(0, CLIENT)
    return taken / times * 1e6
