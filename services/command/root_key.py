"""`poolkeeper root-key`: the root user's access key, made only when asked for, and never without a row in the audit."""

from datetime import datetime

from services.command.init import first_account, open_installation
from services.command.parts import IDENTITYPOOL
from services.command.record import record
from services.identitypool.iam import bootstrap
from services.identitypool.iam.bootstrap import Credentials
from shared.house import clock_of
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Tx


def create(settings: Settings) -> str:
    """Makes a root access key, replacing one that exists, and says which it is; `env --root` prints its secret."""
    keys, sql = open_installation(settings, IDENTITYPOOL)
    with sql.write() as tx:
        key = new_key(tx, keys, first_account(tx), clock_of(settings)())
    return (
        f"root access key {key.access_key_id}; no policy limits it. "
        "`poolkeeper env --root` prints its secret; delete it when the work is done."
    )


def new_key(tx: Tx, keys: Keys, account: str, now: datetime) -> Credentials:
    """A new root access key; its row in the audit is written with it."""
    key = bootstrap.create_root_key(tx, keys, account, now)
    record(tx, account, "poolkeeper:CreateRootKey", now, AccessKeyId=key.access_key_id)
    return key


def exists(settings: Settings) -> bool:
    """Whether the root user has an access key."""
    keys, sql = open_installation(settings, IDENTITYPOOL)
    with sql.read() as tx:
        return bootstrap.root_key(tx, keys, first_account(tx)) is not None


def delete(settings: Settings) -> str:
    """Deletes the root access key."""
    _, sql = open_installation(settings, IDENTITYPOOL)
    with sql.write() as tx:
        account = first_account(tx)
        deleted = bootstrap.delete_root_keys(tx, account)
        if deleted:
            record(tx, account, "poolkeeper:DeleteRootKey", clock_of(settings)())
    return "the root access key is deleted" if deleted else "there was no root access key"
