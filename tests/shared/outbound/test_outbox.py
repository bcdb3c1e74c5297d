import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.outbound.messages import Message
from shared.outbound.outbox import Outbox


@pytest.fixture
def open_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_mask")
def test_messages_are_read_by_nobody_else_on_the_machine(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    outbox = Outbox(folder, lambda: datetime(2026, 3, 1, tzinfo=UTC))
    message = Message("email", "a@test.com", "x", "y", "123456")
    outbox.send(message)
    outbox.pretend(message)
    files = list(folder.iterdir())
    assert len(files) == 2
    assert not [one for one in (folder, *files) if one.stat().st_mode & 0o077]
