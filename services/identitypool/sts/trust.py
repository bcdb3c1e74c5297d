"""May this principal assume this role? Pure, over `shared/policy`.

STS API: AssumeRole, AssumeRoleWithWebIdentity; IAM User Guide: How IAM roles differ from resource-based policies.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from services.identitypool.pools.pool import COGNITO_IDENTITY
from shared.guard.caller import CallerKind, ContextValue
from shared.guard.guard import AccessDenied, Grant
from shared.policy.compiled import Policy, compile_stored
from shared.policy.document import Kind
from shared.policy.evaluate import evaluate
from shared.policy.principals import PrincipalFacts
from shared.policy.request import Layers, Request

ASSUME: Final = "sts:AssumeRole"
ASSUME_WITH_WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"
TAG_SESSION: Final = "sts:TagSession"
SET_SOURCE_IDENTITY: Final = "sts:SetSourceIdentity"

ConditionKeys = Mapping[str, ContextValue]


def compiled_trust(text: str, role_arn: str) -> Policy:
    """A role's trust policy, ready for questions; one that cannot be read any more denies."""
    return compile_stored(text, Kind.TRUST, source_id=role_arn, source_type="role")


def refused(caller_arn: str, action: str, role_arn: str) -> AccessDenied:
    """The one sentence for a role that is unknown, untrusting or forbidden, so that none is told from another."""
    sentence = f"User: {caller_arn} is not authorized to perform: {action} on resource: {role_arn}"
    return AccessDenied(sentence, None, role_arn)


def needed_actions(*, tagged: bool, source_identity: bool) -> tuple[str, ...]:
    """What must be allowed on both sides to begin a session with these features."""
    return (ASSUME, *((TAG_SESSION,) if tagged else ()), *((SET_SOURCE_IDENTITY,) if source_identity else ()))


def check_may_assume(
    grant: Grant,
    actions: Sequence[str],
    role_arn: str,
    role_account: str,
    trust: Policy,
    keys: ConditionKeys,
) -> None:
    """Raises AccessDenied unless the caller's policies and the role's trust together allow every action."""
    if grant.caller.kind is CallerKind.ROOT:
        raise AccessDenied("Roles may not be assumed by root accounts.", None, role_arn)
    layers = Layers(identity=grant.identity, boundary=grant.boundary, session=grant.session, resource=trust)
    for action in actions:
        decision = evaluate(Request(action, role_arn, grant.facts, keys, role_account), layers)
        if not decision.allowed:
            denial = refused(grant.caller.arn, action, role_arn)
            raise AccessDenied(denial.message, decision, role_arn)


def admits_web_identity(role_arn: str, role_account: str, trust: Policy, keys: ConditionKeys) -> bool:
    """Whether the role's trust lets the identity of a pool in, of which `keys` tell.

    A trust that does not ask for the pool (the condition key `aud`) admits nobody: it would admit every pool's (R25).
    """
    of_any_pool = {key: value for key, value in keys.items() if key != f"{COGNITO_IDENTITY}:aud"}
    return _admits(role_arn, role_account, trust, keys) and not _admits(role_arn, role_account, trust, of_any_pool)


@lru_cache(maxsize=4096)  # an app that renews its credentials asks the same again
def admits_identity(
    role_arn: str, role_account: str, trust: Policy, keys: tuple[tuple[str, ContextValue], ...]
) -> bool:
    """As `admits_web_identity`, for identities of which nothing is known but `keys`: no request, no moment."""
    return admits_web_identity(role_arn, role_account, trust, dict(keys))


def _admits(role_arn: str, role_account: str, trust: Policy, keys: ConditionKeys) -> bool:
    facts = PrincipalFacts(arn="", account=role_account, kind="web_identity", federated=COGNITO_IDENTITY)
    request = Request(ASSUME_WITH_WEB_IDENTITY, role_arn, facts, keys, role_account)
    return evaluate(request, Layers(identity=(), resource=trust)).allowed
