"""What is over in the user pool's database: removed pools, ended sessions, codes and failures of long ago.

Whoever comes back removes their own; this is for those who never do.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from services.userpool.context import Context
from services.userpool.pools import store as pools
from services.userpool.signin import store as signin
from services.userpool.signup import store as signup
from services.userpool.tokens import store as tokens
from shared.sql.engine import Tx
from shared.sweeper import Sweeper

T = TypeVar("T")

_ONE_OF_ALL_S: Final = 3500
_ONE_OF_ALL_A_DAY_S: Final = 86_000
_PAGE: Final = 500
_LONGEST_ACCESS: Final = timedelta(days=1)
"""An access token lives no longer, and its session stands behind it."""


def sweep(context: Context, sweeper: Sweeper) -> None:
    """Removes all of it. What nobody waits for is done by one of all processes, in its hour or on its day."""
    try:
        sweep_removed_pools(context, sweeper)
        if context.ephemeral.claim("swept", _ONE_OF_ALL_S):
            sweep_codes(context, sweeper)
            sweep_strangers(context, sweeper)
        if context.ephemeral.claim("sessions swept", _ONE_OF_ALL_A_DAY_S):
            sweep_sessions(context, sweeper)
    finally:
        context.sql.close()  # this thread comes seldom; it keeps no connection in between


def sweep_removed_pools(context: Context, sweeper: Sweeper) -> None:
    """The rest of the pools that are removed."""

    def some() -> bool:
        with context.sql.read() as tx:
            pool_id = pools.removed_pool(tx)
        if pool_id is None:
            return False
        _write(context, lambda tx: pools.remove_some(tx, pool_id))
        return True

    sweeper.while_any(some)


def sweep_codes(context: Context, sweeper: Sweeper) -> None:
    """Codes whose time is over."""
    now_s = context.clock().timestamp()
    _in_each_pool(context, sweeper, signup.next_pool, lambda tx, pool_id: signup.forget_ended(tx, pool_id, now_s))


def sweep_strangers(context: Context, sweeper: Sweeper) -> None:
    """Failures under names that nobody has, once they do not count any more."""
    now = context.clock()
    _in_each_pool(context, sweeper, signin.next_pool, lambda tx, pool_id: signin.forget_rested(tx, pool_id, now))


def sweep_sessions(context: Context, sweeper: Sweeper) -> None:
    """Sessions that no token belongs to any more. All are looked at: an index by time would cost each sign-in a write."""
    before = (context.clock() - _LONGEST_ACCESS).timestamp()
    place = ("", "")

    def some() -> bool:
        nonlocal place
        with context.sql.read() as tx:
            found = tokens.sessions_after(tx, place, _PAGE)
        ended = [(pool_id, jti) for pool_id, jti, expires_at in found if expires_at <= before]
        if ended:
            _write(context, lambda tx: tokens.remove_ended_sessions(tx, ended, before))
        if found:
            place = found[-1][:2]
        return len(found) == _PAGE

    sweeper.while_any(some)


def _write(context: Context, change: Callable[[Tx], T]) -> T:
    with context.sql.write() as tx:
        return change(tx)


def _in_each_pool(
    context: Context,
    sweeper: Sweeper,
    next_pool: Callable[[Tx, str], str | None],
    forget: Callable[[Tx, str], bool],
) -> None:
    def next_one(after: str) -> str | None:
        with context.sql.read() as tx:
            return next_pool(tx, after)

    sweeper.in_each(next_one, lambda pool_id: _write(context, lambda tx: forget(tx, pool_id)))
