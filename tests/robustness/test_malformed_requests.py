import json

import pytest

from tests.conftest import Installation
from tests.robustness.wire import (
    FORM_TYPE,
    TARGETS,
    VERSIONS,
    ask,
    base_of,
    fetch,
    form_of,
    json_headers,
    signed_headers,
    speak,
    statuses,
)

JSON_SERVICES = sorted(TARGETS)
QUERY_SERVICES = sorted(VERSIONS)
# Operations that anyone may call, so that it is the body which is refused and not the missing signature.
OPEN = {"cognito-idp": "InitiateAuth", "cognito-identity": "GetId"}
MIB = 1 << 20


@pytest.fixture(scope="module")
def bucket(house: Installation) -> None:
    headers = signed_headers(house.store, "s3", {}, b"", method="PUT", path="/robust")
    assert fetch(house.store, "PUT", "/robust", headers).status == 200


def _json(house: Installation, service: str, body: bytes) -> tuple[int, str, str]:
    answer = ask(house, service, OPEN[service], body, signed=False)
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["x-amzn-requestid"]
    assert answer.headers["x-amzn-errortype"] == f"{answer.code}:"
    return answer.status, answer.code, answer.message


@pytest.mark.parametrize("service", JSON_SERVICES)
@pytest.mark.parametrize(
    "target",
    ["{prefix}.NoSuchThing", "{prefix}.", "{prefix}", "SomebodyElse.GetId", "GetId", ".", "", "{prefix}.GetId.GetId"],
)
def test_json_refuses_targets_that_name_no_operation(house: Installation, service: str, target: str) -> None:
    headers = json_headers(service, "") | {"X-Amz-Target": target.format(prefix=TARGETS[service])}
    answer = fetch(base_of(house, service), headers=headers, body=b"{}")
    assert (answer.status, answer.code) == (400, "UnknownOperationException")


def test_a_post_without_a_target_is_refused_in_the_port_s_own_protocol(house: Installation) -> None:
    pool = fetch(house.userpool, headers={"Content-Type": "application/x-amz-json-1.1"}, body=b"{}")
    assert (pool.status, pool.code) == (400, "UnknownOperationException")
    identity = fetch(house.identitypool, headers={"Content-Type": FORM_TYPE}, body=b"")
    assert (identity.status, identity.code) == (400, "InvalidAction")


