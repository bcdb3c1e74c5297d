"""What is wrong with an installation is one line on stderr and a status; nothing on disk has changed."""

import base64
import hashlib
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.settings import PREFIX
from tests.conftest import Installation, installation_in


@pytest.fixture
def copy(initialised: Installation, tmp_path: Path) -> Installation:
    """An initialised installation of this test's own."""
    shutil.copytree(initialised.data, tmp_path / "data")
    return installation_in(tmp_path)


def _contents(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file and folder below `folder`, with its mode and what is in it."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def _refused(installation: Installation, *arguments: str) -> str:
    """Runs the command, which must fail with one line and leave everything as it was; returns the line."""
    folder = installation.data.parent
    before = _contents(folder)
    done = installation.command(*(arguments or ("serve",)), check=False)
    assert done.returncode not in {0, -9, -11}, done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("poolkeeper: ")
    assert done.stdout == ""
    assert _contents(folder) == before
    return lines[0]


def test_data_that_was_never_initialised(tmp_path: Path) -> None:
    installation = installation_in(tmp_path)
    for arguments in (["serve"], ["serve", "demo"], ["env"]):
        assert "poolkeeper init" in _refused(installation, *arguments)
    assert not installation.data.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NO_SUCH_SETTING", "1"),
        ("userpool_port", "1"),
        ("USERPOOL_PORT", "none"),
        ("DATABASE_URL", "mysql://x/y"),
        ("TEST_MODE", "yes"),
    ],
)
def test_a_setting_that_is_unknown_or_malformed(copy: Installation, name: str, value: str) -> None:
    copy.environ[PREFIX + name] = value
    assert name in _refused(copy)


def test_a_missing_master_key(copy: Installation) -> None:
    (copy.data / "master.key").unlink()
    assert "master key" in _refused(copy)
    assert "master key" in _refused(copy, "init")


@pytest.mark.parametrize("service", ["", "demo"])
def test_a_wrong_master_key(copy: Installation, service: str) -> None:
    copy.environ[f"{PREFIX}MASTER_KEY"] = base64.b64encode(bytes(32)).decode()
    assert "master key" in _refused(copy, "serve", *([service] if service else []))


def test_a_wrong_master_key_at_init(copy: Installation) -> None:
    copy.environ[f"{PREFIX}MASTER_KEY"] = base64.b64encode(bytes(32)).decode()
    assert "master key" in _refused(copy, "init")


@pytest.mark.parametrize("text", ["", base64.b64encode(bytes(31)).decode()])
def test_a_master_key_that_cannot_be_read(copy: Installation, text: str) -> None:
    (copy.data / "master.key").write_text(text)
    assert "master key" in _refused(copy)


def test_a_master_key_of_bytes_that_are_no_text(copy: Installation) -> None:
    (copy.data / "master.key").write_bytes(b"\xff\xfe\x00")
    assert "master key" in _refused(copy)


def test_a_master_key_that_others_may_read(copy: Installation) -> None:
    (copy.data / "master.key").chmod(0o644)
    assert "chmod 600" in _refused(copy)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken


@pytest.mark.parametrize("service", ["userpool", "identitypool", "demo"])
def test_a_port_that_is_taken(copy: Installation, listener: socket.socket, service: str) -> None:
    port = str(listener.getsockname()[1])
    copy.environ[f"{PREFIX}{service.upper()}_PORT"] = port
    assert port in _refused(copy)


def test_a_service_alone_whose_port_is_taken(copy: Installation, listener: socket.socket) -> None:
    copy.environ[f"{PREFIX}IDENTITYPOOL_PORT"] = str(listener.getsockname()[1])
    assert "taken" in _refused(copy, "serve", "identitypool")


@pytest.mark.parametrize("service", ["userpool", "identitypool"])
@pytest.mark.parametrize("content", [b"this is no database\n" * 100, b"", None], ids=["text", "empty", "folder"])
def test_a_database_that_cannot_be_read(copy: Installation, service: str, content: bytes | None) -> None:
    file = copy.data / f"{service}.db"
    file.unlink()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    line = _refused(copy)
    assert service in line


@pytest.mark.parametrize("service", ["userpool", "identitypool"])
@pytest.mark.parametrize("arguments", [["serve"], ["init"]], ids=["serve", "init"])
def test_a_database_of_a_newer_version(copy: Installation, service: str, arguments: list[str]) -> None:
    connection = sqlite3.connect(copy.data / f"{service}.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999_of_the_future'")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert "newer version" in _refused(copy, *arguments)


def test_data_that_is_no_folder(tmp_path: Path) -> None:
    installation = installation_in(tmp_path)
    installation.data.write_text("a file")
    for command in ("serve", "init"):
        assert str(installation.data) in _refused(installation, command)


def test_a_database_server_that_is_not_there(copy: Installation, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    copy.environ[f"{PREFIX}DATABASE_URL"] = f"postgresql://nobody@127.0.0.1:{port}/none"
    assert "database" in _refused(copy)


def test_doctor_names_what_is_wrong_and_how_to_mend_it(copy: Installation) -> None:
    (copy.data / "master.key").unlink()
    (copy.data / "userpool.db").write_bytes(b"this is no database\n" * 100)
    done: subprocess.CompletedProcess[str] = copy.command("doctor", check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "master key" in done.stdout
    assert "userpool" in done.stdout


def test_doctor_tells_a_service_of_ours_from_a_stranger_on_its_port(
    copy: Installation, listener: socket.socket
) -> None:
    copy.environ[f"{PREFIX}DEMO_PORT"] = str(listener.getsockname()[1])
    done = copy.command("doctor", check=False)
    assert done.returncode == 1
    assert f"{PREFIX}DEMO_PORT" in done.stdout
    assert "userpool does not run" in done.stdout
