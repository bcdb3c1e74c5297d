"""The end of a service in front of which a proxy stands: not ready first, then closed, then finished."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import Installation, installation_in
from tests.robustness.processes import Alone, Crowd, half_a_request, is_ready, readiness, until
from tests.robustness.wire import fetch, form_of, statuses

DRAIN_S = 2.5
QUESTION = form_of("sts", "GetSessionToken")
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def copy(initialised: Installation, tmp_path: Path) -> Installation:
    shutil.copytree(initialised.data, tmp_path / "data")
    return installation_in(tmp_path, drain_s=str(DRAIN_S), workers="2")


def _ask(service: Alone) -> tuple[int, str | None]:
    answer = fetch(service.base, body=QUESTION)
    return answer.status, answer.headers.get("connection")


def _all_drain(service: Alone) -> bool:
    """Whichever of its workers is asked."""
    return all(readiness(service.base) == 503 for _ in range(10))


def test_sigterm_says_not_ready_and_serves_on_before_it_closes(copy: Installation) -> None:
    with Alone(copy, "identitypool") as service:
        assert _ask(service) == (403, None)
        began_before = half_a_request(service.base, HEAD, QUESTION[:5], len(QUESTION))
        service.process.send_signal(signal.SIGTERM)
        told_at = time.monotonic()
        until(lambda: _all_drain(service), DRAIN_S - 1, "readiness went first, at the worker that started last too")
        while time.monotonic() < told_at + DRAIN_S - 0.3:
            assert readiness(service.base) == 503
            assert fetch(service.base, "GET", "/health/live").status == 200
            assert _ask(service) == (403, "close")
        until(lambda: readiness(service.base) == 0, 3, "the listener closed")
        assert service.process.poll() is None
        assert began_before.sock is not None
        began_before.sock.sendall(QUESTION[5:])
        assert statuses(began_before.sock.recv(4096)) == [403]
        began_before.close()
        assert service.process.wait(10) == 0
        assert "Traceback" not in service.log.read_text()
        assert "WARNING" not in service.log.read_text()


def test_under_load_nobody_notices_while_it_drains(copy: Installation) -> None:
    """A proxy that asks twice a second has sent its last request well before the listener closes."""
    with Alone(copy, "identitypool") as service:
        crowd = Crowd(8, lambda: _ask(service))
        time.sleep(0.5)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(DRAIN_S - 0.4)
        came = crowd.stop()
        assert service.process.wait(10) == 0
    assert {one[0] if isinstance(one, tuple) else one for one in came} == {403}
    assert came[0] == (403, None)
    assert came[-1] == (403, "close")


def test_ctrl_c_does_not_wait_for_a_proxy(copy: Installation) -> None:
    with Alone(copy, "identitypool", POOLKEEPER_DRAIN_S="60") as service:
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(10) == 0
    with Alone(copy, "identitypool", POOLKEEPER_DRAIN_S="60") as service:
        service.process.send_signal(signal.SIGTERM)
        until(lambda: readiness(service.base) == 503, 1, "it drains")
        service.process.send_signal(signal.SIGINT)  # who cannot wait
        assert service.process.wait(10) == 0


def test_the_supervisor_passes_the_signal_on(copy: Installation) -> None:
    copy.start()
    process = copy.process
    assert process is not None
    bases = (copy.userpool, copy.identitypool, copy.store)
    process.send_signal(signal.SIGTERM)
    until(lambda: [readiness(base) for base in bases] == [503, 503, 503], DRAIN_S, "all three drain")
    assert process.wait(10) == 0


def test_workers_do_not_outlive_their_main_process(copy: Installation) -> None:
    with Alone(copy, "identitypool") as service:
        service.process.kill()
        service.process.wait()
        until(lambda: readiness(service.base) == 0, 5, "the port is free again")
    with Alone(copy, "identitypool") as service:
        assert is_ready(service.base)
