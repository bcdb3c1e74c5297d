"""The guard: a signed request to the one who signed it, and then to a decision.

Where keys and policies are looked up is behind `Grants`: inside the identity pool that is its own store, everywhere
else `remote.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import msgspec

from shared.audit.uses import KeyUses
from shared.guard import caller as callers
from shared.guard import sigv4
from shared.guard.caller import Caller, CallerKind, ContextValue
from shared.guard.refusals import MissingAuthentication
from shared.guard.signed_request import SignedRequest, parse
from shared.policy.compiled import Policy
from shared.policy.decision import Decision
from shared.policy.evaluate import evaluate
from shared.policy.explain import access_denied_message
from shared.policy.principals import PrincipalFacts, PrincipalKind
from shared.policy.request import Layers, Request
from shared.refusal import Refusal
from shared.web import HttpRequest


class AccessDenied(Refusal):
    """The policies do not allow it on `resource`; `decision` says why."""

    def __init__(self, message: str, decision: Decision | None = None, resource: str = "") -> None:
        super().__init__(message)
        self.decision = decision
        self.resource = resource


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access key stands for at this moment: who, and which policies bind them.

    `signing_key` is the SigV4 key derived for one day, region and service; never the secret.
    `session` is a conjunction of unions of session policies.
    """

    caller: Caller
    signing_key: bytes
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None = None
    session: tuple[tuple[Policy, ...], ...] = ()
    facts: PrincipalFacts = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Words the caller as policies see it, once for all the calls that this grant serves."""
        object.__setattr__(self, "facts", principal_facts(self.caller))


class Grants(Protocol):
    """Where the guard learns what an access key stands for."""

    def find(self, signed: SignedRequest, now: datetime) -> Grant:
        """The grant of `signed.access_key_id`. Raises UnknownAccessKey or ExpiredToken."""

    def holds(self, access_key_id: str) -> bool:
        """Whether `find` will answer without waiting."""


class Signed(msgspec.Struct, frozen=True):
    """A request whose signature held."""

    request: SignedRequest
    grant: Grant

    @property
    def caller(self) -> Caller:
        """Who signed."""
        return self.grant.caller


class Guard:
    """Checks signatures and asks the policy engine."""

    def __init__(self, grants: Grants, region: str, uses: KeyUses | None = None) -> None:
        """`uses`: is told of each key whose signature held, where anybody keeps account of that."""
        self._grants = grants
        self._region = region
        self._uses = uses

    def waits(self, request: HttpRequest) -> bool:
        """Whether `authenticate` may have to ask somebody else first."""
        _, _, rest = (request.header("authorization") or request.query).partition("Credential=")
        return not self._grants.holds(rest.partition("/")[0].partition("%2F")[0])

    def authenticate(self, request: HttpRequest, now: datetime, rules: sigv4.Rules) -> Signed:
        """Who signed `request`. Raises the refusals of `shared.guard.refusals`."""
        signed = parse(request.method, request.path, request.query, request.headers)
        grant = self._grants.find(signed, now)
        sigv4.check(signed, grant.signing_key, request.body, now, rules=rules)
        if self._uses is not None:
            self._uses.saw(grant.caller, signed.service, signed.region, now)
        return Signed(signed, grant)

    @staticmethod
    def authorize(
        grant: Grant,
        action: str,
        resource: str,
        context: Mapping[str, ContextValue],
        resource_policy: Policy | None = None,
        resource_account: str | None = None,
    ) -> Decision:
        """The decision that allows `action` on `resource`. Raises AccessDenied, with AWS's sentence, when none does."""
        decision = Guard.decide(grant, action, resource, context, resource_policy, resource_account)
        if not decision.allowed:
            raise AccessDenied(access_denied_message(decision, grant.caller.arn, action, resource), decision, resource)
        return decision

    @staticmethod
    def decide(
        grant: Grant,
        action: str,
        resource: str,
        context: Mapping[str, ContextValue],
        resource_policy: Policy | None = None,
        resource_account: str | None = None,
    ) -> Decision:
        """The decision, allowed or not, as a record."""
        layers = Layers(
            identity=grant.identity,
            boundary=grant.boundary,
            session=grant.session,
            resource=resource_policy,
        )
        return evaluate(Request(action, resource, grant.facts, context, resource_account), layers)

    def context(self, caller: Caller, request: HttpRequest, now: datetime, origin: str) -> dict[str, ContextValue]:
        """The global condition keys of a request; never taken from what the client claims about itself."""
        return callers.context_keys(
            caller,
            now,
            source_ip=origin,
            secure_transport=request.scheme == "https",
            user_agent=request.header("user-agent"),
            region=self._region,
        )


_KINDS: Final[dict[CallerKind, PrincipalKind]] = {
    CallerKind.ROOT: "root",
    CallerKind.USER: "user",
    CallerKind.ROLE_SESSION: "role_session",
    CallerKind.FEDERATED_USER: "federated_user",
    CallerKind.ANONYMOUS: "anonymous",
}


def principal_facts(caller: Caller) -> PrincipalFacts:
    """What policies that name principals compare a caller with."""
    unique_id = caller.role_id if caller.kind is CallerKind.ROLE_SESSION else caller.user_id
    return PrincipalFacts(
        arn=caller.arn,
        account=caller.account,
        kind=_KINDS[caller.kind],
        unique_id=unique_id or "",
        role_arn=caller.role_arn,
        federated=caller.federated_provider,
    )


def is_signed(request: HttpRequest) -> bool:
    """Whether the request carries a signature at all, in the header or the query."""
    return request.header("authorization") is not None or "X-Amz-Algorithm=" in request.query


def require_signature(request: HttpRequest) -> None:
    """Raises MissingAuthentication for a request without any signature."""
    if not is_signed(request):
        raise MissingAuthentication
