"""What the server refuses by itself reaches an SDK as an error of the service it called."""

import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Installation
from tests.robustness.wire import FORM_TYPE, address_of, base_of, json_headers, speak, statuses

LONG = b"X-Filler: " + b"a" * (20 << 10) + b"\r\n\r\n"
HUGE = b"Content-Length: 99999999999\r\n\r\n{"
LATE = b"Content-Length: 100\r\n\r\n{"
TWICE = b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
REFUSED = {"long": (LONG, 431), "huge": (HUGE, 413), "late": (LATE, 408), "twice": (TWICE, 400)}


def _json_head(service: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in json_headers(service, "GetId").items()]
    return ("\r\n".join(["POST / HTTP/1.1", "Host: x", *lines]) + "\r\n").encode()


def _query_head(signed_for: str) -> bytes:
    claim = f"Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/{signed_for}/aws4_request\r\n"
    return f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM_TYPE}\r\n{claim}".encode()


ENTRANCES = {
    "cognito-idp": ("cognito-idp", _json_head("cognito-idp")),
    "cognito-identity": ("cognito-identity", _json_head("cognito-identity")),
    "sts": ("sts", _query_head("sts")),
    "iam": ("iam", _query_head("iam")),
    "store": ("s3", b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\n"),
    "note": ("s3", b"PUT /notes/a HTTP/1.1\r\nHost: x\r\n"),
    "page": ("cognito-idp", b"POST /login HTTP/1.1\r\nHost: x\r\n"),
}
"""Name -> the service at whose port it stands, and how a request to it begins."""
Said = Callable[[str, str], tuple[int, dict[str, str], bytes]]


@pytest.fixture(scope="module")
def said(workshop: Installation) -> Said:
    """What an entrance says to a request that is refused for a reason: status, headers, body.

    All are asked at once: a late body takes its whole deadline.
    """

    def ask(case: tuple[str, str]) -> bytes:
        (service, head), (rest, _) = ENTRANCES[case[0]], REFUSED[case[1]]
        return speak(base_of(workshop, service), head + rest, seconds=8)

    cases = [(entrance, why) for entrance in ENTRANCES for why in REFUSED]
    with ThreadPoolExecutor(len(cases)) as crowd:
        answers = dict(zip(cases, crowd.map(ask, cases), strict=True))

    def look_up(entrance: str, why: str) -> tuple[int, dict[str, str], bytes]:
        head, _, body = answers[entrance, why].partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return int(first.split(" ")[1]), headers, body

    return look_up


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("service", ["cognito-idp", "cognito-identity"])
def test_a_json_service_answers_with_a_type(said: Said, service: str, why: str) -> None:
    status, headers, body = said(service, why)
    assert status == REFUSED[why][1]
    code = re.search(rb'"__type":"([A-Za-z]+)"', body)
    assert code is not None, body
    assert headers["x-amzn-errortype"] == f"{code.group(1).decode()}:"
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-amzn-requestid"]
    assert headers["connection"] == "close"


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("signed_for", ["sts", "iam"])
def test_a_query_service_answers_in_its_xml(said: Said, signed_for: str, why: str) -> None:
    status, headers, body = said(signed_for, why)
    assert status == REFUSED[why][1]
    assert headers["content-type"] == "text/xml"
    assert headers["access-control-allow-origin"] == "*"
    assert f'<ErrorResponse xmlns="https://{signed_for}.amazonaws.com/'.encode() in body
    assert re.search(rb"<Type>Sender</Type><Code>[A-Za-z]+</Code><Message>[^<]+</Message>", body)
    assert headers["x-amzn-requestid"].encode() in body


@pytest.mark.parametrize("why", REFUSED)
def test_the_store_answers_in_s3_s_xml(said: Said, why: str) -> None:
    status, headers, body = said("store", why)
    expected = REFUSED[why][1]
    assert status == (400 if expected == 413 else expected)  # EntityTooLarge is a 400 at S3
    assert headers["content-type"] == "application/xml"
    assert headers["access-control-allow-origin"] == "*"
    assert re.search(rb"<Error><Code>[A-Za-z]+</Code><Message>[^<]+</Message>.*<Resource>/bucket/key</Resource>", body)


@pytest.mark.parametrize("why", REFUSED)
def test_a_note_and_a_page_answer_as_they_always_do(said: Said, why: str) -> None:
    expected = REFUSED[why][1]
    status, _, body = said("note", why)
    assert (status, body.startswith(b'{"code":')) == (400 if expected == 413 else expected, True)
    status, headers, _ = said("page", why)
    assert (status, headers["content-type"]) == (expected, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        (
            "cognito-idp",
            lambda client: client.create_user_pool(PoolName="a", SmsVerificationMessage="x" * (6 << 20)),
            "RequestEntityTooLargeException",
        ),
        ("iam", lambda client: client.create_user(UserName="x" * (6 << 20)), "RequestEntityTooLarge"),
    ],
    ids=["json", "query"],
)
def test_an_sdk_is_told_a_code(
    workshop: Installation, service: str, call: Callable[[object], object], code: str
) -> None:
    client = workshop.client(service)
    client.meta.events.unregister("before-parameter-build")
    with pytest.raises(ClientError, match=code):
        call(client)


def test_a_request_on_the_same_connection_as_a_late_one_is_not_answered(workshop: Installation) -> None:
    head = _json_head("cognito-idp")
    with socket.create_connection(address_of(workshop.userpool), timeout=8) as connection:
        connection.sendall(head + LATE)
        answered = connection.recv(65536)
        with suppress(ConnectionError):
            connection.sendall(b"}" * 99 + head + b"Content-Length: 2\r\n\r\n{}")
            while part := connection.recv(65536):
                answered += part
    assert statuses(answered) == [408]
