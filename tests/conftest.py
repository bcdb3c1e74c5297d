import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import hypothesis
import pytest
from botocore.client import Config

from shared.settings import PREFIX

PYTHON_PATH = str(Path(__file__).parent.parent)
CHROMIUM = Path("/usr/bin/chromium")
REGION = "us-east-1"
ACCESS_KEY = "AKIATESTBOOTSTRAP000"
SECRET_KEY = "bootstrapSecretForTestsOnly0123456789abc"

hypothesis.settings.register_profile("no deadline", deadline=None)  # a busy machine makes no example wrong
hypothesis.settings.load_profile("no deadline")


def missing(what: str) -> None:
    """Skips with one clear line, or fails in CI, where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not installed; `make test` installs it where it may")


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Installation:
    """A running installation with data and ports of its own."""

    data: Path
    environ: dict[str, str]
    userpool: str
    identitypool: str
    store: str
    process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            check=check,
            timeout=60,
        )

    def start(self, log: int | None = None) -> None:
        """`log`: a file descriptor to write to in place of serve.log."""
        with (self.data.parent / "serve.log").open("ab") as file:
            to = file.fileno() if log is None else log
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", "serve"], env=self.environ, stdout=to, stderr=to
            )
        deadline = time.monotonic() + 30
        for base in (self.userpool, self.identitypool, self.store):
            while True:
                try:
                    with urllib.request.urlopen(f"{base}/health/ready", timeout=2):
                        break
                except OSError:
                    if time.monotonic() > deadline or self.process.poll() is not None:
                        raise AssertionError((self.data.parent / "serve.log").read_text()) from None
                    time.sleep(0.05)

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(15)

    def client(
        self, service: str, key: str | None = ACCESS_KEY, secret: str | None = SECRET_KEY, token: str | None = None
    ) -> Any:
        base = {"cognito-idp": self.userpool, "s3": self.store}.get(service, self.identitypool)
        return boto3.client(
            service,
            endpoint_url=base,
            region_name=REGION,
            aws_access_key_id=key or "none",
            aws_secret_access_key=secret or "none",
            aws_session_token=token,
            config=Config(retries={"max_attempts": 1, "mode": "standard"}),
        )

    def messages(self) -> list[dict[str, str]]:
        import json

        folder = self.data / "outbox"
        return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

    def code_for(self, recipient: str) -> str:
        return [message["code"] for message in self.messages() if message["to"] == recipient][-1]


def installation_in(folder: Path, **settings: str) -> Installation:
    userpool, identitypool, demo = free_ports(3)
    environ = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AWS_"))}
    environ |= {
        "PYTHONPATH": PYTHON_PATH,
        f"{PREFIX}DATA": str(folder / "data"),
        f"{PREFIX}USERPOOL_PORT": str(userpool),
        f"{PREFIX}IDENTITYPOOL_PORT": str(identitypool),
        f"{PREFIX}DEMO_PORT": str(demo),
        f"{PREFIX}WORKERS": "1",
        f"{PREFIX}TEST_MODE": "1",
        f"{PREFIX}DRAIN_S": "0",
        f"{PREFIX}BOOTSTRAP_ACCESS_KEY_ID": ACCESS_KEY,
        f"{PREFIX}BOOTSTRAP_SECRET_ACCESS_KEY": SECRET_KEY,
        f"{PREFIX}AUTHORIZER_CACHE_S": "0",
    }
    environ |= {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}
    return Installation(
        data=folder / "data",
        environ=environ,
        userpool=f"http://127.0.0.1:{userpool}",
        identitypool=f"http://127.0.0.1:{identitypool}",
        store=f"http://127.0.0.1:{demo}",
    )


@pytest.fixture(scope="session")
def house() -> Iterator[Installation]:
    """One running installation for every test that needs no other."""
    folder = Path(tempfile.mkdtemp(prefix="poolkeeper-"))
    installation = installation_in(folder)
    installation.command("init")
    installation.start()
    yield installation
    status = installation.stop()
    log = (folder / "serve.log").read_text()
    shutil.rmtree(folder)
    assert status == 0
    assert "Traceback" not in log, log[-4000:]
    assert not [secret for secret in (SECRET_KEY, "horse-9") if secret in log]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for the tests of one file: its driver holds an event loop for as long as it runs."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()
