import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.demo.front import compose
from shared.audit.reporter import Reporter
from shared.clock import system_clock
from shared.outbound.messages import Message
from shared.outbound.outbox import Outbox
from shared.settings import Settings
from tests.conftest import free_ports
from tests.services.demo.served import TableGrants, served

HTML = {"accept": "text/html,*/*"}


def test_a_browser_gets_the_page_and_an_sdk_gets_s3(url: str) -> None:
    page = httpx.get(url, headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'; connect-src 'self' http://127.0.0.1:8401" in page.headers["content-security-policy"]
    assert "<Code>AccessDenied</Code>" in httpx.get(url).text
    signed = httpx.get(url, headers={**HTML, "authorization": "AWS4-HMAC-SHA256 nonsense"})
    assert "<Code>AuthorizationHeaderMalformed</Code>" in signed.text


def test_everything_the_page_names_is_served(url: str) -> None:
    folder = Path(__file__).parents[3] / "services" / "demo" / "page"
    assert {file.suffix for file in folder.iterdir()} == {".html", ".css", ".js", ".svg"}
    for file in folder.iterdir():
        answer = httpx.get(f"{url}/demo/page/{file.name}")
        assert answer.content == file.read_bytes()
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(f"{url}/demo/page/../pages.py").status_code == 403


def test_the_configuration_is_what_the_seed_wrote(url: str, data: Path) -> None:
    assert httpx.get(f"{url}/demo/config.json").status_code == 404
    (data / "demo.json").write_text(json.dumps({"bucket": "demo"}))
    assert httpx.get(f"{url}/demo/config.json").json() == {"bucket": "demo", "outbox": "yes"}


def test_the_outbox_shows_the_newest_messages_to_one_address(url: str, data: Path) -> None:
    outbox = Outbox(data / "outbox", system_clock)
    for number in range(7):
        outbox.send(Message("email", "a+b@example.com", "Your code", "...", code=f"00000{number}"))
    outbox.send(Message("email", "c@example.com", "Your code", "...", code="999999"))
    shown = httpx.get(f"{url}/demo/outbox", params={"to": "a+b@example.com"}).json()["messages"]
    assert [message["code"] for message in shown] == ["000006", "000005", "000004", "000003", "000002"]
    assert httpx.get(f"{url}/demo/outbox").status_code == 400


def test_the_outbox_is_not_shown_to_a_rebound_name(url: str) -> None:
    answer = httpx.get(f"{url}/demo/outbox", params={"to": "c@example.com"}, headers={"host": "evil.example:8400"})
    assert answer.status_code == 404


def test_the_outbox_is_not_shown_where_others_can_reach_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, host="0.0.0.0")
    with served(compose(settings, TableGrants(), system_clock, Reporter(lambda _seen: None))) as base:
        assert httpx.get(f"{base}/demo/outbox", params={"to": "c@example.com"}).status_code == 404


def test_health_and_cross_origin_permission(url: str) -> None:
    assert httpx.get(f"{url}/health/ready").json() == {"status": "ready"}
    asked = {"origin": "http://a.example", "access-control-request-headers": "authorization,x-amz-date"}
    preflight = httpx.options(f"{url}/demo/x", headers=asked)
    assert preflight.headers["access-control-allow-headers"] == "authorization,x-amz-date"
    assert httpx.get(f"{url}/demo/x").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/demo/%ff", 403),
        ("PATCH", "/demo/x", 403),
        ("POST", "/test/reset", 404),
        ("PUT", "/DEMO_", 403),
    ],
)
def test_unsigned_requests_learn_nothing(url: str, method: str, path: str, status: int) -> None:
    assert httpx.request(method, f"{url}{path}").status_code == status


def test_reset_forgets_objects_in_test_mode(tmp_path: Path) -> None:
    from tests.services.demo.served import client

    nobody, none = free_ports(2)  # or a reset would reach whatever is on this machine's usual ports
    settings = Settings(data=tmp_path, test_mode=True, userpool_port=nobody, identitypool_port=none)
    with served(compose(settings, TableGrants(), system_clock, Reporter(lambda _seen: None))) as base:
        s3: Any = client(base)
        s3.create_bucket(Bucket="demo")
        s3.put_object(Bucket="demo", Key="k", Body=b"x")
        assert httpx.post(f"{base}/test/reset").status_code == 200
        assert s3.list_buckets()["Buckets"] == []
        assert not (tmp_path / "store").exists()
        s3.create_bucket(Bucket="demo")
        s3.put_object(Bucket="demo", Key="k", Body=b"x")
