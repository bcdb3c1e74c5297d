import threading
from pathlib import Path

import pytest

from shared.clock import system_clock
from shared.outbound.background import Background
from shared.outbound.messages import Message, Undeliverable
from shared.outbound.outbox import Outbox
from shared.refusal import Unavailable

LETTER = Message("email", "ann@test.com", "Your code", "It is 123456.", "123456")


class Server:
    """A mail server that answers when `open` is set, and fails as often as it is told."""

    def __init__(self, *failures: Exception, is_open: bool = True) -> None:
        self.failures = list(failures)
        self.open = threading.Event()
        if is_open:
            self.open.set()
        self.tries = 0
        self.taken: list[Message] = []

    def send(self, message: Message) -> None:
        assert self.open.wait(20)
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox", system_clock)


def background(server: Server, outbox: Outbox, most_waiting: int = 10) -> Background:
    return Background(server, outbox, most_waiting=most_waiting, pauses_s=(0.0, 0.0))


def test_nobody_waits_for_a_mail_server_that_does_not_answer(outbox: Outbox) -> None:
    server = Server(is_open=False)
    mail = background(server, outbox)
    for _ in range(5):
        mail.send(LETTER)
    assert server.taken == []
    server.open.set()
    mail.close(20)
    assert server.taken == [LETTER] * 5


def test_what_is_no_e_mail_is_in_the_outbox_at_once(outbox: Outbox, tmp_path: Path) -> None:
    server = Server()
    mail = background(server, outbox)
    mail.send(Message("sms", "+12065551234", "", "It is 1.", "1"))
    mail.pretend(Message("sms", "+12065551234", "", "It is 1.", "1"))
    assert len(list((tmp_path / "outbox").glob("*.json"))) == 1
    mail.send(Message("sms", "+12065551234", "", "It is 2.", "2"))  # what was put aside is removed by the next
    assert len(list((tmp_path / "outbox").iterdir())) == 2
    mail.close(20)
    assert server.tries == 0


def test_a_pretended_message_waits_its_turn_and_reaches_nobody(outbox: Outbox, tmp_path: Path) -> None:
    server = Server(is_open=False)
    mail = background(server, outbox, most_waiting=2)
    for _ in range(4):  # one for each thread
        mail.send(LETTER)
        while len(mail._waiting):
            threading.Event().wait(0.001)
    mail.pretend(LETTER)
    mail.pretend(LETTER)
    for take in (mail.pretend, mail.send):
        with pytest.raises(Unavailable, match="Too many messages are waiting"):
            take(LETTER)
    server.open.set()
    mail.close(20)
    assert server.taken == [LETTER] * 4


def test_a_failure_is_tried_again_and_a_refusal_for_good_is_not(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    for failures, tries, taken in (
        ([Unavailable("later")], 2, 1),
        ([Unavailable("later")] * 3, 3, 0),
        ([Undeliverable("never")], 1, 0),
        ([ValueError("ann@test.com 123456")], 1, 0),
    ):
        server = Server(*failures)
        mail = background(server, outbox)
        mail.send(LETTER)
        mail.close(20)
        assert (server.tries, len(server.taken)) == (tries, taken)
    assert caplog.text.count("an e-mail was given up") == 3
    assert "ann@test.com" not in caplog.text
    assert "123456" not in caplog.text


def test_at_the_end_what_waits_is_handed_over_or_counted(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    server = Server(is_open=False)
    mail = background(server, outbox)
    mail.send(LETTER)
    mail.close(0.01)
    assert "1 messages were not handed over" in caplog.text
    server.open.set()
    mail.close(20)
    assert server.taken == [LETTER]


def test_an_outbox_that_cannot_be_written_is_told_either_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blocked = Outbox(tmp_path / "file", system_clock)
    for take in (blocked.send, blocked.pretend):
        with pytest.raises(Unavailable, match="The outbox cannot be written"):
            take(LETTER)
