"""AWS's own test suite of the signature: each case verifies, and fails when any byte that it covers is changed."""

import json
import posixpath
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from shared.guard.refusals import SignatureMismatch, UnknownAccessKey
from shared.guard.sigv4 import verify
from shared.refusal import Refusal

SUITE: dict[str, Any] = json.loads(Path(__file__).with_name("aws4_vectors.json").read_text("utf-8"))
CASES = {case["name"]: case for case in SUITE["cases"]}
NOW = datetime.fromisoformat(SUITE["at"])
Request = tuple[str, str, str, list[tuple[str, str]], bytes]


def secret_for(access_key_id: str) -> str:
    if access_key_id != SUITE["access_key_id"]:
        raise UnknownAccessKey
    secret: str = SUITE["secret"]
    return secret


def request_of(case: dict[str, Any]) -> Request:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={SUITE['access_key_id']}/{SUITE['scope']}, "
        f"SignedHeaders={case['signed_headers']}, Signature={case['signature']}"
    )
    headers = [(name, value) for name, value in case["headers"]]
    return (
        case["method"],
        case["path"],
        case["query"],
        [*headers, ("Authorization", authorization)],
        case["body"].encode(),
    )


def test_the_suite_is_whole() -> None:
    assert len(CASES) == 34


@pytest.mark.parametrize("name", CASES)
def test_each_case_verifies(name: str) -> None:
    method, path, query, headers, body = request_of(CASES[name])
    assert verify(method, path, query, headers, body, secret_for, NOW) == SUITE["access_key_id"]
    in_bytes = [(header.encode(), value.encode()) for header, value in headers]
    assert verify(method, path.encode(), query.encode() or None, in_bytes, body.decode() or None, secret_for, NOW)


def spoilt(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        for other in {"x", "y", letter.swapcase(), chr(ord(letter) ^ 1)} - {letter}:
            yield text[:at] + other + text[at + 1 :]
        yield text[:at] + text[at + 1 :]


def means_the_same(old: str, new: str) -> bool:
    """Blanks at the ends and in runs, an empty parameter, and the case of %E1 are not covered."""
    return old.split() == new.split() or (unquote(old) == unquote(new) and old.lower() == new.lower())


def changed(request: Request) -> Iterator[Request]:
    method, path, query, headers, body = request
    resolved = posixpath.normpath(path or "/")
    yield from ((other, path, query, headers, body) for other in spoilt(method))
    for other in spoilt(path):
        if posixpath.normpath(other or "/").replace("//", "/") != resolved.replace("//", "/"):
            yield method, other, query, headers, body
    yield from ((method, path, other, headers, body) for other in spoilt(query) if not means_the_same(query, other))
    yield from ((method, path, query, headers, other.encode()) for other in spoilt(body.decode()))
    yield method, path, query, headers, body + b"\0"
    for at, (name, value) in enumerate(headers):
        before, after = headers[:at], headers[at + 1 :]
        yield method, path, query, before + after, body
        for other in spoilt(name):
            if other.lower() != name.lower():
                yield method, path, query, [*before, (other, value), *after], body
        for other in spoilt(value):
            if not means_the_same(value.replace(",", " "), other.replace(",", " ")):
                yield method, path, query, [*before, (name, other), *after], body


@pytest.mark.parametrize("name", CASES)
def test_each_case_fails_with_any_byte_changed(name: str) -> None:
    for method, path, query, headers, body in changed(request_of(CASES[name])):
        with pytest.raises(Refusal):
            verify(method, path, query, headers, body, secret_for, NOW)


def test_a_case_is_good_for_five_minutes_either_way() -> None:
    request = request_of(CASES["get-vanilla"])
    for seconds in (-301, -300, 300, 301):
        if abs(seconds) == 300:
            assert verify(*request, secret_for, NOW + timedelta(seconds=seconds))
        else:
            with pytest.raises(Refusal):
                verify(*request, secret_for, NOW + timedelta(seconds=seconds))


def test_a_key_without_a_secret_is_no_key() -> None:
    method, path, query, headers, body = request_of(CASES["get-vanilla"])
    with pytest.raises(UnknownAccessKey):
        verify(method, path, query, headers, body, lambda _: "", NOW)
    with pytest.raises(SignatureMismatch):
        verify(method, path, query, headers, body, lambda _: "another", NOW)
