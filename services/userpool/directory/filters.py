"""The filter language of ListUsers: `attribute = "value"` and `attribute ^= "value"`. Pure.

The attribute may stand in quotes too, as some apps send it.

Source: API reference ListUsers, Filter; developer guide, "Searching for users using the ListUsers API".
"""

import re
from dataclasses import dataclass
from typing import Final

from services.userpool.directory.aliases import SEARCHABLE, as_searched, folded
from services.userpool.errors import InvalidParameter
from services.userpool.pools.pool import UserPool

_FORM: Final = re.compile(r"\s*(\"?)([^\s=^\"]+)\1\s*(\^?=)\s*\"((?:[^\"\\]|\\.)*)\"\s*", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ATTRIBUTES: Final = frozenset((*SEARCHABLE, "cognito:user_status", "status", "sub"))
_LAST: Final = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Filter:
    """Users whose `attribute` is `value`, or begins with it if `prefix`."""

    attribute: str
    value: str
    prefix: bool


def parsed(pool: UserPool, text: str) -> Filter | None:
    """The filter in the form that the pool's index compares; None for an empty one. Raises InvalidParameter."""
    if not text.strip():
        return None
    match = _FORM.fullmatch(text)
    if match is None:
        raise InvalidParameter("Error while parsing filter.")
    _, attribute, operator, quoted = match.groups()
    if attribute not in _ATTRIBUTES:
        raise InvalidParameter(f"Invalid search attribute: {attribute}")
    value = _ESCAPED.sub(r"\1", quoted)
    if attribute == "username":
        value = folded(pool, value)
    elif attribute in SEARCHABLE:
        value = as_searched(value)
    elif attribute == "cognito:user_status":
        value = value.lower()
    return Filter(attribute, value, prefix=operator == "^=")


def past_prefix(prefix: str) -> str:
    """The least text that is greater than every text beginning with `prefix`, by code points."""
    kept = prefix
    while kept:
        last = ord(kept[-1])
        if last < _LAST:
            following = 0xE000 if last + 1 == 0xD800 else last + 1
            return kept[:-1] + chr(following)
        kept = kept[:-1]
    return chr(_LAST)
