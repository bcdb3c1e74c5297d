from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.userpool.in_process import InProcess
from tests.services.userpool.live import Live, living


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[InProcess]:
    installation = InProcess(tmp_path)
    yield installation
    installation.sql.close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with living(tmp_path) as service:
        yield service
