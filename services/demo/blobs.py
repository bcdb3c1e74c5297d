"""What objects hold, as files: each written once under a name of its own, made durable, and never changed."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from shared import ids

_PIECE = 1 << 20
_ACCOUNT = re.compile("[0-9]{12}")


class Blobs:
    """The files below one folder, by account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = str(folder)

    def add(self, account: str, data: bytes) -> str:
        """Keeps `data`; the name to find it by. On the disk when this returns."""
        name = self._fresh()
        path = self._prepared(account, name)
        with path.with_suffix(".new").open("xb") as file:
            file.write(data)
            file.flush()
            self._settle(file.fileno(), path)
        return name

    def join(self, account: str, names: Sequence[str]) -> str:
        """Keeps the contents of several files, one after another, as one more."""
        name = self._fresh()
        path = self._prepared(account, name)
        with path.with_suffix(".new").open("xb") as file:
            for one in names:
                with self._path(account, one).open("rb") as source:
                    while piece := source.read(_PIECE):
                        file.write(piece)
            file.flush()
            self._settle(file.fileno(), path)
        return name

    def link(self, account: str, name: str, to_account: str) -> str:
        """Gives the same contents a second name; each is removed on its own."""
        second = self._fresh()
        path = self._prepared(to_account, second)
        os.link(self._path(account, name), path)
        _sync_folder(path.parent)
        return second

    def read(self, account: str, name: str, first: int = 0, length: int = -1) -> bytes:
        """The contents, or `length` bytes of them from `first`. Raises FileNotFoundError where they are gone."""
        with open(f"{self._root}/{_checked(account)}/{name[:2]}/{name}", "rb") as file:  # noqa: PTH123 - a Path costs more
            if first:
                file.seek(first)
            return file.read(length)

    def remove(self, account: str, name: str) -> None:
        """Forgets the contents; nothing happens where they are gone."""
        self._path(account, name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forgets everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fresh(self) -> str:
        return ids.random_bytes(16).hex()

    def _path(self, account: str, name: str) -> Path:
        return self._folder / _checked(account) / name[:2] / name

    def _prepared(self, account: str, name: str) -> Path:
        path = self._path(account, name)
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (path.parents[1], path.parents[2]):
                _sync_folder(folder)
        return path

    def _settle(self, descriptor: int, path: Path) -> None:
        os.fsync(descriptor)
        path.with_suffix(".new").replace(path)
        _sync_folder(path.parent)


def _checked(account: str) -> str:
    if not _ACCOUNT.fullmatch(account):
        raise ValueError("an account is twelve digits")
    return account


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
