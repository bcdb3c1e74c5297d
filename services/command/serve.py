"""`poolkeeper serve`: one service in the foreground, or all of them under a supervisor."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import FrameType
from typing import Final

from services.command.init import MIGRATIONS, open_installation
from services.demo import app as demo
from services.identitypool import app as identitypool
from services.userpool import app as userpool
from shared import serve as server
from shared.settings import PREFIX, Settings
from shared.sql.migrate import migrate

SERVICES: Final = (identitypool.NAME, userpool.NAME, demo.NAME)
_FINISH_WITHIN_S: Final = 8.0
_ANSWERS_LONGER_S: Final = 0.5
_READY_WITHIN_S: Final = 30.0


def port_of(settings: Settings, service: str) -> int:
    """The port that `service` listens on."""
    ports = {
        userpool.NAME: settings.userpool_port,
        identitypool.NAME: settings.identitypool_port,
        demo.NAME: settings.demo_port,
    }
    return ports[service]


def serve_one(settings: Settings, service: str, supervisor: int | None = None) -> None:
    """Serves one service until SIGTERM or the supervisor's end. Raises what is wrong with the installation."""
    if supervisor is not None:
        threading.Thread(target=_end_with, args=(supervisor,), daemon=True).start()
    server.refuse_taken_port(settings.host, port_of(settings, service))
    checked = service if service in MIGRATIONS else identitypool.NAME
    _, sql = open_installation(settings, checked)
    if service in MIGRATIONS:
        migrate(sql, MIGRATIONS[service])
    if settings.test_mode:
        print("test mode: anyone on this machine may move the clock and empty the data", file=sys.stderr)
    server.run(f"services.{service}.app:adapter", settings, port_of(settings, service))


def _end_with(supervisor: int) -> None:
    """Ends this process once `supervisor` is no longer its parent: a killed one must leave no service behind."""
    while os.getppid() == supervisor:
        time.sleep(0.5)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


class Supervisor:
    """Runs the services as processes; if one ends, all end; SIGTERM and Ctrl-C end them cleanly."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = False
        self._signal = signal.SIGTERM

    def start(self) -> None:
        """Starts every service. Raises PortTaken or what is wrong with the installation before anything runs."""
        for service in SERVICES:
            server.refuse_taken_port(self._settings.host, port_of(self._settings, service))
        for service in MIGRATIONS:
            open_installation(self._settings, service)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        for service in SERVICES:
            command = [sys.executable, "-m", "services", "serve", service, "--supervisor", str(os.getpid())]
            self._children[service] = subprocess.Popen(  # noqa: S603 - our own command
                command, start_new_session=True, env=self._environ(service)
            )

    @property
    def is_ending(self) -> bool:
        """Whether somebody asked for the end."""
        return self._ending

    def wait_ready(self) -> bool:
        """True once all services are ready; False if one ended or the time is over."""
        ends = time.monotonic() + _READY_WITHIN_S
        waiting = list(SERVICES)
        while waiting and time.monotonic() < ends and not self._ending:
            if any(child.poll() is not None for child in self._children.values()):
                return False
            waiting = [service for service in waiting if not is_ready(self._settings, service)]
            time.sleep(0.05)
        return not waiting

    def wait(self) -> int:
        """Waits until a service ends or we are told to; returns the exit status for the whole."""
        status = 0
        while not self._ending:
            time.sleep(0.2)
            ended = {service: child.poll() for service, child in self._children.items()}
            for service, code in ended.items():
                if code is not None:
                    if not self._ending:
                        print(f"{service} ended with status {code}; ending the others", file=sys.stderr)
                        status = code or 1
                    self._ending = True
        return status

    def stop(self) -> None:
        """Ends what runs: SIGTERM first, SIGKILL for who does not listen."""
        first = {name: child for name, child in self._children.items() if name != identitypool.NAME}
        self._stop(first)  # the others still report to the identity pool's audit
        self._stop(self._children)

    def _stop(self, children: Mapping[str, subprocess.Popen[bytes]]) -> None:
        for child in children.values():
            if child.poll() is None:
                child.send_signal(self._signal)
        ends = time.monotonic() + self._settings.drain_s + _FINISH_WITHIN_S
        for child in children.values():
            try:
                child.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def _environ(self, service: str) -> dict[str, str]:
        """The authorizer drains a little longer: the last requests of the others still have questions for it."""
        drain = self._settings.drain_s
        if service == identitypool.NAME and drain > 0:
            return {**os.environ, f"{PREFIX}DRAIN_S": f"{drain + _ANSWERS_LONGER_S:.3f}"}
        return dict(os.environ)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-C is passed on as such: it ends without the drain, also one that has begun."""
        self._signal = signal.Signals(number)
        if self._ending and self._signal is signal.SIGINT:
            for child in self._children.values():
                child.send_signal(signal.SIGINT)
        self._ending = True


def is_ready(settings: Settings, service: str) -> bool:
    """Whether the service at the configured port says that it is ready."""
    url = f"http://{settings.host}:{port_of(settings, service)}/health/ready"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
