"""Which role does this identity get? Rules in their order, then the token's claims, then the default. Pure.

Cognito Developer Guide: Using role-based access control.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.identitypool.errors import InvalidIdentityPoolConfiguration, NotAuthorized
from services.identitypool.pools import pool as pools
from services.identitypool.pools.pool import AttachedRole, Roles

PREFERRED, ALL = "cognito:preferred_role", "cognito:roles"
_DENIED = "Access to Role is forbidden."
_AMBIGUOUS = "Ambiguous role. Either set the default role or specify a CustomRoleArn."


def choose_role(
    roles: Roles,
    mapping: pools.Mapping | None,
    claims: Mapping[str, Any] | None,
    custom_role_arn: str | None,
) -> AttachedRole:
    """The role of an identity. `claims` are those of its login's id token; None for a guest.

    Raises NotAuthorized where the choice is refused, InvalidIdentityPoolConfiguration where no role is set.
    """
    if claims is None:
        if custom_role_arn is not None:
            raise NotAuthorized(_DENIED)
        return _default(roles, pools.UNAUTHENTICATED)
    if mapping is not None and mapping.kind == "Rules":
        return _by_rules(roles, mapping, claims, custom_role_arn)
    if mapping is not None:
        return _by_token(roles, mapping, claims, custom_role_arn)
    if custom_role_arn is not None:
        return _custom(claims, custom_role_arn)
    return _default(roles, pools.AUTHENTICATED)


def _by_rules(
    roles: Roles, mapping: pools.Mapping, claims: Mapping[str, Any], custom_role_arn: str | None
) -> AttachedRole:
    if custom_role_arn is not None:
        matching = [rule.role for rule in mapping.rules if _holds(rule, claims) and rule.role.arn == custom_role_arn]
        if not matching:
            raise NotAuthorized(_DENIED)
        return matching[0]
    for rule in mapping.rules:
        if _holds(rule, claims):
            return rule.role
    return _unmatched(roles, mapping)


def _by_token(
    roles: Roles, mapping: pools.Mapping, claims: Mapping[str, Any], custom_role_arn: str | None
) -> AttachedRole:
    if custom_role_arn is not None:
        return _custom(claims, custom_role_arn)
    preferred = claims.get(PREFERRED)
    if isinstance(preferred, str) and preferred:
        return AttachedRole(preferred)
    named = _texts(claims.get(ALL))
    if len(set(named)) == 1:
        return AttachedRole(named[0])
    return _unmatched(roles, mapping)


def _unmatched(roles: Roles, mapping: pools.Mapping) -> AttachedRole:
    if mapping.ambiguous != "AuthenticatedRole":
        raise NotAuthorized(_AMBIGUOUS)
    return _default(roles, pools.AUTHENTICATED)


def _custom(claims: Mapping[str, Any], arn: str) -> AttachedRole:
    if arn not in _texts(claims.get(ALL)):
        raise NotAuthorized(_DENIED)
    return AttachedRole(arn)


def _default(roles: Roles, kind: str) -> AttachedRole:
    role = roles.default.get(kind)
    if role is None:
        raise InvalidIdentityPoolConfiguration
    return role


_TESTS: dict[str, Callable[[Sequence[str], str], bool]] = {
    "Equals": lambda found, value: any(text == value for text in found),
    "NotEqual": lambda found, value: all(text != value for text in found),
    "StartsWith": lambda found, value: any(text.startswith(value) for text in found),
    "Contains": lambda found, value: any(value in text for text in found),
}


def _holds(rule: pools.Rule, claims: Mapping[str, Any]) -> bool:
    """A claim that the token does not have holds for no rule, NotEqual included: silence gives no role."""
    return rule.claim in claims and _TESTS[rule.match](_texts(claims[rule.claim]), rule.value)


def _texts(claim: object) -> Sequence[str]:
    """A claim's values as texts; `true` and numbers as JSON writes them."""
    if isinstance(claim, list | tuple):
        return [text for item in claim for text in _texts(item)]
    if isinstance(claim, bool):
        return ["true" if claim else "false"]
    return [str(claim)] if isinstance(claim, str | int | float) else []
