"""Brings a service's schema up to date, under a lock. Loads Alembic: only who has something to migrate comes here."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from shared.clock import monotonic_s
from shared.refusal import Unavailable
from shared.sql.engine import Sql
from shared.sql.revision import newest, read_revision, refuse_newer, unusable
from shared.sql.texts import by_code_points

_ADVISORY_LOCK = 7_305_118_021
_LOCKED_WITHIN_S = 60.0


def migrate(sql: Sql, folder: Path) -> None:
    """Runs the migrations in `folder` that the database still lacks. Safe to be killed and repeated.

    Raises NewerData, and Unavailable for a database that cannot be used.
    """
    try:
        _migrate(sql, folder)
    except DBAPIError as error:
        raise unusable(sql, error) from error


def _migrate(sql: Sql, folder: Path) -> None:
    with _locked(sql) as connection:
        if not sql.is_sqlite:
            connection.execute(sa.schema.CreateSchema(sql.schema, if_not_exists=True))
        current = read_revision(connection, sql)
        refuse_newer(sql, folder, current)
        if current == newest(folder):
            return
        config = _config(folder)
        config.attributes["connection"] = connection
        config.attributes["options"] = _options(sql)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sql.is_sqlite else "BEGIN")
        command.upgrade(config, "head")
        by_code_points(connection, sql)
        connection.exec_driver_sql("COMMIT")
        if sql.is_sqlite:
            connection.exec_driver_sql("ANALYZE")


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
    from shared.sql.impatient import be_patient  # noqa: PLC0415 - who runs on SQLite need not load PostgreSQL's driver

    with sql.engine.connect() as connection:
        be_patient(connection)
        ends = monotonic_s() + _LOCKED_WITHIN_S
        while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))).scalar_one():
            if monotonic_s() > ends:
                raise Unavailable(f"another process has been migrating the database for {_LOCKED_WITHIN_S:.0f} s")
            time.sleep(0.1)
        try:
            yield connection
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_ADVISORY_LOCK)))
