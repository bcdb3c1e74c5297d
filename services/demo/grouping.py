"""Listing keys with a delimiter: what lies below a common prefix is shown as one line and skipped in one step.

Amazon S3 User Guide: Listing object keys programmatically, Organizing objects using prefixes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.demo.store import StoredObject

Find = Callable[[bytes, bytes, int], Sequence[StoredObject]]
"""(low, high, most) -> objects with low <= key < high, in the order of their keys' bytes."""

_BEYOND = b"\xff"
_STEP = 64


@dataclass(slots=True)
class Listing:
    """One page: objects and common prefixes. `next_at` is where the next page begins, None after the last."""

    objects: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_at: bytes | None = None

    def __len__(self) -> int:
        return len(self.objects) + len(self.prefixes)


def after_all(prefix: bytes) -> bytes:
    """The first place behind every key that begins with `prefix`. UTF-8 has no byte 0xFF, so the last can grow."""
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else _BEYOND


def grouped(find: Find, prefix: str, delimiter: str, start: bytes, most: int) -> Listing:
    """The keys from `start` on that begin with `prefix`, at most `most` lines."""
    page = Listing()
    low, high = max(start, prefix.encode()), after_all(prefix.encode())
    while low < high and most:
        asked = min(most - len(page) + 1, _STEP if delimiter else most + 1)
        found = find(low, high, asked)
        for one in found:
            if len(page) == most:
                page.next_at = one.key.encode()
                return page
            group = _group(one.key, len(prefix), delimiter)
            if group:
                page.prefixes.append(group)
                low = after_all(group.encode())
                break
            page.objects.append(one)
            low = one.key.encode() + b"\x00"
        else:
            if len(found) < asked:
                return page
    return page


def _group(key: str, at: int, delimiter: str) -> str:
    """The common prefix that stands for the key; empty where the key stands for itself."""
    cut = key.find(delimiter, at) if delimiter else -1
    return key[: cut + len(delimiter)] if cut >= 0 else ""
