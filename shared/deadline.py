"""The time that one request may take, kept by the event loop, which waits for nobody.

A database that hangs, or a process that was stopped and goes on, must not hold a caller for ever; and what nobody waits
for any more must not be written: each transaction asks `check` right before its COMMIT.
"""

import asyncio
import math
import threading
from typing import Any, Final

from shared.clock import monotonic_s
from shared.refusal import Unavailable

_LOOK_EVERY_S: Final = 0.5
_LATE: Final = "The request could not be answered in time."


class _Own(threading.local):
    ends_at = math.inf


_OWN: Final = _Own()


def begin(ends_at: float) -> None:
    """From here on this thread works for a request that may take until `ends_at` (monotonic). Raises Unavailable if late."""
    _OWN.ends_at = ends_at
    check()


def check() -> None:
    """Raises Unavailable when the time of the request that this thread works for is over."""
    if _OWN.ends_at < monotonic_s():
        raise Unavailable(_LATE)


class Watch:
    """What waits for threads, each with its end; at its end the waiting one is told so, whatever the thread does."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[asyncio.Future[Any], float] = {}
        self._looks = False

    def begun(self, future: asyncio.Future[Any]) -> float:
        """Begins to watch; gives the end."""
        ends_at = self._waiting[future] = monotonic_s() + self._seconds
        if not self._looks:
            self._looks = True
            future.get_loop().call_later(_LOOK_EVERY_S, self._look)
        return ends_at

    def ended(self, future: asyncio.Future[Any]) -> None:
        """It came in time, or was told."""
        self._waiting.pop(future, None)

    def _look(self) -> None:
        """All have the same time, so the first is the oldest."""
        now = monotonic_s()
        loop = asyncio.get_running_loop()
        while self._waiting:
            future, ends_at = next(iter(self._waiting.items()))
            if ends_at > now:
                loop.call_later(_LOOK_EVERY_S, self._look)
                return
            del self._waiting[future]
            if not future.done():
                future.set_exception(Unavailable(_LATE))
        self._looks = False
