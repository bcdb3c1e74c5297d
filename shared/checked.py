"""Tokens whose signature was checked a moment ago. A client shows the same token many times; its bytes do not change.

Only the signature's work is saved: whether the key still counts, whose token it is, whether it has ended or was revoked
is asked each time. What is kept is a digest, no token.
"""

import hashlib
from typing import Final, Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")
_MOST: Final = 1024


class Checked(Generic[K, T]):
    """What good tokens said, and by which key. Of the last thousand or two; used from many threads."""

    def __init__(self, most: int = _MOST) -> None:
        """Keeps at least the last `most` tokens and at most twice as many."""
        self._most = most
        self._young: dict[bytes, tuple[K, T]] = {}
        self._old: dict[bytes, tuple[K, T]] = {}

    def find(self, token: str, key: K) -> T | None:
        """What `token` says, if the very same text was kept with this very key object."""
        digest = _digest(token)
        found = self._young.get(digest) or self._old.get(digest)
        return found[1] if found is not None and found[0] is key else None

    def keep(self, token: str, key: K, said: T) -> None:
        """Remembers a token. To be called once `key` was seen to have signed it, and never before."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[_digest(token)] = (key, said)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
