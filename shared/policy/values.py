"""Texts that stand for numbers, truths, dates, addresses and bytes: read the same way from policies and from requests.

Each reader gives None for a text it cannot read; the condition then cannot tell (see conditions.py).
Source: IAM JSON policy elements: Condition operators.
"""

import base64
import binascii
import ipaddress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

_LONGEST = 64  # no number, date or address is longer; nobody makes us read megabytes of digits
_MAX_INT64 = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
def instant(text: str) -> Decimal | None:
    """Seconds since 1970 of an ISO 8601 date or of epoch seconds.

    As AWS takes them: year, month and day may stop early (the rest is the first), the time after `T` may stop early or
    be missing, `T` and `Z` in either case, offset `+hh` or `+hh:mm`; without an offset it is UTC.
    """
    if len(text) > _LONGEST:
        return None
    if _is_digits(text.removeprefix("-")):
        return Decimal(text) if abs(int(text)) <= _MAX_INT64 else None
    day, mark, time = text.upper().partition("T")
    date = _day(day)
    clock = _clock(time) if mark else Decimal(0)
    return None if date is None or clock is None else date + clock


def _day(text: str) -> Decimal | None:
    parts = text.split("-")
    widths = (4, 2, 2)
    if len(parts) > len(widths) or not all(
        _is_digits(part) and len(part) <= w for part, w in zip(parts, widths, strict=False)
    ):
        return None
    year, month, day = [int(part) for part in parts] + [1] * (3 - len(parts))
    try:
        return Decimal((datetime(year, month, day, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1))
    except ValueError:
        return None


def _clock(text: str) -> Decimal | None:
    """Seconds since the day's midnight UTC of `hh:mm:ss.fraction` and a zone."""
    clock, offset = text, 0
    mark = max(text.find("+"), text.find("-"))
    if text.endswith("Z"):
        clock = text[:-1]
    elif mark >= 0:
        shift = _offset(text[mark + 1 :])
        if shift is None:
            return None
        clock, offset = text[:mark], -shift if text[mark] == "-" else shift
    if not clock:
        return Decimal(0) if mark < 0 else None
    whole, point, fraction = clock.partition(".")
    parts = whole.split(":")
    if len(parts) > 3 or not all(_is_digits(part) and len(part) <= 2 for part in parts):
        return None
    if point and not (_is_digits(fraction) and len(fraction) <= 9 and len(parts) == 3):
        return None
    hour, minute, second = [int(part) for part in parts] + [0] * (3 - len(parts))
    if hour > 23 or minute > 59 or second > 59:
        return None
    return Decimal(hour * 3600 + minute * 60 + second - offset) + Decimal(f"0.{fraction or 0}")


def _offset(text: str) -> int | None:
    hours, mark, minutes = text.partition(":")
    if not (_is_digits(hours) and len(hours) == 2) or (mark and not (_is_digits(minutes) and len(minutes) == 2)):
        return None
    return int(hours) * 3600 + int(minutes or 0) * 60 if int(hours) < 24 and int(minutes or 0) < 60 else None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


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
    """A CIDR range or a bare address (/32, /128). A mask in place of the prefix's length is none."""
    _, slash, length = text.partition("/")
    if len(text) > _LONGEST or (slash and not _is_digits(length)):
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
