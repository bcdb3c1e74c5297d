"""What the server refuses by itself reaches an SDK as an error of the service it called."""

import re
import time
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Installation
from tests.robustness.wire import FORM_TYPE, base_of, form_of, json_headers, speak

LONG = b"X-Filler: " + b"a" * (20 << 10) + b"\r\n\r\n"
HUGE = b"Content-Length: 99999999999\r\n\r\n{"
LATE = b"Content-Length: 100\r\n\r\n{"
TWICE = b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
REFUSED = {"long": (LONG, 431), "huge": (HUGE, 413), "late": (LATE, 408), "twice": (TWICE, 400)}


def _json_head(service: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in json_headers(service, "GetId").items()]
    return ("\r\n".join(["POST / HTTP/1.1", "Host: x", *lines]) + "\r\n").encode()


def _said(base: str, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = speak(base, raw, seconds=8).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split(" ")[1]), headers, body


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("service", ["cognito-idp", "cognito-identity"])
def test_a_json_service_answers_with_a_type(workshop: Installation, service: str, why: str) -> None:
    rest, expected = REFUSED[why]
    status, headers, body = _said(base_of(workshop, service), _json_head(service) + rest)
    assert status == expected
    code = re.search(rb'"__type":"([A-Za-z]+)"', body)
    assert code is not None, body
    assert headers["x-amzn-errortype"] == f"{code.group(1).decode()}:"
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-amzn-requestid"]
    assert headers["connection"] == "close"


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("signed_for", ["sts", "iam"])
def test_a_query_service_answers_in_its_xml(workshop: Installation, signed_for: str, why: str) -> None:
    rest, expected = REFUSED[why]
    claim = f"Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/{signed_for}/aws4_request\r\n"
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM_TYPE}\r\n{claim}".encode()
    status, headers, body = _said(workshop.identitypool, head + rest)
    assert status == expected
    assert headers["content-type"] == "text/xml"
    assert headers["access-control-allow-origin"] == "*"
    assert f'<ErrorResponse xmlns="https://{signed_for}.amazonaws.com/'.encode() in body
    assert re.search(rb"<Type>Sender</Type><Code>[A-Za-z]+</Code><Message>[^<]+</Message>", body)
    assert headers["x-amzn-requestid"].encode() in body


@pytest.mark.parametrize("why", REFUSED)
def test_the_store_answers_in_s3_s_xml(workshop: Installation, why: str) -> None:
    rest, expected = REFUSED[why]
    status, headers, body = _said(workshop.store, b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\n" + rest)
    assert status == (400 if expected == 413 else expected)  # EntityTooLarge is a 400 at S3
    assert headers["content-type"] == "application/xml"
    assert headers["access-control-allow-origin"] == "*"
    assert re.search(rb"<Error><Code>[A-Za-z]+</Code><Message>[^<]+</Message>.*<Resource>/bucket/key</Resource>", body)


@pytest.mark.parametrize("why", REFUSED)
def test_a_note_and_a_page_answer_as_they_always_do(workshop: Installation, why: str) -> None:
    rest, expected = REFUSED[why]
    status, _, body = _said(workshop.store, b"PUT /notes/a HTTP/1.1\r\nHost: x\r\n" + rest)
    assert (status, body.startswith(b'{"code":')) == (400 if expected == 413 else expected, True)
    status, headers, _ = _said(workshop.userpool, b"POST /login HTTP/1.1\r\nHost: x\r\n" + rest)
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
    raw = _json_head("cognito-idp") + LATE
    began = time.monotonic()
    said = speak(workshop.userpool, raw, seconds=8)
    assert said.count(b"HTTP/1.1 ") == 1
    assert time.monotonic() - began < 8
    assert form_of("sts", "GetCallerIdentity") not in said
