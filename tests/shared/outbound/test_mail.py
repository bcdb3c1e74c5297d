import socketserver
import threading
from collections.abc import Iterator

import pytest

from shared.outbound.mail import Mail
from shared.outbound.messages import Message
from shared.refusal import Unavailable
from shared.secret import Secret


class Received(socketserver.ThreadingTCPServer):
    """A mail server that takes everything and keeps what it was given."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters: list[str] = []


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
            self.say("221 bye" if word == "QUIT" else "250 fine")
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


class Others:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)


def mail(server: Received, others: Others) -> Mail:
    return Mail(Secret(f"smtp://127.0.0.1:{server.server_address[1]}"), "no-reply@localhost", others)


def test_an_email_reaches_the_server_and_a_text_message_the_other_way(server: Received) -> None:
    others = Others()
    way_out = mail(server, others)
    way_out.send(Message("email", "a@test.com", "Your code", "It is 123456.", "123456"))
    way_out.send(Message("sms", "+12065551234", "", "It is 1.", "1"))
    assert "To: a@test.com" in server.letters[0]
    assert "It is 123456." in server.letters[0]
    assert [message.to for message in others.messages] == ["+12065551234"]


@pytest.mark.parametrize(
    ("to", "subject"),
    [("a@test.com\r\nBcc: b@test.com", "x"), ("a@test.com", "x\nBcc: b@test.com"), ("a@test.com, b@test.com", "x")],
)
def test_nobody_adds_headers_or_recipients(server: Received, to: str, subject: str) -> None:
    with pytest.raises(Unavailable):
        mail(server, Others()).send(Message("email", to, subject, "text"))
    assert server.letters == []


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable):
        Mail(Secret("smtp://127.0.0.1:1"), "a@localhost", Others()).send(Message("email", "a@test.com", "x", "y"))
