"""The operation table: which operations are served, by which function, under which authority.

One operation is one function `(call, request) -> response`, named like the operation. What it needs before it runs is
declared beside it; a signed operation without a resource does not start the server (R6).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from shared.audit import record
from shared.audit.hand_outs import HandOut
from shared.audit.journal import Journal
from shared.audit.record import Actor, Entry, Kind, Trail
from shared.aws.model import Error, Operation, Service, Shape
from shared.guard.caller import Caller, CallerKind, ContextValue
from shared.guard.guard import AccessDenied, Grant
from shared.refusal import InternalFault, Refusal
from shared.sql.engine import Sql, Tx


class Audited(Protocol):
    """What the frame needs of a service's context: its database, and its audit."""

    @property
    def sql(self) -> Sql:
        """The database that changes are written to."""

    @property
    def journal(self) -> Journal:
        """The audit."""


C = TypeVar("C", bound=Audited)
Q = TypeVar("Q", bound=Shape)
A = TypeVar("A", bound=Shape)

ConditionKeys = Mapping[str, ContextValue]


class UnknownOperation(Refusal):
    """No operation of this name exists, or none in the version of the API that was asked for."""

    def __init__(self, name: str, version: str | None = None) -> None:
        """`version`: the one asked for, where the API has no such version."""
        super().__init__(name)
        self.version = version


class NotServed(Refusal):
    """The operation exists and is refused by name; the reason is the message, the code is the ledger's."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Call(msgspec.Struct, Generic[C], frozen=True):
    """What an operation is handed beside its request.

    `grant` and `caller` are those of the signature (`grant` is None and `caller` ANONYMOUS for unsigned operations).
    `origin` is the source address, `keys` the condition keys of the request, `trail` what the audit will say of it.
    """

    now: datetime
    caller: Caller
    grant: Grant | None
    origin: str
    user_agent: str
    request_id: str
    keys: dict[str, ContextValue]
    context: C
    trail: Trail

    @contextmanager
    def write(self, actor: Actor | None = None, **made: str) -> Iterator[Tx]:
        """A transaction for a change. Its last statement is the change's row in the audit (R31).

        `actor`: who changes something of their own, where nobody signed. `made`: what the change makes and the request
        does not name, such as `ClientId`.
        """
        with self.context.sql.write() as tx:
            yield tx
            self.record(tx, actor, **made)

    def record(self, tx: Tx, actor: Actor | None = None, **made: str) -> None:
        """The row of a change, for the few who have to open the transaction themselves; see `write`."""
        named = made if actor is not None else record.names_in(self.trail.request) | made
        self.context.journal.append(tx, self._entry("change", actor, named=named))

    def note_use(self) -> None:
        """Notes that the root user asked for something and got it. Does not wait."""
        self.context.journal.note(self._entry("use"))

    def handed_out(self, account: str, to: str, role_arn: str, session: str, access_key_id: str) -> None:
        """Notes that `to` got temporary credentials: of a role in `account`, or their own. Does not wait."""
        trail, key = self.trail, self.caller.access_key_id
        trail.rows += 1
        self.context.journal.handed_out(
            HandOut(
                account, trail.action, to, key, self.origin, role_arn, session, access_key_id, self.request_id, self.now
            )
        )

    def note_failure(self, error: Exception) -> None:
        """Notes what was refused, where it matters: every AccessDenied with its decision, and refused changes."""
        if isinstance(error, AccessDenied):
            resources = (error.resource,) if error.resource else self.trail.resources
            decision = record.decision_text(error.decision)
            entry = self._entry(
                "denial", resources=resources, result="AccessDenied", explanation=error.message, decision=decision
            )
            self.context.journal.note(entry)
        elif record.refusal_matters(self.trail.action, self.caller):
            result = type(error).__name__ if isinstance(error, Refusal) else InternalFault.__name__
            self.context.journal.note(self._entry("refusal", result=result))

    def _entry(self, kind: Kind, actor: Actor | None = None, **more: Any) -> Entry:  # noqa: ANN401 - as Entry has them
        """A row about this call. Raises InternalFault for a change that nobody made."""
        trail, caller = self.trail, self.caller
        if kind == "change" and actor is None and caller.kind is CallerKind.ANONYMOUS:
            raise InternalFault(f"{trail.action} does not say who makes the change")
        trail.rows += 1
        more.setdefault("resources", trail.resources if actor is None else (actor.resource,))
        return Entry(
            account=caller.account if actor is None else actor.account,
            kind=kind,
            at=self.now.timestamp(),
            request_id=self.request_id,
            number=trail.rows,
            action=trail.action,
            caller=(caller.arn or "anonymous") if actor is None else actor.name,
            access_key_id=caller.access_key_id,
            source=self.origin,
            **more,
        )


@dataclass(frozen=True, slots=True)
class Served(Generic[C]):
    """One served operation with all that the frame must know."""

    operation: Operation
    run: Callable[[Call[C], Any], Shape]
    action: str
    resource: Callable[[Call[C], Any], str] | None
    context_keys: Callable[[Call[C], Any], ConditionKeys] | None
    in_place: bool | Callable[[C, bytes], bool]
    needs_permission: bool
    needs_keys: bool

    def runs_in_place(self, context: C, body: bytes) -> bool:
        """Whether the request with this body is answered without waiting. Never raises: what cannot be told waits."""
        if isinstance(self.in_place, bool):
            return self.in_place
        try:
            return self.in_place(context, body)
        except Exception:  # noqa: BLE001 - the frame meets the same failure where it has an answer for it
            return False


NOT_YET: Final = "not served yet"
"""The reason of operations that a later version may serve."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an operation is not served, and the documented error it answers with."""

    reason: str
    code: str

    def told(self, name: str) -> str:
        """The reason as a sentence for whoever called the operation `name`."""
        return f"{name} is {self.reason}." if self.reason == NOT_YET else f"{name} is not served: {self.reason}"


