"""`poolkeeper serve`: all services under a supervisor, which starts again what ends unasked."""

import http.client
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from types import FrameType
from typing import Final

from services.command.init import open_installation
from services.command.parts import IDENTITYPOOL, MIGRATIONS, SERVICES, port_of
from services.command.said import say
from services.command.serve import refuse_unusable
from shared import serve as server
from shared.drain import READY_PATH
from shared.settings import PREFIX, Settings

_FINISH_WITHIN_S: Final = 6.0
_READY_WITHIN_S: Final = 30.0
_SHORTEST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_LIVED_S: Final = 30.0


@dataclass(slots=True)
class _Child:
    """A service's process, and how long it rests should it end now."""

    process: subprocess.Popen[bytes]
    started_at: float
    pause_s: float = _SHORTEST_PAUSE_S
    rests_until: float | None = None


class Supervisor:
    """Runs the services as processes; SIGTERM and Ctrl-C end them cleanly."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, _Child] = {}
        self._ending = False
        self._signal = signal.SIGTERM

    def start(self) -> None:
        """Starts every service. Raises PortTaken or what is wrong with the installation before anything runs."""
        for service in SERVICES:
            port = port_of(self._settings, service)
            server.refuse_taken_port(self._settings.host, port, server.GONE_WITHIN_S)
        for service in MIGRATIONS:
            open_installation(self._settings, service)
        refuse_unusable(self._settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        for service in SERVICES:
            self._children[service] = _Child(self._started(service), time.monotonic())

    @property
    def is_ending(self) -> bool:
        """Whether somebody asked for the end."""
        return self._ending

    def wait_ready(self) -> bool:
        """True once all services are ready; False if one ended by itself or the time is over."""
        ends = time.monotonic() + _READY_WITHIN_S
        waiting = list(SERVICES)
        while waiting and time.monotonic() < ends and not self._ending:
            for service, child in self._children.items():
                status = child.process.poll()
                if status is not None and status >= 0:  # it has said why; one that was killed is started again
                    return False
                if status is not None:
                    self._revive(service, child)
            waiting = [service for service in waiting if not is_ready(self._settings, service)]
            time.sleep(0.05)
        return not waiting

    def wait(self) -> int:
        """Waits until we are told to end, and meanwhile starts again what ended; returns the exit status."""
        while not self._ending:
            time.sleep(0.1)
            for service, child in self._children.items():
                if child.process.poll() is not None:
                    self._revive(service, child)
        return 0

    def stop(self) -> None:
        """Ends what runs: SIGTERM first, SIGKILL for who does not listen.

        The identity pool goes last: the others have questions for its authorizer and reports for its audit.
        """
        last = self._children[IDENTITYPOOL].process
        for child in self._children.values():
            if child.process is not last or self._signal is signal.SIGTERM:
                child.process.send_signal(self._signal)
        ends = time.monotonic() + self._settings.drain_s + _FINISH_WITHIN_S
        for child in self._children.values():
            if child.process is not last:
                _wait(child.process, ends)
        last.send_signal(signal.SIGINT)
        _wait(last, ends + 1)

    def _revive(self, service: str, child: _Child) -> None:
        """Starts a service again, after a pause that grows while it does not live long."""
        now = time.monotonic()
        if child.rests_until is None:
            if now - child.started_at > _LIVED_S:
                child.pause_s = _SHORTEST_PAUSE_S
            say(f"{service} ended with status {child.process.returncode}; starting it again", as_error=True)
            child.rests_until = now + child.pause_s
            child.pause_s = min(child.pause_s * 2, _LONGEST_PAUSE_S)
        elif now >= child.rests_until and not self._ending:
            child.process, child.started_at, child.rests_until = self._started(service), now, None

    def _started(self, service: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "services", "serve", service, "--supervised"]
        return subprocess.Popen(  # noqa: S603 - our own command
            command, start_new_session=True, stdin=subprocess.PIPE, env=self._environ(service)
        )

    def _environ(self, service: str) -> dict[str, str]:
        """The identity pool drains until the others are gone; `stop` tells it when."""
        if service != IDENTITYPOOL:
            return dict(os.environ)
        return {**os.environ, f"{PREFIX}DRAIN_S": f"{self._settings.drain_s + _FINISH_WITHIN_S:.3f}"}

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-C is passed on as such: it ends without the drain, also one that has begun."""
        self._signal = signal.Signals(number)
        if self._ending and self._signal is signal.SIGINT:
            for child in self._children.values():
                child.process.send_signal(signal.SIGINT)
        self._ending = True


def _wait(process: subprocess.Popen[bytes], ends: float) -> None:
    """Waits until `ends` (monotonic), and no longer."""
    try:
        process.wait(max(0.1, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_ready(settings: Settings, service: str) -> bool:
    """Whether the service at the configured port says that it is ready."""
    connection = http.client.HTTPConnection(settings.host, port_of(settings, service), timeout=2)
    try:
        connection.request("GET", READY_PATH)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
