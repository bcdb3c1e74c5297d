"""What is over in the identity pool's database: identities whose pool was removed."""

from services.identitypool.context import Context
from services.identitypool.pools import store as pools
from shared.sweeper import Sweeper


def sweep(context: Context, sweeper: Sweeper) -> None:
    """Removes all of it."""
    try:
        sweeper.in_each(lambda after: _next_pool(context, after), lambda pool_id: _remove_orphans(context, pool_id))
    finally:
        context.sql.close()  # this thread comes seldom; it keeps no connection in between


def _next_pool(context: Context, after: str) -> str | None:
    with context.sql.read() as tx:
        return pools.next_with_identities(tx, after)


def _remove_orphans(context: Context, pool_id: str) -> bool:
    """Removes some identities, if their pool is gone; whether there may be more."""
    with context.sql.read() as tx:
        if pools.find_pool(tx, pool_id) is not None:
            return False
    with context.sql.write() as tx:
        return pools.remove_identities(tx, pool_id)
