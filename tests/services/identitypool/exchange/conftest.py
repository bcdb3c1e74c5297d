"""An installation, and the user pool whose people come to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.services.identitypool.installation import Installation, install
from tests.services.identitypool.userpool_stub import UserPool, user_pool


@pytest.fixture
def users() -> Iterator[UserPool]:
    with user_pool() as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, users: UserPool) -> Installation:
    return install(tmp_path, Settings(userpool_url=users.base, sign_ins_url=users.base))
