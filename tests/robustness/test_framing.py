"""HTTP itself bent: methods, heads and lengths that no client library would send."""

import gzip
import json

import pytest

from tests.conftest import Installation
from tests.robustness.wire import base_of, fetch, form_of, speak, statuses

PORTS = ["cognito-idp", "cognito-identity", "s3"]
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\n"
SMUGGLED = b"GET /health/live HTTP/1.1\r\nHost: smuggled\r\n\r\n"


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "PATCH", "TRACE", "BREW"])
@pytest.mark.parametrize("port", PORTS)
def test_methods_that_mean_nothing_here_are_refused(house: Installation, port: str, method: str) -> None:
    answer = fetch(base_of(house, port), method, "/")
    page_or_unsigned = {200, 403} if method in {"GET", "HEAD"} else {403, 405}
    allowed = page_or_unsigned if port == "s3" else {404, 405}
    assert answer.status in allowed, answer.body


@pytest.mark.parametrize(
    "path", ["/%00", "/%ff", "/../../etc/passwd", "//", "/health/../", "/" + "a" * 8000, "/?" + "a=" * 4000]
)
@pytest.mark.parametrize("port", PORTS)
def test_paths_that_mean_nothing_here_are_refused(house: Installation, port: str, path: str) -> None:
    assert 400 <= fetch(base_of(house, port), "GET", path).status < 500 or path.startswith("/?")


@pytest.mark.parametrize("port", PORTS)
def test_a_head_of_20_kib_is_refused(house: Installation, port: str) -> None:
    answer = fetch(base_of(house, port), headers={"X-Filler": "a" * (20 << 10)}, body=b"{}")
    assert answer.status == 431
    many = {f"X-Filler-{number}": "a" * 200 for number in range(90)}
    assert fetch(base_of(house, port), headers=many, body=b"{}").status == 431


@pytest.mark.parametrize("port", PORTS)
def test_a_head_of_a_megabyte_or_a_thousand_lines_is_refused_by_the_server_underneath(
    house: Installation, port: str
) -> None:
    for filler in (b"X-Filler: " + b"a" * (1 << 20), b"\r\n".join(b"X-%d: a" % number for number in range(1000))):
        said = speak(base_of(house, port), POST + filler + b"\r\nContent-Length: 2\r\n\r\n{}")
        assert all(400 <= status < 500 for status in statuses(said))


@pytest.mark.parametrize("lengths", [(b"2", b"30"), (b"30", b"2"), (b"0", b"2"), (b"2", b"2", b"0")])
@pytest.mark.parametrize("port", PORTS)
def test_content_lengths_that_differ_are_refused(house: Installation, port: str, lengths: tuple[bytes, ...]) -> None:
    head = POST + b"".join(b"Content-Length: %s\r\n" % length for length in lengths)
    assert statuses(speak(base_of(house, port), head + b"\r\n{}")) in ([400], [])


@pytest.mark.parametrize("port", PORTS)
def test_a_content_length_given_twice_hides_no_second_request(house: Installation, port: str) -> None:
    """Equal lengths may count as one (RFC 9112, 6.3): then there is one answer to one request."""
    said = speak(base_of(house, port), POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}")
    assert len(statuses(said)) == 1
    assert 400 <= statuses(said)[0] < 500


@pytest.mark.parametrize("length", [b"-1", b"+2", b"0x2", b"2, 2", b"2,30", b"two", b"9" * 40, b"", b"\xb2"])
@pytest.mark.parametrize("port", PORTS)
def test_a_content_length_that_is_no_number_is_refused(house: Installation, port: str, length: bytes) -> None:
    said = speak(base_of(house, port), POST + b"Content-Length: " + length + b"\r\n\r\n{}")
    assert all(400 <= status < 500 for status in statuses(said))
    assert len(statuses(said)) <= 1


@pytest.mark.parametrize("first", ["length", "encoding"])
@pytest.mark.parametrize("port", PORTS)
def test_content_length_beside_chunks_smuggles_no_second_request(house: Installation, port: str, first: str) -> None:
    """The server underneath believes the chunks and closes: nothing that follows them is read (RFC 9112, 6.1)."""
    headers = [b"Content-Length: 7\r\n", b"Transfer-Encoding: chunked\r\n"]
    head = POST + b"".join(headers if first == "length" else headers[::-1]) + b"\r\n"
    said = speak(base_of(house, port), head + b"2\r\n{}\r\n0\r\n\r\n" + SMUGGLED)
    assert len(statuses(said)) == 1
    assert 400 <= statuses(said)[0] < 500
    assert b"live" not in said
    hidden = speak(base_of(house, port), head + b"0\r\n\r\n" + SMUGGLED)
    assert len(statuses(hidden)) == 1
    assert b"live" not in hidden


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}XX0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"2;" + b"a" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nBroken trailer\r\n\r\n",
        b"2\n{}\n0\n\n",
    ],
    ids=lambda body: repr(body[:16]),
)
@pytest.mark.parametrize("port", PORTS)
def test_broken_chunks_are_refused(house: Installation, port: str, body: bytes) -> None:
    said = speak(base_of(house, port), POST + b"Transfer-Encoding: chunked\r\n\r\n" + body + SMUGGLED, seconds=0.7)
    assert all(400 <= status < 500 for status in statuses(said)[:1])
    assert b"live" not in said or body.endswith(b"Broken trailer\r\n\r\n")


