from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.demo import store
from services.demo.blobs import Blobs
from services.demo.multipart import store as uploads
from services.demo.multipart.store import Part
from services.demo.refusals import DiskFull
from services.demo.store import Bucket, StoredObject
from services.demo.sweeping import sweep
from shared.clock import system_clock
from shared.sql.engine import Sql

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


def test_what_killed_processes_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    sql, blobs = Sql(f"sqlite:///{tmp_path / 'demo.db'}", schema="demo"), Blobs(tmp_path / "store")
    store.make_tables(sql)
    bucket, now = Bucket("shelf", ACCOUNT, system_clock()), system_clock()
    kept, part, orphan = (blobs.add(ACCOUNT, b"x") for _ in range(3))
    with sql.write() as tx:
        store.put_object(tx, bucket, StoredObject("a", 1, "", now, kept))
        uploads.put_part(tx, bucket, "upload", Part(1, 1, "", now, part, ""))
    blobs.lend(ACCOUNT, kept, 0, 1)
    half = tmp_path / "store" / ACCOUNT / orphan[:2] / f"{'0' * 32}.new"
    half.write_bytes(b"ha")
    sweep(sql, blobs, now - timedelta(minutes=1))
    assert len(files(tmp_path / "store")) == 5
    sweep(sql, blobs, now + timedelta(minutes=1))
    assert {file.name for file in files(tmp_path / "store")} == {kept, part}


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
