"""What a user is called, and which attribute that gives a new one. Pure.

Source: developer guide, "Configuring user pool aliases"; the sentences are recorded.
"""

from collections.abc import Mapping

from services.userpool.directory.aliases import folded
from services.userpool.directory.attributes import is_email, is_phone_number, refuse_addresses
from services.userpool.errors import InvalidParameter
from services.userpool.pools.pool import UserPool


def named(pool: UserPool, given: str, sub: str, attributes: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Gives the user name and attributes of somebody who gives this name; `sub` is their new sub.

    In pools whose users sign in with an address, the address becomes the attribute and the sub the user name.
    Raises InvalidParameter.
    """
    if not pool.username_attributes:
        refuse_addresses(pool, "Username", given)
        return given, dict(attributes)
    attribute = _address_kind(pool, given)
    if folded(pool, attributes.get(attribute, given)) != folded(pool, given):
        words = "email" if attribute == "email" else "phone number"
        raise InvalidParameter(f"User {words} should be empty or same as username, since username attribute is {words}")
    return sub, {**attributes, attribute: given}


def known_as(pool: UserPool, username: str, attributes: Mapping[str, str]) -> str:
    """The name that messages call a user by: in pools whose users sign in with an address, that address."""
    addresses = (attributes.get(name) for name in ("email", "phone_number") if name in pool.username_attributes)
    return next((address for address in addresses if address), username)


def _address_kind(pool: UserPool, given: str) -> str:
    if "email" in pool.username_attributes and is_email(given):
        return "email"
    if "phone_number" in pool.username_attributes and is_phone_number(given):
        return "phone_number"
    if len(pool.username_attributes) > 1:
        raise InvalidParameter("Username should be either an email or a phone number.")
    raise InvalidParameter(
        "Username should be an email." if "email" in pool.username_attributes else "Username should be a phone number."
    )
