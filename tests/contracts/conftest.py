from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared import ids
from shared.sql.engine import Sql
from tests.servers import Postgres, Redis


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    server = Postgres()
    server.start()
    yield server.url
    server.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    server = Redis()
    server.start()
    yield server.url
    server.close()


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
