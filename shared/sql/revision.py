"""Which schema a database has, and which ones this version knows; data that a newer version wrote is refused.

A migration's file begins with its revision, and they follow one another by name: nothing need be loaded to know them.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from shared.refusal import Unavailable
from shared.sql.engine import Sql


class NewerData(Exception):
    """The database was written by a newer version of the product."""


def known(folder: Path) -> list[str]:
    """The revisions of the migrations in `folder`, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (folder / "versions").glob("[0-9]*_*.py"))


def newest(folder: Path) -> str:
    """The revision that this version works with."""
    return known(folder)[-1]


def read_revision(connection: sa.Connection, sql: Sql) -> str | None:
    """The schema that the database has; None before the first migration."""
    versions = sa.table("alembic_version", sa.column("version_num"), schema=None if sql.is_sqlite else sql.schema)
    if not sa.inspect(connection).has_table("alembic_version", schema=versions.schema):
        return None
    revision: str | None = connection.execute(sa.select(versions.c.version_num)).scalar_one_or_none()
    return revision


def revision_of(sql: Sql) -> str | None:
    """The schema that the database has; None before the first migration. Raises Unavailable for one that cannot be read."""
    if sql.is_sqlite:
        file = Path(sql.engine.url.database or "")
        if not file.exists() or (file.is_file() and file.stat().st_size == 0):
            return None
    try:
        with sql.engine.connect() as connection:
            return read_revision(connection, sql)
    except DBAPIError as error:
        raise unusable(sql, error) from error


def unusable(sql: Sql, error: DBAPIError) -> Unavailable:
    """What an administrator is told of a database that fails as a whole."""
    reason = str(error.orig).partition("\n")[0]
    return Unavailable(f"the database of {sql.schema} cannot be used: {reason}")


def refuse_newer(sql: Sql, folder: Path, revision: str | None) -> None:
    """Raises NewerData for a schema that the migrations in `folder` do not know."""
    if revision is not None and revision not in known(folder):
        raise NewerData(
            f"the database of {sql.schema} has schema {revision}, which this version does not know; install a newer version"
        )


def is_current(sql: Sql, folder: Path) -> bool:
    """Whether the database has been initialised and needs no migration. Raises Unavailable."""
    return revision_of(sql) == newest(folder)