@pytest.mark.parametrize(
    "encoding",
    [
        b"gzip",
        b"chunked, identity",
        b"xchunked",
        b"chunked\r\nTransfer-Encoding: x",
        b"gzip, chunked",
        b"chunked, chunked",
        b"chunked\r\nTransfer-Encoding: chunked",
        b"gzip\r\nTransfer-Encoding: chunked",
        b"\x0bchunked",
        b"\xffchunked",
    ],
    ids=repr,
)
@pytest.mark.parametrize("port", PORTS)
def test_transfer_encodings_that_are_not_chunks_are_refused(house: Installation, port: str, encoding: bytes) -> None:
    said = speak(
        base_of(house, port),
        POST + b"Transfer-Encoding: " + encoding + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
        seconds=2,
    )
    assert statuses(said) == [400]
    assert b"live" not in said


def test_whole_chunks_are_read(house: Installation) -> None:
    body = form_of("sts", "GetCallerIdentity")
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for written in (b"%x\r\n%s\r\n", b"%X;name=value\r\n%s\r\n", b'%x;name="\\" 0\r\n%s\r\n', b"00000000%x \r\n%s\r\n"):
        chunks = b"".join(written % (len(part), part) for part in (body[:5], body[5:6], body[6:])) + b"0;last\r\n\r\n"
        said = speak(house.identitypool, head + chunks)
        assert b"MissingAuthenticationToken" in said, written


@pytest.mark.parametrize("broken", [b"zz\r\n", b"2\r\n{}XX", b"0\r\nX-Trailer: a\r\n\r\n"], ids=repr)
def test_of_a_body_that_breaks_off_nothing_is_believed(house: Installation, broken: bytes) -> None:
    """What came before the break is a whole request of its own, and must not be answered as one."""
    body = form_of("sts", "GetCallerIdentity")
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = speak(house.identitypool, head + b"%x\r\n%s\r\n" % (len(body), body) + broken)
    assert statuses(said) == [400]
    assert b"MalformedInput" in said


@pytest.mark.parametrize("port", PORTS)
def test_a_chunked_body_beyond_the_limit_is_refused_while_it_arrives(house: Installation, port: str) -> None:
    mib = b"100000\r\n" + b"a" * (1 << 20) + b"\r\n"
    said = speak(
        base_of(house, port),
        POST + b"Transfer-Encoding: chunked\r\n\r\n" + mib * (4 if port != "s3" else 67),
        seconds=2,
    )
    assert statuses(said) in ([400 if port == "s3" else 413], [])


OPERATION = POST + b"X-Amz-Target: AWSCognitoIdentityProviderService.GetUser\r\n"


@pytest.mark.parametrize(
    "head",
    [
        OPERATION + b"X-A: a\r\n b\r\n",
        POST + b"X-Amz-Target: AWS\r\n CognitoIdentityProviderService.GetUser\r\n",
        OPERATION + b"X-A: a\0b\r\n",
        OPERATION + b"X\0A: a\r\n",
        OPERATION + b"X-A: a\rb\r\n",
        OPERATION + b"Transfer-Encoding : chunked\r\n",
        OPERATION + b"Content-Length : 40\r\n",
        OPERATION + b"Host: elsewhere\r\n",
        OPERATION.replace(b"HTTP/1.1", b"HTTP/1.2"),
        OPERATION.replace(b"POST /", b"P\xc3\x96ST /"),
        OPERATION.replace(b"POST /", b"POST /\xff"),
        OPERATION.replace(b"POST /", b"POST /?a=\xff"),
    ],
    ids=lambda head: repr(head[-30:]),
)
@pytest.mark.parametrize("port", PORTS)
def test_heads_that_readers_understand_in_two_ways_are_refused(house: Installation, port: str, head: bytes) -> None:
    said = speak(base_of(house, port), head + b"Content-Length: 2\r\n\r\n{}" + SMUGGLED, seconds=2)
    assert statuses(said)[0] == 400
    assert b"live" not in said


