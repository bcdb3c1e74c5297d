from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.demo.blobs import Blobs
from services.demo.refusals import DiskFull
from shared.clock import system_clock

ACCOUNT = "111122223333"


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_what_is_lent_stays_readable_until_it_is_given_back(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    name = blobs.add(ACCOUNT, b"0123456789")
    lent = blobs.lend(ACCOUNT, name, 2, 5)
    blobs.remove(ACCOUNT, name)
    assert Path(lent.path).read_bytes()[lent.first : lent.end] == b"23456"
    with pytest.raises(FileNotFoundError):
        blobs.lend(ACCOUNT, name, 0, 1)
    lent.done()
    lent.done()
    assert files(tmp_path) == []


def test_loans_of_a_process_that_ended_are_forgotten_at_the_next_start(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    name = blobs.add(ACCOUNT, b"x")
    blobs.lend(ACCOUNT, name, 0, 1)
    blobs.end_loans(system_clock() - timedelta(minutes=1))
    assert len(files(tmp_path)) == 2
    blobs.end_loans(system_clock() + timedelta(minutes=1))
    assert len(files(tmp_path)) == 1
    assert blobs.read(ACCOUNT, name) == b"x"


def test_what_goes_wrong_half_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first"
        raise RuntimeError("no second")

    with pytest.raises(RuntimeError, match="no second"):
        Blobs(tmp_path).add_pieces(ACCOUNT, broken())
    assert files(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_full_disk_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs(tmp_path)
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode: opened(Path("/dev/full") if "x" in mode else path, "wb"))
    with pytest.raises(DiskFull, match="full"):
        blobs.add(ACCOUNT, b"x" * 100_000)
    monkeypatch.undo()
    assert files(tmp_path) == []
