"""Pages of IAM's lists: Marker, MaxItems, IsTruncated. A page starts after the key of the last item before it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from services.identitypool.context import Call
from services.identitypool.errors import ValidationFailed
from shared.aws import paging

T = TypeVar("T")
MOST = 100  # of a page, where nothing else is asked for


class ListRequest(Protocol):
    """What every list request has."""

    @property
    def marker(self) -> str | None:
        """The token of the page before."""

    @property
    def max_items(self) -> int | None:
        """How many items are wanted."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of a page and the token of the next one."""

    items: Sequence[T]
    marker: str | None

    @property
    def is_truncated(self) -> bool:
        """Whether there is more."""
        return self.marker is not None


def read(
    call: Call,
    request: ListRequest,
    name: str,
    key_of: Callable[[T], str],
    found_after: Callable[[str, int], Sequence[T]],
) -> Page[T]:
    """A page of a list in a table. `name` tells the list and what narrows it; `found_after(key, limit)` reads it.

    Raises ValidationFailed for a marker that is not this list's.
    """
    full_name = f"iam {call.caller.account} {name}"
    try:
        after = paging.position(call.context.keys, full_name, request.marker)
    except paging.BadPageToken:
        raise ValidationFailed("Invalid Marker.") from None
    limit = request.max_items or MOST
    found = found_after("" if after is None else after[0], limit + 1)
    items, marker = paging.page(call.context.keys, full_name, found, limit, lambda item: (key_of(item),))
    return Page(items, marker)


def cut(call: Call, request: ListRequest, name: str, items: Sequence[T], key_of: Callable[[T], str]) -> Page[T]:
    """A page of a list that is short enough to be read whole; it comes in the order of its keys."""
    ordered = sorted(items, key=key_of)
    return read(
        call, request, name, key_of, lambda after, limit: [item for item in ordered if key_of(item) > after][:limit]
    )


def short(key: str) -> str:
    """A key that fits into a Marker however long `key` is, and sorts nearly alike."""
    return key[:16] + hashlib.sha256(key.encode()).hexdigest()
