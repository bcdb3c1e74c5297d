"""Ends and beginnings: SIGTERM, kill -9 while writing, an `init` cut short, two installations at once."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from shared.settings import PREFIX
from tests.conftest import Installation, installation_in
from tests.robustness.processes import is_ready, until
from tests.robustness.wire import fetch

END_WITHIN_S = 10


@pytest.fixture
def copy(initialised: Installation, tmp_path: Path) -> Installation:
    shutil.copytree(initialised.data, tmp_path / "data")
    return installation_in(tmp_path)


def _below(parent: int) -> list[int]:
    """Every process that descends from `parent`."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found, level = [], [parent]
    while level:
        level = [child for child, above in parents.items() if above in level]
        found += level
    return found


def _state(process: int) -> str:
    """As /proc has it: T is stopped, Z is dead; empty for one that is gone."""
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _runs(process: int) -> bool:
    return _state(process) not in {"", "Z"}


@pytest.fixture
def running(copy: Installation) -> Iterator[Installation]:
    copy.start()
    assert copy.process is not None
    yield copy
    if copy.process.poll() is None:
        copy.stop()


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")


@needs_proc
def test_sigterm_ends_everything_cleanly(running: Installation) -> None:
    process = running.process
    assert process is not None
    children = _below(process.pid)
    assert len(children) >= 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(END_WITHIN_S) == 0
    assert not [child for child in children if _runs(child)]
    log = (running.data.parent / "serve.log").read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log


@needs_proc
def test_nothing_outlives_a_killed_supervisor(running: Installation) -> None:
    process = running.process
    assert process is not None
    children = _below(process.pid)
    for child in children:  # as when the machine sleeps
        os.kill(child, signal.SIGSTOP)
    while not all(_state(child) == "T" for child in children):
        time.sleep(0.01)
    for child in children:
        os.kill(child, signal.SIGCONT)
    process.kill()
    process.wait()
    ends = time.monotonic() + END_WITHIN_S
    while any(_runs(child) for child in children) and time.monotonic() < ends:
        time.sleep(0.05)
    survivors = [child for child in children if _runs(child)]
    for survivor in survivors:
        os.kill(survivor, signal.SIGKILL)
    assert not survivors
    assert "Traceback" not in (running.data.parent / "serve.log").read_text()


@needs_proc
def test_a_log_that_nobody_reads_any_more_ends_no_service(copy: Installation) -> None:
    reader, writer = os.pipe()
    copy.start(log=writer)
    os.close(writer)
    os.close(reader)
    assert copy.process is not None
    service = next(child for child in _below(copy.process.pid) if "userpool" in _command_of(child))
    os.kill(service, signal.SIGKILL)
    until(lambda: not is_ready(copy.userpool), 10, "it is away")
    until(lambda: is_ready(copy.userpool), 20, "it is back")
    assert copy.stop() == 0


def _command_of(process: int) -> str:
    return (Path("/proc") / str(process) / "cmdline").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is /dev/full")
def test_a_log_on_a_full_disk_keeps_no_service_from_starting(copy: Installation) -> None:
    with Path("/dev/full").open("wb") as full:
        copy.start(log=full.fileno())
    assert is_ready(copy.userpool)
    assert copy.stop() == 0


class _Alone:
    """The identity pool service by itself, in a process group of its own."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        command = [sys.executable, "-m", "services", "serve", "identitypool"]
        self._process = subprocess.Popen(
            command,
            env=installation.environ,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + 20
        while True:
            try:
                if fetch(installation.identitypool, "GET", "/health/ready").status == 200:
                    return
            except OSError:
                assert time.monotonic() < ends
                assert self._process.poll() is None
                time.sleep(0.02)

    def kill(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._process.wait()

    def end(self) -> int:
        self._process.terminate()
        return self._process.wait(END_WITHIN_S)


def _write_until_killed(installation: Installation, service: _Alone, run: int, count: int) -> set[str]:
    """Makes users one after another and kills the service after `count` of them; returns those acknowledged."""
    iam = installation.client("iam")
    acknowledged: set[str] = set()
    killer = threading.Timer(0.1, service.kill)
    for number in range(4000):
        name = f"user-{run}-{number}"
        try:
            iam.create_user(UserName=name, Tags=[{"Key": "run", "Value": str(run)}])
        except (BotoCoreError, ClientError, OSError):
            break
        acknowledged.add(name)
        if number == count:
            killer.start()
    killer.join()
    return acknowledged


def test_kill_9_loses_no_acknowledged_write(copy: Installation) -> None:
    acknowledged: set[str] = set()
    for run in range(3):
        acknowledged |= _write_until_killed(copy, _Alone(copy), run, 40 + 10 * run)
    service = _Alone(copy)
    try:
        iam = copy.client("iam")
        pages = iam.get_paginator("list_users").paginate()
        names = {user["UserName"] for page in pages for user in page["Users"]}
        assert acknowledged <= names
        for run in range(3):  # the last of each run may be there without having been acknowledged, but never by half
            for name in sorted(names, key=lambda name: (name.startswith(f"user-{run}-"), len(name), name))[-3:]:
                assert iam.list_user_tags(UserName=name)["Tags"] == [{"Key": "run", "Value": str(run)}]
    finally:
        service.end()
    assert len(acknowledged) >= 150


def test_an_init_cut_short_can_be_repeated(tmp_path: Path) -> None:
    installation = installation_in(tmp_path)
    for name in ("BOOTSTRAP_ACCESS_KEY_ID", "BOOTSTRAP_SECRET_ACCESS_KEY"):
        del installation.environ[PREFIX + name]
    command = [sys.executable, "-m", "services", "init"]
    chance = random.Random(3)
    for landmark in ("", "userpool.db", "identitypool.db"):
        shutil.rmtree(installation.data, ignore_errors=True)
        process = subprocess.Popen(
            command, env=installation.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not (installation.data / landmark).exists():
            time.sleep(0.001)
        time.sleep(chance.random() * 0.1)
        process.kill()
        process.wait()
        done = installation.command("init", check=False)
        assert done.returncode == 0, (landmark, done.stderr)
    assert "AWS_SECRET_ACCESS_KEY=" in installation.command("env").stdout


def test_two_installations_run_side_by_side(house: Installation, workshop: Installation) -> None:
    first, second = (one.client("sts").get_caller_identity()["Account"] for one in (house, workshop))
    assert first != second
    house.client("iam").create_user(UserName="of-the-first")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        workshop.client("iam").get_user(UserName="of-the-first")
    given = house.client("sts").get_session_token()["Credentials"]
    foreign = workshop.client("sts", given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        foreign.get_caller_identity()
