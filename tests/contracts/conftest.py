import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from shared import ids
from shared.sql.engine import Sql
from tests.conftest import free_ports, missing


def _postgres_tool(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def _as_nobody_special(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    initdb, server = _postgres_tool("initdb"), _postgres_tool("postgres")
    if initdb is None or server is None:
        missing("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="poolkeeper-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data, (port,) = folder / "data", free_ports(1)
    subprocess.run(
        _as_nobody_special([str(initdb), "-D", str(data), "-U", "keeper", "-A", "trust", "-E", "UTF8", "--no-sync"]),
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        _as_nobody_special([str(server), "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgresql://keeper@127.0.0.1:{port}/postgres"
    _until(lambda: psycopg.connect(url, connect_timeout=2).close(), psycopg.OperationalError)
    yield url
    process.terminate()
    process.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    server = shutil.which("redis-server")
    if server is None:
        missing("Redis")
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"

    def ping() -> None:
        with redis.Redis.from_url(url) as client:
            client.ping()

    _until(ping, redis.RedisError)
    yield url
    process.terminate()
    process.wait(10)


@contextmanager
def empty_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Sql]:
    """A database of one's own: a file in `folder`, or a new schema of the PostgreSQL that all tests share."""
    if engine == "sqlite":
        sql = Sql(f"sqlite:///{folder / 'x.db'}", schema="x", synchronous="OFF")
    else:
        url, schema = request.getfixturevalue("postgres_url"), f"own_{ids.pool_suffix()}"
        outside = Sql(url, schema="public")
        with outside.write() as tx:
            tx.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        outside.close()
        sql = Sql(url, schema=f'"{schema}"')
    yield sql
    sql.close()
    sql.engine.dispose()


def _until(attempt: Callable[[], None], error: type[Exception]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            attempt()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
