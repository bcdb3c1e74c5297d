"""What every entrance does round a call, whatever its protocol: who calls, may they, and what the audit learns of it."""

from collections.abc import Callable
from typing import Generic, TypeVar

from shared.audit.record import Trail
from shared.aws.operation import Audited, Call
from shared.clock import Clock
from shared.guard.caller import ANONYMOUS, CallerKind
from shared.guard.guard import Grant, Guard, require_signature
from shared.guard.sigv4 import Rules
from shared.web import HttpRequest, source_address

C = TypeVar("C", bound=Audited)
T = TypeVar("T")


class Frame(Generic[C]):
    """The calls of one service."""

    def __init__(self, guard: Guard, context: C, clock: Clock, trusted_proxies: tuple[str, ...]) -> None:
        """`context`: what the service hands to its operations."""
        self._guard = guard
        self._context = context
        self._clock = clock
        self._trusted_proxies = trusted_proxies

    def signed_call(self, action: str, request: HttpRequest, request_id: str, rules: Rules) -> tuple[Call[C], Grant]:
        """The call of whoever signed the request, and what that is worth. Raises the refusals of the signature."""
        now = self._clock()
        require_signature(request)
        signed = self._guard.authenticate(request, now, rules)
        caller, grant = signed.caller, signed.grant
        origin = source_address(request, self._trusted_proxies)
        keys = self._guard.context(caller, request, now, origin)
        agent = request.header("user-agent") or ""
        return Call(now, caller, grant, origin, agent, request_id, keys, self._context, Trail(action)), grant

    def unsigned_call(self, action: str, request: HttpRequest, request_id: str, *, needs_keys: bool) -> Call[C]:
        """The call of nobody in particular; the condition keys of the request only where they are needed."""
        now, origin = self._clock(), source_address(request, self._trusted_proxies)
        keys = self._guard.context(ANONYMOUS, request, now, origin) if needs_keys else {}
        agent = request.header("user-agent") or ""
        return Call(now, ANONYMOUS, None, origin, agent, request_id, keys, self._context, Trail(action))

    def authorize(self, call: Call[C], grant: Grant, resource: str) -> None:
        """Raises AccessDenied unless the caller's policies allow the call's action on `resource`."""
        call.trail.resources = (resource,)
        self._guard.authorize(grant, call.trail.action, resource, call.keys)

    def run(self, call: Call[C], work: Callable[[], T]) -> T:
        """What `work` gives. The audit learns what was refused, where it matters, and each use of the root user's key."""
        try:
            answer = work()
        except Exception as error:
            call.note_failure(error)
            raise
        if call.caller.kind is CallerKind.ROOT and not call.trail.rows:
            call.note_use()
        return answer
