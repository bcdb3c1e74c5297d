"""The server's adapter: Granian (RSGI) hands over requests; each gets its whole body, then a place to run.

What does not wait runs in place on the event loop; what waits runs on a bounded pool of threads. A request takes a
thread only once its whole body is here, within a deadline and a limit, so slow clients cost nobody else anything.
"""

import asyncio
import contextlib
import errno
import gc
import importlib
import logging
import math
import os
import queue
import resource
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import quote

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from shared import deadline
from shared.clock import monotonic_s
from shared.drain import Drain, Server
from shared.probe import Probe
from shared.refusal import Misframed, Overloaded, Refusal, TooLarge, TooSlow
from shared.settings import Settings
from shared.unread import check_head, peer_of, turned_away
from shared.web import HttpApplication, HttpRequest, HttpResponse, client_scheme

LOG: Final = logging.getLogger("poolkeeper.serve")
_MOST_WAITING_PER_THREAD: Final = 16
_SMALL_BODY: Final = 64 * 1024
_FAIR_PACE: Final = 64 * 1024  # bytes a second
_OPENED_WITHIN_S: Final = 20
_DRAINED: Final = 2 << 20
_MANY_PARTS: Final = 1000
_SMALLEST_PART: Final = 256
_FINISH_WITHIN_S: Final = 5
GONE_WITHIN_S: Final = 1.5
"""Patience with a port: what was killed a moment ago takes as long to be gone."""
_MOST_CONNECTIONS: Final = 8192
_OTHER_FILES: Final = 512
_OBJECTS_BETWEEN_COLLECTIONS: Final = 20_000


class PortTaken(Exception):
    """Somebody else listens where we should."""


class Pool:
    """Threads for work that waits, with a bounded queue in front."""

    def __init__(self, threads: int, seconds: float) -> None:
        self._work: queue.SimpleQueue[tuple[Callable[[], HttpResponse], asyncio.Future[HttpResponse], float]] = (
            queue.SimpleQueue()
        )
        self._watch = deadline.Watch(seconds)
        self._waiting = 0
        self._most = threads * _MOST_WAITING_PER_THREAD
        for number in range(threads):
            threading.Thread(target=self._run, name=f"waits-{number}", daemon=True).start()

    @property
    def is_full(self) -> bool:
        """Whether more than the bound is waiting already."""
        return self._waiting >= self._most

    async def run(self, work: Callable[[], HttpResponse], loop: asyncio.AbstractEventLoop) -> HttpResponse:
        """The result of `work`, run on one of the threads. Raises Unavailable when its time is over."""
        done: asyncio.Future[HttpResponse] = loop.create_future()
        self._waiting += 1
        try:
            self._work.put((work, done, self._watch.begun(done)))
            return await done
        finally:
            self._watch.ended(done)
            self._waiting -= 1

    def _run(self) -> None:
        while True:
            work, done, ends_at = self._work.get()
            loop = done.get_loop()
            try:
                deadline.begin(ends_at)
                result = work()
            except BaseException as error:  # noqa: BLE001 - goes to whoever waits for it
                loop.call_soon_threadsafe(_fail, done, error)
            else:
                loop.call_soon_threadsafe(_finish, done, result)


