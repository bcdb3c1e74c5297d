import hashlib
import hmac
import posixpath
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import msgspec
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4QueryAuth
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.guard import sigv4
from shared.guard.refusals import (
    SIGNATURE_DOES_NOT_MATCH,
    IncompleteSignature,
    MissingAuthentication,
    PayloadHashMismatch,
    ScopeMismatch,
    SignatureExpired,
    SignatureMismatch,
    SignatureNotYetCurrent,
    UnknownAccessKey,
)
from shared.refusal import Refusal
from tests.shared.guard.signing import KEY_ID, S3, SECRET, Sent, sign, verify

PRESIGNED = sigv4.Rules(presigned=True)
MINUTE = timedelta(minutes=1)
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")

# The shapes of AWS's own signing test suite: headers repeated, folded, untrimmed, in any case and order; paths with
# dots, slashes, blanks and non-ASCII text; queries unordered, repeated, empty, encoded.
SHAPES = {
    "vanilla": sign("GET"),
    "post": sign("POST"),
    "header repeated": sign("GET", headers=[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "v1")]),
    "header order kept": sign("GET", headers=[("My-Header1", "value4"), ("My-Header1", "value1")]),
    "header untrimmed": sign("GET", headers=[("My-Header1", "  value1"), ("My-Header2", ' "a   b   c"  ')]),
    "header folded": sign("GET", headers=[("My-Header1", "value1\n  value2\n     value3")]),
    "header key case": sign("POST", headers=[("MY-header1", "value1"), ("my-HEADER0", "VALUE0")]),
    "header tabs": sign("GET", headers=[("My-Header1", "\ta\t \tb\t")]),
    "header empty": sign("GET", headers=[("My-Header1", "")]),
    "header not ASCII": sign("GET", headers=[("My-Header1", "größe ሴ")]),
    "unreserved path": sign("GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    "path not ASCII": sign("GET", "/ሴ"),
    "path encoded": sign("GET", "/a%20b%2Fc/%E1%88%B4"),
    "path blank": sign("GET", "/example space/"),
    "path special": sign("GET", "/example/$delete&(x)!'*@:,;=+"),
    "path slash": sign("GET", "//"),
    "path slashes": sign("GET", "//example//"),
    "path dot": sign("GET", "/./example"),
    "path dots": sign("GET", "/example/.."),
    "path more dots": sign("GET", "/example1/example2/../.."),
    "path too many dots": sign("GET", "/../../a"),
    "path last dot": sign("GET", "/example/./"),
    "query": sign("GET", "/?Param1=value1"),
    "query order of keys": sign("GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1"),
    "query order of case": sign("GET", "/?Param2=value2&Param1=value1&param1=x"),
    "query order of values": sign("GET", "/?Param1=value2&Param1=Value1&Param1=value10"),
    "query empty key": sign("GET", "/?=value1"),
    "query empty value": sign("POST", "/?Param1=&Param2"),
    "query plus": sign("GET", "/?Param1=a+b&c=%2B%20"),
    "query raw": sign("GET", "/?a=~/:@!$'()*,;&&b=c=d"),
    "form": sign("POST", headers=[FORM], body=b"Action=GetCallerIdentity&Version=2011-06-15"),
    "form and query": sign("POST", "/?foo=bar", headers=[FORM], body=b"Param1=value1"),
    "json": sign("POST", headers=[("X-Amz-Target", "Service.Op"), ("Content-Length", "2")], body=b"{}"),
    "token": sign("POST", token="AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqw=="),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_verify_accepts_what_botocore_signs(shape: str) -> None:
    assert verify(SHAPES[shape]) == KEY_ID


def _spoilt(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        yield text[:at] + ("x" if letter != "x" else "y") + text[at + 1 :]


def _variants(sent: Sent) -> Iterator[Sent]:
    """The request with one character changed in each place that the signature covers."""
    yield from (replace(sent, method=method) for method in (*_spoilt(sent.method), sent.method.lower()))
    resolved = posixpath.normpath(sent.path)
    yield from (replace(sent, path=path) for path in _spoilt(sent.path) if posixpath.normpath(path) != resolved)
    yield from (replace(sent, query=query) for query in _spoilt(sent.query))
    yield from (replace(sent, body=body.encode()) for body in _spoilt(sent.body.decode()))
    yield replace(sent, body=sent.body + b"\n")
    signed = sent.header("authorization").partition("SignedHeaders=")[2].partition(",")[0].split(";")
    for at, (name, value) in enumerate(sent.headers):
        if name.lower() in signed:
            before, after = sent.headers[:at], sent.headers[at + 1 :]
            yield replace(sent, headers=before + after)
            for other in _spoilt(name):
                if other.lower() != name.lower():
                    yield replace(sent, headers=(*before, (other, value), *after))
            for other in _spoilt(value):
                if other.split() != value.split():
                    yield replace(sent, headers=(*before, (name, other), *after))
    for other in _spoilt(sent.header("authorization")):
        yield sent.with_header("authorization", other)


@pytest.mark.parametrize("shape", SHAPES)
def test_verify_refuses_a_change_of_any_covered_byte(shape: str) -> None:
    for spoilt in _variants(SHAPES[shape]):
        with pytest.raises(Refusal):
            verify(spoilt)


def test_verify_accepts_the_published_examples() -> None:
    # IAM User Guide (ListUsers) and S3 API Reference (GET Object with a range; presigned GET): public example keys
    list_users = sigv4.verify(
        "GET",
        "/",
        "Action=ListUsers&Version=2010-05-08",
        [
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("Host", "iam.amazonaws.com"),
            ("X-Amz-Date", "20150830T123600Z"),
            (
                "Authorization",
                (
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;"
                    "host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
                ),
            ),
        ],
        b"",
        lambda _: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    )
    presigned = sigv4.verify(
        "GET",
        "/test.txt",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        [("Host", "examplebucket.s3.amazonaws.com")],
        b"",
        lambda _: SECRET,
        datetime(2013, 5, 24, 23, 59, tzinfo=UTC),
        rules=S3,
    )
    ranged = sigv4.verify(
        "GET",
        "/test.txt",
        "",
        [
            ("Host", "examplebucket.s3.amazonaws.com"),
            ("Range", "bytes=0-9"),
            ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("x-amz-date", "20130524T000000Z"),
            (
                "Authorization",
                (
                    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;"
                    "range;x-amz-content-sha256;x-amz-date,"
                    "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
                ),
            ),
        ],
        b"",
        lambda _: SECRET,
        datetime(2013, 5, 24, 0, 14, tzinfo=UTC),
        rules=S3,
    )
    assert [list_users, presigned, ranged] == ["AKIDEXAMPLE", KEY_ID, KEY_ID]


_PATHS = st.text(st.characters(exclude_characters="?#\r\n\t", exclude_categories=["Cs", "Cc"]), max_size=20)
_QUERIES = st.text(st.sampled_from("ab=&%+2F~ /:é\x7fZ"), max_size=20)
_VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x2FF, exclude_characters="\x7f\x85\xa0"), max_size=20
)


