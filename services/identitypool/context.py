"""What a call of the identity pool service is handed beside its request."""

from dataclasses import dataclass
from typing import TypeAlias

from shared.audit.journal import Journal
from shared.aws import operation
from shared.clock import Clock
from shared.ephemeral.port import Ephemeral
from shared.guard.guard import Grant, Guard
from shared.guard.refusals import MissingAuthentication
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql
from shared.sweeper import Sweeper


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that operations use; made once a process by `app.py`."""

    sql: Sql
    ephemeral: Ephemeral
    keys: Keys
    guard: Guard
    clock: Clock
    settings: Settings
    journal: Journal
    sweeper: Sweeper


Call: TypeAlias = operation.Call[Context]


def signed(call: Call) -> Grant:
    """The grant of whoever signed the call. Raises MissingAuthentication when nobody did."""
    if call.grant is None:
        raise MissingAuthentication
    return call.grant
