"""What killed processes left among the files is removed: at the start, and once an hour."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Final

from services.demo import store
from services.demo.blobs import Blobs
from services.demo.multipart import store as uploads
from shared.clock import system_clock
from shared.refusal import Unavailable
from shared.sql.engine import Sql

LOG: Final = logging.getLogger("poolkeeper.demo")
_EVERY_S: Final = 3600
_YOUNG: Final = timedelta(minutes=10)
"""A file is written before the row that names it: a young one may still get its row."""


class Sweeper:
    """Sweeps in a thread of its own, as long as the process runs."""

    def __init__(self, sql: Sql, blobs: Blobs, longest_request_s: float) -> None:
        """`longest_request_s`: after that long no request writes any more."""
        self._sql = sql
        self._blobs = blobs
        self._young = _YOUNG + timedelta(seconds=longest_request_s)
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="sweeps", daemon=True).start()

    def close(self) -> None:
        """The process ends."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                sweep(self._sql, self._blobs, system_clock() - self._young)
            except (OSError, Unavailable) as error:
                LOG.warning("the store was not swept: %s", error)
            self._ended.wait(_EVERY_S)


def sweep(sql: Sql, blobs: Blobs, before: datetime) -> None:
    """Removes files older than `before` that no object and no part of an upload stands for."""

    def kept(account: str, begin: str) -> set[str]:
        low, high = begin, f"{begin}g"  # names are hexadecimal
        with sql.read() as tx:
            return store.find_blobs(tx, account, low, high) | uploads.find_blobs(tx, account, low, high)

    blobs.sweep(before, kept)
