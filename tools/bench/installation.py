"""An installation of its own for the measurement: temporary data, free ports, one process a service."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.client import Config
from botocore.credentials import Credentials

from shared.settings import PREFIX

KEY, SECRET = "AKIABENCHBENCHBENCH0", "benchBenchBenchBenchBenchBenchBench01234"
CLIENT, SERVICES = max(os.sched_getaffinity(0)), min(os.sched_getaffinity(0))
_PORTS = ("USERPOOL_PORT", "IDENTITYPOOL_PORT", "DEMO_PORT")


@dataclass
class Installation:
    """Where it is and what runs."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="poolkeeper-bench-")))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    started_in_s: dict[str, float] = field(default_factory=dict)
    """Seconds from each service's start to its first answer."""

    def __enter__(self) -> Self:
        """Makes and starts it."""
        keep_on(0, CLIENT)
        self.ports = dict(zip(("userpool", "identitypool", "demo"), free_ports(3), strict=True))
        self._command("init")
        for service in ("identitypool", "userpool", "demo"):
            self.start(service, [sys.executable, "-m", "services", "serve", service], self.ports[service])
        return self

    def __exit__(self, *_: object) -> None:
        """Ends and removes it."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(20)
        shutil.rmtree(self.folder)

    @property
    def environ(self) -> dict[str, str]:
        """The settings of its processes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AWS_"))}
        return kept | {
            f"{PREFIX}DATA": str(self.folder / "data"),
            f"{PREFIX}WORKERS": "1",
            f"{PREFIX}BOOTSTRAP_ACCESS_KEY_ID": KEY,
            f"{PREFIX}BOOTSTRAP_SECRET_ACCESS_KEY": SECRET,
            f"{PREFIX}SOURCE_FAILURES": "1000000",
            **{f"{PREFIX}{name}": str(port) for name, port in zip(_PORTS, self.ports.values(), strict=True)},
        }

    def start(self, name: str, command: list[str], port: int, extra: dict[str, str] | None = None) -> None:
        """Starts a process and waits until it listens."""
        began = time.monotonic()
        log = (self.folder / f"{name}.log").open("wb")
        keep_on(0, SERVICES)  # where the process begins; it counts its cores at once
        self.processes[name] = subprocess.Popen(command, env=self.environ | (extra or {}), stdout=log, stderr=log)
        keep_on(0, CLIENT)
        log.close()
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                if time.monotonic() > deadline or self.processes[name].poll() is not None:
                    raise RuntimeError((self.folder / f"{name}.log").read_text()) from None
                time.sleep(0.01)
            else:
                break
        if name in self.ports:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10).close()
            self.started_in_s[name] = time.monotonic() - began

    def client(self, service: str, credentials: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - boto3 is untyped
        """An unmodified boto3 client pointed at it."""
        name = {"cognito-idp": "userpool", "s3": "demo"}.get(service, "identitypool")
        given = credentials or {}
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.ports[name]}",
            region_name="us-east-1",
            aws_access_key_id=given.get("AccessKeyId", KEY),
            aws_secret_access_key=given.get("SecretAccessKey") or given.get("SecretKey") or SECRET,
            aws_session_token=given.get("SessionToken"),
            config=Config(retries={"max_attempts": 1, "mode": "standard"}),
        )

    def keep_hashes(self, pool: str) -> None:
        """Has a user pool keep argon2id hashes in place of SRP verifiers."""
        url = f"http://127.0.0.1:{self.ports['userpool']}/admin/v1/user-pools/{pool}/settings"
        signed = AWSRequest("PATCH", url, data=b'{"password_storage":"argon2id"}')
        SigV4Auth(Credentials(KEY, SECRET), "poolkeeper", "us-east-1").add_auth(signed)
        told = signed.prepare()
        urllib.request.urlopen(
            urllib.request.Request(url, told.body, dict(told.headers), method="PATCH"), timeout=10
        ).close()

    def _command(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "services", *arguments], env=self.environ, check=True, capture_output=True
        )


def prepared(client: Any, operation: str, **parameters: Any) -> bytes:  # noqa: ANN401 - boto3 is untyped
    """The bytes that `client` would send for `operation`, signed where it signs."""
    sent: list[Any] = []

    def keep(request: Any, **_: object) -> AWSResponse:  # noqa: ANN401 - as above
        sent.append(request)
        return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.1"}, _Body())

    client.meta.events.register("before-send", keep)
    try:
        getattr(client, operation)(**parameters)
    except Exception:
        if not sent:
            raise
    finally:
        client.meta.events.unregister("before-send", keep)
    return _as_bytes(sent[0])


def _as_bytes(request: Any) -> bytes:  # noqa: ANN401 - as above
    _, _, rest = request.url.partition("://")
    host, slash, path = rest.partition("/")
    body = request.body or b""
    body = body if isinstance(body, bytes) else str(body).encode()
    lines = [
        f"{request.method} {slash}{path or ''} HTTP/1.1" if slash else f"{request.method} / HTTP/1.1",
        f"Host: {host}",
    ]
    for name, value in request.headers.items():
        if name.lower() not in {"host", "content-length", "expect"}:
            lines.append(f"{name}: {value.decode() if isinstance(value, bytes) else value}")
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class _Body:
    """An empty answer, so that the client is content without having sent anything."""

    def stream(self, **_: object) -> list[bytes]:
        return [b"{}"]

    def read(self, **_: object) -> bytes:
        return b"{}"


def keep_on(process: int, core: int) -> None:
    """The client has one core and the services another, as where the goals were measured."""
    os.sched_setaffinity(process, {core})


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
