"""PostgreSQL and Redis as processes of the tests' own, that can be ended, stopped and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from tests.conftest import free_ports, missing

_ENGLISH = ("--locale-provider=icu", "--icu-locale=en-US-u-ka-shifted")
"""As servers usually are set up: texts are compared as people of a language do, punctuation aside, not by code points."""


def _postgres_tool(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def _as_nobody_special(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def _until(attempt: Callable[[], None], error: type[Exception]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            attempt()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


class Postgres:
    """A PostgreSQL server with a cluster of its own."""

    def __init__(self) -> None:
        initdb, server = _postgres_tool("initdb"), _postgres_tool("postgres")
        if initdb is None or server is None:
            missing("PostgreSQL")
        self._server = str(server)
        self.folder = Path(tempfile.mkdtemp(prefix="poolkeeper-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        (self._port,) = free_ports(1)
        self.url = f"postgresql://keeper@127.0.0.1:{self._port}/postgres"
        command = [str(initdb), "-D", str(self._data), "-U", "keeper", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(_as_nobody_special([*command, *_ENGLISH]), check=True, capture_output=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int:
        """The postmaster."""
        return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])

    def start(self) -> None:
        command = [self._server, "-D", str(self._data), "-p", str(self._port), "-k", str(self.folder)]
        self._process = subprocess.Popen(
            _as_nobody_special([*command, "-h", "127.0.0.1"]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _until(lambda: psycopg.connect(self.url, connect_timeout=2).close(), psycopg.OperationalError)

    def stop(self) -> None:
        """Ends it as a planned restart does: connections are told so and closed."""
        os.kill(self.pid, signal.SIGINT)
        self._process.wait(20)

    def hang(self, processes: list[int]) -> None:
        """Stops the server and `processes`, its own: its kernel goes on acknowledging."""
        self._hanging = [self.pid, *processes]
        for process in self._hanging:
            os.kill(process, signal.SIGSTOP)

    def go_on(self) -> None:
        """Ends the hanging; runuser stopped with its child."""
        for process in (*self._hanging, self._process.pid):
            os.kill(process, signal.SIGCONT)

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """A Redis server that keeps nothing."""

    def __init__(self) -> None:
        server = shutil.which("redis-server")
        if server is None:
            missing("Redis")
        self._server = str(server)
        (self._port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self._port}/0"

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._server, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )

        def ping() -> None:
            with redis.Redis.from_url(self.url) as client:
                client.ping()

        _until(ping, redis.RedisError)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
