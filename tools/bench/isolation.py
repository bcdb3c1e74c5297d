"""Whether hashing passwords slows others: the median time of GetUser beside sign-ins that hash, over the median alone."""

import threading
import time
from statistics import median
from typing import Final

from tools.bench import load
from tools.bench.load import Unit, Work, expect
from tools.bench.scenario import World, hashed_sign_ins, own_record

GOAL: Final = 2.0
_HASHING, _ASKING = 16, 4
_LEAD_S: Final = 0.3


def measure(world: World, seconds: float) -> tuple[float, float]:
    """Milliseconds that GetUser takes at 4 connections, alone and beside 16 that sign in where hashes are kept."""
    alone = _asked(world, seconds)
    ends = time.monotonic() + seconds + 2 * _LEAD_S
    crowd = threading.Thread(
        target=load.run,
        args=("127.0.0.1", world.here.ports["userpool"], _or_turned_away(hashed_sign_ins(world))),
        kwargs={"connections": _HASHING, "seconds": ends - time.monotonic()},
    )
    crowd.start()
    time.sleep(_LEAD_S)
    beside = _asked(world, seconds)
    crowd.join()
    return alone, beside


def _asked(world: World, seconds: float) -> float:
    taken: list[float] = []
    requests = own_record(world)

    def work(number: int) -> Unit:
        began = time.monotonic()
        expect((yield requests[number % len(requests)]))
        taken.append(time.monotonic() - began)

    load.run("127.0.0.1", world.here.ports["userpool"], work, connections=_ASKING, seconds=seconds)
    return median(taken) * 1e3


def _or_turned_away(requests: list[bytes]) -> Work:
    """Sign-ins of which those above the bound of the hash pool are turned away, as they should be."""

    def work(number: int) -> Unit:
        status, body = yield requests[number % len(requests)]
        if status != 200 and b"TooManyRequests" not in body:
            raise RuntimeError(f"status {status}: {body[:300]!r}")

    return work
