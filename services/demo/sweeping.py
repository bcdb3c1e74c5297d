"""What killed processes left among the files is removed."""

from datetime import datetime, timedelta
from typing import Final

from services.demo import store
from services.demo.blobs import Blobs
from services.demo.multipart import store as uploads
from shared.clock import system_clock
from shared.sql.engine import Sql
from shared.sweeper import Sweeper

_YOUNG: Final = timedelta(minutes=10)
"""A file is written before the row that names it: a young one may still get its row."""


def sweeper(sql: Sql, blobs: Blobs, longest_request_s: float) -> Sweeper:
    """`longest_request_s`: after that long no request writes any more."""
    young = _YOUNG + timedelta(seconds=longest_request_s)
    return Sweeper(lambda _: sweep(sql, blobs, system_clock() - young))


def sweep(sql: Sql, blobs: Blobs, before: datetime) -> None:
    """Removes files older than `before` that no object and no part of an upload stands for."""

    def kept(account: str, begin: str) -> set[str]:
        low, high = begin, f"{begin}g"  # names are hexadecimal
        with sql.read() as tx:
            return store.find_blobs(tx, account, low, high) | uploads.find_blobs(tx, account, low, high)

    blobs.sweep(before, kept)
