"""Who is asking; whom a statement means, and how closely: naming a user grants by itself, naming an account only delegates.

Sources: AWS JSON policy elements: Principal, NotPrincipal; Policy evaluation logic: resource-based policies.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

from shared.policy.principal_names import ANYONE, PrincipalName

PrincipalKind: TypeAlias = Literal[
    "root", "user", "role_session", "federated_user", "web_identity", "saml", "service", "anonymous"
]


class Grade(IntEnum):
    """How closely a resource policy names the caller; the closer, the fewer layers can stay silent against it."""

    NOBODY = 0
    ACCOUNT = 1
    ANYONE = 2
    ROLE = 3
    USER = 4
    SESSION = 5


@dataclass(frozen=True, slots=True)
class PrincipalFacts:
    """The authenticated caller. `unique_id` is AIDA... of a user and AROA... of a role.

    `federated` is the provider of a web identity or SAML caller: cognito-identity.amazonaws.com, an OIDC provider's
    host and path, or its ARN. `service` is a service's name, such as lambda.amazonaws.com.
    """

    arn: str
    account: str
    kind: PrincipalKind
    unique_id: str = ""
    role_arn: str | None = None
    federated: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals of one statement, by kind."""

    negated: bool
    anyone: bool
    aws: frozenset[str]
    federated: frozenset[str]
    service: frozenset[str]


@dataclass(frozen=True, slots=True)
class Names:
    """All texts a caller can be named by, and what a NotPrincipal with Deny must list to spare it."""

    aws: dict[str, Grade]
    federated: frozenset[str]
    service: frozenset[str]
    must_list: tuple[frozenset[str], ...]


def compile_principals(names: tuple[PrincipalName, ...], *, negated: bool) -> Principals:
    """The principals of a statement, ready for questions."""

    def of(kind: str) -> frozenset[str]:
        return frozenset(one.name for one in names if one.kind == kind)

    anyone = any(one.kind in {"AWS", ANYONE} and one.name == ANYONE for one in names)
    return Principals(negated, anyone, of("AWS"), of("Federated"), of("Service"))


def names_of(caller: PrincipalFacts) -> Names:
    """Every text that names this caller. An account is named by its id or its root's ARN."""
    fields = caller.arn.split(":", 2)
    partition = fields[1] if len(fields) == 3 else "aws"
    account = frozenset({caller.account, f"arn:{partition}:iam::{caller.account}:root"}) if caller.account else None
    if caller.kind in {"web_identity", "saml"}:
        provider = caller.federated or ""
        known = {provider, f"arn:{partition}:iam::{caller.account}:oidc-provider/{provider}"} if provider else set()
        return Names({}, frozenset(known), frozenset(), (frozenset(known),))
    if caller.kind == "service":
        known = {caller.service} if caller.service else set()
        return Names({}, frozenset(), frozenset(known), (frozenset(known),))
    if caller.kind == "anonymous" or account is None:
        return Names({}, frozenset(), frozenset(), (frozenset(),))
    aws = dict.fromkeys(account, Grade.ACCOUNT)
    must_list = [account]
    unique_id = caller.unique_id.partition(":")[0]
    own = Grade.USER if caller.kind == "user" else Grade.SESSION
    if caller.kind == "role_session":
        role = frozenset(text for text in (caller.role_arn, unique_id) if text)
        aws.update(dict.fromkeys(role, Grade.ROLE))
        must_list.append(role)
    if caller.kind != "root":
        self_names = {caller.arn, unique_id} if caller.kind == "user" and unique_id else {caller.arn}
        aws.update(dict.fromkeys(self_names, own))
        must_list.append(frozenset(self_names))
    return Names(aws, frozenset(), frozenset(), tuple(must_list))


def grade(principals: Principals, names: Names) -> Grade:
    """How closely an element names the caller; NOBODY if it does not mean it. For Principal, and Allow NotPrincipal."""
    named = _named(principals, names)
    if principals.negated:
        return Grade.NOBODY if named is not Grade.NOBODY else Grade.ANYONE
    return named


def _named(principals: Principals, names: Names) -> Grade:
    best = Grade.ANYONE if principals.anyone else Grade.NOBODY
    if not principals.federated.isdisjoint(names.federated) or not principals.service.isdisjoint(names.service):
        best = Grade.USER
    for name, closeness in names.aws.items():
        if closeness > best and name in principals.aws:
            best = closeness
    return best


def is_denied(principals: Principals, names: Names, *, boundary: bool) -> bool:
    """Does a Deny mean the caller? NotPrincipal spares only whom it lists in full, and nobody with a boundary."""
    if not principals.negated:
        return _named(principals, names) is not Grade.NOBODY
    if boundary:
        return True
    if principals.anyone:
        return False
    listed = principals.aws | principals.federated | principals.service
    return any(listed.isdisjoint(group) for group in names.must_list)
