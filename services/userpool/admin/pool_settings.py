"""The settings of a pool that UpdateUserPool does not know."""

from typing import Literal

import msgspec

from services.userpool.context import Call
from services.userpool.pools import store
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import with_password_storage
from shared.admin import Path


class Settings(msgspec.Struct, frozen=True):
    """The settings as they are given back."""

    user_pool_id: str
    password_storage: Literal["srp", "argon2id"]


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings to change; what is not given stays."""

    password_storage: Literal["srp", "argon2id"] | msgspec.UnsetType = msgspec.UNSET


def get(call: Call, path: Path, _body: None) -> Settings:
    """The settings of the pool. Raises ResourceNotFound."""
    with call.context.sql.read() as tx:
        return _shown(store.pool_of_account(tx, call.caller.account, path["pool"]))


def change(call: Call, path: Path, changes: Changes) -> Settings:
    """Changes the settings. Raises ResourceNotFound."""
    with call.write() as tx:
        pool = store.pool_to_change(tx, call.caller.account, path["pool"])
        if changes.password_storage is not msgspec.UNSET:
            settings = with_password_storage(pool.settings, changes.password_storage)
            store.set_pool(tx, pool.id, name=pool.name, settings=settings, at=call.now)
        return _shown(store.pool_of_account(tx, call.caller.account, pool.id))


def _shown(pool: UserPool) -> Settings:
    return Settings(pool.id, pool.settings.password_storage)
