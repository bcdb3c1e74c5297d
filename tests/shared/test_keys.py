import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.keys import NoMasterKey, add_master_key, make_master_key, read_master_keys, remove_master_key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "master.key"
    make_master_key(file)
    return file


def test_keys_that_many_add_at_once_are_all_there(file: Path) -> None:
    first = read_master_keys(None, file).ids
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: add_master_key(file), range(8)))
    ids = read_master_keys(None, file).ids
    assert ids[:1] == first
    assert len(set(ids)) == 9
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_an_older_key_can_be_taken_away_and_the_newest_cannot(file: Path) -> None:
    add_master_key(file)
    older, newest = read_master_keys(None, file).ids
    for key_id in (newest, b"none"):
        with pytest.raises(ValueError, match="no older master key"):
            remove_master_key(file, key_id)
    remove_master_key(file, older)
    assert read_master_keys(None, file).ids == (newest,)


def test_what_happens_to_the_file_is_learned(file: Path) -> None:
    running = read_master_keys(None, file)
    add_master_key(file)
    running.look()
    assert running.ids == read_master_keys(None, file).ids


def test_a_file_that_cannot_be_read_any_more_changes_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    running = read_master_keys(None, file)
    ids, text = running.ids, file.read_text()
    with caplog.at_level(logging.WARNING):
        for spoiled in ("", "nonsense"):
            file.write_text(spoiled)
            running.look()
            running.look()
        file.unlink()
        running.look()
    assert running.ids == ids
    assert len(caplog.records) == 2  # once for each
    assert text.strip() not in caplog.text
    with pytest.raises(NoMasterKey):
        read_master_keys(None, file)
