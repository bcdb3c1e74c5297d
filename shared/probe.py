"""Health, answered whatever else the process is busy with: by a thread of its own, with a limit to its patience."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from shared.drain import READY_PATH
from shared.web import HttpApplication, HttpRequest, HttpResponse

_PATIENCE_S: Final = 1.0
_NOT_READY: Final = HttpResponse(
    503, [("content-type", "application/json"), ("cache-control", "no-store")], b'{"status":"not ready"}'
)
Run = Callable[[Callable[[], HttpResponse], asyncio.AbstractEventLoop], Awaitable[HttpResponse]]


class Probe:
    """Liveness in place; readiness by `run`, one question at a time: whoever asks meanwhile gets the same answer."""

    def __init__(self, application: HttpApplication, run: Run) -> None:
        self._application = application
        self._run = run
        self._asked: asyncio.Future[HttpResponse] | None = None

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to a question about health; not ready where the store takes longer than a second to say."""
        if request.path != READY_PATH:
            return self._application.answer(request)
        asked = self._asked
        if asked is None or asked.done():
            loop = asyncio.get_running_loop()
            asked = self._asked = asyncio.ensure_future(self._run(lambda: self._application.answer(request), loop))
            asked.add_done_callback(lambda ended: ended.exception())  # nobody may be waiting any more
        done, _ = await asyncio.wait([asked], timeout=_PATIENCE_S)
        return asked.result() if done else _NOT_READY
