"""Signing keys made ahead on a thread of their own, so that a new pool does not wait for prime numbers."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from services.userpool.tokens.keys import make_private_key

_WANTED: Final = 4  # two pools' worth


class SpareKeys:
    """A few keys nobody uses yet. One for each process; they are only in memory."""

    def __init__(self, wanted: int = _WANTED) -> None:
        """Keeps `wanted` keys ready once `fill` was called."""
        self._wanted = wanted
        self._made: deque[Future[RSAPrivateKey]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spare-keys")

    def fill(self) -> None:
        """Starts making what is missing, and returns at once."""
        while len(self._made) < self._wanted:
            self._made.append(self._thread.submit(make_private_key))

    def take(self) -> RSAPrivateKey:
        """Gives a key that nobody else gets; made now where none is ready."""
        try:
            made = self._made.popleft()
        except IndexError:
            made = None
        self.fill()
        return make_private_key() if made is None else made.result()

    def close(self) -> None:
        """Ends the thread; keys under way are given up."""
        self._thread.shutdown(cancel_futures=True)
