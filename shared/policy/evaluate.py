"""AWS's order of evaluation: one explicit Deny anywhere ends it; else every layer that applies must allow.

Live requests and the simulator ask the same function. Sources: Policy evaluation logic (single account, cross-account,
identity-based and resource-based policies); Permissions boundaries for IAM entities; Session policies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.policy.compiled import FEW, Bucket, CompiledStatement, Policy
from shared.policy.decision import Check, Decision, Matched
from shared.policy.document import Kind
from shared.policy.patterns import Context, ContextValue
from shared.policy.principal_names import account_in
from shared.policy.principals import Grade, Names, PrincipalFacts, grade, is_denied, names_of
from shared.policy.request import Layers, Request

# Only a resource policy speaks for them.
_WITHOUT_IDENTITY = frozenset({"web_identity", "saml", "service", "anonymous"})
_KEPT_ANSWERS = 4096
_ONLY_BY_NAME = frozenset({"web_identity", "saml"})  # `*` in an Allow does not mean them


def evaluate(request: Request, layers: Layers) -> Decision:
    """Decides one action on one resource. Pure; never raises for a request or policy of the right types."""
    action = request.action.lower()
    missing: set[str] = set()
    identity = _findings(layers.identity, request, action, missing)
    boundary = None if layers.boundary is None else _findings(layers.boundary, request, action, missing)
    session = [_findings(union, request, action, missing) for union in layers.session] if layers.session else ()
    resource = None
    if layers.resource is not None:
        resource = _resource_findings(layers.resource, request, action, missing, boundary=boundary is not None)
    found = _All(identity, boundary, session, resource)
    return _decide(request, found, tuple(sorted(missing)) if missing else ())


@dataclass(slots=True)
class _Findings:
    """The statements of one layer that applied; for a resource policy, how closely an Allow names the caller."""

    allows: Sequence[Matched]
    denies: Sequence[Matched]
    grade: Grade = Grade.NOBODY
    layer: str = "resource"


@dataclass(slots=True)
class _All:
    """What every layer said."""

    identity: _Findings
    boundary: _Findings | None
    session: Sequence[_Findings]
    resource: _Findings | None


def _findings(policies: Sequence[Policy], request: Request, action: str, missing: set[str]) -> _Findings:
    allows: list[Matched] = []
    denies: list[Matched] = []
    for policy in policies:
        bucket = policy.bucket(action)
        allows += bucket.sure_allows
        denies += bucket.sure_denies
        candidates = bucket.candidates(request.resource)
        if len(candidates) > FEW:
            asked = tuple(map(request.context.get, bucket.keys))
            more_allows, more_denies, lacking = _looked_up(bucket, request.resource, asked)
            allows += more_allows
            denies += more_denies
            missing |= lacking
        else:
            _look(candidates, request.resource, request.context, (allows, denies, missing))
    return _Findings(allows, denies)


_Found = tuple[list[Matched], list[Matched], set[str]]  # allows, denies, missing keys


def _look(statements: Iterable[CompiledStatement], resource: str, context: Context, found: _Found) -> None:
    allows, denies, missing = found
    for statement in statements:
        if _applies(statement, resource, context, missing):
            (allows if statement.allow else denies).extend(statement.matched)


@lru_cache(_KEPT_ANSWERS)
def _looked_up(
    bucket: Bucket, resource: str, asked: tuple[ContextValue | None, ...]
) -> tuple[tuple[Matched, ...], tuple[Matched, ...], frozenset[str]]:
    """What many statements say. Nothing of a context counts but what they ask for, so the same question is asked once."""
    found: _Found = ([], [], set())
    context = {key: value for key, value in zip(bucket.keys, asked, strict=True) if value is not None}
    _look(bucket.candidates(resource), resource, context, found)
    allows, denies, missing = found
    return tuple(allows), tuple(denies), frozenset(missing)


def _resource_findings(
    policy: Policy, request: Request, action: str, missing: set[str], *, boundary: bool
) -> _Findings:
    allows: list[Matched] = []
    denies: list[Matched] = []
    best = Grade.NOBODY
    names = _names(request.principal)
    only_by_name = request.principal.kind in _ONLY_BY_NAME
    for statement in policy.bucket(action).candidates(request.resource):
        if statement.principals is None:
            continue
        if not statement.allow:
            if is_denied(statement.principals, names, boundary=boundary) and _applies(
                statement, request.resource, request.context, missing
            ):
                denies += statement.matched
            continue
        closeness = grade(statement.principals, names)
        if closeness is Grade.NOBODY or (only_by_name and closeness is Grade.ANYONE):
            continue
        if _applies(statement, request.resource, request.context, missing):
            allows += statement.matched
            best = max(best, closeness)
    return _Findings(allows, denies, best, "trust" if policy.kind is Kind.TRUST else "resource")


def _applies(statement: CompiledStatement, resource: str, context: Context, missing: set[str]) -> bool:
    if not statement.every_resource and not statement.concerns_resource(resource, context):
        if statement.variables:
            missing.update(statement.missing_for(resource, context))
        return False
    if not statement.keys:
        return True
    if not statement.keys.issubset(context):
        missing.update(statement.keys.difference(context))
    return statement.holds(context)


@lru_cache(2048)
def _names(principal: PrincipalFacts) -> Names:
    return names_of(principal)


def _decide(request: Request, found: _All, missing: tuple[str, ...]) -> Decision:
    checks = _checks(request.principal, found)
    matched: tuple[Matched, ...] = ()
    for check in checks:
        if check.outcome == "denies":
            denied = tuple(one for other in checks if other.outcome == "denies" for one in other.matched)
            return Decision(False, "explicitDeny", checks, denied, missing, check.layer)
        matched += check.matched
    stopped_by = _stopped_by(request, found)
    if stopped_by is not None:
        return Decision(False, "implicitDeny", checks, (), missing, stopped_by)
    return Decision(True, "allowed", checks, matched, missing, None)


def _stopped_by(request: Request, found: _All) -> str | None:
    """The layer whose silence makes it an implicit denial; None if all that is needed is there."""
    principal, resource = request.principal, found.resource
    closeness = Grade.NOBODY if resource is None else resource.grade
    layer = "resource" if resource is None else resource.layer
    if principal.kind in _WITHOUT_IDENTITY:
        return None if closeness is not Grade.NOBODY else layer
    session_allows = not found.session or all(union.allows for union in found.session)
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
    needs_resource = not same_account or layer == "trust"
    return layer if needs_resource and closeness is Grade.NOBODY else None


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
    return account_in(request.resource) or request.principal.account


def _checks(principal: PrincipalFacts, found: _All) -> tuple[Check, ...]:
    checks: list[Check] = []
    if found.boundary is not None:
        checks.append(_check("boundary", found.boundary))
    if found.session:
        checks.extend(_check("session", union) for union in found.session)
    if principal.kind == "root" and not found.identity.denies:
        checks.append(_ROOT)
    elif principal.kind not in _WITHOUT_IDENTITY:
        checks.append(_check("identity", found.identity))
    resource = found.resource
    if resource is not None:
        check = _check(resource.layer, resource)
        if check.outcome == "allows" and resource.grade is Grade.ACCOUNT:
            check = Check(resource.layer, "delegates", check.matched)
        checks.append(check)
    return tuple(checks)


_ROOT = Check("identity", "does not apply")
_SILENT = {layer: Check(layer, "silent") for layer in ("identity", "boundary", "session", "resource", "trust")}


def _check(layer: str, found: _Findings) -> Check:
    if found.denies:
        return Check(layer, "denies", tuple(found.denies))
    return Check(layer, "allows", tuple(found.allows)) if found.allows else _SILENT[layer]
