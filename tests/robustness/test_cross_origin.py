"""A page of any origin reads every answer, refusals too: else its user sees "network error" in place of the reason."""

import httpx
import pytest

from tests.conftest import Installation

PAGE = {"origin": "https://app.example"}
NEW = "authorization,content-type,x-amz-date,x-amz-header-of-tomorrow"


@pytest.mark.parametrize("origin", ["https://app.example", "null"])
@pytest.mark.parametrize("path", ["/", "/us-east-1_aaaaaaaaa/.well-known/jwks.json", "/admin/v1/none", "/bucket/key"])
@pytest.mark.parametrize("service", ["userpool", "identitypool", "store"])
def test_a_page_may_send_whatever_headers_its_client_has(
    house: Installation, service: str, path: str, origin: str
) -> None:
    asked = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": NEW}
    answer = httpx.options(f"{getattr(house, service)}{path}", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == NEW
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("service", "method", "path", "status"),
    [
        ("userpool", "POST", "/", 400),
        ("userpool", "GET", "/oauth2/userInfo", 404),
        ("userpool", "POST", "/oauth2/token", 404),
        ("userpool", "PUT", "/health/live", 405),
        ("userpool", "GET", "/us-east-1_aaaaaaaaa/.well-known/openid-configuration", 404),
        ("userpool", "GET", "/admin/v1/none", 404),
        ("identitypool", "POST", "/", 400),
        ("identitypool", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", 403),
        ("identitypool", "GET", "/none", 404),
        ("store", "GET", "/bucket/key", 403),
        ("store", "PUT", "/notes/a", 403),
    ],
)
def test_a_page_reads_why_it_was_refused(
    house: Installation, service: str, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, f"{getattr(house, service)}{path}", headers=PAGE)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, "*")


@pytest.mark.parametrize("path", ["/health/ready", "/demo/config.json", "/demo/outbox?to=a@example.com"])
def test_what_is_for_this_machine_is_no_page_s_to_read(house: Installation, path: str) -> None:
    answer = httpx.get(f"{house.store}{path}", headers=PAGE)
    assert "access-control-allow-origin" not in answer.headers
