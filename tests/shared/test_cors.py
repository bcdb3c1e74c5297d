import pytest

from shared.cors import preflight
from shared.web import HttpRequest


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("authorization,x-amz-date", "authorization,x-amz-date"),
        ("content-type, x-new!", "content-type, x-new!"),
        (None, "authorization"),
        ("", "authorization"),
        ("x-a\r\nset-cookie: a=b", "authorization"),
        ("x-ä", "authorization"),
        ("x-a: b", "authorization"),
    ],
)
def test_the_headers_asked_for_are_named_if_they_are_names(asked: str | None, allowed: str) -> None:
    headers = () if asked is None else (("access-control-request-headers", asked),)
    answer = dict(preflight(HttpRequest("OPTIONS", "/", "", headers, b"", "127.0.0.1"), "GET", seconds=60).headers)
    assert answer["access-control-allow-headers"] == allowed
    assert answer["access-control-allow-origin"] == "*"
    assert (answer["access-control-allow-methods"], answer["access-control-max-age"]) == ("GET", "60")
