"""The audit of a protected service that keeps none itself: what it sees is reported to the identity pool's."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from shared.audit import record
from shared.audit.buffer import Buffer
from shared.audit.record import DONE, Entry, KeyUse, Kind
from shared.audit.uses import KeyUses
from shared.guard.caller import Caller, CallerKind
from shared.guard.guard import AccessDenied
from shared.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Occasion:
    """One signed request: who asks for what, from where."""

    caller: Caller
    action: str
    resource: str
    source: str
    request_id: str
    now: datetime


class Reporter:
    """Gathers denials, uses of root keys, and which keys sign."""

    def __init__(self, report: Callable[[Sequence[Entry | KeyUse]], None]) -> None:
        """`report` takes a batch to where it is kept (`shared.guard.remote.RemoteGrants.report`)."""
        self._buffer: Buffer[Entry | KeyUse] = Buffer(report)
        self.uses = KeyUses(lambda use: self._buffer.put(use, soon=False))

    @contextmanager
    def watching(self, occasion: Occasion) -> Iterator[None]:
        """Notes an AccessDenied that the block raises, and whatever the root user does in it."""
        try:
            yield
        except AccessDenied as error:
            self.denied(occasion, error)
            raise
        except Refusal as error:
            if occasion.caller.kind is CallerKind.ROOT:
                self._note(occasion, "refusal", error=error)
            raise
        if occasion.caller.kind is CallerKind.ROOT:
            self._note(occasion, "use")

    def denied(self, occasion: Occasion, error: AccessDenied) -> None:
        """Notes a denial, where the request goes on without what was denied."""
        self._note(occasion, "denial", error=error)

    def flush(self) -> None:
        """Reports what waits."""
        self._buffer.flush()

    def close(self) -> None:
        """Reports what waits, and ends."""
        self._buffer.close()

    def _note(self, occasion: Occasion, kind: Kind, error: Refusal | None = None) -> None:
        denied = error if isinstance(error, AccessDenied) else None
        entry = Entry(
            account=occasion.caller.account,
            kind=kind,
            at=occasion.now.timestamp(),
            request_id=occasion.request_id,
            action=occasion.action,
            caller=occasion.caller.arn,
            access_key_id=occasion.caller.access_key_id,
            source=occasion.source,
            resources=((denied.resource if denied else "") or occasion.resource,),
            result=DONE if error is None else type(error).__name__,
            explanation=denied.message if denied else "",
            decision=record.decision_text(denied.decision) if denied else "",
        )
        self._buffer.put(entry)
