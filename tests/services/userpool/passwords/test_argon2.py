import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type, hash_secret

from services.userpool.errors import TooManyRequests
from services.userpool.passwords.argon2 import HashPool, Parameters, argon2id, parse_parameters

CHEAP = Parameters(memory_kib=8, passes=1)
SALT = b"salt of 16 bytes"


@pytest.fixture
def pool() -> Iterator[HashPool]:
    hashing = HashPool(threads=1, waiters=1)
    yield hashing
    hashing.close()


def test_the_default_cost_is_that_of_owasp() -> None:
    assert str(Parameters()) == "m=19456,t=2,p=1"


def test_the_hash_is_the_argon2id_of_every_other_implementation() -> None:
    encoded = hash_secret(b"a password", SALT, 2, 19456, 1, 32, Type.ID).decode()
    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(encoded, "a password")
    assert (
        argon2id("a password", SALT, Parameters()).hex()
        == "0c62b4ca97b6e3f5f29784e06e97d1fffb461e633222b6743aff5c8af3511c16"
    )


def test_the_pool_gives_the_same_hash(pool: HashPool) -> None:
    assert pool.argon2id("pässword", SALT, CHEAP) == argon2id("pässword", SALT, CHEAP)
    assert pool.argon2id("password", SALT, CHEAP) != argon2id("pässword", SALT, CHEAP)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has a niceness of its own")
def test_hashing_gives_way_to_what_is_quick(pool: HashPool) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert pool._threads.submit(niceness).result() == min(19, max(10, niceness()))


def test_above_the_bound_a_request_is_turned_away_and_the_others_are_served(pool: HashPool) -> None:
    gate = threading.Event()
    pool._threads.submit(gate.wait)
    with ThreadPoolExecutor(2) as callers:
        waiting = [callers.submit(pool.argon2id, "password", SALT, CHEAP) for _ in range(2)]
        while pool._threads._work_queue.qsize() < 2:
            time.sleep(0.001)
        with pytest.raises(TooManyRequests, match="Rate exceeded"):
            pool.argon2id("password", SALT, CHEAP)
        gate.set()
        assert {call.result() for call in waiting} == {argon2id("password", SALT, CHEAP)}
    assert pool.argon2id("password", SALT, CHEAP) == argon2id("password", SALT, CHEAP)


def test_a_failed_hash_leaves_the_waiting_room(pool: HashPool) -> None:
    for _ in range(5):
        with pytest.raises(Exception, match="too short"):
            pool.argon2id("password", b"short", CHEAP)
    assert pool.argon2id("password", SALT, CHEAP)


def test_parameters_are_read_as_they_were_written() -> None:
    for parameters in (Parameters(), CHEAP, Parameters(65536, 3, 4)):
        assert parse_parameters(str(parameters)) == parameters


@pytest.mark.parametrize("text", ["", "m=1", "m=19456,t=2,p=0", "t=2,m=19456,p=1", "m=19456,t=2,p=1,", "m=x,t=2,p=1"])
def test_other_parameters_are_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- int() and we word it differently
        parse_parameters(text)
