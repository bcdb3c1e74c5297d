"""Messages to people: a channel, a recipient, and one way out for each channel."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `code` stands beside the body so that a page or a test need not search for it."""

    channel: Literal["email", "sms"]
    to: str
    subject: str
    body: str
    code: str = ""


class Messages(Protocol):
    """Where messages are handed over."""

    def send(self, message: Message) -> None:
        """Hands `message` over. Raises Unavailable when the way out is closed."""
