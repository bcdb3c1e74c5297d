"""Messages to people: a channel, a recipient, and one way out for each channel."""

from dataclasses import dataclass
from typing import Literal, Protocol

from shared.refusal import Unavailable


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `code` stands beside the body so that a page or a test need not search for it.

    `markup` is the body as HTML, where there is one.
    """

    channel: Literal["email", "sms"]
    to: str
    subject: str
    body: str
    code: str = ""
    markup: str = ""


class Undeliverable(Unavailable):
    """The message will not be taken, however often it is tried."""


class Messages(Protocol):
    """Where messages are handed over."""

    def send(self, message: Message) -> None:
        """Hands `message` over. Raises Unavailable when the way out is closed."""

    def pretend(self, message: Message) -> None:
        """Costs the caller what `send` costs, and reaches nobody: for people who do not exist (R15)."""
