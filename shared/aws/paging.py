"""Page tokens: opaque, sealed, and good only for the list that gave them. Pages follow keys, never offsets."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from shared.refusal import Refusal
from shared.seal import BrokenSeal, Keys

T = TypeVar("T")


class BadPageToken(Refusal):
    """The page token was not given by this list."""


def position(keys: Keys, list_name: str, token: str | None) -> tuple[str, ...] | None:
    """The key after which the page starts; None for the first page.

    `list_name` names the list and what it was asked for (operation, pool, filter). Raises BadPageToken.
    """
    if token is None:
        return None
    try:
        return msgspec.json.decode(keys.seal("page token").open_text(token, list_name.encode()), type=tuple[str, ...])
    except (BrokenSeal, msgspec.DecodeError):
        raise BadPageToken("Invalid pagination token") from None


def page(
    keys: Keys,
    list_name: str,
    found: Sequence[T],
    limit: int,
    key_of: Callable[[T], tuple[str, ...]],
) -> tuple[Sequence[T], str | None]:
    """The page and the token of the next one. `found` holds up to `limit + 1` records in order of their keys."""
    if len(found) <= limit:
        return found, None
    shown = found[:limit]
    plain = msgspec.json.encode(key_of(shown[-1]))
    return shown, keys.seal("page token").seal_text(plain, list_name.encode())