@given(_PATHS, _QUERIES, _VALUES, st.binary(max_size=50))
@settings(max_examples=150)
def test_verify_agrees_with_botocore_on_hostile_requests(path: str, query: str, value: str, body: bytes) -> None:
    sent = sign("PUT", f"/{path.strip()}?{query.strip()}", [("X-Header", value)], body)
    assert verify(sent) == KEY_ID
    to_s3 = sign(
        "PUT", f"/{path.strip()}?{query.strip()}", [("X-Header", value)], body, signer=S3SigV4Auth, service="s3"
    )
    assert verify(to_s3, S3) == KEY_ID
    with pytest.raises(PayloadHashMismatch):
        verify(replace(to_s3, body=body + b"."), S3)


@given(st.dictionaries(st.text("abé/ +&=", min_size=1, max_size=5), st.text("abé/ +&=%", max_size=5), max_size=4))
@settings(max_examples=50)
def test_verify_agrees_with_botocore_on_presigned_requests(parameters: dict[str, str]) -> None:
    target = f"/?{urlencode(parameters)}"
    assert verify(sign("GET", target, signer=SigV4QueryAuth, expires=60, token="t/+="), PRESIGNED) == KEY_ID
    assert verify(sign("GET", target, signer=S3SigV4QueryAuth, service="s3"), S3) == KEY_ID


