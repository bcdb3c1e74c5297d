"""A mail server that does not answer holds up nobody, and what waits for it is not lost by a restart."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import installation_in


class Stuck(socketserver.ThreadingTCPServer):
    """Says nothing until it is told to go on."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.go_on = threading.Event()
        self.recipients: list[str] = []


class Talk(socketserver.StreamRequestHandler):
    server: Stuck

    def handle(self) -> None:
        self.server.go_on.wait(60)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().decode():
            word = line.split(" ", 1)[0].strip().upper()
            if word == "RCPT":
                self.server.recipients.append(line.partition("<")[2].partition(">")[0])
            if word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
            self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 fine\r\n")
            if word == "QUIT":
                return


@pytest.fixture
def server() -> Iterator[Stuck]:
    with Stuck() as stuck:
        threading.Thread(target=stuck.serve_forever, daemon=True).start()
        yield stuck
        stuck.go_on.set()
        stuck.shutdown()


def test_nobody_waits_for_a_mail_server_and_the_end_hands_over(server: Stuck, tmp_path: Path) -> None:
    house = installation_in(tmp_path, smtp_url=f"smtp://127.0.0.1:{server.server_address[1]}", threads="2")
    house.command("init")
    house.start()
    try:
        idp = house.client("cognito-idp")
        pool = idp.create_user_pool(PoolName="p", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
        client = idp.create_user_pool_client(UserPoolId=pool, ClientName="c", PreventUserExistenceErrors="ENABLED")[
            "UserPoolClient"
        ]["ClientId"]
        for number in range(6):  # three times as many as there are threads
            email = [{"Name": "email", "Value": f"u{number}@test.com"}]
            idp.sign_up(ClientId=client, Username=f"u{number}", Password="Correct-horse-9", UserAttributes=email)
        told = idp.resend_confirmation_code(ClientId=client, Username="u0")
        assert told["CodeDeliveryDetails"]["Destination"] == "u***@t***"
        idp.forgot_password(ClientId=client, Username="nobody")
        assert server.recipients == []
    finally:
        threading.Timer(1, server.go_on.set).start()  # the services are told to end before
        assert house.stop() == 0
    assert sorted(server.recipients) == ["u0@test.com", *(f"u{number}@test.com" for number in range(6))]
    log = (tmp_path / "serve.log").read_text()
    assert "@test.com" not in log
    assert "Traceback" not in log
