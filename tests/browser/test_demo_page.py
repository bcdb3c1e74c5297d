import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.demo.seed import seed
from shared.settings import PREFIX, read
from tests.conftest import Installation, missing

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def page(house: Installation) -> Iterator[Any]:
    """A narrow dark browser window; anything that the page's own script throws fails the test."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        missing("Chromium")
    exported = re.findall(r"export (\w+)='?([^'\n]*)'?", house.command("env").stdout)
    seed(read({name: value for name, value in house.environ.items() if name.startswith(PREFIX)}), dict(exported))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme="dark")
        thrown: list[Any] = []
        opened.on("pageerror", lambda error: thrown.append(error))  # noqa: PLW0108 - Playwright marks what it is given
        opened.set_default_timeout(8000)
        opened.goto(house.store.replace("127.0.0.1", "localhost"))
        yield opened
        browser.close()
    assert thrown == []


def sign_up_and_in(page: Any) -> None:
    page.locator("#email").fill(f"{uuid.uuid4()}@example.com")
    page.locator("#password").fill("Correct-horse-9")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Use this code").click()
    page.get_by_role("button", name="Confirm").click()
    page.locator("#account-status.good", has_text="Confirmed").wait_for()
    page.get_by_role("button", name="Sign in").click()
    page.locator("#sign-in-status.good").wait_for()


def test_a_person_does_the_three_steps_and_is_denied_with_a_reason(page: Any) -> None:
    sign_up_and_in(page)
    page.get_by_role("button", name="Swap my token").click()
    page.locator("#swap-status.good").wait_for()
    page.set_input_files("#file", {"name": "my photo+ü%.txt", "mimeType": "text/plain", "buffer": b"hello"})
    page.get_by_role("button", name="Upload", exact=True).click()
    page.locator("#use-status.good").wait_for()
    assert page.locator("#objects li").all_inner_texts() == ["my photo+ü%.txt (5 bytes)"]
    page.get_by_role("button", name="Write to another folder").click()
    page.locator("#denied-status.bad").wait_for()
    assert "because no identity-based policy allows the s3:PutObject action" in page.inner_text("#denied-status")
    assert "Correct-horse-9" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_guest_may_only_read_what_is_public(page: Any) -> None:
    page.get_by_role("button", name="Be a guest").click()
    page.locator("#swap-status.good").wait_for()
    page.get_by_role("button", name="Read what is public").click()
    page.locator("#denied-status.good", has_text="guests too").wait_for()
    page.get_by_role("button", name="List my folder").click()
    page.locator("#use-status.bad", has_text="s3:ListBucket").wait_for()
    assert "is not authorized to perform: s3:ListBucket" in page.inner_text("#use-status")
