import threading
from collections.abc import Sequence

import pytest

from shared.audit.buffer import Buffer
from shared.refusal import Unavailable


class Kept:
    """Somewhere to write to, which can be made to fail."""

    def __init__(self) -> None:
        self.things: list[int] = []
        self.batches: list[int] = []
        self.fails: Exception | None = None
        self.poison: int | None = None
        self.came = threading.Event()

    def write(self, things: Sequence[int]) -> None:
        if self.fails is not None:
            raise self.fails
        if self.poison in things:
            raise ValueError(self.poison)
        self.things += things
        self.batches.append(len(things))
        if things:
            self.came.set()


def test_what_is_put_is_written_soon_and_in_order() -> None:
    kept = Kept()
    buffer = Buffer(kept.write)
    for number in range(3):
        buffer.put(number)
    assert kept.came.wait(10)
    buffer.close()
    assert kept.things == [0, 1, 2]


def test_closing_writes_what_is_left() -> None:
    kept = Kept()
    buffer = Buffer(kept.write)
    for number in range(1200):
        buffer.put(number)
    buffer.close()
    assert kept.things == list(range(1200))
    assert max(kept.batches) <= 500


def test_what_cannot_be_written_now_is_written_later() -> None:
    kept = Kept()
    buffer = Buffer(kept.write)
    kept.fails = Unavailable("down")
    buffer.put(1)
    buffer.flush()
    assert kept.things == []
    kept.fails = None
    buffer.put(2)
    buffer.close()
    assert kept.things == [1, 2]


def test_it_is_bounded_and_says_what_it_lost(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    buffer = Buffer(kept.write, most=10)
    kept.fails = Unavailable("down")
    for number in range(25):
        buffer.put(number)
    buffer.flush()
    kept.fails = None
    buffer.close()
    assert kept.things == list(range(10))
    assert "15 records of the audit were lost" in caplog.text


def test_one_that_cannot_be_written_at_all_does_not_take_the_others_with_it(caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    buffer = Buffer(kept.write)
    kept.poison = 2
    for number in (1, 2, 3):
        buffer.put(number)
    buffer.close()
    assert kept.things == [1, 3]
    assert "1 records of the audit were lost" in caplog.text


def test_what_is_counted_meanwhile_is_gathered_at_each_writing() -> None:
    kept, counted = Kept(), [[7], [], [8]]
    buffer = Buffer(kept.write, gather=lambda: counted.pop(0))
    for _ in range(3):
        buffer.flush()
    assert kept.things == [7, 8]
