"""AWS's order of evaluation: one explicit Deny anywhere ends it; else every layer that applies must allow.

Live requests and the simulator ask the same function. Sources: Policy evaluation logic (single account, cross-account,
identity-based and resource-based policies); Permissions boundaries for IAM entities; Session policies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from shared.policy.compiled import CompiledStatement, Policy
from shared.policy.decision import Check, Decision, Matched, Outcome
from shared.policy.document import Kind
from shared.policy.principal_names import is_account_id
from shared.policy.principals import Grade, Names, grade, is_denied, names_of
from shared.policy.request import Layers, PrincipalFacts, Request

_WITHOUT_IDENTITY = frozenset(
    {"web_identity", "saml", "service", "anonymous"}
)  # only a resource policy speaks for them
_ONLY_BY_NAME = frozenset({"web_identity", "saml"})  # `*` in an Allow does not mean them


def evaluate(request: Request, layers: Layers) -> Decision:
    """Decides one action on one resource. Pure; never raises for a request or policy of the right types."""
    action = request.action.lower()
    missing: set[str] = set()
    identity = _findings(layers.identity, request, action, missing)
    boundary = None if layers.boundary is None else _findings(layers.boundary, request, action, missing)
    session = tuple(_findings(union, request, action, missing) for union in layers.session)
    resource = _Findings()
    resource_layer = "resource"
    if layers.resource is not None:
        resource = _resource_findings(layers.resource, request, action, missing, boundary=boundary is not None)
        if layers.resource.kind is Kind.TRUST:
            resource_layer = "trust"
    findings = _All(identity, boundary, session, resource, resource_layer, layers.resource is not None)
    return _decide(request, findings, tuple(sorted(missing)) if missing else ())


@dataclass(slots=True)
class _Findings:
    """The statements of one layer that applied; for a resource policy, how closely an Allow names the caller."""

    allows: list[Matched] = field(default_factory=list)
    denies: list[Matched] = field(default_factory=list)
    grade: Grade = Grade.NOBODY


@dataclass(slots=True)
class _All:
    identity: _Findings
    boundary: _Findings | None
    session: tuple[_Findings, ...]
    resource: _Findings
    resource_layer: str
    has_resource: bool


def _findings(policies: Sequence[Policy], request: Request, action: str, missing: set[str]) -> _Findings:
    allows: list[Matched] = []
    denies: list[Matched] = []
    resource = request.resource
    for policy in policies:
        for statement in policy.candidates(action, resource):
            if _applies(statement, request, missing):
                (allows if statement.allow else denies).append(statement.matched)
    return _Findings(allows, denies)


def _resource_findings(
    policy: Policy, request: Request, action: str, missing: set[str], *, boundary: bool
) -> _Findings:
    found = _Findings()
    names = _names(request.principal)
    only_by_name = request.principal.kind in _ONLY_BY_NAME
    for statement in policy.candidates(action, request.resource):
        if statement.principals is None:
            continue
        if not statement.allow:
            if is_denied(statement.principals, names, boundary=boundary) and _applies(statement, request, missing):
                found.denies.append(statement.matched)
            continue
        closeness = grade(statement.principals, names)
        if closeness is Grade.NOBODY or (only_by_name and closeness is Grade.ANYONE):
            continue
        if _applies(statement, request, missing):
            found.allows.append(statement.matched)
            found.grade = max(found.grade, closeness)
    return found


def _applies(statement: CompiledStatement, request: Request, missing: set[str]) -> bool:
    context = request.context
    if not statement.every_resource and statement.keys.issubset(context):
        return statement.concerns_resource(request.resource, context) and (
            not statement.conditions or statement.holds(context)
        )
    if not statement.concerns_resource(request.resource, context):
        return False
    if statement.keys:
        missing.update(statement.keys.difference(context))
        return statement.holds(context)
    return True


@lru_cache(2048)
def _names(principal: PrincipalFacts) -> Names:
    return names_of(principal)


def _decide(request: Request, found: _All, missing: tuple[str, ...]) -> Decision:
    checks = _checks(request.principal, found)
    denied = [one for check in checks if check.outcome == "denies" for one in check.matched]
    if denied:
        layer = next(check.layer for check in checks if check.outcome == "denies")
        return Decision(False, "explicitDeny", checks, tuple(denied), missing, layer)
    stopped_by = _stopped_by(request, found)
    if stopped_by is not None:
        return Decision(False, "implicitDeny", checks, (), missing, stopped_by)
    matched = tuple(one for check in checks for one in check.matched)
    return Decision(True, "allowed", checks, matched, missing, None)


def _stopped_by(request: Request, found: _All) -> str | None:
    """The layer whose silence makes it an implicit denial; None if all that is needed is there."""
    principal, closeness = request.principal, found.resource.grade
    if principal.kind in _WITHOUT_IDENTITY:
        return None if closeness is not Grade.NOBODY else found.resource_layer
    session_allows = all(union.allows for union in found.session)
    boundary_allows = found.boundary is None or bool(found.boundary.allows)
    same_account = _owner(request) == principal.account
    if same_account and closeness >= Grade.ANYONE:
        return _stopped_direct_grant(principal, closeness, boundary_allows, session_allows)
    if not found.identity.allows and principal.kind != "root":
        return "identity"
    if not boundary_allows:
        return "boundary"
    if not session_allows:
        return "session"
    needs_resource = not same_account or found.resource_layer == "trust"
    return found.resource_layer if needs_resource and closeness is Grade.NOBODY else None


def _stopped_direct_grant(
    principal: PrincipalFacts,
    closeness: Grade,
    boundary_allows: bool,  # noqa: FBT001
    session_allows: bool,  # noqa: FBT001
) -> str | None:
    """Within an account, a resource policy that names the caller needs no identity policy.

    Silence of the boundary does not limit a named user, silence of boundary and session policy not a named session.
    """
    if closeness is Grade.SESSION:
        return None
    as_user = closeness is Grade.USER or (closeness is Grade.ANYONE and principal.kind == "user")
    if not boundary_allows and not as_user:
        return "boundary"
    return None if session_allows else "session"


def _owner(request: Request) -> str:
    """The account that owns the resource; what names none belongs to the caller's."""
    if request.resource_account is not None:
        return request.resource_account
    fields = request.resource.split(":", 5)
    if len(fields) == 6 and is_account_id(fields[4]):
        return fields[4]
    return request.principal.account


def _checks(principal: PrincipalFacts, found: _All) -> tuple[Check, ...]:
    checks: list[Check] = []
    if found.boundary is not None:
        checks.append(_check("boundary", found.boundary))
    checks.extend(_check("session", union) for union in found.session)
    if principal.kind not in _WITHOUT_IDENTITY:
        identity = _check("identity", found.identity)
        if principal.kind == "root" and identity.outcome != "denies":
            identity = Check("identity", "does not apply")
        checks.append(identity)
    if found.has_resource:
        resource = _check(found.resource_layer, found.resource)
        if resource.outcome == "allows" and found.resource.grade is Grade.ACCOUNT:
            resource = Check(found.resource_layer, "delegates", resource.matched)
        checks.append(resource)
    return tuple(checks)


def _check(layer: str, found: _Findings) -> Check:
    outcome: Outcome = "denies" if found.denies else "allows" if found.allows else "silent"
    return Check(layer, outcome, tuple(found.denies or found.allows))
