"""Where the story plays: the installation that runs at the configured ports, or one that is made for it and thrown away."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import boto3
from botocore import UNSIGNED
from botocore.client import Config

from services.command.env import variables
from services.command.parts import SERVICES
from services.command.supervisor import is_ready
from shared.clock import monotonic_s
from shared.settings import PREFIX, Settings, read

Client: TypeAlias = Any
"""A boto3 client; they have no types."""

_READY_WITHIN_S: Final = 30.0
_SESSION: Final = boto3.session.Session()


class NoStage(OSError):
    """The installation that the tour made for itself did not start."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller signs with."""

    access_key_id: str
    secret: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A running installation, as its administrator sees it."""

    settings: Settings
    administrator: Credentials

    def client(self, service: str, credentials: Credentials | None) -> Client:
        """A client of boto3 that signs with `credentials`, or does not sign."""
        bases = {"cognito-idp": self.settings.userpool_base, "s3": self.settings.demo_base}
        config = Config(
            retries={"max_attempts": 1, "mode": "standard"},
            s3={"addressing_style": "path"},
            signature_version=UNSIGNED if credentials is None else None,
        )
        return _SESSION.client(
            service,
            endpoint_url=bases.get(service, self.settings.identitypool_base),
            region_name=self.settings.region,
            aws_access_key_id=credentials and credentials.access_key_id,
            aws_secret_access_key=credentials and credentials.secret,
            aws_session_token=credentials and credentials.token,
            config=config,
        )

    def as_root(self) -> Credentials:
        """The root user's key; made if there is none."""
        return _credentials(variables(self.settings, root=True))

    def messages_to(self, address: str) -> list[dict[str, str]]:
        """What the outbox holds for `address`, oldest first."""
        return [message for _, message in self._outbox(address)]

    def forget_messages_to(self, address: str) -> None:
        """Takes these messages out of the outbox."""
        for file, _ in self._outbox(address):
            file.unlink(missing_ok=True)

    def _outbox(self, address: str) -> list[tuple[Path, dict[str, str]]]:
        files = sorted(self.settings.outbox_folder.glob("*.json"))
        messages = [(file, json.loads(file.read_text())) for file in files]
        return [(file, message) for file, message in messages if message["to"] == address]

    @property
    def has_test_clock(self) -> bool:
        """Whether the installation lets us move its clock (test mode)."""
        return _post(f"{self.settings.identitypool_base}/test/clock", {}) == 400

    @contextlib.contextmanager
    def later(self, seconds: float) -> Iterator[None]:
        """The installation's clock, `seconds` ahead of where it was."""
        file = self.settings.data / "test-clock.json"
        before = float(json.loads(file.read_text())["offset_s"]) if file.exists() else 0.0
        url = f"{self.settings.identitypool_base}/test/clock"
        _post(url, {"offset_s": before + seconds})
        try:
            yield
        finally:
            _post(url, {"offset_s": before})


def open_stage(settings: Settings) -> Stage:
    """The installation at the configured ports. Raises what is wrong with it."""
    return Stage(settings, _credentials(variables(settings, root=False)))


def plays(settings: Settings) -> bool:
    """Whether every service of the installation answers at the configured ports."""
    return all(is_ready(settings, service) for service in SERVICES)


@contextlib.contextmanager
def thrown_away() -> Iterator[Stage]:
    """An installation of the tour's own: temporary data, free ports, one worker, a movable clock; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="poolkeeper-tour-"))
    environ = _environ(folder)
    try:
        with (folder / "log").open("wb") as log:
            command = [sys.executable, "-P", "-m", "services"]
            subprocess.run([*command, "init"], env=environ, check=True, stdout=log, stderr=log)  # noqa: S603 - ours
            served = subprocess.Popen([*command, "serve"], env=environ, stdout=log, stderr=log)  # noqa: S603 - ours
            try:
                settings = read(environ)
                _wait(settings, served)
                yield open_stage(settings)
            finally:
                served.terminate()
                served.wait()
    except (subprocess.CalledProcessError, TimeoutError):
        lines = (folder / "log").read_text().strip().splitlines() or ["it said nothing"]
        raise NoStage(f"the tour's own installation did not start: {lines[-1]}") from None
    finally:
        shutil.rmtree(folder)


def _environ(folder: Path) -> dict[str, str]:
    """The environment of the throw-away installation: none of ours, nor any AWS account's, gets into it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AWS_"))}
    with contextlib.ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in SERVICES]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        userpool, identitypool, demo = (str(probe.getsockname()[1]) for probe in sockets)
    return kept | {
        f"{PREFIX}DATA": str(folder / "data"),
        f"{PREFIX}USERPOOL_PORT": userpool,
        f"{PREFIX}IDENTITYPOOL_PORT": identitypool,
        f"{PREFIX}DEMO_PORT": demo,
        f"{PREFIX}WORKERS": "1",
        f"{PREFIX}TEST_MODE": "1",
    }


def _wait(settings: Settings, served: "subprocess.Popen[bytes]") -> None:
    ends = monotonic_s() + _READY_WITHIN_S
    while not plays(settings):
        if served.poll() is not None or monotonic_s() > ends:
            raise TimeoutError
        time.sleep(0.05)


def _credentials(values: dict[str, str]) -> Credentials:
    return Credentials(values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"])


def _post(url: str, body: dict[str, float]) -> int:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})  # noqa: S310 - the installation's own address
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
