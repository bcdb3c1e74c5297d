"""How a worker process ends. At SIGTERM it says that it is not ready, serves on for a while, then closes and finishes.

A proxy that asks for readiness needs that while to send nobody here any more. Ctrl-C (SIGINT) skips it: in front of a
laptop there is no proxy. A worker whose main process is gone ends too, or it would hold the port against the next start.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
from typing import Any, Final

from granian.server import MPServer

from shared.clock import monotonic_s
from shared.web import HttpResponse

READY_PATH: Final = "/health/ready"
_LOOK_EVERY_S: Final = 0.02
_LOOKS_PER_SIGNAL: Final = 10
_LIFELINES: Final[list[int]] = []


class Drain:
    """The end of one worker process."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long it serves on after SIGTERM."""
        self.is_on = False
        self._seconds = seconds

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Takes SIGTERM over from the server, whose own handler closes at once and stays in place for SIGINT."""
        loop.add_signal_handler(signal.SIGTERM, self._begin, loop)
        parent = multiprocessing.parent_process()
        for above in _LIFELINES if parent is None else [parent.sentinel, *_LIFELINES]:
            loop.add_reader(above, self._orphaned, loop, above)

    def marked(self, path: str, response: HttpResponse) -> HttpResponse:
        """An answer given while draining: not ready, and nothing more on this connection."""
        if path == READY_PATH:
            body = b'{"status":"draining"}'
            told = [("content-type", "application/json"), ("cache-control", "no-store"), ("retry-after", "1")]
            response = HttpResponse(503, told, body)
        if any(name == "connection" for name, _ in response.headers):
            return response
        headers = [*response.headers, ("connection", "close")]
        return HttpResponse(response.status, headers, response.body, response.file)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self.is_on:
            self.is_on = True
            loop.call_later(self._seconds, signal.raise_signal, signal.SIGINT)

    def _orphaned(self, loop: asyncio.AbstractEventLoop, above: int) -> None:
        """Not ready from this moment on: whoever starts it all again and asks must not be answered by us."""
        self.is_on = True
        loop.remove_reader(above)
        signal.raise_signal(signal.SIGINT)


def hang_on(lifeline: int) -> None:
    """From here on the workers end as soon as the pipe `lifeline` does, which somebody above the main process holds."""
    _LIFELINES.append(lifeline)


def _end_by_default() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class Server(MPServer):
    """Granian's main process over worker processes; it passes Ctrl-C on as what it is, not as a SIGTERM."""

    _signal = signal.SIGTERM

    def serve(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Granian's signature
        """Serves until told to end. A worker that is told so before it has handlers of its own just ends."""
        os.register_at_fork(after_in_child=_end_by_default)  # it would inherit handlers that do nothing there
        super().serve(*args, **kwargs)

    def _respawn_workers(self, workers: list[int], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as above
        """Starts workers again. Granian gives all up when one ends twice in a few seconds: not where both were kills."""
        killed = [number for number in workers if self.wrks[number].inner.exitcode == -signal.SIGKILL]
        super()._respawn_workers(workers, *args, **kwargs)
        for number in killed:
            del self.respawned_wrks[number]

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Granian's signature
        """Begins the end at SIGTERM and SIGINT; a SIGINT after a SIGTERM cuts the drain short."""
        self._signal = signal.Signals(args[0])
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]

    def shutdown(self, exit_code: int = 0) -> None:
        """Ends the workers and waits for them; Granian then finds them ended, or kills who stays."""
        ends = monotonic_s() + (self.workers_kill_timeout or 0)
        alive = list(self.wrks)
        while alive and monotonic_s() < ends:
            for worker in alive:  # again and again: the loop of one that has just started loses signals
                worker.interrupt_by_parent = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.inner.pid, self._signal)
            for _ in range(_LOOKS_PER_SIGNAL):
                time.sleep(_LOOK_EVERY_S)
                alive = [worker for worker in alive if worker.is_alive()]  # type: ignore[no-untyped-call]
                if not alive:
                    break
        self.workers_kill_timeout = 1
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]
