"""The programs of tests/node once more, in a browser, as a web app of another origin than the services runs them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared import ids
from tests.clients import web
from tests.clients.conftest import PASSWORD, App
from tests.clients.test_node import KEYS
from tests.conftest import ACCESS_KEY, SECRET_KEY, Installation

PROGRAMS = [
    *("amplify", "identity_js", "profile", "sdk_v3", "jwt_verify", "presign"),  # which run in Node too
    *("storage", "refusals", "clocks"),
]
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def web_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with web.served(PROGRAMS, tmp_path_factory.mktemp("web")) as origin:
        yield origin


@pytest.fixture
def run(house: Installation, app: App, browser: Any, web_app: str) -> Iterator[Run]:
    """Runs a program in a window of its own; gives what it says, raises what it throws."""
    context = browser.new_context(ignore_https_errors=True)

    def move_clock(seconds: float) -> None:
        httpx.post(f"{house.userpool}/test/clock", json={"offset_s": seconds}).raise_for_status()

    def in_window(program: str, **more: Any) -> dict[str, Any]:
        page = context.new_page()
        page.expose_function("codeFor", house.code_for)
        page.expose_function("moveClock", move_clock)
        page.add_init_script(f"window.app = {app.as_json(password=PASSWORD, **more)}")
        page.goto(web_app)
        said: dict[str, Any] = page.evaluate("program => import(`/${program}.js`).then(() => window.said)", program)
        return said

    yield in_window
    move_clock(0)
    context.close()


@pytest.mark.parametrize("program", ["identity_js", "amplify"])
def test_a_library_signs_up_in_and_out(run: Run, program: str) -> None:
    name = "web" + ids.digits(8)
    found = run(program, name=name)
    assert (found["username"], found["attributes"]["email"]) == (name, f"{name}@example.com")
    assert found["refreshed"] is True
    assert found["signed_out"] is True
    assert found.get("access_key_id", "ASIA").startswith("ASIA")


def test_a_person_keeps_their_own_account(run: Run) -> None:
    name = "web" + ids.digits(8)
    email = f"{name}@example.com"
    found = run("profile", name=name, email=email, signs_in_with_email=False)
    assert found["signed_in"] is True
    assert found["attributes"] == {"email": f"new{email}", "email_verified": "true", "nickname": "Änn 日本"}
    assert found["refused"] == [*["CodeMismatchException"] * 2, *["NotAuthorizedException"] * 3]


def test_the_sdk_swaps_a_token_and_uses_the_credentials(run: Run, person: str) -> None:
    found = run("sdk_v3", name=person)
    assert found["arn"].endswith("/CognitoIdentityCredentials")
    assert found["read_back"] == "hello from node"
    assert (found["denied"], found["wrong_password"]) == ("AccessDenied", "NotAuthorizedException")


def test_a_page_verifies_tokens(run: Run, person: str) -> None:
    assert run("jwt_verify", name=person) == {"verified": ["id", "access"], "refused": True}


def test_signed_urls_work_for_any_key(run: Run) -> None:
    """But for those with segments of dots, which no browser can ask for."""
    keys = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}
    assert run("presign", keys=KEYS, dotted=[], **keys) == {"failed": []}


def test_amplify_stores_lists_links_and_removes(house: Installation, run: Run, person: str, tmp_path: Path) -> None:
    with web.by_https(house.store, tmp_path) as secure_store:
        found = run("storage", name=person, secure_store=secure_store)
    text, size = "hello from a browser", 6 << 20
    assert (found["sent"], found["copied"]) == (size, size)
    assert found["cancelled"] == "CanceledError"
    assert found["listed"] == ["large", "my notes+ü.txt"]
    assert found["linked"] == [text, 'attachment; filename="my notes.txt"', "text/x-note"]
    assert found["downloaded"] == [text, {"who": "me"}]
    assert found["denied"] == "AccessDenied"


def test_a_page_is_told_why_it_is_refused(run: Run) -> None:
    assert run("refusals") == {
        "invalid": ["NotAuthorizedException", 400],
        "unknown": ["UnrecognizedClientException", 400],
        "too_large": ["RequestEntityTooLargeException", 413],
        "sts": ["InvalidClientTokenId", 403],
        "store": ["InvalidAccessKeyId", 403],
        "large_object": ["EntityTooLarge", 400],
        "no_keys": 404,
        "no_page": 404,
    }


def test_clients_outlive_their_tokens_and_wrong_clocks(run: Run, person: str) -> None:
    assert run("clocks", name=person) == {
        "kept": True,
        "renewed": [True, True],
        "with_a_wrong_clock": [True, True],
        "signed_out_at_last": True,
        "left": [],
    }
