"""NEW_PASSWORD_REQUIRED: the user chooses a password of their own, and gives the attributes the pool requires. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from services.userpool.errors import InvalidParameter, NotAuthorized
from services.userpool.pools.pool import UserPool

_PREFIX: Final = "userAttributes."


def missing_attributes(required: Iterable[str], attributes: Mapping[str, str]) -> list[str]:
    """Gives the required attributes that the user does not have yet."""
    return sorted(name for name in required if name != "sub" and not attributes.get(name))


def parameters(username: str, attributes: Mapping[str, str], missing: Iterable[str]) -> dict[str, str]:
    """Gives ChallengeParameters: lists and maps are JSON text, and clients parse both."""
    return {
        "USER_ID_FOR_SRP": username,
        "userAttributes": msgspec.json.encode({n: v for n, v in attributes.items() if n != "sub"}).decode(),
        "requiredAttributes": msgspec.json.encode([_PREFIX + name for name in missing]).decode(),
    }


def read(answers: Mapping[str, str], missing: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Gives the new password and the attributes sent along.

    Raises InvalidParameter if the password or a required attribute is not there. Other answers are passed over: some
    clients repeat those of the challenge before.
    """
    password = answers.get("NEW_PASSWORD")
    if not password:
        raise InvalidParameter("Missing required parameter NEW_PASSWORD")
    given = {name.removeprefix(_PREFIX): value for name, value in answers.items() if name.startswith(_PREFIX)}
    for name in missing:
        if not given.get(name):
            raise InvalidParameter(f"Invalid attributes given, {name} is missing")
    return password, given


def check_kept(pool: UserPool, before: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Raises NotAuthorized for a required attribute or an address that the user has, and that would become another.

    Whoever has a temporary password has not proved that an address is theirs: it changes by UpdateUserAttributes alone,
    which knows how addresses are proved. Source: API reference, RespondToAuthChallenge; the sentence is recorded.
    """
    for name, value in given.items():
        is_kept = pool.schema[name].required or name in {"email", "phone_number"}
        if is_kept and before.get(name, value) != value:
            raise NotAuthorized(f"Cannot modify an already provided {name}")
