"""The ARN on which the operations of a pool ask for permission, and who acts where nobody does. Pure.

It carries the caller's own account: another account's pool answers as one that does not exist.
"""

from typing import Protocol

from services.userpool.context import Call
from services.userpool.pools.pool import UserPool
from shared.audit.record import Actor
from shared.aws import arn


class OfPool(Protocol):
    """A request that names a pool."""

    @property
    def user_pool_id(self) -> str:
        """The pool's id."""


def of_pool(call: Call, request: OfPool) -> str:
    """The pool that the request names."""
    return arn.user_pool(call.context.settings.region, call.caller.account, request.user_pool_id)


def any_pool(call: Call, _request: object) -> str:
    """Every pool of the account: for operations that name none."""
    return arn.user_pool(call.context.settings.region, call.caller.account, "*")


def by_user(call: Call, pool: UserPool, sub: str) -> Actor:
    """A user of the pool who changes something of their own, as the audit knows them."""
    return Actor(pool.account_id, f"user {sub}", arn.user_pool(call.context.settings.region, pool.account_id, pool.id))
