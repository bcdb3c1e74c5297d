"""What is over is removed in the background: at the start, once an hour, and when somebody says that there is much of it."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from shared.clock import monotonic_s
from shared.refusal import Unavailable

LOG: Final = logging.getLogger("poolkeeper.sweeper")
_EVERY_S: Final = 3600
_AGAIN_S: Final = 60
_LONGEST_PAUSE_S: Final = 1.0


class Sweeper:
    """Sweeps in a thread of its own, as long as the process runs."""

    def __init__(self, sweep: Callable[["Sweeper"], None]) -> None:
        """`sweep` removes what is over, a little at a time, each time by way of `Sweeper.while_any`."""
        self._sweep = sweep
        self._ended = threading.Event()
        self._wake = threading.Event()

    def start(self) -> "Sweeper":
        """Begins, with a first sweep."""
        threading.Thread(target=self._run, name="sweeps", daemon=True).start()
        return self

    def wake(self) -> None:
        """There is something to sweep now."""
        self._wake.set()

    def close(self) -> None:
        """The process ends: what is not swept yet is swept by the next one."""
        self._ended.set()
        self._wake.set()

    def while_any(self, remove_some: Callable[[], bool]) -> None:
        """Repeats `remove_some` until it says that nothing is left; in between others have as much time as it took."""
        while not self._ended.is_set():
            began = monotonic_s()
            if not remove_some():
                return
            self._ended.wait(min(monotonic_s() - began, _LONGEST_PAUSE_S))

    def in_each(self, next_owner: Callable[[str], str | None], remove_some: Callable[[str], bool]) -> None:
        """Repeats `remove_some` for each owner, a pool perhaps. `next_owner` gives the one past a name, None at the end."""
        owner: str | None = ""

        def some() -> bool:
            nonlocal owner
            if owner and remove_some(owner):
                return True
            owner = next_owner(owner or "")
            return owner is not None

        self.while_any(some)

    def _run(self) -> None:
        while not self._ended.is_set():
            wait_s = _EVERY_S
            self._wake.clear()
            try:
                self._sweep(self)
            except (OSError, Unavailable) as error:
                LOG.warning("not everything was swept, to be tried again: %s", error)
                wait_s = _AGAIN_S
            except Exception:
                LOG.exception("not everything was swept")  # and the next time it may be
            self._wake.wait(wait_s)
