"""What is wrong with an installation is one line on stderr and a status; nothing on disk has changed."""

import base64
import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.command.doctor import examine
from shared.settings import PREFIX, read
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
        ("REDIS_URL", "redis://127.0.0.1:1/0?socket_timeout=soon"),
        ("REDIS_URL", "redis://127.0.0.1:1/0?nonsense=1"),
        ("OUTBOX", "/dev/null/outbox"),
        ("OUTBOX", "/dev/null"),
        ("HOST", "300.1.1.1"),
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
    for arguments in (["serve"], ["serve", "demo"], ["init"], ["env"]):
        assert "database" in _refused(copy, *arguments)


def test_an_init_that_cannot_reach_its_database_makes_nothing(tmp_path: Path) -> None:
    installation = installation_in(tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    assert "database" in _refused(installation, "init")
    assert not installation.data.exists()


def _spoil_version(copy: Installation) -> None:
    with closing(sqlite3.connect(copy.data / "userpool.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_of_the_future'")
        connection.commit()


BROKEN: dict[str, tuple[Callable[[Installation], object], str, str]] = {
    "no folder": (lambda copy: shutil.rmtree(copy.data), "no folder", "poolkeeper init"),
    "an open folder": (lambda copy: copy.data.chmod(0o755), "has mode 755", "chmod 700"),
    "no key": (lambda copy: (copy.data / "master.key").unlink(), "no master key", "give the key"),
    "an open key": (lambda copy: (copy.data / "master.key").chmod(0o644), "master key", "chmod 600"),
    "half a key": (lambda copy: (copy.data / "master.key").write_text("AAAA"), "not base64", "give the key"),
    "another's key": (
        lambda copy: (copy.data / "master.key").write_bytes(base64.b64encode(bytes(32))),
        "not the one that this installation's data was made with",
        "give the key that belongs to this data",
    ),
    "no database": (lambda copy: (copy.data / "userpool.db").unlink(), "not initialised", "restore it from a backup"),
    "an open database": (lambda copy: (copy.data / "identitypool.db").chmod(0o640), "has mode 640", "chmod 600"),
    "no database but text": (
        lambda copy: (copy.data / "userpool.db").write_bytes(b"this is no database\n" * 100),
        "userpool cannot be used: file is not a database",
        "restore it from a backup",
    ),
    "half a database": (
        lambda copy: os.truncate(copy.data / "userpool.db", 20_000),
        "userpool cannot be used",
        "restore it from a backup",
    ),
    "a newer database": (_spoil_version, "9999_of_the_future of userpool is not known", "install a newer version"),
    "a file for an outbox": (lambda copy: (copy.data / "outbox").touch(), "messages cannot be written", "OUTBOX"),
    "a server that is not there": (
        lambda copy: copy.environ.update({f"{PREFIX}DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}),
        "the database of identitypool cannot be used",
        "start the server",
    ),
    "a Redis that is not there": (
        lambda copy: copy.environ.update({f"{PREFIX}REDIS_URL": "redis://127.0.0.1:1/0"}),
        "Redis does not answer",
        "REDIS_URL",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_doctor_names_what_is_wrong_and_how_to_mend_it(copy: Installation, what: str) -> None:
    break_it, named, mend = BROKEN[what]
    break_it(copy)
    findings = examine(read(copy.environ))
    assert any(named in finding.what and mend in finding.mend for finding in findings), findings


def test_doctor_finds_nothing_where_nothing_is_broken(copy: Installation) -> None:
    assert copy.command("doctor").stdout.count("!!") == 0


def test_doctor_prints_what_it_found(copy: Installation) -> None:
    (copy.data / "master.key").unlink()
    (copy.data / "userpool.db").write_bytes(b"this is no database\n" * 100)
    done = copy.command("doctor", check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "!!  there is no master key" in done.stdout
    assert "!!  the database of userpool cannot be used" in done.stdout


def test_data_on_a_disk_that_is_mounted_read_only(copy: Installation) -> None:
    where = f"'{copy.data}' '{copy.data}'"
    mounted = f"mount -o bind {where} && mount -o remount,bind,ro {where} && exec '{sys.executable}' -m services"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("nothing may be mounted here")
    before = _contents(copy.data)
    for command, told in (("serve", "poolkeeper: the database of"), ("doctor", "cannot be written to")):
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", f"{mounted} {command}"],
            check=False,
            env=copy.environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1, done.stderr
        assert told in done.stdout + done.stderr
        assert len(done.stderr.splitlines()) <= 1
    assert _contents(copy.data) == before


def test_doctor_tells_a_service_of_ours_from_a_stranger_on_its_port(
    copy: Installation, listener: socket.socket
) -> None:
    copy.environ[f"{PREFIX}DEMO_PORT"] = str(listener.getsockname()[1])
    done = copy.command("doctor", check=False)
    assert done.returncode == 1
    assert f"{PREFIX}DEMO_PORT" in done.stdout
    assert "userpool does not run" in done.stdout
