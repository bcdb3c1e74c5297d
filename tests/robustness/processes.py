"""Processes of an installation, and requests that take their time."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.conftest import Installation
from tests.robustness.wire import address_of, fetch


def until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Waits until something holds; gives how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.02)
    return time.monotonic() - began


def readiness(base: str) -> int:
    """The status of /health/ready; 0 where nobody listens."""
    try:
        return fetch(base, "GET", "/health/ready").status
    except (OSError, http.client.HTTPException):
        return 0


def is_ready(base: str) -> bool:
    return readiness(base) == 200


def children_of(parent: int) -> list[int]:
    """The processes right below `parent`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(words[1]) == parent and words[0] != "Z":
                found.append(int(entry.name))
    return sorted(found)


class Alone:
    """One service by itself, in a process group of its own; it ends with the block."""

    def __init__(self, installation: Installation, service: str, **environ: str) -> None:
        self.base = {"userpool": installation.userpool, "identitypool": installation.identitypool}.get(
            service, installation.store
        )
        self.log = installation.data.parent / f"{service}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", "serve", service],
                env=installation.environ | environ,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        until(lambda: is_ready(self.base) or self.process.poll() is not None, 30, "it became ready")
        assert self.process.poll() is None, self.log.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """kill -9 of the main process and its workers."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()

    def workers(self) -> list[int]:
        return children_of(self.process.pid)


class Crowd:
    """Threads that repeat one piece of work until told to stop, each with what came of every turn."""

    def __init__(self, count: int, work: Callable[[], object]) -> None:
        self.came: list[object] = []
        self._over = threading.Event()
        self._work = work
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.came.append(self._work())
            except Exception as error:  # noqa: BLE001 - what came of it is what the test wants to see
                self.came.append(error)

    def stop(self) -> list[object]:
        self._over.set()
        for thread in self._threads:
            thread.join(20)
        return self.came


def half_a_request(base: str, head: bytes, first: bytes, length: int) -> http.client.HTTPConnection:
    """A connection on which a request has begun: its head and the first bytes of its body."""
    connection = http.client.HTTPConnection(*address_of(base), timeout=15)
    connection.connect()
    assert connection.sock is not None
    connection.sock.sendall(head + b"Content-Length: %d\r\n\r\n" % length + first)
    return connection
