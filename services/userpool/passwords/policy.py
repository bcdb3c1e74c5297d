"""What a pool asks of a new password: form, composition, history; and temporary passwords. Pure.

Sources: API reference PasswordPolicyType; developer guide, "Passwords, account recovery, and password policies".
"""

import re
import string
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

import msgspec

from services.userpool.errors import (
    InvalidParameter,
    InvalidPassword,
    NotAuthorized,
    PasswordHistoryPolicyViolation,
)

SYMBOLS: Final = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")
"""What counts as a special character; a space counts too, since it cannot stand at either end."""

LONGEST: Final = 256
TEMPORARY_RANDOM_BYTES: Final = 192
"""What `temporary_password` wants: enough for the longest one, with bits to spare against bias."""

_FORM: Final = re.compile(r"\S[^\n\r\x85\u2028\u2029]*\S", re.ASCII)
_WIRE_FORM: Final = r"^[\S]+.*[\S]+$"  # the same as AWS spells it; matched in this form a long text takes minutes
_DEFAULT_VALIDITY_DAYS: Final = 7
_TEMPORARY_LENGTH: Final = 12
_TEMPORARY_KINDS: Final = (  # without look-alikes, and without what mail templates, HTML and shells could trip over
    "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "abcdefghijkmnopqrstuvwxyz",
    "23456789",
    "!?*.,:;_~",
)

Record = TypeVar("Record")


class PasswordPolicy(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The pool's PasswordPolicyType; the defaults are those of a pool that names none."""

    minimum_length: int = 8
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    temporary_password_validity_days: int = _DEFAULT_VALIDITY_DAYS
    password_history_size: int = 0

    def __post_init__(self) -> None:
        """Keeps the limits of the API (ValueError: the wire has checked them before)."""
        for name, low, high in (
            ("minimum_length", 6, 99),
            ("temporary_password_validity_days", 0, 365),
            ("password_history_size", 0, 24),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is outside {low}..{high}")


def check_password(policy: PasswordPolicy, password: str, member: str = "password") -> None:
    """Raises InvalidPassword, in AWS's words, for the first rule of the pool's policy that the password breaks.

    Raises InvalidParameter for one that no pool takes; `member` is the input member that this sentence names.
    Only basic Latin letters and digits count as letters and digits.
    """
    check_form(password, member)
    for broken, complaint in (
        (len(password) < policy.minimum_length, "Password not long enough"),
        (policy.require_uppercase and not _has(password, string.ascii_uppercase), _must_have("uppercase")),
        (policy.require_lowercase and not _has(password, string.ascii_lowercase), _must_have("lowercase")),
        (policy.require_numbers and not _has(password, string.digits), _must_have("numeric")),
        (policy.require_symbols and not _has(password, SYMBOLS), _must_have("symbol")),
    ):
        if broken:
            raise InvalidPassword(f"Password did not conform with policy: {complaint}")


def check_form(password: str, member: str = "password") -> None:
    """Raises InvalidParameter unless the password has 2 to 256 characters and no white space at either end.

    It stands here and not only at the wire, because NEW_PASSWORD arrives as an entry of a map.
    """
    violations = []
    if len(password) > LONGEST:
        violations.append(f"Member must have length less than or equal to {LONGEST}")
    if not _FORM.fullmatch(password):
        violations.append(f"Member must satisfy regular expression pattern: {_WIRE_FORM}")
    if violations:
        count = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
        listed = "; ".join(f"Value at '{member}' failed to satisfy constraint: {each}" for each in violations)
        raise InvalidParameter(f"{count} detected: {listed}")


def check_history(policy: PasswordPolicy, latest_first: Iterable[Record], matches: Callable[[Record], bool]) -> None:
    """Raises PasswordHistoryPolicyViolation if the new password is one of the user's latest.

    `latest_first` are the user's password records, the current one included (AWS counts it among the n);
    `matches` says whether the new password is the one of a record. All n are asked, so the time tells no position.
    """
    if any([matches(record) for record in islice(latest_first, policy.password_history_size)]):  # noqa: C419
        raise PasswordHistoryPolicyViolation("Password has previously been used.")


def temporary_expires_at(policy: PasswordPolicy, set_at: datetime) -> datetime:
    """Gives the end of a temporary password set at `set_at`; 0 days mean the default of 7."""
    return set_at + timedelta(days=policy.temporary_password_validity_days or _DEFAULT_VALIDITY_DAYS)


def check_temporary(policy: PasswordPolicy, set_at: datetime, now: datetime) -> None:
    """Raises NotAuthorized if a temporary password set at `set_at` has ended."""
    if now >= temporary_expires_at(policy, set_at):
        raise NotAuthorized("Temporary password has expired and must be reset by an administrator.")


def temporary_password(policy: PasswordPolicy, random: bytes) -> str:
    """Gives a password with all four kinds of characters, which therefore satisfies any policy of its length.

    `random`: TEMPORARY_RANDOM_BYTES random bytes, used once.
    """
    if len(random) != TEMPORARY_RANDOM_BYTES:
        raise ValueError(f"a temporary password needs exactly {TEMPORARY_RANDOM_BYTES} random bytes")
    length = max(policy.minimum_length, _TEMPORARY_LENGTH)
    anything = "".join(_TEMPORARY_KINDS)
    rest, characters = int.from_bytes(random, "big"), []
    for position in range(length):
        alphabet = _TEMPORARY_KINDS[position] if position < len(_TEMPORARY_KINDS) else anything
        rest, chosen = divmod(rest, len(alphabet))
        characters.append(alphabet[chosen])
    for last in range(length - 1, 0, -1):  # Fisher and Yates: the four required kinds may stand anywhere
        rest, chosen = divmod(rest, last + 1)
        characters[last], characters[chosen] = characters[chosen], characters[last]
    return "".join(characters)


def _must_have(kind: str) -> str:
    return f"Password must have {kind} characters"


def _has(password: str, kind: Iterable[str]) -> bool:
    return not set(kind).isdisjoint(password)
