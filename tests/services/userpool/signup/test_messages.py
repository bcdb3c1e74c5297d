"""What stands in messages is the pool's text; what people chose is data in it (R23)."""

from typing import Any

import pytest

from services.userpool.clients.client import AppClient
from shared.outbound.messages import Message
from tests.services.userpool.live import PASSWORD, Live

HTML = "<p>{username}, your code is <b>{####}</b></p>"


def signing_up(live: Live, username: str = "ann", **template: Any) -> Message:
    pool = live.pool(auto_verified_attributes=["email"])
    live.ask("UpdateUserPool", UserPoolId=pool.id, AutoVerifiedAttributes=["email"], **template)
    client: AppClient = live.client(pool)
    live.ask(
        "SignUp",
        ClientId=client.id,
        Username=username,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "ann@test.com"}],
    )
    return live.sent.messages[-1]


def test_a_text_of_html_is_sent_as_html_too(live: Live) -> None:
    message = signing_up(live, EmailVerificationMessage=HTML)
    assert message.body == message.markup == f"<p>ann, your code is <b>{message.code}</b></p>"


def test_a_name_adds_no_markup_to_a_text_of_html(live: Live) -> None:
    message = signing_up(live, '<a/href="//evil.test">Log-in&</a>', EmailVerificationMessage=HTML)
    assert "<a" not in message.markup
    assert message.markup.startswith("<p>&lt;a/href=&quot;//evil.test&quot;&gt;Log-in&amp;&lt;/a&gt;, your code")


def test_a_name_makes_no_html_of_a_plain_text(live: Live) -> None:
    message = signing_up(live, "<b>ann</b>", EmailVerificationMessage="{username}: {####}")
    assert message.body.startswith("<b>ann</b>: ")
    assert message.markup == ""


@pytest.mark.parametrize("subject", ["Your\r\nBcc: x@test.com", "Your\fcode", " Your\x0b code\n"])
def test_a_subject_is_one_line(live: Live, subject: str) -> None:
    message = signing_up(live, EmailVerificationSubject=subject)
    assert message.subject == " ".join(subject.split())
    assert len(message.subject.splitlines()) == 1


def test_a_name_that_looks_like_a_placeholder_stays_a_name(live: Live) -> None:
    message = signing_up(live, "{####}{username}", EmailVerificationMessage="{username} {####}")
    assert message.body == f"{{####}}{{username}} {message.code}"


def test_a_temporary_password_is_readable_in_plain_text_and_in_html(live: Live) -> None:
    pool = live.pool()
    password = "Ab1!<b>&amp;"
    for text, markup in (("{username} {####}", ""), (f"<p>{HTML}</p>", "Ab1!&lt;b&gt;&amp;amp;")):
        words = {"EmailMessage": text, "SMSMessage": "{username} {####}"}
        live.ask("UpdateUserPool", UserPoolId=pool.id, AdminCreateUserConfig={"InviteMessageTemplate": words})
        live.ask(
            "AdminCreateUser",
            UserPoolId=pool.id,
            Username=f"ann{len(live.sent.messages)}",
            TemporaryPassword=password,
            UserAttributes=[{"Name": "email", "Value": "ann@test.com"}],
            DesiredDeliveryMediums=["EMAIL"],
        )
        message = live.sent.messages[-1]
        assert password in message.body
        assert markup in message.markup
        assert bool(markup) == bool(message.markup)
