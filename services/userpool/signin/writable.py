"""Which attributes users may set themselves, and in which form (R10). Pure."""

import re
from collections.abc import Mapping
from typing import Final

from services.userpool.clients.client import AppClient
from services.userpool.directory.user import User
from services.userpool.errors import InvalidParameter, NotAuthorized
from services.userpool.pools.attributes import Attribute
from services.userpool.pools.pool import UserPool

_EMAIL: Final = re.compile(r"[^@\s<>,;:\\\"()\[\]\x00-\x1f\x7f]+@[^@\s<>,;:\\\"()\[\]\x00-\x1f\x7f]+")
_PHONE: Final = re.compile(r"\+[0-9]{1,15}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,19}")


def check_client_may_write(pool: UserPool, client: AppClient, user: User | None, given: Mapping[str, str]) -> None:
    """Raises NotAuthorized for an attribute that this client may not write, InvalidParameter for a bad value."""
    for name in given:
        if name in pool.schema and not client.writable(name):
            raise NotAuthorized("A client attempted to write unauthorized attribute")
    check_values(pool, user, given)


def check_values(pool: UserPool, user: User | None, given: Mapping[str, str]) -> None:
    """Raises InvalidParameter for an unknown attribute, a value of the wrong form, a change of what never changes."""
    for name, value in given.items():
        attribute = pool.schema.get(name)
        if attribute is None:
            raise InvalidParameter(
                f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.\n"
            )
        if user is not None and not attribute.mutable and user.attributes.get(name, value) != value:
            raise InvalidParameter(f"user.{name}: Attribute cannot be updated.\n")
        _check_form(attribute, value)


def _check_form(attribute: Attribute, value: str) -> None:
    name = attribute.name
    if name == "email" and value and not _EMAIL.fullmatch(value):
        raise InvalidParameter("Invalid email address format.")
    if name == "phone_number" and value and not _PHONE.fullmatch(value):
        raise InvalidParameter("Invalid phone number format.")
    if attribute.data_type == "Number":
        _check_number(attribute, value)
    if attribute.data_type == "Boolean" and value.lower() not in {"true", "false"}:
        raise _nonconforming(name, f"{name} must be a boolean")
    if attribute.data_type == "String":
        if attribute.low is not None and value and len(value) < attribute.low:
            raise _nonconforming(name, f"String must be no shorter than {attribute.low} characters")
        if attribute.high is not None and len(value) > attribute.high:
            raise _nonconforming(name, f"String must be no longer than {attribute.high} characters")


def _check_number(attribute: Attribute, value: str) -> None:
    if not _NUMBER.fullmatch(value):
        raise _nonconforming(attribute.name, "Value is not a number")
    if attribute.low is not None and int(value) < attribute.low:
        raise _nonconforming(attribute.name, f"Number must be no less than {attribute.low}")
    if attribute.high is not None and int(value) > attribute.high:
        raise _nonconforming(attribute.name, f"Number must be no more than {attribute.high}")


def _nonconforming(name: str, complaint: str) -> InvalidParameter:
    return InvalidParameter(f"Attributes did not conform to the schema: {name}: {complaint}\n")
