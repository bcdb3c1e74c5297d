"""What names a user answers to. Pure.

A user answers to the user name and the sub; in pools with alias attributes also to a verified e-mail address, a
verified phone number and the preferred user name; in pools whose users sign in with an address instead of a name, to
that address, verified or not. Each name means one user of the pool. Source: developer guide, "Sign-in attributes".
"""

from collections.abc import Iterator, Mapping
from typing import Final

from services.userpool.errors import AliasExists, UsernameExists
from services.userpool.pools.pool import UserPool
from shared.refusal import Refusal

SEARCHABLE: Final = (
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
)
LONGEST_SEARCHED: Final = 256
"""A filter is no longer than this, so what lies behind need not be found."""


def folded(pool: UserPool, name: str) -> str:
    """The form of a name that the pool compares: in most pools `Ann` is `ann`."""
    return name if pool.case_sensitive else name.casefold()


def aliases_of(pool: UserPool, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(attribute, folded value) of each attribute that the user may sign in with now."""
    for name in ("email", "phone_number"):
        value = attributes.get(name)
        if value and (
            name in pool.username_attributes
            or (name in pool.alias_attributes and attributes.get(f"{name}_verified") == "true")
        ):
            yield name, folded(pool, value)
    preferred = attributes.get("preferred_username")
    if preferred and "preferred_username" in pool.alias_attributes:
        yield "preferred_username", folded(pool, preferred)


def names_of(pool: UserPool, sub: str, username: str, attributes: Mapping[str, str]) -> dict[str, str | None]:
    """Every folded name of the user; for an alias with its attribute, for user name and sub with None."""
    names: dict[str, str | None] = {value: attribute for attribute, value in aliases_of(pool, attributes)}
    return names | {sub: None, folded(pool, username): None}


def taken(pool: UserPool, attribute: str | None, *, new_user: bool) -> Refusal:
    """What is said of a name that is another user's; `attribute` is None for the user name itself."""
    if attribute is None:
        return UsernameExists("User already exists")
    if new_user and attribute in pool.username_attributes:
        return UsernameExists(f"An account with the given {attribute} already exists.")
    return AliasExists(f"An account with the {attribute} already exists.")


def can_move(pool: UserPool, attribute: str | None) -> bool:
    """Whether ForceAliasCreation takes the alias from its holder: proved addresses only, beside a name of one's own.

    Source: API reference AdminCreateUser.
    """
    return attribute in {"email", "phone_number"} and attribute in pool.alias_attributes


def without_alias(pool: UserPool, attributes: Mapping[str, str], name: str) -> dict[str, str]:
    """The attributes of a user who loses an alias to another: the address is no longer verified."""
    lost = {
        f"{attribute}_verified": "false"
        for attribute, value in aliases_of(pool, attributes)
        if value == name and can_move(pool, attribute)
    }
    return {**attributes, **lost}


def search_rows(
    pool: UserPool, username: str, status: str, attributes: Mapping[str, str], *, enabled: bool
) -> set[tuple[str, str]]:
    """(attribute, value) pairs by which ListUsers finds the user."""
    rows = {
        ("username", folded(pool, username)),
        ("cognito:user_status", status.lower()),
        ("status", "Enabled" if enabled else "Disabled"),
    }
    return rows | {
        (name, as_searched(attributes[name])) for name in SEARCHABLE if name != "username" and name in attributes
    }


def as_searched(value: str) -> str:
    """The form in which attributes are searched, whatever the pool: without regard to case.

    Source: developer guide, "Searching for users using the ListUsers API". User names and `status` are as they are.
    """
    return value.casefold()[:LONGEST_SEARCHED]
