"""Four at once on an empty database: one migrates and bootstraps, the others wait for it."""

import base64
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import psycopg
import pytest

from shared.settings import PREFIX
from tests.conftest import Installation, installation_in
from tests.robustness.processes import is_ready, until
from tests.servers import Postgres

REPLICAS = 4


def _at_once(installations: list[Installation], *arguments: str) -> list[tuple[int, str]]:
    """Status and output of the same command, begun everywhere at the same time."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "services", *arguments],
            env=one.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for one in installations
    ]
    return [(process.wait(60), process.communicate()[0]) for process in processes]


def _four(tmp_path: Path, **settings: str) -> list[Installation]:
    """Replicas with a key in common; who has a database in common needs no folder in common."""
    key = base64.b64encode(os.urandom(32)).decode()
    four = []
    for number in range(REPLICAS):
        folder = tmp_path / str(number) if settings else tmp_path
        folder.mkdir(exist_ok=True)
        four.append(installation_in(folder, master_key=key, **settings))
    for one in four:
        for name in ("BOOTSTRAP_ACCESS_KEY_ID", "BOOTSTRAP_SECRET_ACCESS_KEY"):
            del one.environ[PREFIX + name]
    return four


def _check(four: list[Installation]) -> None:
    came = _at_once(four, "init")
    assert [status for status, _ in came] == [0] * REPLICAS, came
    assert len({said.split(" in ")[0] for _, said in came}) == 1, came
    keys = {said.split("AWS_SECRET_ACCESS_KEY=")[1].split("\n")[0] for _, said in _at_once(four, "env")}
    assert len(keys) == 1
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "services", "serve"],
            env=one.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for one in four
    ]
    try:
        for one in four:
            for base in (one.userpool, one.identitypool, one.store):
                until(partial(is_ready, base), 40, "it became ready")
    finally:
        for process in processes:
            process.terminate()
        statuses = [process.wait(15) for process in processes]
    assert statuses == [0] * REPLICAS


def test_four_at_once_on_one_folder(tmp_path: Path) -> None:
    _check(_four(tmp_path))


@pytest.fixture
def server() -> Postgres:
    return Postgres()


def test_four_at_once_on_one_postgresql(tmp_path: Path, server: Postgres) -> None:
    server.start()
    try:
        _check(_four(tmp_path, database_url=server.url))
        with psycopg.connect(server.url) as administrator:
            for service in ("userpool", "identitypool"):
                found = administrator.execute(f"SELECT count(*) FROM {service}.alembic_version".encode()).fetchone()
                assert found == (1,)
    finally:
        server.close()


def test_a_folder_of_the_same_name_where_it_is_started_is_not_run(tmp_path: Path) -> None:
    house = installation_in(tmp_path)
    house.command("init")
    for package in ("services", "shared"):
        (tmp_path / "elsewhere" / package).mkdir(parents=True)
        (tmp_path / "elsewhere" / package / "__init__.py").write_text("raise SystemExit('not ours')\n")
    command = [str(Path(sys.executable).with_name("poolkeeper")), "serve"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=house.environ, cwd=tmp_path / "elsewhere", stdout=log, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: is_ready(house.userpool) or process.poll() is not None, 30, "it became ready")
        assert process.poll() is None, (tmp_path / "log").read_text()
    finally:
        process.terminate()
        assert process.wait(20) == 0
