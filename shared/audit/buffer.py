"""What may wait a moment is gathered and written by a thread in the background, many things at a time.

Bounded: what comes while it is full is counted and lost, with a line in the log. While that which keeps them does not
answer, they wait.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from shared.refusal import Unavailable

T = TypeVar("T")

LOG: Final = logging.getLogger("poolkeeper.audit")
_MOST: Final = 10_000
_AT_A_TIME: Final = 500
_GATHERING_S: Final = 0.3
_PAUSE_S: Final = 2.0
_AT_LATEST_S: Final = 10.0
"""A writing empties the caches of what was read (`Sql.current`), so what is in no hurry waits for others."""
_END_WITHIN_S: Final = 3.0


class Buffer(Generic[T]):
    """Things on their way to where they are kept."""

    def __init__(
        self,
        write: Callable[[Sequence[T]], None],
        *,
        gather: Callable[[], Iterable[T]] = tuple,
        most: int = _MOST,
    ) -> None:
        """`write` keeps a batch, and raises where it cannot; now and then it is called without any, to tidy up.

        `gather` gives what was counted meanwhile and is to be written as well.
        """
        self._write = write
        self._gather = gather
        self._most = most
        self._waiting: deque[T] = deque()
        self._lost = 0
        self._failing = False
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, thing: T, *, soon: bool = True) -> None:
        """Takes one thing; it is written in a moment, or with the next that is (`soon=False`). Never waits or raises."""
        if len(self._waiting) >= self._most:
            self._lost += 1
            return
        self._waiting.append(thing)
        self.start()
        if soon and not self._wake.is_set():
            self._wake.set()

    def start(self) -> None:
        """Starts the thread, unless it runs."""
        if self._thread is None:
            with self._starting:
                if self._thread is None and not self._ended.is_set():
                    self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                    self._thread.start()

    def flush(self) -> None:
        """Writes all that waits now."""
        with self._writing:
            self._waiting.extend(self._gather())
            while self._write_some() and self._waiting:
                pass

    def close(self) -> None:
        """Ends the thread and writes what is left."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_END_WITHIN_S)
        self.flush()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(_AT_LATEST_S)
            self._ended.wait(_GATHERING_S)
            self._wake.clear()
            self.flush()
            if self._waiting:
                self._wake.set()
            self._ended.wait(_PAUSE_S)

    def _write_some(self) -> bool:
        """Writes a batch. False when it has to wait for a better moment."""
        batch = [self._waiting.popleft() for _ in range(min(_AT_A_TIME, len(self._waiting)))]
        try:
            self._write(batch)
        except Unavailable:
            self._waiting.extendleft(reversed(batch))
            if not self._failing:
                LOG.warning("records of the audit have to wait: what keeps them does not answer")
            self._failing = True
            return False
        except Exception as error:  # noqa: BLE001 - whatever is wrong there, requests go on
            LOG.error("%d records of the audit cannot be written together: %s", len(batch), type(error).__name__)  # noqa: TRY400 - the error's text holds the records
            self._write_singly(batch)
        self._failing = False
        if self._lost:
            LOG.warning("%d records of the audit were lost: more came than could be written", self._lost)
            self._lost = 0
        return True

    def _write_singly(self, batch: Sequence[T]) -> None:
        """One that cannot be written must not take the others with it."""
        for thing in batch:
            try:
                self._write([thing])
            except Unavailable:
                self._waiting.append(thing)
            except Exception:  # noqa: BLE001 - logged for the batch
                self._lost += 1
