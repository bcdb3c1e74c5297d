"""Signatures, session tokens, sessions and tokens that are wrong, old, altered or made up."""

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from botocore.credentials import Credentials

from tests.conftest import ACCESS_KEY, SECRET_KEY, Installation
from tests.robustness.wire import FORM_TYPE, Answer, ask, base_of, fetch, form_of, json_headers, signed_headers

WRONG_SECRET = Credentials(ACCESS_KEY, "A" * 40)
NO_SUCH_KEY = Credentials("AKIANOSUCHKEY0000000", SECRET_KEY)
CALLS = {
    "cognito-idp": "ListUserPools",
    "cognito-identity": "ListIdentityPools",
    "sts": "GetCallerIdentity",
    "iam": "ListUsers",
}
BODIES = {"cognito-idp": b'{"MaxResults":1}', "cognito-identity": b'{"MaxResults":1}'}
SERVICES = [*CALLS, "s3"]
MISMATCH = {
    "cognito-idp": (400, "InvalidSignatureException"),
    "cognito-identity": (400, "InvalidSignatureException"),
    "sts": (403, "SignatureDoesNotMatch"),
    "iam": (403, "SignatureDoesNotMatch"),
    "s3": (403, "SignatureDoesNotMatch"),
}
SKEWED = MISMATCH | {"s3": (403, "RequestTimeTooSkewed")}
UNKNOWN = {
    "cognito-idp": (400, "UnrecognizedClientException"),
    "cognito-identity": (400, "UnrecognizedClientException"),
    "sts": (403, "InvalidClientTokenId"),
    "iam": (403, "InvalidClientTokenId"),
    "s3": (403, "InvalidAccessKeyId"),
}
EXPIRED = {
    "cognito-idp": (400, "ExpiredTokenException"),
    "cognito-identity": (400, "ExpiredTokenException"),
    "sts": (403, "ExpiredToken"),
    "iam": (403, "ExpiredToken"),
    "s3": (400, "ExpiredToken"),
}
UNSIGNED = {
    "cognito-idp": (400, "MissingAuthenticationTokenException"),
    "cognito-identity": (400, "MissingAuthenticationTokenException"),
    "sts": (403, "MissingAuthenticationToken"),
    "iam": (403, "MissingAuthenticationToken"),
    "s3": (403, "AccessDenied"),
}


def _call(
    house: Installation, service: str, credentials: Credentials = NO_SUCH_KEY, *, off: timedelta = timedelta()
) -> Answer:
    if service == "s3":
        path = "/nobody-has-this-bucket?list-type=2"
        headers = signed_headers(house.store, "s3", {}, b"", method="GET", path=path, credentials=credentials, off=off)
        return fetch(house.store, "GET", path, headers)
    return ask(house, service, CALLS[service], BODIES.get(service), credentials=credentials, off=off)