@pytest.mark.parametrize("service", JSON_SERVICES)
def test_who_names_a_target_is_answered_in_json_wherever_it_was_sent(house: Installation, service: str) -> None:
    headers = json_headers(service, OPEN[service])
    for method, path in [
        ("PUT", "/"),
        ("GET", "/"),
        ("post", "/"),
        ("POST", "//"),
        ("POST", "/login"),
        ("POST", "/%2f"),
    ]:
        answer = fetch(base_of(house, service), method, path, headers, b"{}")
        assert (answer.status, answer.code) == (400, "UnknownOperationException"), (method, path)
        assert answer.headers["x-amzn-errortype"] == "UnknownOperationException:"
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "target", [b"AWSCognitoIdentityService.Get\xff", b"\xff", "AWSCognitoIdentityService.É".encode()]
)
def test_a_target_that_is_no_ascii_is_refused_in_json(house: Installation, target: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: " + target
    for base in (house.userpool, house.identitypool):
        said = speak(base, head + b"\r\nContent-Length: 2\r\n\r\n{}")
        assert b'"__type":"UnknownOperationException"' in said


def test_what_leads_nowhere_is_told_in_plain_words(house: Installation) -> None:
    for base in (house.userpool, house.identitypool):
        for method, path, status in [("GET", "/", 404), ("PUT", "/", 404), ("POST", "/health/live", 405)]:
            answer = fetch(base, method, path)
            assert (answer.status, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8"), path
            assert answer.headers["x-amzn-requestid"]
            assert b"<" not in answer.body


@pytest.mark.parametrize("service", JSON_SERVICES)
@pytest.mark.parametrize(
    "kind", ["", "application/json", "text/plain", "application/x-amz-json-1.1; charset=UTF-8", "application/cbor", "é"]
)
def test_json_is_read_whatever_its_type_is_called(house: Installation, service: str, kind: str) -> None:
    """A client that calls its body something else means what its target says."""
    headers = json_headers(service, OPEN[service]) | {"Content-Type": kind}
    answer = fetch(base_of(house, service), headers=headers, body=b"{}")
    assert (answer.status, "failed to satisfy constraint" in answer.message) == (400, True)
    cbor = fetch(base_of(house, service), headers=headers, body=b"\xa1\x68ClientId\x61a")
    assert (cbor.status, cbor.code) == (400, "SerializationException")


@pytest.mark.parametrize("version", ["", "1999-01-01", "2011-06-15", "2010-05-08 "])
def test_query_refuses_versions_that_an_api_does_not_have(house: Installation, version: str) -> None:
    body = form_of("iam", "ListUsers").replace(b"2010-05-08", version.replace(" ", "+").encode())
    told = f"Could not find operation ListUsers for version {version or 'NO_VERSION_SPECIFIED'}"
    answer = ask(house, "iam", "ListUsers", body)
    assert (answer.status, answer.code, answer.message) == (400, "InvalidAction", told)
    without = ask(house, "iam", "ListUsers", b"Action=ListUsers")
    assert without.message == "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"


@pytest.mark.parametrize("service", QUERY_SERVICES)
@pytest.mark.parametrize("action", ["NoSuchThing", "", "getcalleridentity", "ListUsers%0d%0aX: y", "<script>"])
def test_query_refuses_actions_that_name_no_operation(house: Installation, service: str, action: str) -> None:
    answer = fetch(
        base_of(house, service),
        headers={"Content-Type": FORM_TYPE},
        body=form_of(service, "X").replace(b"X", action.encode(), 1),
    )
    assert (answer.status, answer.code) == (400, "InvalidAction")
    assert b"<script>" not in answer.body


@pytest.mark.parametrize("service", JSON_SERVICES)
def test_json_ignores_members_it_does_not_know(house: Installation, service: str) -> None:
    plain = _json(house, service, b"{}")
    assert plain[0] == 400
    assert _json(house, service, json.dumps({"NoSuchMember": {"a": [1, None]}, "toString": None}).encode()) == plain


def test_query_ignores_parameters_it_does_not_know(house: Installation) -> None:
    body = form_of("sts", "GetCallerIdentity", NoSuchParameter="1", **{"A.member.1.B": "2"})
    assert ask(house, "sts", "GetCallerIdentity", body).status == 200


@pytest.mark.parametrize("service", JSON_SERVICES)
@pytest.mark.parametrize("fill", [b" ", b"a"])
def test_json_refuses_a_body_of_one_byte_too_many(house: Installation, service: str, fill: bytes) -> None:
    largest = b'{"ClientId":"' + fill * (MIB - 15) + b'"}'
    assert len(largest) == MIB
    assert ask(house, service, OPEN[service], largest, signed=False).status == 400
    answer = ask(house, service, OPEN[service], largest + b" ", signed=False)
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")


@pytest.mark.parametrize("service", [*JSON_SERVICES, "iam"])
def test_a_body_that_announces_far_too_much_is_not_read(house: Installation, service: str) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n"
    assert statuses(speak(base_of(house, service), head)) == [413]


def test_query_refuses_a_body_of_one_byte_too_many(house: Installation) -> None:
    body = form_of("iam", "GetUser", UserName="")
    assert ask(house, "iam", "GetUser", body + b"a" * (MIB - len(body))).status == 400
    answer = ask(house, "iam", "GetUser", body + b"a" * (MIB + 1 - len(body)))
    assert (answer.status, answer.code) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize("service", JSON_SERVICES)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b'{"ClientId":"\xff\xfe"}',
        b'{"ClientId":"\xc0\xaf"}',
        b'{"ClientId":"\xed\xa0\x80"}',
        rb'{"ClientId":"\ud800"}',
        rb'{"ClientId":"a\u0000b"}',
        b'{"ClientId":"a\x00b"}',
        rb'{"Unknown\u0000":1}',
        b'{"ClientId":"a","ClientId":"b"}',
        rb'{"ClientId":"a","Client\u0049d":"b"}',
        b'{"Nested":{"a":1,"a":2}}',
        b"\xef\xbb\xbf{}",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"1e999999999",
        b'{"a":1e999999999}{}',
        b"{} {}",
        b"{'a':1}",
        b'{"ClientId":NaN}',
        b"ClientId=a",
        b'{"ClientId":[]}',
        b'{"ClientId":{}}',
        b'{"ClientId":7}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_json_refuses_what_it_cannot_read(house: Installation, service: str, body: bytes) -> None:
    status, code, message = _json(house, service, body)
    if b"ClientId" in body and service == "cognito-identity" and code == "ValidationException":
        # GetId has no member of that name: what is well-formed is ignored, and the missing member is named.
        assert b"\\" not in body
        return
    assert (status, code) == (400, "SerializationException"), message


@pytest.mark.parametrize("service", QUERY_SERVICES)
@pytest.mark.parametrize(
    "tail",
    [
        b"&UserName=%ff%fe",
        b"&UserName=\xff",
        b"&UserName=a%00b",
        b"&UserName=a\x00b",
        b"&UserName=%zz",
        b"&UserName=%4",
        b"&UserName=a&UserName=b",
        b"&Tags.member.0.Key=a&Tags.member.0.Value=b",
        b"&Tags.member.-1.Key=a",
        b"&Tags.member.99999999999999999999.Key=a",
        b"&Tags.member.x.Key=a",
        b"&Tags=a",
        b"&Tags.member.1=a",
        b"&x=1" * 2001,
    ],
    ids=lambda tail: repr(tail[:40]),
)
def test_query_refuses_what_it_cannot_read(house: Installation, service: str, tail: bytes) -> None:
    operation = {"iam": "CreateUser", "sts": "AssumeRole"}[service]
    body = form_of(service, operation) + tail
    answer = ask(house, service, operation, body)
    assert answer.status == 400
    assert answer.code in {"MalformedInput", "ValidationError"}, answer.body


@pytest.mark.parametrize("tail", ["%zz", "%ff", "a%00b", "%ED%A0%80", "a&RoleArn=b"])
def test_a_query_string_is_read_as_strictly_as_a_form(house: Installation, tail: str) -> None:
    query = form_of("sts", "AssumeRoleWithWebIdentity", RoleArn="").decode() + tail
    answer = fetch(house.identitypool, "GET", f"/?{query}")
    assert (answer.status, answer.code) == (400, "MalformedInput")


@pytest.mark.parametrize("form", ["Action=GetCallerIdentity&Version=2011-06-15&Action=ListUsers", "Version=x&Action="])
def test_query_refuses_a_doubtful_action_in_the_query_string(house: Installation, form: str) -> None:
    answer = fetch(house.identitypool, "GET", f"/?{form}")
    assert answer.status in {400, 403}
    assert answer.code in {"InvalidAction", "MalformedInput", "MissingAuthenticationToken"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/robust/%ff%fe", b"", 403),  # the signature is over other bytes than arrive
        ("PUT", "/robust/" + "k" * 1025, b"", 400),
        ("PUT", "/UPPER_case", b"", 400),
        ("PUT", "/robust", b"<CreateBucketConfiguration><", 400),
        ("PUT", "/robust", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 400),
        ("PUT", "/robust", b"\xff\xfe", 400),
        ("PUT", "/robust", b"<a>" * 10_000, 400),
        ("POST", "/robust?delete", b"<Delete>", 400),
        ("GET", "/no-such-bucket-at-all?list-type=2", b"", 404),
        ("GET", "/robust?list-type=2&max-keys=x", b"", 400),
        ("GET", "/robust?list-type=2&continuation-token=x", b"", 400),
        ("PATCH", "/robust", b"", 405),
    ],
)
def test_the_store_refuses_what_it_cannot_read(
    house: Installation, bucket: None, method: str, path: str, body: bytes, status: int
) -> None:
    headers = signed_headers(house.store, "s3", {}, body, method=method, path=path)
    answer = fetch(house.store, method, path, headers, body)
    assert answer.status == status, answer.body
    assert answer.code


@pytest.mark.parametrize("path", ["/robust?acl", "/robust/key?torrent", "/?nonsense", "/robust?versioning&acl&policy"])
def test_the_store_names_what_it_does_not_implement(house: Installation, bucket: None, path: str) -> None:
    headers = signed_headers(house.store, "s3", {}, b"", method="POST", path=path)
    answer = fetch(house.store, "POST", path, headers)
    assert (answer.status, answer.code) in {(501, "NotImplemented"), (405, "MethodNotAllowed")}  # as at AWS


def test_the_store_refuses_more_than_it_takes(house: Installation) -> None:
    length = str(100 << 20)
    answer = fetch(house.store, "PUT", "/robust/large", {"Content-Length": length, "Expect": "100-continue"}, b"")
    assert answer.status == 400
    assert b"<Code>EntityTooLarge</Code>" in answer.body
