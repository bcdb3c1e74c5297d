from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.userpool.in_process import InProcess


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[InProcess]:
    installation = InProcess(tmp_path)
    yield installation
    installation.sql.close()
