from collections.abc import Iterator

import pytest

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
