"""E-mail by SMTP. It waits for the mail server: `shared.outbound.background` does that for a request."""

import smtplib
import ssl
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from shared.outbound.messages import Message, Undeliverable
from shared.refusal import Unavailable
from shared.secret import Secret

_TIMEOUT_S: Final = 5.0
_PORTS: Final = {"smtp": 25, "smtps": 465}


class Mail:
    """Hands e-mail to one server."""

    def __init__(self, url: Secret, sender: str) -> None:
        """`url`: smtp://user:password@host:port (STARTTLS where the server offers it, and always before a password leaves
        this machine) or smtps://...
        """
        self._url = url
        self._sender = sender

    def send(self, message: Message) -> None:
        """Hands the message to the server.

        Raises Undeliverable for one that is no e-mail or that the server refuses for good, Unavailable for the rest.
        """
        letter = _letter(message, self._sender)
        try:
            self._hand_over(letter)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            if _is_for_good(error):
                raise Undeliverable("The mail server refuses the message.") from error
            raise Unavailable("The mail server does not take the message.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("The mail server does not take the message.") from error

    def _hand_over(self, letter: EmailMessage) -> None:
        parts = urlsplit(self._url.reveal())
        host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
        with _connected(parts.scheme, host, port) as server:
            if parts.username is not None:
                _check_private(server, host)
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(letter)


def _is_for_good(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> bool:
    """A reply of 5xx is final, one of 4xx is not (RFC 5321 4.2.1); a login that fails may be mended."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return all(code >= 500 for code, _ in error.recipients.values())


def _connected(scheme: str, host: str, port: int) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=trusted)
    server = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=trusted)
    return server


def _check_private(server: smtplib.SMTP, host: str) -> None:
    """Raises Unavailable before a password would be sent in the clear: who can hide STARTTLS from us can read it too."""
    if not isinstance(server.sock, ssl.SSLSocket) and not _is_loopback(host):
        raise Unavailable("The mail server offers no TLS, and gets no password without.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _letter(message: Message, sender: str) -> EmailMessage:
    """The message as an e-mail. A line break in a header would begin another header: refused (R23)."""
    letter = EmailMessage()
    try:
        letter["From"] = sender
        letter["To"] = message.to
        letter["Subject"] = message.subject
    except ValueError as error:
        raise Undeliverable("An address or subject has a line break.") from error
    if len(letter["To"].addresses) != 1:
        raise Undeliverable("A message goes to one address.")
    letter.set_content(message.body)
    if message.markup:  # mail programs show the one they can
        letter.add_alternative(message.markup, subtype="html")
    return letter
