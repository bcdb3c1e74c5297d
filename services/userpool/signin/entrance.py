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
from shared.web import is_within

_WINDOW_S: Final = 300
_HOST_BITS: Final = 64


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
    source = _source(entrance)
    if source is not None and entrance.context.ephemeral.look(f"paused:{source}") is not None:
        raise TooManyRequests("Rate exceeded")


def count_source(entrance: Entrance) -> None:
    """Counts a failed sign-in of this address; at the limit it is paused for as long as it was counted."""
    source, ephemeral = _source(entrance), entrance.context.ephemeral
    if source is None:
        return
    if ephemeral.count(f"failed:{source}", _WINDOW_S) >= entrance.context.settings.source_failures:
        ephemeral.put(f"paused:{source}", b"1", _WINDOW_S)


def _source(entrance: Entrance) -> str | None:
    """Who is counted; a back end that calls for its users from this machine, and a listed proxy, are nobody."""
    origin = entrance.call.origin
    if entrance.call.grant is not None or is_within(origin, entrance.context.settings.trusted_proxies):
        return None
    return _counted_as(origin)


@lru_cache(maxsize=4096)
def _counted_as(origin: str) -> str | None:
    """The address; in IPv6 its network of 64 bits, since whoever has one address there has them all (RFC 6177)."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = ipaddress.IPv6Address(int(address) >> _HOST_BITS << _HOST_BITS)
    return str(address)
