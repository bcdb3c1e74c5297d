"""`poolkeeper init`: makes an installation, or finishes one; safe to be killed at any point and to be repeated."""

from pathlib import Path

from services.command.parts import IDENTITYPOOL, MIGRATIONS
from services.identitypool.iam import bootstrap
from services.identitypool.iam.store import accounts
from shared.house import check_keys, clock_of, open_sql
from shared.keys import NoMasterKey, make_master_key, read_master_keys
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql, Tx
from shared.sql.revision import refuse_newer, revision_of


class NotInitialised(Exception):
    """There is no installation here yet."""


def init(settings: Settings) -> str:
    """Makes what is missing and returns the account's id.

    Raises NoMasterKey, NewerData, Unavailable, or DifferentInstallation for settings that contradict what stands.
    """
    from shared.sql.migrate import migrate  # noqa: PLC0415 - it loads Alembic, and who only serves needs none

    for service, migrations in MIGRATIONS.items():
        sql = open_sql(settings, service)
        refuse_newer(sql, migrations, revision_of(sql))  # before anything is made
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = _keys(settings)
    for service, migrations in MIGRATIONS.items():
        sql = open_sql(settings, service)
        migrate(sql, migrations)
        _protect(sql)
        check_keys(sql, keys)
    sql = open_sql(settings, IDENTITYPOOL)
    with sql.write() as tx:
        sql.alone(tx)
        bootstrap.bootstrap(tx, keys, settings, clock_of(settings)())
        return first_account(tx)


def first_account(tx: Tx) -> str:
    """The account that the installation began with. Raises NotInitialised."""
    account = accounts.find_first_account(tx)
    if account is None:
        raise NotInitialised("there is no account yet; run `poolkeeper init` first")
    return account


def open_installation(settings: Settings, service: str) -> tuple[Keys, Sql]:
    """Keys and database of an existing installation. Raises NotInitialised, NoMasterKey, NewerData, Unavailable."""
    sql = open_sql(settings, service)
    revision = revision_of(sql)
    if revision is None:
        raise NotInitialised(f"nothing is initialised for {service} at {settings.data}; run `poolkeeper init` first")
    refuse_newer(sql, MIGRATIONS[service], revision)
    keys = read_master_keys(settings.master_key, settings.key_file)
    check_keys(sql, keys)
    if service == IDENTITYPOOL:
        with sql.read() as tx:
            first_account(tx)
    return keys, sql


def is_initialised(settings: Settings, service: str) -> bool:
    """Whether the service's tables have been made. Raises Unavailable."""
    return revision_of(open_sql(settings, service)) is not None


def _keys(settings: Settings) -> Keys:
    """The master key; made only where there is no installation yet."""
    if settings.master_key is None and not settings.key_file.exists():
        if any(is_initialised(settings, service) for service in MIGRATIONS):
            raise NoMasterKey(f"there is data, but no master key at {settings.key_file}; restore the key file")
        settings.key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_master_key(settings.key_file)
    return read_master_keys(settings.master_key, settings.key_file)


def _protect(sql: Sql) -> None:
    if sql.is_sqlite:
        Path(sql.engine.url.database or "").chmod(0o600)
