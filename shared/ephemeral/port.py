"""The port: what every adapter promises, tested by one contract suite."""

from typing import Protocol


class Ephemeral(Protocol):
    """Small values with an end. Keys are text; a value past its `ttl_s` does not exist."""

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Keeps `value` under `key`, replacing what was there."""

    def look(self, key: str) -> bytes | None:
        """The value under `key`, left where it is."""

    def take(self, key: str) -> bytes | None:
        """The value under `key`, for exactly one of any number of takers; it is gone afterwards."""

    def claim(self, key: str, ttl_s: int) -> bool:
        """True for the first caller of any number, False for the others until `ttl_s` has passed."""

    def count(self, key: str, window_s: int) -> int:
        """Adds one to the counter and gives it; the counter starts anew `window_s` after its first count."""

    def notify(self, topic: str) -> None:
        """Tells every replica that what `topic` names has changed."""

    def generation(self, topic: str) -> int:
        """A number that grows with each notice of `topic`."""

    def clear(self) -> None:
        """Forgets everything (test mode)."""
