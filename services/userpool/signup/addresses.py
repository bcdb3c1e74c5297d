"""What a change of attributes does to addresses that have to be proved. Pure.

Source: developer guide, "Verifying updates to email addresses and phone numbers"; API reference
AdminUpdateUserAttributes, UserAttributeUpdateSettingsType.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.userpool.directory.attributes import changed
from services.userpool.pools.pool import UserPool
from services.userpool.signup.codes import Purpose
from services.userpool.signup.delivery import Destination

Address = Literal["email", "phone_number"]

ADDRESSES: Final[tuple[Address, ...]] = ("email", "phone_number")
PURPOSE: Final[Mapping[Address, Purpose]] = {"email": Purpose.VERIFY_EMAIL, "phone_number": Purpose.VERIFY_PHONE}


@dataclass(frozen=True, slots=True)
class Change:
    """What is set now, what is removed, and which addresses get a code."""

    fresh: Mapping[str, str]
    gone: frozenset[str]
    to_prove: tuple[Destination, ...]


def change_of(pool: UserPool, before: Mapping[str, str], given: Mapping[str, str]) -> Change:
    """What `given_attributes` mean for a user who has the attributes `before`.

    A changed address that the pool verifies gets a code, unless the same call says that it is verified. Where the pool
    wants the proof first, the old value stays until then. Raises InvalidParameter as `changed`.
    """
    fresh, gone = changed(pool, before, given)
    to_prove = []
    for name in ADDRESSES:
        value, flag = given.get(name), f"{name}_verified"
        if not value or value == before.get(name) or given.get(flag) == "true":
            continue
        if name in pool.auto_verified_attributes:
            to_prove.append(Destination(name, value))
            if name in pool.verified_before_update:
                del fresh[name], fresh[flag]
    return Change(fresh, frozenset(gone), tuple(to_prove))
