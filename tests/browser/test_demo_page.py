import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from services.demo.seed import seed
from shared.settings import PREFIX, read
from tests.conftest import Installation


@pytest.fixture
def page(house: Installation, browser: Any) -> Iterator[Any]:
    """A narrow dark browser window; anything that the page's own script throws fails the test."""
    exported = re.findall(r"export (\w+)='?([^'\n]*)'?", house.command("env").stdout)
    seed(read({name: value for name, value in house.environ.items() if name.startswith(PREFIX)}), dict(exported))
    opened = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme="dark")
    thrown: list[Any] = []
    opened.on("pageerror", lambda error: thrown.append(error))  # noqa: PLW0108 - Playwright marks what it is given
    opened.set_default_timeout(8000)
    opened.goto(house.store.replace("127.0.0.1", "localhost"))
    yield opened
    opened.close()
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
    assert page.locator("#objects span").all_inner_texts() == ["my photo+ü%.txt (5 bytes)"]
    page.get_by_role("button", name="Make a link to my photo+ü%.txt").click()
    link = page.get_by_role("link", name="Open it")
    link.wait_for()
    assert page.evaluate("url => fetch(url).then((answer) => answer.text())", link.get_attribute("href")) == "hello"
    page.get_by_role("button", name="Delete my photo+ü%.txt").click()
    page.locator("#use-status.good", has_text="0 objects").wait_for()
    page.get_by_role("button", name="Write to another folder").click()
    page.locator("#reason").wait_for()
    assert "because no identity-based policy allows the s3:PutObject action" in page.inner_text("#reason")
    assert page.locator(".progress .done").count() == 5
    page.get_by_text("The policy that decides").click()
    assert "${cognito-identity.amazonaws.com:sub}/*" in page.inner_text("#policy pre")
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


def test_wrong_answers_are_said_in_place_and_can_be_mended(page: Any) -> None:
    page.get_by_role("button", name="Fill in an example").click()
    page.get_by_role("button", name="Sign up").dblclick()
    page.get_by_role("button", name="Use this code").wait_for()
    assert page.inner_text("#account-status") == "A code was sent. Enter it to confirm the address."
    page.get_by_role("button", name="Sign in").click()
    page.locator("#sign-in-status.bad", has_text="UserNotConfirmedException").wait_for()
    page.locator("#code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    page.locator("#account-status.bad", has_text="CodeMismatchException").wait_for()
    page.get_by_role("button", name="Use this code").click()
    page.get_by_role("button", name="Confirm").click()
    page.locator("#account-status.good", has_text="Confirmed").wait_for()
    password = page.input_value("#in-password")
    page.locator("#in-password").fill("Wrong-horse-9")
    page.get_by_role("button", name="Sign in").click()
    page.locator("#sign-in-status.bad", has_text="Incorrect username or password").wait_for()
    page.locator("#in-password").fill(password)
    page.get_by_role("button", name="Sign in").dblclick()
    page.locator("#sign-in-status.good").wait_for()
    page.reload()
    assert page.get_by_role("button", name="Swap my token").is_disabled()
    assert page.locator(".progress .done").count() == 0


def test_each_step_shows_what_was_asked_and_answered_but_no_secret(page: Any) -> None:
    sign_up_and_in(page)
    page.get_by_role("button", name="Swap my token").click()
    page.locator("#swap-status.good").wait_for()
    page.get_by_role("button", name="Upload a sample note").click()
    page.locator("#use-status.good").wait_for()
    page.get_by_role("button", name="Write to another folder").click()
    page.locator("#reason").wait_for()
    told = {step: page.text_content(f"#{step}-log") for step in ("account", "sign-in", "swap", "use", "denied")}
    assert [len(page.locator(f"#{step}-log .told").all()) for step in told] == [4, 5, 4, 4, 2]
    assert "ConfirmSignUp to http://" in told["account"]
    assert '"token_use": "id"' in told["sign-in"]
    assert '"SecretKey": "(hidden)"' in told["swap"]
    assert "authorization: AWS4-HMAC-SHA256 Credential=ASIA" in told["use"]
    assert "<Code>AccessDenied</Code>" in told["denied"]


def test_a_sign_up_that_a_reload_cut_off_goes_on_with_a_new_code(page: Any) -> None:
    page.get_by_role("button", name="Fill in an example").click()
    email, password = page.input_value("#email"), page.input_value("#password")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Use this code").wait_for()
    page.reload()
    page.locator("#in-email").fill(email)
    page.locator("#in-password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#sign-in-status.bad", has_text="UserNotConfirmedException").wait_for()
    page.get_by_role("button", name="Send a new code").click()
    page.locator("#account-status.good", has_text="A new code was sent").wait_for()
    page.get_by_role("button", name="Use this code").first.click()
    page.get_by_role("button", name="Confirm").click()
    page.locator("#account-status.good", has_text="Confirmed").wait_for()
    assert "ConfirmSignUp to http://" in page.text_content("#account-log")


def test_a_service_that_does_not_answer_is_named(page: Any) -> None:
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Be a guest").click()
    page.locator("#swap-status.bad", has_text="does not answer").wait_for()
    assert page.locator("#swap-status.good").count() == 0


def test_the_keyboard_alone_is_enough(page: Any) -> None:
    """Focus goes to what comes next, so that Enter is the only key between the steps."""
    page.get_by_role("button", name="Fill in an example").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    code = page.locator("#messages strong")
    code.wait_for()
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type(code.inner_text())
    page.keyboard.press("Enter")
    for status in ("account", "sign-in", "swap", "use"):
        page.locator(f"#{status}-status.good", has_not_text="A code was sent").wait_for()
        page.keyboard.press("Enter")
    page.locator("#objects li", has_text="note.txt").wait_for()