def _seen(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


ADMINISTRATOR = Credentials(ACCESS_KEY, SECRET_KEY)


@pytest.mark.parametrize("service", SERVICES)
def test_the_calls_of_this_file_succeed_when_nothing_is_wrong(house: Installation, service: str) -> None:
    answer = _call(house, service, ADMINISTRATOR)
    assert _seen(answer) == ((404, "NoSuchBucket") if service == "s3" else (200, "")), answer.body


@pytest.mark.parametrize("service", SERVICES)
def test_a_signature_with_another_secret_is_refused(house: Installation, service: str) -> None:
    assert _seen(_call(house, service, WRONG_SECRET)) == MISMATCH[service]


@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_key_is_refused(house: Installation, service: str) -> None:
    assert _seen(_call(house, service, NO_SUCH_KEY)) == UNKNOWN[service]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_off_by_six_minutes_is_refused(house: Installation, service: str, minutes: int) -> None:
    answer = _call(house, service, ADMINISTRATOR, off=timedelta(minutes=minutes))
    if service == "s3":
        assert _seen(answer) == (404, "NoSuchBucket")  # S3's window is 15 minutes
        answer = _call(house, service, ADMINISTRATOR, off=timedelta(minutes=minutes * 3))
    assert _seen(answer) == SKEWED[service]
    assert _seen(_call(house, service, ADMINISTRATOR, off=timedelta(minutes=minutes / 2))) in {
        (200, ""),
        (404, "NoSuchBucket"),
    }


def test_the_store_says_by_what_time_it_judged(house: Installation) -> None:
    body = _call(house, "s3", ADMINISTRATOR, off=timedelta(minutes=-20)).body.decode()
    signed = re.findall(r"<RequestTime>(\d{8}T\d{6}Z)</RequestTime>", body)
    judged = re.findall(r"<ServerTime>(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)</ServerTime>", body)
    apart = datetime.fromisoformat(judged[0]) - datetime.fromisoformat(signed[0])
    assert timedelta(minutes=20) <= apart < timedelta(minutes=21)
    assert "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>" in body


@pytest.mark.parametrize("service", CALLS)
def test_a_header_that_the_signature_does_not_cover_is_refused(house: Installation, service: str) -> None:
    body = BODIES.get(service) or form_of(service, CALLS[service])
    sent = json_headers(service, CALLS[service]) if service in BODIES else {"Content-Type": FORM_TYPE}
    headers = signed_headers(base_of(house, service), service, sent, body, credentials=ADMINISTRATOR)
    assert fetch(base_of(house, service), headers=headers, body=body).status == 200
    answer = fetch(base_of(house, service), headers=headers | {"X-Amz-Meta-Added": "later"}, body=body)
    assert _seen(answer) == MISMATCH[service]


def test_no_target_is_added_to_a_signed_form(house: Installation) -> None:
    body = form_of("sts", "GetCallerIdentity")
    headers = signed_headers(house.identitypool, "sts", {"Content-Type": FORM_TYPE}, body, credentials=ADMINISTRATOR)
    added = headers | {"X-Amz-Target": "AWSCognitoIdentityService.ListIdentityPools"}
    assert _seen(fetch(house.identitypool, headers=added, body=body)) == MISMATCH["cognito-identity"]


@pytest.mark.parametrize("service", CALLS)
def test_a_signed_operation_without_a_signature_is_refused(house: Installation, service: str) -> None:
    answer = ask(house, service, CALLS[service], BODIES.get(service), signed=False)
    assert _seen(answer) == UNSIGNED[service]
    assert _seen(fetch(house.store, "GET", "/nobody-has-this-bucket?list-type=2")) == UNSIGNED["s3"]


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f/g, SignedHeaders=host, Signature=00",
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/us-east-1/sts/aws4_request, SignedHeaders=host",
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/2/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=zz",
        "AWS4-HMAC-SHA256 " + "Credential=a," * 500,
        "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=00",
        "Bearer abc",
        "Basic YTpi",
        "\xff\xfe",
        "",
    ],
)
@pytest.mark.parametrize("service", SERVICES)
def test_an_authorization_header_that_cannot_be_read_is_refused(
    house: Installation, service: str, authorization: str
) -> None:
    from tests.robustness.wire import FORM_TYPE, base_of, form_of, json_headers

    path, method, body = "/", "POST", b"{}"
    if service == "s3":
        path, method, body, headers = "/nobody-has-this-bucket?list-type=2", "GET", b"", {}
    elif service in BODIES:
        headers = json_headers(service, CALLS[service])
    else:
        headers, body = {"Content-Type": FORM_TYPE}, form_of(service, CALLS[service])
    answer = fetch(base_of(house, service), method, path, headers | {"Authorization": authorization}, body)
    assert answer.status in {400, 403}, answer.body
    assert answer.code


@pytest.fixture(scope="module")
def session(house: Installation) -> Credentials:
    given = house.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _altered(token: str) -> Iterator[str]:
    middle = len(token) // 2
    yield token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    yield token[:-4]
    yield token + "AAAA"
    yield token[::-1]
    yield "AAAA" * 64
    yield "="
    yield "{}"


@pytest.mark.parametrize("service", SERVICES)
def test_an_altered_session_token_is_refused(house: Installation, service: str, session: Credentials) -> None:
    unknown = {UNKNOWN[service], (400, "InvalidToken")}
    for token in _altered(session.token):
        answer = _call(house, service, Credentials(session.access_key, session.secret_key, token))
        assert _seen(answer) in unknown, (token, answer.body)
    assert _seen(_call(house, service, Credentials(session.access_key, session.secret_key))) in unknown
    assert _seen(_call(house, service, Credentials(ACCESS_KEY, SECRET_KEY, session.token))) in unknown


