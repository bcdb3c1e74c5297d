import resource
import select
import socket
import statistics
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.conftest import Installation
from tests.robustness.wire import Answer, address_of, ask, base_of, fetch

HALF_HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Ty"
HALF_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 1000\r\n\r\n{"
HALF_CHUNK = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{"
HEAD_DEADLINE_S = 10
PIECE = bytes(64 * 1024)
CLOSED_WITHIN_S = 60
MOST_ASKED, LEAST_ASKED = 40, 5
SELECTED = 100
FLOOR_S = 0.02
PORTS = ["cognito-idp", "cognito-identity", "s3"]


def _ask(installation: Installation, port: str) -> Answer:
    if port == "s3":
        return fetch(installation.store, "GET", "/nobody-has-this-bucket?list-type=2")
    operation, body = {"cognito-idp": ("ListUserPools", b'{"MaxResults":1}'), "cognito-identity": ("GetId", b"{}")}[
        port
    ]
    return ask(installation, port, operation, body)


def _median_s(installation: Installation, port: str, beside: list[socket.socket]) -> float:
    """How long an answer takes; asked until there are enough, or one of those `beside` is hung up on."""
    took: list[float] = []
    while len(took) < MOST_ASKED and not (beside and select.select(beside[:SELECTED], [], [], 0)[0]):
        began = time.perf_counter()
        assert _ask(installation, port).status < 500
        took.append(time.perf_counter() - began)
    assert len(took) >= LEAST_ASKED, "the slow ones were gone before it was measured"
    return statistics.median(took)


@pytest.fixture
def slow(workshop: Installation) -> Iterator[dict[str, list[socket.socket]]]:
    """200 connections to each service that have sent half of something and wait."""
    held: dict[str, list[socket.socket]] = {port: [] for port in PORTS}
    yield held
    for connections in held.values():
        for connection in connections:
            connection.close()


def _hold(installation: Installation, port: str) -> list[socket.socket]:
    held = []
    for number in range(200):
        connection = socket.create_connection(address_of(base_of(installation, port)), timeout=5)
        connection.sendall((HALF_HEAD, HALF_BODY, HALF_HEAD, HALF_CHUNK)[number % 4])
        held.append(connection)
    return held


def _closed_within(connection: socket.socket, ends: float) -> bytes | None:
    """What the server said before it closed, or None if it did not close in time."""
    said = b""
    try:
        while True:
            connection.settimeout(max(0.01, ends - time.monotonic()))
            part = connection.recv(4096)
            if not part:
                return said
            said += part
    except TimeoutError:
        return None
    except ConnectionError:
        return said


def test_200_slow_clients_slow_nobody_down_and_are_hung_up_on(
    workshop: Installation, slow: dict[str, list[socket.socket]]
) -> None:
    for port in PORTS:
        alone = _median_s(workshop, port, [])
        slow[port] += _hold(workshop, port)
        beside = _median_s(workshop, port, slow[port])
        assert beside <= max(3 * alone, FLOOR_S), (port, alone, beside)
    for port in PORTS:
        ends = time.monotonic() + CLOSED_WITHIN_S
        for number, connection in enumerate(slow[port]):
            said = _closed_within(connection, ends)
            assert said is not None, (port, number)
            if number % 2:
                assert said.startswith(b"HTTP/1.1 408"), (port, number, said)
        assert _ask(workshop, port).status < 500


IDLE = 2500


def test_thousands_who_say_nothing_keep_nobody_out(
    workshop: Installation, slow: dict[str, list[socket.socket]]
) -> None:
    """They are hung up on after the deadline of a head; others must not have to wait for that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * IDLE:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * IDLE), hard))
    began = time.monotonic()
    for _ in range(IDLE):
        slow["cognito-identity"].append(
            socket.create_connection(address_of(base_of(workshop, "cognito-identity")), timeout=HEAD_DEADLINE_S)
        )
    connected = time.monotonic()
    assert _ask(workshop, "cognito-identity").status < 500
    assert time.monotonic() - connected < HEAD_DEADLINE_S / 2
    assert connected - began < HEAD_DEADLINE_S, "the first were gone before the last came"


def _upload(installation: Installation, pieces: int, pause_s: float) -> bytes:
    """The answer to an upload of 64 KiB a piece, of which four were announced."""
    head = b"PUT /slow/object HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (4 * len(PIECE))
    with socket.create_connection(address_of(installation.store), timeout=30) as connection:
        connection.sendall(head)
        for _ in range(pieces):
            time.sleep(pause_s)
            connection.sendall(PIECE)
        return b"".join(iter(partial(connection.recv, 4096), b""))


def test_a_large_body_may_take_as_long_as_a_slow_line_needs_but_may_not_stop(workshop: Installation) -> None:
    """The installation's deadline is three seconds: four pieces take longer, and none is kept waiting for more."""
    assert _upload(workshop, 4, 0.9).startswith(b"HTTP/1.1 403")
    assert _upload(workshop, 1, 0).startswith(b"HTTP/1.1 408")
