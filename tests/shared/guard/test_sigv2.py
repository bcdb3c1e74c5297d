from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import system_clock
from shared.guard import sigv2
from shared.guard.refusals import IncompleteSignature, SignatureExpired, SignatureMismatch, UnknownAccessKey
from shared.guard.sigv2 import Claims

KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = system_clock()
MINUTE = timedelta(minutes=1)


def signed(
    url: str, method: str = "GET", headers: dict[str, str] | None = None, token: str | None = None
) -> tuple[str, dict[str, str]]:
    """Path and decoded query of the URL that botocore makes, good for an hour."""
    request = AWSRequest(method, f"http://store.test{url}", headers=headers or {})
    HmacV1QueryAuth(Credentials("ASIAIOSFODNN7EXAMPLE" if token else KEY_ID, SECRET, token), 3600).add_auth(request)
    parts = urlsplit(request.url)
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


def claims_of(path: str, query: dict[str, str], method: str = "GET", **headers: str) -> Claims:
    return sigv2.parse(method, path, query, {name.replace("_", "-"): value for name, value in headers.items()}, NOW)


def verify(path: str, query: dict[str, str], method: str = "GET", **headers: str) -> None:
    claims = claims_of(path, query, method, **headers)
    sigv2.check(claims.text, claims.signature, SECRET)


def test_the_published_example_holds() -> None:
    """Amazon S3: Signing and authenticating REST requests, Query string request authentication alternative."""
    query = {"AWSAccessKeyId": KEY_ID, "Expires": "1175139620", "Signature": "NpgCjnDzrM+WFzoENXmpNDUsSn8="}
    at = datetime(2007, 3, 28, tzinfo=UTC)
    claims = sigv2.parse("GET", "/johnsmith/photos/puppy.jpg", query, {}, at)
    sigv2.check(claims.text, claims.signature, SECRET)


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "/b/k", {}),
        ("HEAD", "/b/a%20b%2Bc//d/..", {}),
        ("GET", "/b/k?response-content-type=text%2Fx%20y&response-content-disposition=a%3B%20b", {}),
        ("PUT", "/b/k", {"content-type": "text/x", "x-amz-meta-b": "2 3", "x-amz-meta-a": "1"}),
        ("PUT", "/b/k?uploadId=abc&partNumber=3", {"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}),
        ("DELETE", "/b/k", {}),
    ],
)
def test_what_botocore_signs_holds_and_for_this_request_only(method: str, url: str, headers: dict[str, str]) -> None:
    path, query = signed(url, method, headers)
    verify(path, query, method)
    for other in sigv2.METHODS - {method}:
        with pytest.raises(SignatureMismatch):
            verify(path, query, other)
    with pytest.raises(SignatureMismatch):
        verify(f"{path}x", query, method)
    with pytest.raises(SignatureMismatch):
        verify(path, query | {"Expires": str(int(query["Expires"]) + 1)}, method)
    with pytest.raises(SignatureMismatch):
        verify(path, query, method, x_amz_acl="public-read")
    with pytest.raises(SignatureMismatch):
        verify(path, query | {"response-expires": "never"}, method)
    with pytest.raises(SignatureMismatch):
        verify(path, query | {"x-amz-copy-source": "/b/other"}, method)


def test_a_temporary_key_brings_its_token_and_signs_it() -> None:
    path, query = signed("/b/k", token="the token")
    verify(path, query)
    assert claims_of(path, query).security_token == "the token"
    with pytest.raises(SignatureMismatch):
        verify(path, query | {"x-amz-security-token": "another"})
    del query["x-amz-security-token"]
    with pytest.raises(UnknownAccessKey):
        verify(path, query)


def test_a_url_ends_and_lives_a_week_at_most() -> None:
    path, query = signed("/b/k")
    end = int(query["Expires"])
    with pytest.raises(SignatureExpired):
        sigv2.parse("GET", path, query, {}, claims_of(path, query).expires_at)
    for wrong in ("", "-1", "x", "1e9", "٣", "99999999999", str(end + 604_801)):
        with pytest.raises(IncompleteSignature, match="Expires"):
            verify(path, query | {"Expires": wrong})
    assert sigv2.parse("GET", path, query, {}, NOW + 59 * MINUTE).access_key_id == KEY_ID


@pytest.mark.parametrize("name", ["prefix", "list-type", "max-keys", "tagging", "X-Amz-Date"])
def test_a_parameter_that_is_not_signed_is_refused(name: str) -> None:
    path, query = signed("/b/k")
    with pytest.raises(IncompleteSignature):
        verify(path, query | {name: "1"})


@pytest.mark.parametrize("name", ["AWSAccessKeyId", "Signature", "Expires"])
def test_a_url_without_one_of_its_marks_is_refused(name: str) -> None:
    path, query = signed("/b/k")
    del query[name]
    with pytest.raises(IncompleteSignature, match=name):
        verify(path, query)


def test_what_one_text_says_cannot_be_said_by_another_request() -> None:
    path, query = signed("/b/k?response-content-type=a&response-expires=b")
    verify(path, query)
    del query["response-expires"]
    with pytest.raises(IncompleteSignature, match="two ways"):
        verify(path, query | {"response-content-type": "a&response-expires=b"})
    path, query = signed("/b/k", "PUT", {"x-amz-meta-a": "1", "x-amz-meta-b": "2"})
    del query["x-amz-meta-b"]
    with pytest.raises(IncompleteSignature, match="two ways"):
        verify(path, query | {"x-amz-meta-a": "1\nx-amz-meta-b:2"}, "PUT")


def test_other_methods_and_a_second_signature_are_refused() -> None:
    path, query = signed("/b/k", "POST")
    with pytest.raises(IncompleteSignature, match="DELETE, GET, HEAD, PUT"):
        verify(path, query, "POST")
    path, query = signed("/b/k")
    with pytest.raises(IncompleteSignature, match="Only one auth"):
        verify(path, query, authorization="AWS4-HMAC-SHA256 x")


@given(st.dictionaries(st.sampled_from(["AWSAccessKeyId", "Signature", "Expires", "x-amz-a", "uploadId"]), st.text()))
def test_any_query_is_refused_in_words(query: dict[str, str]) -> None:
    with pytest.raises((IncompleteSignature, SignatureExpired, SignatureMismatch, UnknownAccessKey)):
        verify("/b/k", query)
