from pathlib import Path

import pytest

from tests.services.identitypool.iam.console import Console


@pytest.fixture
def iam(tmp_path: Path) -> Console:
    return Console.fresh(tmp_path)
