"""`/<pool id>/.well-known/jwks.json` and `/<pool id>/.well-known/openid-configuration`, as prepared bytes."""

import re
from functools import lru_cache
from typing import Final

from services.userpool.context import Context
from services.userpool.pools import store as pools
from services.userpool.tokens.documents import Documents, documents
from services.userpool.tokens.key_ring import KeyRing
from services.userpool.tokens.keys import PoolKeys
from services.userpool.tokens.verify import issuer

_PATH: Final = re.compile(r"/([\w-]{1,45}_[0-9A-Za-z]{1,9})/\.well-known/(jwks\.json|openid-configuration)", re.ASCII)


def well_known(context: Context, path: str) -> bytes | None:
    """Gives the JSON document at `path`, or None where there is no such document or pool.

    It may make the keys of a new pool: it waits.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    pool_id, name = match.groups()
    with context.sql.read() as tx:
        if pools.find_pool(tx, pool_id) is None:
            return None
    prepared = _documents(issuer(context.settings.userpool_base, pool_id), context.part(KeyRing).keys_of(pool_id))
    return prepared.jwks if name == "jwks.json" else prepared.discovery


@lru_cache(maxsize=4096)
def _documents(issuer_of_pool: str, keys: PoolKeys) -> Documents:
    return documents(issuer_of_pool, keys)