class OperationTable(Generic[C]):
    """The operations of one AWS API."""

    def __init__(self, api: ModuleType, refused: Mapping[str, Refused]) -> None:
        self.service: Final[Service] = api.SERVICE
        self.operations: Final[Mapping[str, Operation]] = api.OPERATIONS
        self.errors: Final[Mapping[str, Error]] = api.ERRORS
        self.refused: Final = refused
        self.served: Final[dict[str, Served[C]]] = {}
        self._by_function = {_snake(name): operation for name, operation in self.operations.items()}

    def operation(
        self,
        *,
        resource: Callable[[Call[C], Any], str] | None = None,
        context_keys: Callable[[Call[C], Any], ConditionKeys] | None = None,
        in_place: bool | Callable[[C, bytes], bool] = False,
        needs_permission: bool = True,
        needs_keys: bool = False,
    ) -> Callable[[Callable[[Call[C], Q], A]], Callable[[Call[C], Q], A]]:
        """Registers the function of an operation.

        `resource`: the ARN its action is asked on; must be given for signed operations and only for them.
        `context_keys`: the service's own condition keys. `in_place`: it never waits (no write, no hash, no call out),
        or a function of context and body that says so of one request; what does wait is only slower for being wrong.
        `needs_permission=False`: signed, but any caller may (GetCallerIdentity). `needs_keys`: unsigned, and asks a policy
        of its own, for which it is handed the request's condition keys; signed operations always are.
        """

        def register(run: Callable[[Call[C], Q], A]) -> Callable[[Call[C], Q], A]:
            operation = self._by_function.get(run.__name__)
            if operation is None:
                raise TypeError(f"{self.service.name} has no operation for {run.__name__}")
            if operation.signed and needs_permission and resource is None:
                raise TypeError(f"{operation.name} is signed and declares no resource")
            if not operation.signed and resource is not None:
                raise TypeError(f"{operation.name} is unsigned: nobody would be asked about its resource")
            if operation.name in self.served:
                raise TypeError(f"{operation.name} is served twice")
            self.served[operation.name] = Served(
                operation=operation,
                run=run,
                action=f"{self.service.signing_name}:{operation.name}",
                resource=resource,
                context_keys=context_keys,
                in_place=in_place,
                needs_permission=needs_permission,
                needs_keys=needs_keys,
            )
            return run

        return register

    def find(self, name: str) -> Served[C]:
        """The served operation called `name`. Raises UnknownOperation or NotServed."""
        served = self.served.get(name)
        if served is not None:
            return served
        refused = self.refused.get(name)
        if refused is not None:
            raise NotServed(refused.code, refused.told(name))
        raise UnknownOperation(name)


def _snake(name: str) -> str:
    """AdminCreateUser -> admin_create_user, GetCSVHeader -> get_csv_header."""
    parted = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", parted).lower()
