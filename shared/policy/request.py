"""The question: who wants to do what to which resource, under which circumstances, and which policies have a say."""

from collections.abc import Sequence

import msgspec

from shared.policy.compiled import Policy
from shared.policy.patterns import Context
from shared.policy.principals import PrincipalFacts, PrincipalKind


class Request(msgspec.Struct, frozen=True):
    """One action on one resource. Keys of `context` are in lower case; a str is a key with a single value.

    `resource_account` owns the resource; None reads it from the resource's ARN, and without one there it is the
    caller's.
    """

    action: str
    resource: str
    principal: PrincipalFacts
    context: Context
    resource_account: str | None = None


class Layers(msgspec.Struct, frozen=True):
    """The policies that have a say.

    `boundary` None: there is none (an empty one allows nothing). Each inner sequence of `session` is a union, the
    outer ones intersect; an empty outer one means there is no session policy.
    """

    identity: Sequence[Policy]
    boundary: Sequence[Policy] | None = None
    session: Sequence[Sequence[Policy]] = ()
    resource: Policy | None = None


def principal_keys(facts: PrincipalFacts) -> dict[str, str]:
    """The condition keys that follow from who is asking. Source: AWS global condition context keys.

    A session's aws:PrincipalArn is its role's ARN, and only a user has an aws:username.
    """
    keys: dict[str, str] = {}
    if facts.kind in {"root", "user", "role_session", "federated_user"}:
        keys["aws:principalarn"] = facts.role_arn or facts.arn
        keys["aws:principalaccount"] = facts.account
        keys["aws:principaltype"] = _PRINCIPAL_TYPES[facts.kind]
        keys["aws:userid"] = _user_id(facts)
    if facts.kind == "user":
        keys["aws:username"] = facts.arn.rsplit("/", 1)[-1]
    return {key: value for key, value in keys.items() if value}


_PRINCIPAL_TYPES: dict[PrincipalKind, str] = {
    "root": "Account",
    "user": "User",
    "role_session": "AssumedRole",
    "federated_user": "FederatedUser",
}


def _user_id(facts: PrincipalFacts) -> str:
    last = facts.arn.rsplit("/", 1)[-1]
    if facts.kind == "role_session":
        return f"{facts.unique_id.partition(':')[0]}:{last}" if facts.unique_id else ""
    if facts.kind == "federated_user":
        return f"{facts.account}:{last}"
    return facts.account if facts.kind == "root" else facts.unique_id