def test_verify_takes_an_s3_path_that_was_sent_bare_and_signed_encoded() -> None:
    sent = sign("GET", "/bucket/a%28b%29%C3%A9", signer=S3SigV4Auth, service="s3")
    assert verify(replace(sent, path="/bucket/a(b)é"), S3) == KEY_ID
    with pytest.raises(SignatureMismatch):
        verify(replace(sent, path="/bucket/./a(b)é"), S3)


def test_verify_does_not_normalise_s3_paths() -> None:
    sent = sign("GET", "/bucket//a/../b", signer=S3SigV4Auth, service="s3")
    assert verify(sent, S3) == KEY_ID
    with pytest.raises(SignatureMismatch):
        verify(replace(sent, path="/bucket/b"), S3)


def test_verify_refuses_a_wrong_secret_in_awss_words() -> None:
    sent = sign()
    with pytest.raises(SignatureMismatch) as refused:
        sigv4.verify(sent.method, sent.path, sent.query, sent.headers, sent.body, lambda _: "another", sent.at)
    assert refused.value.message == SIGNATURE_DOES_NOT_MATCH


def test_verify_refuses_an_unknown_key() -> None:
    with pytest.raises(UnknownAccessKey):
        verify(sign(key_id="AKIAUNKNOWN"))


def test_verify_refuses_a_request_without_any_signature() -> None:
    with pytest.raises(MissingAuthentication):
        verify(sign().without("authorization"))


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [
        (-5.1, SignatureNotYetCurrent),
        (-5, None),
        (5, None),
        (5.1, SignatureExpired),
        (60 * 24 * 365, SignatureExpired),
    ],
)
def test_verify_accepts_a_clock_that_is_five_minutes_off(minutes: float, refusal: type[Refusal] | None) -> None:
    sent = sign()
    if refusal is None:
        assert verify(sent, later=minutes * MINUTE) == KEY_ID
    else:
        with pytest.raises(refusal):
            verify(sent, later=minutes * MINUTE)


def test_the_window_is_fifteen_minutes_for_s3() -> None:
    sent = sign(signer=S3SigV4Auth, service="s3")
    assert verify(sent, S3, later=15 * MINUTE) == KEY_ID
    with pytest.raises(SignatureExpired, match=r" - 15 min\.\)$"):
        verify(sent, S3, later=16 * MINUTE)


def test_an_expired_signature_is_refused_in_awss_form() -> None:
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    signed = sigv4.parse("POST", "/", "", sign().headers)
    signed = msgspec.structs.replace(signed, amz_date="20150830T123600Z", date="20150830", requested_at=at)
    with pytest.raises(SignatureExpired) as late:
        sigv4.check(signed, b"", b"", datetime(2015, 8, 30, 12, 42, tzinfo=UTC))
    assert late.value.message == (
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)"
    )
    with pytest.raises(SignatureNotYetCurrent) as early:
        sigv4.check(signed, b"", b"", datetime(2015, 8, 30, 12, 30, tzinfo=UTC))
    assert early.value.message == (
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)"
    )


def test_verify_refuses_another_region_and_another_service_in_awss_words() -> None:
    rules = sigv4.Rules(regions=frozenset({"us-east-1"}), services=frozenset({"sts"}))
    assert verify(sign(), rules) == KEY_ID
    with pytest.raises(ScopeMismatch) as refused:
        verify(sign(region="ap-southeast-2"), rules)
    assert refused.value.message == "Credential should be scoped to a valid region, not 'ap-southeast-2'. "
    with pytest.raises(ScopeMismatch) as refused:
        verify(sign(service="iam"), rules)
    assert refused.value.message == "Credential should be scoped to correct service: 'sts'. "


def test_verify_refuses_a_scope_of_another_day() -> None:
    sent = sign()
    day = sent.at.strftime("%Y%m%d")
    other = sent.with_header("authorization", sent.header("authorization").replace(f"/{day}/", "/20150830/"))
    with pytest.raises(ScopeMismatch, match=f"'20150830' != '{day}'"):
        verify(other)


def test_the_date_header_counts_where_there_is_no_amz_date() -> None:
    sent = sign().without("authorization", "x-amz-date")
    dated = sent.plus(("Date", sent.at.strftime("%a, %d %b %Y %H:%M:%S GMT")))
    by_hand = _signed_by_hand(dated, "date;host")
    assert verify(by_hand) == KEY_ID
    with pytest.raises(SignatureExpired):
        verify(by_hand, later=6 * MINUTE)
    basic = _signed_by_hand(sent.plus(("Date", sent.at.strftime("%Y%m%dT%H%M%SZ"))), "date;host")
    assert verify(basic) == KEY_ID


