"""Texts that stand for numbers, truths, dates, addresses and bytes: read the same way from policies and from requests.

Each reader gives None for a text it cannot read; the condition then cannot tell (see conditions.py).
Source: IAM JSON policy elements: Condition operators.
"""

import base64
import binascii
import ipaddress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

_LONGEST = 64  # no number, date or address is longer; nobody makes us read megabytes of digits
_DIGITS = frozenset("0123456789")
_NUMERIC = frozenset("0123456789+-.eE")

Address = tuple[int, int]  # IP version, the address as a number
Network = tuple[int, int, int]  # IP version, bits of the host part, the network part as a number


def number(text: str) -> Decimal | None:
    """A decimal number; 10 and 10.0 are the same."""
    if not text or len(text) > _LONGEST or not _NUMERIC.issuperset(text):
        return None
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def truth(text: str) -> bool | None:
    """The words true and false, in any case."""
    return {"true": True, "false": False}.get(text.lower())


def blob(text: str) -> bytes | None:
    """Base64 with its padding."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(1024)
def instant(text: str) -> datetime | None:
    """ISO 8601 with Z or an offset, a day alone (its midnight UTC), or epoch seconds. Gives an aware time in UTC."""
    if not text or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        if _DIGITS.issuperset(text.lstrip("-").replace(".", "", 1)):
            return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(text))
        day, mark, clock = text.partition("T")
        if len(day) != 10 or day[4] != "-" or day[7] != "-":
            return None
        if not mark:
            return datetime.fromisoformat(day).replace(tzinfo=UTC)
        return _time_of_day(day, clock)
    except (ValueError, OverflowError):
        return None


def _time_of_day(day: str, clock: str) -> datetime | None:
    """Hours and minutes, seconds and fractions if given, then Z or an offset; without a zone it is no instant."""
    if clock.endswith(("Z", "z")):
        clock, zone = clock[:-1], timezone(timedelta(0))
    else:
        cut = max(clock.rfind("+"), clock.rfind("-"))
        offset = clock[cut + 1 :].replace(":", "")
        if cut < 0 or len(offset) not in {2, 4} or not _DIGITS.issuperset(offset):
            return None
        span = timedelta(hours=int(offset[:2]), minutes=int(offset[2:] or 0))
        clock, zone = clock[:cut], timezone(-span if clock[cut] == "-" else span)
    if len(clock) < 5 or clock[2] != ":":
        return None
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone).astimezone(UTC)


@lru_cache(1024)
def address(text: str) -> Address | None:
    """An IPv4 or IPv6 address. An IPv4 address in IPv6 clothes counts as IPv4, or a deny of it could be dodged."""
    if len(text) > _LONGEST:
        return None
    try:
        read = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is not None:
        return 4, int(read.ipv4_mapped)
    return read.version, int(read)


def network(text: str) -> Network | None:
    """A CIDR range or a bare address (/32, /128)."""
    if len(text) > _LONGEST:
        return None
    try:
        read = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    host_bits = read.max_prefixlen - read.prefixlen
    return read.version, host_bits, int(read.network_address) >> host_bits


def within(one: Address, ranges: tuple[Network, ...]) -> bool:
    """Is the address in one of the ranges? Another family never is."""
    version, whole = one
    return any(version == family and whole >> host_bits == part for family, host_bits, part in ranges)
