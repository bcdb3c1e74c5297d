"""Brings a service's schema up to date, under a lock, before it serves; refuses data that a newer version wrote."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from shared.clock import monotonic_s
from shared.refusal import Unavailable
from shared.sql.engine import Sql

_ADVISORY_LOCK = 7_305_118_021
_LOCKED_WITHIN_S = 60.0


class NewerData(Exception):
    """The database was written by a newer version of the product."""


def migrate(sql: Sql, folder: Path) -> None:
    """Runs the migrations in `folder` that the database still lacks. Raises NewerData. Safe to be killed and repeated."""
    with _locked(sql) as connection:
        if not sql.is_sqlite:
            connection.execute(sa.schema.CreateSchema(sql.schema, if_not_exists=True))
        config = _config(folder)
        current = MigrationContext.configure(connection, opts=_options(sql)).get_current_revision()
        refuse_newer(sql, folder, current)
        if current == ScriptDirectory.from_config(config).get_current_head():
            return
        config.attributes["connection"] = connection
        config.attributes["options"] = _options(sql)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sql.is_sqlite else "BEGIN")
        command.upgrade(config, "head")
        connection.exec_driver_sql("COMMIT")
        if sql.is_sqlite:
            connection.exec_driver_sql("ANALYZE")


def revision_of(sql: Sql) -> str | None:
    """The schema that the database has; None before the first migration. Raises Unavailable for one that cannot be read."""
    if sql.is_sqlite:
        file = Path(sql.engine.url.database or "")
        if not file.exists() or (file.is_file() and file.stat().st_size == 0):
            return None
    try:
        with sql.engine.connect() as connection:
            return MigrationContext.configure(connection, opts=_options(sql)).get_current_revision()
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise Unavailable(f"the database of {sql.schema} cannot be read: {reason}") from error


def refuse_newer(sql: Sql, folder: Path, revision: str | None) -> None:
    """Raises NewerData for a schema that the migrations in `folder` do not know."""
    known = {known.revision for known in ScriptDirectory.from_config(_config(folder)).walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerData(
            f"the database of {sql.schema} has schema {revision}, which this version does not know; install a newer version"
        )


def is_current(sql: Sql, folder: Path) -> bool:
    """Whether the database has been initialised and needs no migration. Raises Unavailable."""
    return revision_of(sql) == ScriptDirectory.from_config(_config(folder)).get_current_head()


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _options(sql: Sql) -> dict[str, object]:
    return {} if sql.is_sqlite else {"version_table_schema": sql.schema}


@contextmanager
def _locked(sql: Sql) -> Iterator[sa.Connection]:
    if sql.is_sqlite:
        file = Path(sql.engine.url.database or "")
        with file.with_suffix(".lock").open("w") as lock, sql.engine.connect() as connection:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield connection
        return
    with sql.engine.connect() as connection:
        ends = monotonic_s() + _LOCKED_WITHIN_S
        while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))).scalar_one():
            if monotonic_s() > ends:
                raise Unavailable(f"another process has been migrating the database for {_LOCKED_WITHIN_S:.0f} s")
            time.sleep(0.1)
        try:
            yield connection
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_ADVISORY_LOCK)))
