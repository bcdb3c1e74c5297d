"""What objects hold, as files: each written once under a name of its own, made durable, and never changed."""

import contextlib
import errno
import functools
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from services.demo.refusals import DiskFull
from shared import ids
from shared.web import FileSpan

_PIECE = 1 << 20
_ACCOUNT = re.compile("[0-9]{12}")


class Blobs:
    """The files below one folder, by account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = str(folder)
        self._lent = folder / "lent"

    def add(self, account: str, data: bytes) -> str:
        """Keeps `data`; the name to find it by. On the disk when this returns. Raises DiskFull."""
        return self.add_pieces(account, (data,))

    def add_pieces(self, account: str, pieces: Iterable[bytes]) -> str:
        """Keeps what the pieces make together; what goes wrong half-way leaves nothing. Raises DiskFull."""
        name = self._fresh()
        path = self._prepared(account, name)
        fresh = path.with_suffix(".new")
        try:
            with fresh.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                self._settle(file.fileno(), path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                raise DiskFull("The disk of the store is full.") from error
            raise
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        return name

    def joined(self, account: str, names: Sequence[str]) -> Iterator[bytes]:
        """The contents of several files, one after another. Raises FileNotFoundError where one is gone."""
        for name in names:
            yield from self.pieces(account, name)

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

    def pieces(self, account: str, name: str, first: int = 0, length: int | None = None) -> Iterator[bytes]:
        """`length` bytes from `first`, piece by piece; the file is open when this returns, and so stays readable.

        Raises FileNotFoundError where the contents are gone.
        """
        file = self._path(account, name).open("rb")
        file.seek(first)
        return _read(file, length)

    def lend(self, account: str, name: str, first: int, length: int) -> FileSpan:
        """A part of the contents, for an answer; what is removed meanwhile stays readable. Raises FileNotFoundError."""
        lent = self._lent / self._fresh()
        try:
            os.link(self._path(account, name), lent)
        except FileNotFoundError:
            self._lent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.link(self._path(account, name), lent)
        return FileSpan(str(lent), first, first + length, functools.partial(lent.unlink, missing_ok=True))

    def sweep(self, before: datetime, kept: Callable[[str, str], set[str]]) -> None:
        """Forgets what a killed process left: loans, half-written files, and contents that nothing stands for.

        Only what is older than `before` is looked at. `kept`: the names that an account needs among those that begin
        with two letters.
        """
        _remove_unless_in(set(), _older(self._lent, before))
        for account in self._folder.glob("[0-9]" * 12):
            for folder in account.iterdir():
                old = _older(folder, before)
                if old:
                    _remove_unless_in(kept(account.name, folder.name), old)

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


def _older(folder: Path, before: datetime) -> list[Path]:
    found = []
    for file in folder.glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_ctime < before.timestamp():
                found.append(file)
    return found


def _remove_unless_in(kept: set[str], files: Iterable[Path]) -> None:
    for file in files:
        if file.name not in kept:
            file.unlink(missing_ok=True)  # another process may be doing the same


def _read(file: BinaryIO, length: int | None) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE if length is None else min(_PIECE, length)):
            yield piece
            length = None if length is None else length - len(piece)


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