def test_amz_date_wins_over_the_date_header() -> None:
    sent = sign().plus(("Date", "Mon, 01 Jan 2001 00:00:00 GMT"))
    assert verify(sent) == KEY_ID


def _signed_by_hand(sent: Sent, signed_headers: str, *, key_id: str = KEY_ID, signature: str | None = None) -> Sent:
    """Signed with the verifier's own pieces, for what botocore would not sign."""
    scope = f"{sent.at:%Y%m%d}/us-east-1/sts/aws4_request"
    text = f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={signed_headers}, Signature="
    signed = sigv4.parse(sent.method, sent.path, sent.query, [*sent.headers, ("Authorization", f"{text}0")])
    key = sigv4.derive_key(SECRET, signed.date, signed.region, signed.service)
    request = f"{sent.method}\n/\n\n{signed.canonical_headers}\n{signed_headers}\n{EMPTY}"
    made = hmac.digest(key, sigv4.string_to_sign(signed, request.encode()), "sha256").hex()
    return sent.plus(("Authorization", f"{text}{signature or made}"))


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_host_must_be_signed_and_given_once() -> None:
    sent = sign().without("authorization")
    with pytest.raises(SignatureMismatch, match="'Host' or ':authority' must be a 'SignedHeader'"):
        _signed_by_hand(sent, "x-amz-date")
    with pytest.raises(IncompleteSignature, match="'host' may be given only once"):
        verify(sign().plus(("host", "elsewhere")))
    with pytest.raises(SignatureMismatch):
        verify(sign().with_header("host", "127.0.0.1:8403"))


@pytest.mark.parametrize("header", ["X-Amz-Security-Token", "X-Amz-Target", "X-Amz-Content-Sha256", "X-Amz-Meta-Any"])
def test_amz_headers_must_be_signed(header: str) -> None:
    with pytest.raises(SignatureMismatch, match="which were not signed"):
        verify(sign().plus((header, "x")))


def test_a_temporary_key_is_nothing_without_its_token() -> None:
    key_id = "ASIAIOSFODNN7EXAMPLE"
    assert verify(sign(key_id=key_id, token="t")) == key_id
    with pytest.raises(UnknownAccessKey):
        verify(sign(key_id=key_id))
    with pytest.raises(UnknownAccessKey):
        verify(sign(key_id=key_id, signer=SigV4QueryAuth), PRESIGNED)


def test_the_payload_hash_is_computed_and_not_believed() -> None:
    true = hashlib.sha256(b"body").hexdigest()
    assert verify(sign(headers=[("X-Amz-Content-SHA256", true)], body=b"body")) == KEY_ID
    for claim in (hashlib.sha256(b"other").hexdigest(), "UNSIGNED-PAYLOAD", true.upper(), "", "é"):
        with pytest.raises(PayloadHashMismatch):
            verify(sign(headers=[("X-Amz-Content-SHA256", claim)], body=b"body"))


def test_s3_takes_an_unsigned_payload() -> None:
    sent = sign("PUT", "/b/k", [("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")], b"body", service="s3")
    assert verify(replace(sent, body=b"other"), S3) == KEY_ID


def test_every_byte_of_a_presigned_request_counts() -> None:
    sent = sign("GET", "/b/k?x=1", signer=S3SigV4QueryAuth, service="s3")
    for query in _spoilt(sent.query):
        with pytest.raises(Refusal):
            verify(replace(sent, query=query), S3)


def test_check_takes_a_derived_key_in_place_of_the_secret() -> None:
    sent = sign("POST", headers=[FORM], body=b"Action=GetCallerIdentity")
    signed = sigv4.parse(sent.method, sent.path, sent.query, sent.headers)
    key = sigv4.derive_key(SECRET, signed.date, signed.region, signed.service)
    sigv4.check(signed, key, sent.body, sent.at)
    with pytest.raises(SignatureMismatch):
        sigv4.check(signed, sigv4.derive_key(SECRET, signed.date, "eu-west-1", signed.service), sent.body, sent.at)