def _settle() -> None:
    """What is there at the start stays: the collector need not look at it again, nor look as often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def _finish(done: "asyncio.Future[HttpResponse]", result: HttpResponse) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: "asyncio.Future[HttpResponse]", error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)


class _Arriving:
    """A body on its way: how much of it is here, and who waits for it until when.

    What comes at a fair pace may take longer than the deadline: a large upload, over a line as slow as they are.
    """

    __slots__ = ("_began", "_deadline_s", "_loop", "_task", "_timer", "is_late", "size")

    def __init__(self, deadline_s: float) -> None:
        self.size = 0
        self.is_late = False
        self._deadline_s = deadline_s
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timer = self._loop.call_later(deadline_s, self._look)

    def end(self) -> None:
        """Nobody waits any longer."""
        self._timer.cancel()

    def _look(self) -> None:
        left = self._began + self._deadline_s + self.size / _FAIR_PACE - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        elif self._task is not None:
            self.is_late = True
            self._task.cancel()


class Adapter:
    """One application behind RSGI."""

    def __init__(self, application: HttpApplication, settings: Settings, *, most_body: int) -> None:
        self._application = application
        self._pool = Pool(settings.threads, settings.request_deadline_s)
        self._probe = Probe(application, Pool(1, settings.request_deadline_s).run)
        self._deadline_s = settings.body_deadline_s
        self._most_body = most_body
        self._trusted_proxies = settings.trusted_proxies
        self._drain = Drain(settings.drain_s)
        _settle()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called in the worker before it serves, after Granian has set its signal handlers (RSGI specification)."""
        self._drain.watch(loop)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:  # noqa: ANN401 - Granian's objects are untyped
        """Answers one request (RSGI specification)."""
        try:
            response = await self._answer(scope, protocol)
        except Refusal as refusal:
            response = turned_away(self._application, scope, refusal)
        except Exception:
            LOG.exception("%s %s failed", scope.method, scope.path)
            response = turned_away(self._application, scope, Refusal(""))
        if self._drain.is_on:
            response = self._drain.marked(scope.path, response)
        if response.file is None:
            protocol.response_bytes(response.status, response.headers, response.body)
        else:  # the server reads it bit by bit, as fast as the client takes it
            file = response.file
            protocol.response_file_range(response.status, response.headers, file.path, file.first, file.end)
            asyncio.get_running_loop().call_later(_OPENED_WITHIN_S, file.done)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Granian calls this when the process has served its last request (RSGI specification)."""
        self._application.close()

    async def _answer(self, scope: Any, protocol: Any) -> HttpResponse:  # noqa: ANN401 - as above
        if scope.proto != "http":
            raise Misframed("Only HTTP is spoken here.")
        headers = tuple(scope.headers.items())
        check_head(scope, headers)
        body = await self._body(scope, protocol)
        peer = peer_of(scope.client)
        request = HttpRequest(
            method=scope.method,
            path="/" if scope.path == "/" else quote(scope.path, safe="/-_.~"),
            query=scope.query_string,
            headers=headers,
            body=body,
            peer=peer,
            scheme=client_scheme(scope.scheme, peer, headers, self._trusted_proxies),
        )
        application = self._application
        if not application.waits(request):
            return application.answer(request)
        if application.is_health(request):
            return await self._probe.answer(request)
        if self._pool.is_full:
            raise Overloaded("Rate exceeded")
        return await self._pool.run(lambda: application.answer(request), asyncio.get_running_loop())

    async def _body(self, scope: Any, protocol: Any) -> bytes:  # noqa: ANN401 - as above
        """The whole body. Raises TooLarge, TooSlow, Misframed for one that cannot be read."""
        try:
            return await self._read(scope, protocol)
        except Refusal:
            raise
        except TimeoutError:
            raise TooSlow("The body did not arrive in time.") from None
        except Exception:  # noqa: BLE001 - a body that cannot be read is the client's doing
            raise Misframed("The body could not be read.") from None

    async def _read(self, scope: Any, protocol: Any) -> bytes:  # noqa: ANN401 - as above
        declared = scope.headers.get("content-length")
        if declared is None and scope.headers.get("transfer-encoding") is None:
            return b""
        length = int(declared) if declared is not None else _SMALL_BODY + 1
        if length == 0:
            return b""
        if declared is not None and length > self._most_body + _DRAINED:
            raise TooLarge(f"The request is larger than {self._most_body} bytes.")
        arriving = _Arriving(self._deadline_s)
        whole = protocol() if length <= _SMALL_BODY else self._in_parts(protocol, declared, arriving)
        return await self._in_time(whole, arriving)

    async def _in_time(self, whole: Awaitable[bytes], arriving: _Arriving) -> bytes:
        """As under `asyncio.timeout`, at a third of its cost: every request passes here. Raises TimeoutError."""
        try:
            return await whole
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if arriving.is_late and task is not None and task.uncancel() == 0:
                raise TimeoutError from None
            raise
        finally:
            arriving.end()

    async def _in_parts(self, protocol: Any, declared: str | None, arriving: _Arriving) -> bytes:  # noqa: ANN401 - as above
        parts, count, size, ends = [], 0, 0, 0
        async for part in protocol:
            count += 1
            size += len(part)
            arriving.size = size
            ends += not part  # one at the end of a body; one more where it broke off, or had trailers
            if count > _MANY_PARTS and size < count * _SMALLEST_PART:
                raise Misframed("The body comes in too small pieces.")
            if size <= self._most_body:
                parts.append(part)
            elif size > self._most_body + _DRAINED:
                break
        # A little too much is read and thrown away: who is still sending when the connection closes sees no answer.
        if size > self._most_body:
            raise TooLarge(f"The request is larger than {self._most_body} bytes.")
        if ends > 1 or (declared is not None and size != int(declared)):
            raise Misframed("The body broke off.")
        return b"".join(parts)


def refuse_taken_port(host: str, port: int, patience_s: float = 0.0) -> None:
    """Raises PortTaken if somebody still listens there after `patience_s`; the server itself would share the port."""
    ends = monotonic_s() + patience_s
    while True:
        try:
            _try_port(host, port)
        except PortTaken:
            if monotonic_s() > ends:
                raise
            time.sleep(0.1)
        else:
            return


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"port {port} on {host} is taken") from None
            raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from None


def room_for_connections() -> int:
    """How many connections a worker keeps at once; the files of its databases must always find room beside them.

    Who comes later waits until others are gone: so few must not be enough to keep everybody out.
    """
    soft, hard = (sys.maxsize if limit == resource.RLIM_INFINITY else limit for limit in _files())
    files = max(soft, min(hard, _MOST_CONNECTIONS + _OTHER_FILES))
    if files > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, _files()[1]))
    return min(_MOST_CONNECTIONS, max(files - _OTHER_FILES, files // 2))


def prefer_throughput() -> None:
    """Has the kernel give this process's threads their turns one after the other (SCHED_BATCH, sched(7)).

    A thread of the server that hears of a new request would otherwise cut in on the one that answers the last, several
    times a request. What threads are started later, and processes, keep to it as well. Elsewhere than on Linux, and
    where it is forbidden, nothing changes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _files() -> tuple[int, int]:
    """How many files the process may have open: now, and at most."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def run(target: str, settings: Settings, port: int) -> None:
    """Serves `target` (`module:factory` of an Adapter) until SIGTERM. Raises PortTaken."""
    refuse_taken_port(settings.host, port)
    address = settings.host if ":" in settings.host else socket.gethostbyname(settings.host)
    prefer_throughput()
    importlib.import_module(target.partition(":")[0])  # once, for the workers to share
    gc.collect()
    gc.freeze()
    server = Server(
        target,
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        loop=Loops.uvloop if sys.platform != "win32" else Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=128 * 1024),
        websockets=False,
        backlog=2048,
        backpressure=room_for_connections(),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=math.ceil(settings.drain_s) + _FINISH_WITHIN_S,
        factory=True,
    )
    server.serve()
