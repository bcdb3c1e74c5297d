"""What may be written into a user's attributes, and by whom. Pure.

Source: developer guide, "Working with user attributes"; API reference AdminUpdateUserAttributes.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, NamedTuple

from services.userpool.clients.client import AppClient
from services.userpool.errors import InvalidParameter, NotAuthorized
from services.userpool.pools.attributes import Attribute
from services.userpool.pools.pool import UserPool
from shared.aws.api import cognito_idp as api

_EMAIL: Final = re.compile(
    r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?"
)
_PHONE: Final = re.compile(r"\+[0-9]{2,15}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,19}")
_LONGEST_EMAIL: Final = 254
_LONGEST_NAME: Final = 128
_WORDS: Final = frozenset({"true", "false"})
_OURS: Final = frozenset({"sub", "identities"})
_VERIFIED: Final = {"email": "email_verified", "phone_number": "phone_number_verified"}


class Words(NamedTuple):
    """How what is wrong with attributes is said: what comes first, what before each name, what of one that must stay.

    All are recorded.
    """

    first: str
    before_name: str
    required: str


_REQUIRED: Final = "The attribute is required"
NEW: Final = Words("Attributes did not conform to the schema: ", "", _REQUIRED)
CHANGED: Final = Words("", "user.", "Required attribute cannot be deleted.")
REMOVED: Final = Words("Invalid user attributes: ", "user.", _REQUIRED)


def given_attributes(
    pool: UserPool, pairs: Iterable[api.AttributeType] | None, words: Words = CHANGED
) -> dict[str, str]:
    """The attributes of a request, checked against the pool's schema and in stored form; a blank value means none.

    Raises InvalidParameter. Whether the writer may write them is asked apart: `check_writable`, `changed`.
    """
    given: dict[str, str] = {}
    broken: list[str] = []
    for pair in pairs or ():
        attribute, value = pool.schema.get(pair.name), pair.value or ""
        if attribute is None:
            broken.append(f"{pair.name}: Attribute does not exist in the schema.")
            continue
        if pair.name in given:
            raise InvalidParameter(f"Duplicate attribute: {pair.name}.")
        given[pair.name] = value.lower() if attribute.data_type == "Boolean" else value
        complaint = _complaint(pool, attribute, given[pair.name]) if value else None
        if complaint is not None:
            broken.append(f"{pair.name}: {complaint}")
    _refuse(broken, words)
    return given


def _refuse(broken: Iterable[str], words: Words) -> None:
    text = "".join(f"{words.before_name}{each}\n" for each in broken)
    if text:
        raise InvalidParameter(f"{words.first}{text}")


def _complaint(pool: UserPool, attribute: Attribute, value: str) -> str | None:
    """What is wrong with a value, or None. Raises InvalidParameter for addresses, which have sentences of their own."""
    if attribute.name == "email" and not is_email(value):
        raise InvalidParameter("Invalid email address format.")
    if attribute.name == "phone_number" and not is_phone_number(value):
        raise InvalidParameter("Invalid phone number format.")
    if attribute.name == "preferred_username" and attribute.name in pool.alias_attributes:
        refuse_addresses(pool, "Preferred username", value)
    if attribute.data_type == "Boolean":
        return None if value in _WORDS else "Attribute is not a boolean."
    if attribute.data_type == "DateTime":
        return None if _is_time(value) else "Attribute is not a date and time."
    if attribute.data_type == "Number" and not _NUMBER.fullmatch(value):
        return "Attribute is not a number."
    return _out_of_bounds(pool, attribute, value)


def _out_of_bounds(pool: UserPool, attribute: Attribute, value: str) -> str | None:
    """A number's value or a text's length; a preferred name that people sign in with is as short as a user name."""
    number, high = attribute.data_type == "Number", attribute.high
    size, kind = (int(value), "value") if number else (len(value), "length")
    if attribute.name == "preferred_username" and attribute.name in pool.alias_attributes:
        high = min(high or _LONGEST_NAME, _LONGEST_NAME)
    if attribute.low is not None and size < attribute.low:
        return f"Attribute {kind} must not be less than {attribute.low}."
    if high is not None and size > high:
        return f"Attribute {kind} must not be greater than {high}."
    return None


def is_email(value: str) -> bool:
    """Whether the value has the form of an e-mail address."""
    return len(value) <= _LONGEST_EMAIL and _EMAIL.fullmatch(value) is not None


def is_phone_number(value: str) -> bool:
    """Whether the value has the form of a phone number: a plus and the digits (E.164)."""
    return _PHONE.fullmatch(value) is not None


def refuse_addresses(pool: UserPool, words: str, name: str) -> None:
    """Raises InvalidParameter for a name that looks like an address which others may prove and sign in with."""
    for attribute, is_one, kind in (("email", is_email, "email"), ("phone_number", is_phone_number, "phone number")):
        if attribute in pool.alias_attributes and is_one(name):
            raise InvalidParameter(
                f"{words} cannot be of {kind} format, since user pool is configured for {kind} alias."
            )


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def check_writable(client: AppClient, names: Iterable[str]) -> None:
    """Raises NotAuthorized for an attribute that users may not write through this client (R10)."""
    for name in names:
        if not client.writable(name):
            raise NotAuthorized("A client attempted to write unauthorized attribute")


def of_new_user(pool: UserPool, given: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a new user from `given_attributes`. Raises InvalidParameter if required ones are missing."""
    _refuse_ours(given)
    attributes = {name: value for name, value in given.items() if value}
    _refuse(
        (
            f"{attribute.name}: {NEW.required}"
            for attribute in pool.schema.values()
            if attribute.required and attribute.name not in _OURS and attribute.name not in attributes
        ),
        NEW,
    )
    return attributes


