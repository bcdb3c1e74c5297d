"""`poolkeeper root-key`: the root user's access key, made only when asked for."""

from services.command.init import first_account, open_installation
from services.identitypool import app as identitypool
from services.identitypool.iam import bootstrap
from shared.house import clock_of
from shared.settings import Settings


def create(settings: Settings) -> str:
    """Makes a root access key, replacing one that exists, and says which it is; `env --root` prints its secret."""
    keys, sql = open_installation(settings, identitypool.NAME)
    with sql.write() as tx:
        key = bootstrap.create_root_key(tx, keys, first_account(tx), clock_of(settings)())
    return (
        f"root access key {key.access_key_id}; no policy limits it. "
        "`poolkeeper env --root` prints its secret; delete it when the work is done."
    )


def exists(settings: Settings) -> bool:
    """Whether the root user has an access key."""
    keys, sql = open_installation(settings, identitypool.NAME)
    with sql.read() as tx:
        return bootstrap.root_key(tx, keys, first_account(tx)) is not None


def delete(settings: Settings) -> str:
    """Deletes the root access key."""
    _, sql = open_installation(settings, identitypool.NAME)
    with sql.write() as tx:
        deleted = bootstrap.delete_root_keys(tx, first_account(tx))
    return "the root access key is deleted" if deleted else "there was no root access key"
