import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

from shared.outbound.mail import Mail
from shared.outbound.messages import Message, Undeliverable
from shared.refusal import Unavailable
from shared.secret import Secret


class Received(socketserver.ThreadingTCPServer):
    """A mail server that takes everything and keeps what it was given."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters: list[str] = []
        self.logins: list[str] = []
        self.on_recipient = "250 fine"


class Talk(socketserver.StreamRequestHandler):
    server: Received

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode():
            word = line.split(" ", 1)[0].strip().upper()
            if word == "DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline().decode()) not in {".\r\n", ""}:
                    lines.append(part)
                self.server.letters.append("".join(lines))
            if word == "EHLO":
                self.say("250-here")
                self.say("250 AUTH PLAIN")
                continue
            if word == "AUTH":
                self.server.logins.append(line)
                self.say("235 welcome")
                continue
            self.say({"QUIT": "221 bye", "RCPT": self.server.on_recipient}.get(word, "250 fine"))
            if word == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Received]:
    with Received() as received:
        threading.Thread(target=received.serve_forever, daemon=True).start()
        yield received
        received.shutdown()


def mail(server: Received) -> Mail:
    return Mail(Secret(f"smtp://127.0.0.1:{server.server_address[1]}"), "no-reply@localhost")


def test_an_email_reaches_the_server(server: Received) -> None:
    mail(server).send(Message("email", "a@test.com", "Your code", "It is 123456.", "123456"))
    assert "To: a@test.com" in server.letters[0]
    assert "It is 123456." in server.letters[0]


def test_only_what_was_made_as_html_is_sent_as_html(server: Received) -> None:
    mail(server).send(Message("email", "a@test.com", "x", "<b>plain</b>"))
    mail(server).send(Message("email", "a@test.com", "x", "<b>1</b>", markup="<b>1</b>"))
    assert ["text/html" in letter for letter in server.letters] == [False, True]


@pytest.mark.parametrize(
    ("to", "subject"),
    [("a@test.com\r\nBcc: b@test.com", "x"), ("a@test.com", "x\nBcc: b@test.com"), ("a@test.com, b@test.com", "x")],
)
def test_nobody_adds_headers_or_recipients(server: Received, to: str, subject: str) -> None:
    with pytest.raises(Undeliverable):
        mail(server).send(Message("email", to, subject, "text"))
    assert server.letters == []


@pytest.mark.parametrize(("host", "told"), [("127.0.0.1", True), ("localhost", True), ("mail.example.com", False)])
def test_a_password_leaves_this_machine_under_tls_only(
    server: Received, monkeypatch: pytest.MonkeyPatch, host: str, *, told: bool
) -> None:
    monkeypatch.setattr(socket, "create_connection", _connecting_to(server))
    sender = Mail(Secret(f"smtp://me:secret@{host}:{server.server_address[1]}"), "no-reply@localhost")
    if told:
        sender.send(Message("email", "a@test.com", "x", "y"))
    else:
        with pytest.raises(Unavailable, match="no TLS"):
            sender.send(Message("email", "a@test.com", "x", "y"))
    assert (len(server.letters), bool(server.logins)) == (int(told), told)


def _connecting_to(server: Received) -> Callable[..., socket.socket]:
    """As a name service that knows every host: they are all this server."""

    def connect(*_address: object, **_more: object) -> socket.socket:
        made = socket.socket()
        made.connect(server.server_address)
        return made

    return connect


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable) as told:
        Mail(Secret("smtp://127.0.0.1:1"), "a@localhost").send(Message("email", "a@test.com", "x", "y"))
    assert not isinstance(told.value, Undeliverable)


@pytest.mark.parametrize(("reply", "for_good"), [("550 no such mailbox", True), ("450 later", False)])
def test_a_recipient_refused_for_good_is_told_from_one_refused_for_now(
    server: Received, reply: str, *, for_good: bool
) -> None:
    server.on_recipient = reply
    with pytest.raises(Unavailable) as told:
        mail(server).send(Message("email", "a@test.com", "x", "y"))
    assert isinstance(told.value, Undeliverable) is for_good