@pytest.mark.parametrize("service", SERVICES)
def test_an_expired_session_token_is_refused(workshop: Installation, service: str) -> None:
    sts = workshop.client("sts")
    given = sts.get_session_token(DurationSeconds=900)["Credentials"]
    credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    later = 901
    _move_clock(workshop, later)
    try:
        assert _seen(_call(workshop, service, credentials, off=timedelta(seconds=later))) == EXPIRED[service]
    finally:
        _move_clock(workshop, 0)


def _move_clock(installation: Installation, seconds: int) -> None:
    answer = fetch(installation.identitypool, path="/test/clock", body=json.dumps({"offset_s": seconds}).encode())
    assert answer.status == 200


MADE_UP = ["a" * 20, "A" * 1024, "AYABe" + "x" * 900, "e30.e30.e30", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."]


@pytest.fixture(scope="module")
def app_client(house: Installation) -> str:
    idp = house.client("cognito-idp")
    pool = idp.create_user_pool(PoolName="robust")["UserPool"]["Id"]
    made = idp.create_user_pool_client(
        UserPoolId=pool, ClientName="robust", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )
    return str(made["UserPoolClient"]["ClientId"])


@pytest.mark.parametrize("challenge", ["PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "SMS_MFA"])
@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_made_up_session_is_refused(house: Installation, app_client: str, challenge: str, made_up: str) -> None:
    responses = {
        "USERNAME": "nobody",
        "NEW_PASSWORD": "Correct-horse-9",
        "SOFTWARE_TOKEN_MFA_CODE": "123456",
        "SMS_MFA_CODE": "123456",
        "PASSWORD_CLAIM_SECRET_BLOCK": made_up,
        "PASSWORD_CLAIM_SIGNATURE": "AAAA",
        "TIMESTAMP": time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime()),
    }
    body = {"ClientId": app_client, "ChallengeName": challenge, "Session": made_up, "ChallengeResponses": responses}
    answer = ask(house, "cognito-idp", "RespondToAuthChallenge", json.dumps(body).encode(), signed=False)
    assert answer.status == 400
    assert answer.code in {"NotAuthorizedException", "InvalidParameterException"}, answer.body


@pytest.mark.parametrize(
    "operation", ["GetUser", "GlobalSignOut", "ChangePassword", "UpdateUserAttributes", "DeleteUser"]
)
@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_made_up_access_token_is_refused(house: Installation, operation: str, made_up: str) -> None:
    body = {
        "AccessToken": made_up,
        "PreviousPassword": "Correct-horse-9",
        "ProposedPassword": "Correct-horse-8",
        "UserAttributes": [{"Name": "email", "Value": "a@example.com"}],
    }
    answer = ask(house, "cognito-idp", operation, json.dumps(body).encode(), signed=False)
    assert answer.status == 400
    allowed = {"NotAuthorizedException", "InvalidParameterException"}
    assert answer.code in allowed, answer.body


@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_made_up_refresh_token_is_refused(house: Installation, app_client: str, made_up: str) -> None:
    body = {"ClientId": app_client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": made_up}}
    answer = ask(house, "cognito-idp", "InitiateAuth", json.dumps(body).encode(), signed=False)
    assert _seen(answer) == (400, "NotAuthorizedException")


@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_made_up_login_is_refused(house: Installation, made_up: str) -> None:
    identity = house.client("cognito-identity")
    provider = f"{house.userpool.removeprefix('http://')}/us-east-1_Robust000"
    pool = identity.create_identity_pool(
        IdentityPoolName="robust",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": "abcdefghij0123456789klmnop"}],
    )["IdentityPoolId"]
    body = json.dumps({"IdentityPoolId": pool, "Logins": {provider: made_up}}).encode()
    assert _seen(ask(house, "cognito-identity", "GetId", body, signed=False)) == (400, "NotAuthorizedException")
    trust = {
        "RoleArn": "arn:aws:iam::123456789012:role/nobody",
        "RoleSessionName": "robust",
        "WebIdentityToken": made_up,
    }
    from tests.robustness.wire import form_of

    web = ask(house, "sts", "", form_of("sts", "AssumeRoleWithWebIdentity", **trust), signed=False)
    assert web.status in {400, 403}
    assert web.code in {"InvalidIdentityToken", "ValidationError", "AccessDenied"}, web.body
