"""The physical limits of this machine, measured in the same minute as the product."""

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

_ROUNDS: Final = 5
_NAMES: Final = {
    "R": "one RSA-2048 signature",
    "V": "one RSA-2048 verification",
    "M": "one 3072-bit power with a 256-bit exponent (gmpy2)",
    "H": "one argon2id (19 MiB, t=2, p=1)",
    "G": "one power of the SRP group's generator, by table",
    "W": "one durable write: BEGIN IMMEDIATE, a row, COMMIT with fsync, by SQLite's driver alone",
}


def measure() -> dict[str, float]:
    """Microseconds of CPU for each unit but E: the median of five rounds each."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = b"x" * 800
    signature = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key()
    modulus, base = gmpy2.mpz(int(N)), gmpy2.mpz(secrets.randbelow(int(N)))
    exponent = gmpy2.mpz(secrets.randbits(256) | 1 << 255)
    return {
        "R": _cost(lambda: key.sign(text, padding.PKCS1v15(), hashes.SHA256()), 300),
        "V": _cost(lambda: public.verify(signature, text, padding.PKCS1v15(), hashes.SHA256()), 3000),
        "M": _cost(lambda: gmpy2.powmod(base, exponent, modulus), 150),
        "H": _cost(lambda: hash_secret_raw(b"password", b"0123456789abcdef", 2, 19456, 1, 32, Type.ID), 5),
        "G": _cost(lambda: power_of_g(secrets.token_bytes(32)), 300),
        "W": _durable_write(),
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
    def one() -> float:
        began = time.thread_time()
        for _ in range(times):
            work()
        return (time.thread_time() - began) / times * 1e6

    return median(one() for _ in range(_ROUNDS))
