"""`poolkeeper move`: what an installation on SQLite keeps, copied to an empty PostgreSQL while nothing runs."""

from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from services.command.init import NotInitialised, open_installation
from services.command.parts import IDENTITYPOOL, MIGRATIONS, SERVICES, USERPOOL, port_of
from services.identitypool.operations import load as load_identitypool
from services.identitypool.schema import metadata as identitypool
from services.userpool.operations import load as load_userpool
from services.userpool.schema import metadata as userpool
from shared import serve as server
from shared.house import installation, open_sql
from shared.settings import PREFIX, Settings
from shared.sql.engine import Sql, Tx
from shared.sql.migrate import migrate
from shared.sql.revision import is_current

_AT_ONCE: Final = 500


class NoMove(Exception):
    """It cannot be moved there, or not now."""


def move(settings: Settings) -> int:
    """Copies the files in `settings.data` to `settings.database_url`; gives the number of rows. The files stay.

    Raises NoMove, NotInitialised, NoMasterKey, NewerData, PortTaken, Unavailable.
    """
    if settings.database_url is None:
        raise NoMove(f"{PREFIX}DATABASE_URL names no database to move to")
    for service in SERVICES:
        server.refuse_taken_port(settings.host, port_of(settings, service))
    here = replace(settings, database_url=None)
    sources = {service: _source(here, service) for service in MIGRATIONS}
    targets = {service: open_sql(settings, service) for service in MIGRATIONS}
    tables = _tables()
    for service, target in targets.items():
        migrate(target, MIGRATIONS[service])
        with target.write() as tx:
            installation.create(tx, checkfirst=True)
            if any(tx.execute(sa.select(table).limit(1)).first() for table in tables[service]):
                raise NoMove(f"the schema {service} of that database is not empty")
    return sum(_copy(sources[service], targets[service], tables[service]) for service in MIGRATIONS)


def _tables() -> dict[str, list[sa.Table]]:
    """The tables of each service, those that others hang on first."""
    load_userpool()
    load_identitypool()
    return {
        USERPOOL: [installation, *userpool.sorted_tables],
        IDENTITYPOOL: [installation, *identitypool.sorted_tables],
    }


def _source(here: Settings, service: str) -> Sql:
    _, sql = open_installation(here, service)
    if not is_current(sql, MIGRATIONS[service]):
        raise NotInitialised(
            f"the schema of {service} is an older one; run `poolkeeper init` without {PREFIX}DATABASE_URL"
        )
    return sql


def _copy(source: Sql, target: Sql, tables: list[sa.Table]) -> int:
    """All rows, in one transaction of the target."""
    with source.read() as found, target.write() as tx:
        return sum(_copy_table(found, tx, table) for table in tables)


def _copy_table(found: Tx, tx: Tx, table: sa.Table) -> int:
    count = 0
    for part in found.execute(sa.select(table)).mappings().partitions(_AT_ONCE):
        tx.execute(sa.insert(table), [dict(row) for row in part])
        count += len(part)
    return count
