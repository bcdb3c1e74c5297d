"""More than can be done: shed early with a code, stay well, keep no memory."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Installation, installation_in
from tests.robustness.people import PASSWORD, People, said, settle
from tests.robustness.processes import children_of
from tests.robustness.wire import Answer, address_of, ask, fetch, fetch_on, json_headers

AT_ONCE = 256
MOST_LOOKS = 10
FLOOR_S = 0.02
MOST_GROWTH = 20 << 20


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    house = installation_in(tmp_path_factory.mktemp("overload"))
    house.command("init")
    house.start()
    yield settle(house)
    assert house.stop() == 0
    assert "Traceback" not in (house.data.parent / "serve.log").read_text()


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_256_sign_ins_at_once_are_served_or_shed_and_health_answers(people: People) -> None:
    """Health does not wait behind the crowd, and when the crowd is gone all is as quick as before."""
    name = people.person()
    before = statistics.median(_seconds(lambda: people.tokens(name)) for _ in range(20))
    in_crowd: list[float] = []
    health: list[tuple[int, float]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for path in ("/health/live", "/health/ready"):
                began = time.monotonic()
                status = fetch(people.house.userpool, "GET", path).status
                health.append((status, time.monotonic() - began))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()

    def sign_in(_: int) -> Answer:
        began = time.monotonic()
        answer = people.sign_in(name)
        if answer.status == 200:
            in_crowd.append(time.monotonic() - began)
        return answer

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers: list[Answer] = [answer for _ in range(2) for answer in crowd.map(sign_in, range(AT_ONCE))]
    over.set()
    watcher.join()
    assert {answer.status for answer in answers} <= {200, 429, 503}
    assert [answer.status for answer in answers].count(200) >= 128
    shed = [answer for answer in answers if answer.status != 200]
    assert {answer.code for answer in shed} <= {"TooManyRequestsException", "ServiceUnavailableException"}
    assert {answer.headers["retry-after"] for answer in shed} <= {"1"}
    assert {status for status, _ in health} == {200}
    assert statistics.median(took for _, took in health) < statistics.median(in_crowd)
    for _ in range(MOST_LOOKS):
        after = statistics.median(_seconds(lambda: people.tokens(name)) for _ in range(20))
        if after <= max(3 * before, FLOOR_S):
            break
    else:
        pytest.fail(f"{before} s before, {after} s after")


def _memory(house: Installation, service: str) -> int:
    """Resident bytes of the service's processes that are nobody else's."""
    assert house.process is not None
    total = 0
    for child in children_of(house.process.pid):
        if f"serve\0{service}" not in Path(f"/proc/{child}/cmdline").read_text():
            continue
        for process in (child, *children_of(child)):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith(("Private_Dirty", "Private_Clean")):
                    total += int(line.split()[1]) * 1024
    return total


def _busy(people: People, name: str, token: str, count: int) -> None:
    """A mixed load: reads, refusals, sign-ins, unknown names, each a little different."""
    connection = http.client.HTTPConnection(*address_of(people.house.userpool), timeout=15)
    bodies: dict[str, Callable[[int], bytes]] = {
        "GetUser": lambda _: b'{"AccessToken":"%s"}' % token.encode(),
        "SignUp": lambda n: b'{"ClientId":"%s","Username":"u%d"}' % (people.client.encode(), n),
        "InitiateAuth": lambda n: (
            b'{"ClientId":"%s","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"%s","PASSWORD":"%s"}}'
            % (people.client.encode(), name.encode() if n % 8 == 2 else b"nobody%d" % n, PASSWORD.encode())
        ),
        "GetNothing%d": lambda n: b'{"n":%d}' % n,
    }
    for number in range(count):
        operation = list(bodies)[number % len(bodies)]
        body = bodies[operation](number)
        if "%d" in operation:
            operation %= number
        answer = fetch_on(connection, headers=json_headers("cognito-idp", operation), body=body)
        assert answer.status in {200, 400}, answer.body
    connection.close()


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read in /proc")
def test_memory_is_flat_from_the_2000th_request_on(people: People) -> None:
    name = people.person()
    token = people.tokens(name)["AccessToken"]
    _busy(people, name, token, 2_000)
    before = _memory(people.house, "userpool")
    _busy(people, name, token, 8_000)
    after = _memory(people.house, "userpool")
    assert after - before <= max(MOST_GROWTH, before // 10), (before, after)
    said(ask(people.house, "cognito-idp", "GetUser", b'{"AccessToken":"%s"}' % token.encode(), signed=False))


def test_an_object_named_like_health_is_no_answer_about_health(people: People) -> None:
    store = people.house.client("s3")
    store.create_bucket(Bucket="health")
    store.put_object(Bucket="health", Key="ready", Body=b"mine")

    def read() -> bytes:
        body: bytes = store.get_object(Bucket="health", Key="ready")["Body"].read()
        return body

    with ThreadPoolExecutor(16) as crowd:
        owners = [crowd.submit(read) for _ in range(40)]
        others = [crowd.submit(fetch, people.house.store, "GET", "/health/ready") for _ in range(40)]
    assert {one.result() for one in owners} == {b"mine"}
    assert {one.result().body for one in others} == {b'{"status":"ready"}'}
