"""What objects hold, as files: each written once under a name of its own, made durable, and never changed."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path

from shared import ids
from shared.refusal import Unavailable

_PIECE = 1 << 20
_ACCOUNT = re.compile("[0-9]{12}")


class Blobs:
    """The files below one folder, by account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = str(folder)

    def add(self, account: str, data: bytes) -> str:
        """Keeps `data`; the name to find it by. On the disk when this returns. Raises Unavailable for a full disk."""
        name = self._fresh()
        with self._written(account, name) as file:
            file.write(data)
        return name

    def join(self, account: str, names: Sequence[str]) -> str:
        """Keeps the contents of several files, one after another, as one more. Raises as `add` does."""
        name = self._fresh()
        with self._written(account, name) as file:
            for one in names:
                with self._path(account, one).open("rb") as source:
                    while piece := source.read(_PIECE):
                        file.write(piece)
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

    @contextmanager
    def _written(self, account: str, name: str) -> Iterator[BufferedWriter]:
        """A file that has its name once all of it is on the disk, or is not there."""
        path = self._prepared(account, name)
        fresh = path.with_suffix(".new")
        try:
            with fresh.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            _sync_folder(path.parent)
        except FileNotFoundError:
            fresh.unlink(missing_ok=True)  # what was to be read is gone
            raise
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise Unavailable("The disk does not take the object.") from error


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
