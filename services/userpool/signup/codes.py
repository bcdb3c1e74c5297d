"""Six digits, sent to one address for one purpose: what they look like in the database, and when they are good. Pure.

Source: developer guide, "Quotas": codes for sign-up and attributes last 24 hours, for forgotten passwords one hour.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum, auto
from typing import Final

DIGITS: Final = 6
NO_CODE: Final = b""
"""The hash of a row that stands for no code: no digits have it."""
MOST_TRIES: Final = 5


class Purpose(StrEnum):
    """What a code opens."""

    SIGN_UP = "sign-up"
    RESET = "reset"
    VERIFY_EMAIL = "email"
    VERIFY_PHONE = "phone_number"
    NOTHING = "nothing"  # what is written where no code goes out, and nobody may know that (R15)


def ttl(purpose: Purpose) -> timedelta:
    """Gives how long a code of this purpose is good."""
    return timedelta(hours=1) if purpose in {Purpose.RESET, Purpose.NOTHING} else timedelta(hours=24)


class Verdict(Enum):
    """What a code that was given is worth."""

    GOOD = auto()
    WRONG = auto()
    SPENT = auto()  # none was sent, it is used up, or too old
    TOO_MANY = auto()


@dataclass(frozen=True, slots=True)
class Code:
    """A code as stored. `attribute` and `target`: where it was sent."""

    pool_id: str
    sub: str
    purpose: Purpose
    attribute: str
    target: str
    hash: bytes
    tries: int
    expires_at: float


def hashed(key: bytes, digits: str, *, pool_id: str, sub: str, purpose: Purpose, target: str, version: int) -> bytes:
    """Gives the keyed hash of a code, bound to its user, purpose and target (R16).

    One for a new password is good for the password of this version alone: a change of it voids what was sent before.
    """
    bound_to = f"{target}\0{version}" if purpose is Purpose.RESET else target
    return hmac.digest(key, f"{pool_id}\0{sub}\0{purpose}\0{bound_to}\0{digits}".encode(), "sha256")


def judge(code: Code | None, key: bytes, given: str, now_s: float, *, version: int) -> Verdict:
    """Says what `given` is worth against the stored code. `version`: of the password that the user has now."""
    if code is None or code.hash == NO_CODE or now_s >= code.expires_at:
        return Verdict.SPENT
    if code.tries >= MOST_TRIES:
        return Verdict.TOO_MANY
    expected = hashed(
        key,
        given,
        pool_id=code.pool_id,
        sub=code.sub,
        purpose=code.purpose,
        target=code.target,
        version=version,
    )
    return Verdict.GOOD if hmac.compare_digest(expected, code.hash) else Verdict.WRONG


def masked(attribute: str, target: str) -> str:
    """Gives the destination as it may be shown: t***@t***, +*******1234 (recorded)."""
    if attribute == "phone_number":
        return "+" + "*" * max(len(target) - 5, 0) + target[-4:]
    name, _, domain = target.partition("@")
    return f"{name[:1]}***@{domain[:1]}***"