@pytest.mark.parametrize("port", PORTS)
def test_only_http_1_0_may_leave_the_host_out(house: Installation, port: str) -> None:
    without = OPERATION.replace(b"Host: x\r\n", b"") + b"Content-Length: 2\r\n\r\n{}"
    assert statuses(speak(base_of(house, port), without + SMUGGLED)) == [400]
    old = speak(base_of(house, port), without.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert old.startswith((b"HTTP/1.0 400", b"HTTP/1.0 403"))
    assert b"Host is" not in old


@pytest.mark.parametrize("port", PORTS)
def test_requests_in_a_row_are_answered_in_order(house: Installation, port: str) -> None:
    said = speak(base_of(house, port), OPERATION + b"Content-Length: 2\r\n\r\n{}" + SMUGGLED, seconds=1)
    assert [status == 200 for status in statuses(said)] == [False, True]
    assert said.index(b"live") > said.rindex(b"HTTP/1.1 200")


@pytest.mark.parametrize("port", PORTS)
def test_after_an_answer_that_closes_nothing_more_is_read(house: Installation, port: str) -> None:
    said = speak(base_of(house, port), OPERATION + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED)
    assert len(statuses(said)) == 1
    for body in (b"GET / HTTP/1.1\r\n", b"OPTIONS / HTTP/1.1\r\n"):
        hidden = speak(base_of(house, port), body + b"Host: x\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED)
        assert len(statuses(hidden)) == 1
        assert b"live" not in hidden


def test_who_expects_to_continue_is_told_so(house: Installation) -> None:
    body = form_of("sts", "GetCallerIdentity")
    head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert statuses(speak(house.identitypool, head + body)) == [100, 403]


def test_http_1_0_is_answered_and_closed(house: Installation) -> None:
    said = speak(house.identitypool, b"GET /health/live HTTP/1.0\r\n\r\n")
    assert said.startswith(b"HTTP/1.0 200")
    assert said.endswith(b'{"status":"live"}')


@pytest.mark.parametrize(
    "target", [b"http://elsewhere/", b"*", b"elsewhere:443", b"/%zz", b"/%2e%2e/%2e%2e/etc/passwd"]
)
@pytest.mark.parametrize("method", [b"GET", b"CONNECT", b"TRACE"])
@pytest.mark.parametrize("port", PORTS)
def test_targets_and_methods_of_proxies_lead_nowhere(
    house: Installation, port: str, method: bytes, target: bytes
) -> None:
    said = speak(base_of(house, port), method + b" " + target + b" HTTP/1.1\r\nHost: x\r\nX-Canary: 1\r\n\r\n")
    assert 400 <= statuses(said)[0] < 500 or (port == "s3" and target == b"http://elsewhere/" and method == b"GET")
    assert b"Canary" not in said


def test_a_compressed_body_is_not_unpacked(house: Installation) -> None:
    bomb = gzip.compress(b"{" + b" " * (20 << 20))
    head = OPERATION + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert statuses(speak(house.userpool, head + bomb)) == [400]


@pytest.mark.parametrize("port", PORTS)
def test_a_body_in_crumbs_is_refused_before_it_costs_much(house: Installation, port: str) -> None:
    said = speak(base_of(house, port), OPERATION + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 100_000)
    assert statuses(said) in ([400], [])  # whoever is still sending may see the connection end instead


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01\x02\x00\x01", b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100]
)
@pytest.mark.parametrize("port", PORTS)
def test_what_is_not_http_is_refused_or_hung_up_on(house: Installation, port: str, raw: bytes) -> None:
    assert all(400 <= status < 500 for status in statuses(speak(base_of(house, port), raw, seconds=0.5)))


def test_a_websocket_is_refused(house: Installation) -> None:
    raw = (
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert 400 <= statuses(speak(house.identitypool, raw, seconds=2))[0] < 500


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"offset_s":"x"}', b'{"offset_s":1e300}', b"\xff", json.dumps({"offset_s": None}).encode()],
)
def test_the_test_clock_refuses_what_it_cannot_read(workshop: Installation, body: bytes) -> None:
    assert fetch(workshop.identitypool, path="/test/clock", body=body).status == 400


def test_the_authorizer_answers_nobody_without_the_installation_s_seal(house: Installation) -> None:
    from shared.guard import authorizer_wire

    for body in (b"", b"{}", b"\xff" * 100, b"\0" * 5000):
        assert fetch(house.identitypool, path=authorizer_wire.PATH, body=body).status == 403
