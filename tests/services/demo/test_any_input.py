"""No signed request, whatever is in it, is our own fault: every answer is S3's, and none is a 500."""

import string
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from services.demo.front import Front, compose
from services.demo.operations import OPERATIONS
from shared.audit.reporter import Reporter
from shared.clock import system_clock
from shared.settings import Settings
from shared.web import HttpRequest, HttpResponse
from tests.services.demo.served import REGION, SECRET, TableGrants

KEYS = Credentials("AKIAADMIN00000000000", SECRET)
SIGNERS = (S3SigV4Auth(KEYS, "s3", REGION), S3SigV4QueryAuth(KEYS, "s3", REGION), HmacV1QueryAuth(KEYS))
ODD = st.sampled_from(
    [
        *(
            "",
            "0",
            "-1",
            "1",
            "9" * 30,
            "2147483648",
            "x",
            "\u0663",
            "%",
            "*",
            '"x"',
            "/",
            "demo/k",
            "/demo/k?versionId=1",
        ),
        *("bytes=0-", "bytes=-0", "bytes=5-2", "bytes=a-b", "bytes=0-1,3-4", f"bytes={'9' * 18}-", "bytes=0-4"),
        *("Mon, 99 Foo 2026 99:99:99 GMT", "Fri, 31 Dec 9999 23:59:59 -9999", "Thu, 01 Jan 1970 00:00:00 GMT"),
        *("AAAAAA==", "not base64!", "crc32", "COMPOSITE", "REPLACE", "url", "a" * 3000, "\x7f", "\n", "STANDARD"),
        *("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "UNSIGNED-PAYLOAD"),
    ]
)
NAMES = st.sampled_from(
    [
        *("range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "content-md5"),
        *(
            "content-encoding",
            "x-amz-checksum-crc32",
            "x-amz-checksum-algorithm",
            "x-amz-checksum-type",
            "x-amz-trailer",
        ),
        *(
            "x-amz-copy-source",
            "x-amz-copy-source-range",
            "x-amz-copy-source-if-modified-since",
            "x-amz-content-sha256",
        ),
        *("x-amz-decoded-content-length", "x-amz-mp-object-size", "x-amz-meta-a", "x-amz-metadata-directive"),
    ]
)
PART = b"<Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
BODIES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"<Delete><Object><Key>k2</Key></Object></Delete>",
            b"<Delete>" * 50_000,
            b'<!DOCTYPE a [<!ENTITY b "cc">]><Delete><Object><Key>&b;</Key></Object></Delete>',
            b'<?xml version="1.0" encoding="utf-16"?><Delete/>',
            b"<CompleteMultipartUpload>" + PART + b"</CompleteMultipartUpload>",
            b"<CompleteMultipartUpload>" + b"<Part/>" * 10_001 + b"</CompleteMultipartUpload>",
            b"<CreateBucketConfiguration><LocationConstraint>\xf0\x9f</LocationConstraint></CreateBucketConfiguration>",
            b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
            b"fffffffffffff\r\n",
            b"5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n",
        ]
    ),
)
PATHS = {"service": st.just("/"), "bucket": st.sampled_from(["/demo", "/demo/", "/new", "/Not-A-Name", "/%FF"])}
OBJECTS = st.one_of(st.just("k"), st.text(string.printable, max_size=9), st.text(max_size=4), st.just("k" * 1025))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Front:
    made: Path = tmp_path_factory.mktemp("any")
    front = compose(Settings(data=made), TableGrants(), system_clock, Reporter(lambda _seen: None))
    for path, body in (("/demo", b""), ("/demo/k", b"0123456789")):
        assert sent(front, "PUT", path, {}, body, 0).status == 200
    return front


def sent(front: Front, method: str, target: str, headers: dict[str, str], body: bytes, signer: int) -> HttpResponse:
    covered = body if signer == 0 else b""  # signatures in the query do not cover the body
    request = AWSRequest(method, f"http://store.test{target}", data=covered, headers=headers)
    SIGNERS[signer].add_auth(request)
    parts = urlsplit(request.url)
    named = {name.lower(): str(value) for name, value in request.headers.items()} | {"host": "store.test"}
    return front.answer(HttpRequest(method, parts.path, parts.query, tuple(named.items()), body, "127.0.0.1"))


@given(st.data())
@settings(max_examples=400)
def test_any_signed_request_is_answered_in_s3s_words(store: Front, data: Any) -> None:
    (method, level, mark), operation = data.draw(st.sampled_from(list(OPERATIONS.items())))
    path = data.draw(PATHS[level]) if level in PATHS else f"/demo/{quote(data.draw(OBJECTS))}"
    wanted = {name for name in mark.split() if name != "copy"}
    names = wanted | data.draw(st.sets(st.sampled_from(sorted(operation.parameters) or ["x-id"]), max_size=3))
    query = "&".join(f"{name}={quote(data.draw(ODD))}" for name in sorted(names))
    headers = data.draw(
        st.dictionaries(NAMES, ODD.filter(lambda value: value.isascii() and value.isprintable()), max_size=2)
    )
    if "copy" in mark:
        headers.setdefault("x-amz-copy-source", "demo/k")
    body = data.draw(BODIES) if method in {"PUT", "POST"} else b""
    answer = sent(store, method, f"{path}?{query}" if query else path, headers, body, data.draw(st.integers(0, 2)))
    assert answer.status < 500 or answer.status == 501, (method, path, query, headers, body[:80])
    if answer.status >= 400 and method != "HEAD":
        assert answer.body.startswith(b"<?xml")
