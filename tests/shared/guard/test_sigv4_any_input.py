from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.guard import sigv4
from shared.refusal import Refusal
from tests.shared.guard.signing import S3, SECRET

PRESIGNED = sigv4.Rules(presigned=True)

_ANY = st.text(max_size=40)
_PIECES = st.sampled_from(
    [
        *("AWS4-HMAC-SHA256 ", "Credential=", "A/20150830/us-east-1/sts/aws4_request", ", ", "SignedHeaders="),
        *("host", ";", "x-amz-date", "Signature=", "0", "=", "/", " ", "\x00", "é", "\ud800"),
    ]
)
_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["Authorization", "host", "Date", "X-Amz-Date", "x-amz-security-token", "\u212a"]) | _ANY,
        st.lists(_PIECES, max_size=12).map("".join) | st.just("20150830T123600Z") | st.text(max_size=20),
    ),
    max_size=6,
)
_ANY_PARAMETER = st.sampled_from(
    [
        *("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=A/20150830/us-east-1/sts/aws4_request"),
        *("X-Amz-Expires=9", "X-Amz-Date=20150830T123600Z", "X-Amz-SignedHeaders=host", "X-Amz-Signature=00"),
        *("X-Amz-Signature=%C3%A9", "\ud800=\udc80", "%", "%ff"),
    ]
)
_ANY_QUERY = st.lists(_ANY_PARAMETER | _ANY, max_size=9).map("&".join)


@given(
    st.tuples(_ANY, _ANY.map("/".__add__) | _ANY, _ANY_QUERY),
    _HEADERS,
    st.binary(max_size=9),
    st.sampled_from([S3, PRESIGNED]),
)
@settings(max_examples=600)
def test_no_input_raises_anything_but_a_refusal(
    line: tuple[str, str, str], headers: list[tuple[str, str]], body: bytes, rules: sigv4.Rules
) -> None:
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    with pytest.raises(Refusal) as refused:
        sigv4.verify(*line, headers, body, lambda _: SECRET, now, rules=replace(rules, services=None))
    refused.value.message.encode()  # and its sentence can be sent
