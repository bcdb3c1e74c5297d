"""What SDKs in other languages send and botocore does not: the requests as those SDKs wrote them, signed by botocore.

The SDKs themselves (for Go, Java and Rust) are tried by hand; their toolchains are not needed to run these tests.
"""

from typing import Any

import httpx
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.clients.conftest import App
from tests.conftest import ACCESS_KEY, REGION, SECRET_KEY, Installation

ADMINISTRATOR = Credentials(ACCESS_KEY, SECRET_KEY)
GLOBAL = "aws-global"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
WHO_AM_I = "Action=GetCallerIdentity&Version=2011-06-15"


def _sent(request: AWSRequest, signer: Any) -> httpx.Response:
    signer.add_auth(request)
    return httpx.request(request.method, request.url, headers=dict(request.headers.items()), content=request.data)


def test_the_sdk_for_java_offers_a_trailing_md5_with_each_read(house: Installation, app: App) -> None:
    house.client("s3").put_object(Bucket=app.bucket, Key="from java", Body=b"read")
    headers = {"x-amz-te": "append-md5", "amz-sdk-invocation-id": "1", "amz-sdk-request": "attempt=1; max=3"}
    request = AWSRequest("GET", f"{app.store}/{app.bucket}/from%20java", headers=headers)
    answer = _sent(request, S3SigV4Auth(ADMINISTRATOR, "s3", REGION))
    assert (answer.status_code, answer.content) == (200, b"read")
    assert "x-amz-transfer-encoding" not in answer.headers


@pytest.mark.parametrize("service", ["iam", "sts", "s3"])
def test_the_sdk_for_java_signs_for_a_region_that_is_none(house: Installation, service: str) -> None:
    if service == "s3":
        answer = _sent(AWSRequest("GET", f"{house.store}/"), S3SigV4Auth(ADMINISTRATOR, service, GLOBAL))
    else:
        form = WHO_AM_I if service == "sts" else "Action=GetUser&Version=2010-05-08"
        request = AWSRequest("POST", f"{house.identitypool}/", headers=FORM, data=form)
        answer = _sent(request, SigV4Auth(ADMINISTRATOR, service, GLOBAL))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("operation", ["ListUserPools", "ListIdentityPools"])
def test_services_that_have_a_region_are_asked_by_its_name(house: Installation, operation: str) -> None:
    in_users = operation == "ListUserPools"
    base = house.userpool if in_users else house.identitypool
    target = "AWSCognitoIdentityProviderService" if in_users else "AWSCognitoIdentityService"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{target}.{operation}"}
    request = AWSRequest("POST", f"{base}/", headers=headers, data='{"MaxResults":1}')
    service = "cognito-idp" if in_users else "cognito-identity"
    answer = _sent(request, SigV4Auth(ADMINISTRATOR, service, GLOBAL))
    assert (answer.status_code, "valid region, not 'aws-global'" in answer.text) == (400, True)


class _WithoutExpiry(SigV4QueryAuth):  # type: ignore[misc]  # botocore is untyped
    """botocore's signer, but as the one for Go: it says nothing of how long the URL holds."""

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        super()._modify_request_before_signing(request)
        request.url = "&".join(part for part in request.url.split("&") if not part.startswith("X-Amz-Expires="))


def test_the_sdk_for_go_presigns_without_an_expiry(house: Installation) -> None:
    request = AWSRequest("GET", f"{house.identitypool}/?{WHO_AM_I}")
    _WithoutExpiry(ADMINISTRATOR, "sts", REGION).add_auth(request)
    assert "X-Amz-Expires" not in request.url
    answer = httpx.get(request.url)
    assert (answer.status_code, ":user/admin" in answer.text) == (200, True)


def test_the_store_takes_no_url_without_an_expiry(house: Installation, app: App) -> None:
    request = AWSRequest("GET", f"{app.store}/{app.bucket}?list-type=2")
    _WithoutExpiry(ADMINISTRATOR, "s3", REGION).add_auth(request)
    answer = httpx.get(request.url)
    assert (answer.status_code, "must include 'X-Amz-Expires'" in answer.text) == (400, True)
