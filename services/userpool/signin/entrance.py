"""What every sign-in call has in common: who asks through which client, and what they sent."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from services.userpool.clients.client import AppClient
from services.userpool.context import Call, Context
from services.userpool.errors import InvalidParameter, TooManyRequests
from services.userpool.pools.pool import UserPool

_WINDOW_S: Final = 300


class Entrance(msgspec.Struct, frozen=True):
    """One call to sign in. `sent` are its AuthParameters or ChallengeResponses."""

    call: Call
    client: AppClient
    pool: UserPool
    sent: Mapping[str, str]

    @property
    def context(self) -> Context:
        """The parts."""
        return self.call.context

    def needed(self, name: str) -> str:
        """Gives what must have been sent. Raises InvalidParameter."""
        value = self.sent.get(name)
        if not value:
            raise InvalidParameter(f"Missing required parameter {name}")
        return value


def check_source(entrance: Entrance) -> None:
    """Raises TooManyRequests for an address that failed too often of late (R17)."""
    if _is_source(entrance) and entrance.context.ephemeral.look(f"paused:{entrance.call.origin}") is not None:
        raise TooManyRequests("Rate exceeded")


def count_source(entrance: Entrance) -> None:
    """Counts a failed sign-in of this address; at the limit it is paused for as long as it was counted."""
    if not _is_source(entrance):
        return
    ephemeral, origin = entrance.context.ephemeral, entrance.call.origin
    if ephemeral.count(f"failed:{origin}", _WINDOW_S) >= entrance.context.settings.source_failures:
        ephemeral.put(f"paused:{origin}", b"1", _WINDOW_S)


def _is_source(entrance: Entrance) -> bool:
    """A back end that calls for its users from this machine, and a listed proxy, are no source of their own."""
    origin = entrance.call.origin
    if entrance.call.grant is not None or origin in entrance.context.settings.trusted_proxies:
        return False
    return _comes_from_elsewhere(origin)


@lru_cache(maxsize=4096)
def _comes_from_elsewhere(origin: str) -> bool:
    try:
        return not ipaddress.ip_address(origin).is_loopback
    except ValueError:
        return False
