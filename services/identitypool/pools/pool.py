"""An identity pool as a value: its settings, its roles, and which login providers it trusts. Pure."""

import re
from functools import lru_cache
from typing import Final, Literal

import msgspec

from services.identitypool.errors import InvalidParameter

AUTHENTICATED: Final = "authenticated"
UNAUTHENTICATED: Final = "unauthenticated"
COGNITO_IDENTITY: Final = "cognito-identity.amazonaws.com"
"""Identity pools as IAM names them: the Federated principal of trust policies, the prefix of their condition keys."""
_AWS_NAME = re.compile(r"cognito-idp\.([a-z0-9-]+)\.amazonaws\.com/(\1_[0-9A-Za-z]+)")
_LONGEST_NAME = 512
_POOL_ID = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]_[0-9A-Za-z]+")


class Provider(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user pool and app client whose id tokens the pool takes. `name` is as it was given."""

    name: str
    client_id: str
    server_side_check: bool | None = None


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What CreateIdentityPool and UpdateIdentityPool set."""

    name: str
    guests: bool
    classic_flow: bool | None = None
    providers: tuple[Provider, ...] = ()


class AttachedRole(msgspec.Struct, frozen=True):
    """A role by name and by unique id: deleted and made again, it is another role (R25). No id: it did not exist yet."""

    arn: str
    role_id: str | None = None


class Rule(msgspec.Struct, frozen=True):
    """A claim that leads to a role."""

    claim: str
    match: Literal["Equals", "Contains", "StartsWith", "NotEqual"]
    value: str
    role: AttachedRole


class Mapping(msgspec.Struct, frozen=True):
    """How the logins of one provider find their role. `ambiguous` is what happens when they find none."""

    kind: Literal["Token", "Rules"]
    ambiguous: Literal["AuthenticatedRole", "Deny"] | None = None
    rules: tuple[Rule, ...] = ()


class Roles(msgspec.Struct, frozen=True, omit_defaults=True):
    """What SetIdentityPoolRoles sets; mappings by `<provider>:<client id>`, as given."""

    default: dict[str, AttachedRole] = {}
    mappings: dict[str, Mapping] = {}


class Pool(msgspec.Struct, frozen=True):
    """An identity pool."""

    id: str
    account: str
    settings: Settings
    roles: Roles
    created_at: float


def user_pool_of(provider_name: str, userpool_base: str) -> str | None:
    """The id of the user pool that a provider name means, in either spelling; None if it is not one of ours.

    `cognito-idp.REGION.amazonaws.com/POOL` with the pool's own region, or the issuer without its scheme: `host:port/POOL`.
    """
    return _user_pool_of(provider_name, userpool_base) if len(provider_name) <= _LONGEST_NAME else None


@lru_cache(maxsize=1024)  # of unverified tokens too: therefore bounded, also in length
def _user_pool_of(provider_name: str, userpool_base: str) -> str | None:
    found = _AWS_NAME.fullmatch(provider_name)
    pool_id = found[2] if found else _after(provider_name, userpool_base.partition("://")[2] + "/")
    return pool_id if pool_id is not None and _POOL_ID.fullmatch(pool_id) else None


@lru_cache(maxsize=1024)
def issuer_of(provider_name: str, userpool_base: str) -> str:
    """The name under which logins of a provider are linked: one for all spellings, of nobody's for an unknown one."""
    return f"userpool/{user_pool_of(provider_name, userpool_base)}"


def checked_providers(providers: tuple[Provider, ...], userpool_base: str) -> tuple[Provider, ...]:
    """The providers, if each is a user pool of this installation and none stands twice. Raises InvalidParameter."""
    seen = set()
    for provider in providers:
        pool_id = user_pool_of(provider.name, userpool_base)
        if pool_id is None:
            raise InvalidParameter(f"{provider.name} is not a user pool of this installation.")
        if (pool_id, provider.client_id) in seen:
            raise InvalidParameter(f"{provider.name} with client {provider.client_id} is listed twice.")
        seen.add((pool_id, provider.client_id))
    return providers


def _after(text: str, start: str) -> str | None:
    return text[len(start) :] if text.startswith(start) else None
