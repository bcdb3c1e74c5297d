"""The signing keys of the pools this process has met, opened once. Keys are stored sealed, bound to pool and use."""

import base64
from typing import Final

import msgspec

from services.userpool.tokens import store
from services.userpool.tokens.keys import PoolKeys, SigningKey, Use, from_bytes, signing_key, to_bytes
from services.userpool.tokens.spare import SpareKeys
from shared.clock import Clock
from shared.seal import Keys
from shared.sql.engine import Sql

SEALED_FOR: Final = "signing key"
_LONGEST_HEADER: Final = 256
_MOST_KEPT: Final = 2048


class _Header(msgspec.Struct):
    kid: str


class KeyRing:
    """Finds, makes and remembers keys. One for each process; used from many threads."""

    def __init__(self, sql: Sql, keys: Keys, spare: SpareKeys, clock: Clock) -> None:
        self._sql = sql
        self._seal = keys.seal(SEALED_FOR)
        self._spare = spare
        self._clock = clock
        self._pools: dict[str, PoolKeys] = {}
        self._access_by_header: dict[str, SigningKey] = {}

    def keys_of(self, pool_id: str) -> PoolKeys:
        """Gives the keys of an existing pool; made now if this is their first use.

        It may write: not to be called inside a transaction.
        """
        known = self._pools.get(pool_id)
        if known is not None:
            return known
        with self._sql.read() as tx:
            stored = store.signing_keys(tx, pool_id)
        if len(stored) < len(Use):
            stored = self._make(pool_id)
        return self._remember(pool_id, stored)

    def holds(self, pool_id: str) -> bool:
        """Whether `keys_of` answers at once."""
        return pool_id in self._pools

    def access_key(self, header: str) -> SigningKey | None:
        """Gives the access token key whose tokens begin with exactly this encoded header.

        The comparison pins algorithm and key and leaves no room for any other header member (R4).
        """
        known = self._access_by_header.get(header)
        if known is None and len(header) <= _LONGEST_HEADER:
            self._look_up(header)
            known = self._access_by_header.get(header)
        return known

    def forget(self) -> None:
        """Forgets all keys; they are read again where they are needed."""
        self._pools.clear()
        self._access_by_header.clear()

    def _look_up(self, header: str) -> None:
        """Loads the pool that the header's `kid` belongs to, if there is one: another process may have made it."""
        try:
            kid = msgspec.json.decode(decode_header(header), type=_Header).kid
        except ValueError:
            return
        with self._sql.read() as tx:
            pool_id = store.find_pool_of_kid(tx, kid)
            stored = store.signing_keys(tx, pool_id) if pool_id is not None else []
        if pool_id is not None and stored:
            self._remember(pool_id, stored)

    def _make(self, pool_id: str) -> list[store.StoredKey]:
        """Two processes may do this together; the first to commit wins and both read its keys."""
        fresh = [signing_key(pool_id, use, self._spare.take()) for use in Use]
        made_at = self._clock().timestamp()
        rows = [
            store.StoredKey(key.use, key.kid, self._seal.seal(to_bytes(key.private), owner_of(pool_id, key.use)))
            for key in fresh
        ]
        with self._sql.write() as tx:
            store.add_first_signing_keys(tx, pool_id, rows, made_at)
            return store.signing_keys(tx, pool_id)

    def _remember(self, pool_id: str, stored: list[store.StoredKey]) -> PoolKeys:
        opened = {
            row.use: signing_key(pool_id, row.use, from_bytes(self._seal.open(row.sealed, owner_of(pool_id, row.use))))
            for row in stored
        }
        keys = PoolKeys(id=opened[Use.ID], access=opened[Use.ACCESS])
        if len(self._pools) >= _MOST_KEPT:  # pools come and go; those that are in use are opened again
            self.forget()
        self._pools[pool_id] = keys
        self._access_by_header[keys.access.header] = keys.access
        return keys


def decode_header(header: str) -> bytes:
    """Gives the JSON behind an encoded header. Raises ValueError."""
    return base64.b64decode(header + "=" * (-len(header) % 4), altchars=b"-_", validate=True)


def owner_of(pool_id: str, use: str) -> bytes:
    """Whose a sealed key is."""
    return f"{pool_id}\0{use}".encode()
