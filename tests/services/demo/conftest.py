from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.demo.front import compose
from shared.audit.reporter import Reporter
from shared.clock import system_clock
from shared.settings import Settings
from tests.services.demo.served import TableGrants, client, served


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def url(data: Path) -> Iterator[str]:
    with served(compose(Settings(data=data), TableGrants(), system_clock, Reporter(lambda _seen: None))) as base:
        yield base


@pytest.fixture(scope="session")
def s3(url: str) -> Any:
    made = client(url)
    made.create_bucket(Bucket="demo")
    return made


@pytest.fixture(scope="session")
def member(url: str, s3: Any) -> Any:
    assert s3 is not None
    return client(url, "AKIAFOLDER0000000000")