def changed(pool: UserPool, before: Mapping[str, str], given: Mapping[str, str]) -> tuple[dict[str, str], set[str]]:
    """What to set and what to remove for `given_attributes` of a user who has the attributes `before`.

    A changed e-mail address or phone number is not verified, unless the same call says so. Raises InvalidParameter
    for immutable attributes that differ, and for those that would go and must stay.
    """
    _refuse_ours(given)
    for name, value in given.items():
        if not pool.schema[name].mutable and before.get(name, "") != value:
            raise InvalidParameter(f"user.{name}: Attribute cannot be updated.\n")
    fresh = {name: value for name, value in given.items() if value}
    gone = {name for name, value in given.items() if not value}
    for name, flag in _VERIFIED.items():
        if name in fresh and flag not in fresh and fresh[name] != before.get(name):
            fresh[flag] = "false"
            gone.discard(flag)
    return fresh, _removable(pool, gone, before.keys() | fresh.keys(), CHANGED)


def removed(pool: UserPool, before: Mapping[str, str], names: Iterable[str]) -> set[str]:
    """What to remove for the names of a request. Raises InvalidParameter for those that cannot go."""
    wanted = set(names)
    unknown = sorted(wanted - pool.schema.keys())
    _refuse((f"{name}: Attribute does not exist in the schema." for name in unknown), REMOVED)
    _refuse_ours(wanted)
    for name in wanted:
        if not pool.schema[name].mutable and name in before:
            raise InvalidParameter(f"user.{name}: Attribute cannot be updated.\n")
    return _removable(pool, wanted, before.keys(), REMOVED)


def _removable(pool: UserPool, names: set[str], held: AbstractSet[str], words: Words) -> set[str]:
    """An address goes with its mark of being verified; the last of those that the user signs in with stays."""
    stays = {name for name in names if pool.schema[name].required}
    if pool.username_attributes.isdisjoint(held - names):
        stays |= names & pool.username_attributes
    _refuse((f"{name}: {words.required}" for name in sorted(stays)), words)
    return names | {flag for name, flag in _VERIFIED.items() if name in names}


def _refuse_ours(names: Iterable[str]) -> None:
    for name in names:
        if name in _OURS:
            raise InvalidParameter(f"user.{name}: Attribute cannot be updated.\n")
