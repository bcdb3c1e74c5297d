"""`poolkeeper backup`: a consistent copy of an installation on SQLite, made while it runs. The master key is not in it."""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Final

from services.command.init import NotInitialised
from services.command.parts import DEMO, MIGRATIONS
from shared.settings import PREFIX, Settings

_STORE: Final = "store"


class NoBackup(Exception):
    """A backup cannot be made there, or not by this command."""


def backup(settings: Settings, folder: Path) -> list[str]:
    """Copies the databases and the demo's objects to the new `folder`; gives the names of what is there.

    Each database is copied as it was at one moment, and checked. Raises NoBackup, NotInitialised, OSError.
    """
    if settings.database_url is not None:
        raise NoBackup(f"{PREFIX}DATABASE_URL is set: back that database up by its own means, such as pg_dump")
    databases = [settings.data / f"{service}.db" for service in (*MIGRATIONS, DEMO)]
    databases = [file for file in databases if file.exists()]
    if not databases:
        raise NotInitialised(f"nothing is initialised at {settings.data}")
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise NoBackup(f"{folder} exists; a backup goes to a folder of its own") from None
    for file in databases:
        _copy(file, folder / file.name)
    if (settings.data / _STORE).is_dir():  # after its database: an object that is written meanwhile is one too many
        unfinished = shutil.ignore_patterns("*.new", "lent")
        shutil.copytree(settings.data / _STORE, folder / _STORE, ignore=unfinished, copy_function=_copy_unless_gone)
    return sorted(entry.name for entry in folder.iterdir())


def _copy(source: Path, target: Path) -> None:
    """SQLite's online backup; writers go on meanwhile, and readers of the copy need nothing but this one file."""
    target.touch(mode=0o600)
    here, there = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        here.backup(there, pages=-1)
        there.execute("PRAGMA journal_mode = DELETE")
        (said,) = there.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise NoBackup(f"{source} cannot be copied: {error}") from error
    finally:
        here.close()
        there.close()
    if said != "ok":
        raise NoBackup(f"the copy of {source} is not whole: {said}")


def _copy_unless_gone(source: str, target: str) -> None:
    """An object that is deleted meanwhile is none any more."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(source, target)
