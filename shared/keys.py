"""Where the master key comes from: the environment, or a file of mode 0600 that `poolkeeper init` makes."""

import base64
import binascii
import fcntl
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from shared import ids
from shared.seal import Keys
from shared.secret import Secret

LOG: Final = logging.getLogger("poolkeeper.keys")
OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
"""The permissions that a file must give to nobody but its owner."""
_LENGTH: Final = 32


class NoMasterKey(Exception):
    """There is no usable master key; the text says where it was looked for and what is wrong."""


class NotNow(Exception):
    """What was asked for the master keys cannot be done here, or not yet; the text says what stands in the way."""


def read_master_keys(given: Secret | None, file: Path) -> Keys:
    """The installation's keys: `given` (base64 of 32 bytes, several separated by blanks, newest last) or the file's lines.

    What happens to the file later is learned by the way. Raises NoMasterKey.
    """
    if given is not None:
        return Keys(_parse(given.reveal(), "POOLKEEPER_MASTER_KEY"))
    read = _KeyFile(file)
    return Keys(read.whole(), read.changed)


class _KeyFile:
    """The file of the master keys, and which of its versions was read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, ...] = ()

    def whole(self) -> list[bytes]:
        """The keys. Raises NoMasterKey."""
        try:
            found = self._file.stat()
            text = self._file.read_text("ascii", "replace")
        except FileNotFoundError:
            raise NoMasterKey(f"there is no master key at {self._file}") from None
        except OSError as error:
            raise NoMasterKey(f"the master key at {self._file} cannot be read: {error.strerror}") from error
        mode = stat.S_IMODE(found.st_mode)
        if mode & OF_OTHERS:
            raise NoMasterKey(f"the master key at {self._file} may be read by others (mode {mode:o}); chmod 600 it")
        keys = _parse(text, str(self._file))
        self._stamp = _stamp(found)
        return keys

    def changed(self) -> list[bytes] | None:
        """The keys, if it is another version than was read. One that cannot be read is told and changes nothing."""
        try:
            stamp = _stamp(self._file.stat())
            return None if stamp == self._stamp else self.whole()
        except OSError:
            return None  # taken away, or being put in place: what is known goes on counting
        except NoMasterKey as error:
            LOG.warning("%s; the master key that was read before goes on counting", error)
            self._stamp = stamp
            return None


def _stamp(found: os.stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def make_master_key(file: Path) -> None:
    """Writes a new master key to `file`, mode 0600, whole or not at all; an existing file is left alone."""
    with _written(file, [ids.random_bytes(_LENGTH)]) as fresh, suppress(FileExistsError):
        os.link(fresh, file)


def add_master_key(file: Path) -> None:
    """Adds a new master key as the newest. Raises NoMasterKey; OSError where the file cannot be written."""
    with _alone(file):
        _replace(file, [*_KeyFile(file).whole(), ids.random_bytes(_LENGTH)])


def remove_master_key(file: Path, key_id: bytes) -> None:
    """Takes an older master key away. Raises NoMasterKey, and ValueError for the newest or one that is not there."""
    with _alone(file):
        keys = _KeyFile(file).whole()
        left = [key for key, one in zip(keys, Keys(keys).ids, strict=True) if one != key_id]
        if left == keys or left[-1:] != keys[-1:]:
            raise ValueError("no older master key has this id")
        _replace(file, left)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(file: Path, keys: list[bytes]) -> None:
    with _written(file, keys) as fresh:
        fresh.replace(file)


@contextmanager
def _written(file: Path, keys: list[bytes]) -> Iterator[Path]:
    """A file beside `file` with these keys, safe on the disk."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
            writing.writelines(base64.b64encode(key) + b"\n" for key in keys)
            writing.flush()
            os.fsync(writing.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _parse(text: str, source: str) -> list[bytes]:
    keys = []
    for word in text.split():
        try:
            key = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _LENGTH:
            raise NoMasterKey(f"the master key in {source} is not base64 of {_LENGTH} bytes")
        keys.append(key)
    if not keys:
        raise NoMasterKey(f"the master key in {source} is empty")
    return keys
