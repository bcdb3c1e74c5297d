from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.auth import SigV4QueryAuth

from shared.guard import sigv4
from shared.guard.refusals import (
    IncompleteSignature,
    PresignedNotAccepted,
    SignatureExpired,
    SignatureMismatch,
    SignatureNotYetCurrent,
)
from tests.shared.guard.signing import KEY_ID, secret_for, sign, verify

PRESIGNED = sigv4.Rules(presigned=True)
MINUTE = timedelta(minutes=1)


def test_a_presigned_request_is_verified_as_one_with_a_header_is() -> None:
    sent = sign("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", signer=SigV4QueryAuth, expires=60)
    assert sigv4.verify(sent.method, sent.path, sent.query, sent.headers, b"", secret_for, sent.at) == KEY_ID


def test_a_service_takes_presigned_requests_only_if_its_rules_say_so() -> None:
    with pytest.raises(PresignedNotAccepted):
        verify(sign("GET", signer=SigV4QueryAuth), sigv4.Rules())


def test_a_presigned_request_expires() -> None:
    sent = sign("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", signer=SigV4QueryAuth, expires=60)
    assert verify(sent, PRESIGNED, later=MINUTE) == KEY_ID
    with pytest.raises(SignatureExpired, match=r" - 1 min\.\)$"):
        verify(sent, PRESIGNED, later=1.1 * MINUTE)
    with pytest.raises(SignatureNotYetCurrent):
        verify(sent, PRESIGNED, later=-6 * MINUTE)
    with pytest.raises(SignatureMismatch):
        verify(replace(sent, query=sent.query.replace("X-Amz-Expires=60", "X-Amz-Expires=61")), PRESIGNED)


@pytest.mark.parametrize("expires", [0, -1, 604_801, "x", "", "1e3", 10**9])
def test_a_presigned_request_lives_a_second_to_a_week(expires: object) -> None:
    with pytest.raises(IncompleteSignature, match="X-Amz-Expires"):
        verify(sign("GET", signer=SigV4QueryAuth, expires=expires), PRESIGNED)


def test_a_presigned_request_lives_at_most_a_week() -> None:
    sent = sign("GET", signer=SigV4QueryAuth, expires=604_800)
    assert verify(sent, PRESIGNED, later=timedelta(days=7)) == KEY_ID


@pytest.mark.parametrize("expires", [1, 60, 604_800])
def test_a_service_may_say_itself_how_long_a_presigned_request_holds(expires: int) -> None:
    sent, rules = (
        sign("GET", signer=SigV4QueryAuth, expires=expires),
        replace(PRESIGNED, presigned_for=15 * MINUTE),
    )
    assert verify(sent, rules, later=15 * MINUTE) == KEY_ID
    with pytest.raises(SignatureExpired, match=r" - 15 min\.\)$"):
        verify(sent, rules, later=15.1 * MINUTE)


def test_two_ways_to_sign_at_once_are_refused() -> None:
    query = sign("GET", signer=SigV4QueryAuth).query
    with pytest.raises(IncompleteSignature, match="Only one auth mechanism allowed"):
        verify(replace(sign("GET"), query=query), PRESIGNED)


def test_a_presigned_parameter_given_twice_is_refused() -> None:
    sent = sign("GET", signer=SigV4QueryAuth)
    for extra in ("X-Amz-Signature=0", "X%2DAmz-Signature=0", "X-Amz-Expires=9"):
        with pytest.raises(IncompleteSignature, match="only once"):
            verify(replace(sent, query=f"{sent.query}&{extra}"), PRESIGNED)
