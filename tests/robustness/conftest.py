import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Installation, installation_in


@pytest.fixture(scope="session")
def workshop() -> Iterator[Installation]:
    """An installation for tests that leave things behind; bodies must arrive within three seconds."""
    with tempfile.TemporaryDirectory(prefix="poolkeeper-") as folder:
        installation = installation_in(Path(folder), body_deadline_s="3")
        installation.command("init")
        installation.start()
        yield installation
        assert installation.stop() == 0


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation that was made and never started; copy its folder before changing anything."""
    installation = installation_in(tmp_path_factory.mktemp("initialised"))
    installation.command("init")
    return installation
