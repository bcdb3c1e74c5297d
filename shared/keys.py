"""Where the master key comes from: the environment, or a file of mode 0600 that `poolkeeper init` makes."""

import base64
import binascii
import os
from contextlib import suppress
from pathlib import Path

from shared import ids
from shared.seal import Keys
from shared.secret import Secret

_LENGTH = 32


class NoMasterKey(Exception):
    """There is no usable master key; the text says where it was looked for and what is wrong."""


def read_master_keys(given: Secret | None, file: Path) -> Keys:
    """The installation's keys: `given` (base64 of 32 bytes, several separated by blanks, newest last) or the file's lines.

    Raises NoMasterKey.
    """
    if given is not None:
        return Keys(_parse(given.reveal(), "POOLKEEPER_MASTER_KEY"))
    try:
        mode = file.stat().st_mode & 0o777
        text = file.read_text("ascii", "replace")
    except FileNotFoundError:
        raise NoMasterKey(f"there is no master key at {file}") from None
    except OSError as error:
        raise NoMasterKey(f"the master key at {file} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise NoMasterKey(f"the master key at {file} may be read by others (mode {mode:o}); chmod 600 it")
    return Keys(_parse(text, str(file)))


def make_master_key(file: Path) -> None:
    """Writes a new master key to `file`, mode 0600, whole or not at all; an existing file is left alone."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
            writing.write(base64.b64encode(ids.random_bytes(_LENGTH)) + b"\n")
            writing.flush()
            os.fsync(writing.fileno())
        with suppress(FileExistsError):
            os.link(fresh, file)
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
