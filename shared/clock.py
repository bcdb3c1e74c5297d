"""The one place that asks what time it is."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds for measuring intervals inside one process; unaffected by clock changes."""
    return time.monotonic()


class OffsetClock:
    """The installation's clock in test mode: the system's, moved by the seconds that a shared file holds.

    All processes of the installation read the same file, so `POST /test/clock` moves them together.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp = -1
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """Now, moved."""
        try:
            stamp = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            self._stamp, self._offset = -1, timedelta()
        else:
            if stamp != self._stamp:
                self._offset = timedelta(seconds=json.loads(self._file.read_text())["offset_s"])
                self._stamp = stamp
        return datetime.now(UTC) + self._offset

    def move(self, offset_s: float) -> None:
        """Sets the offset for every process of the installation."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"offset_s": offset_s}))
        fresh.replace(self._file)
