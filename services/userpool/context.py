"""What a call of the user pool service is handed beside its request."""

from dataclasses import dataclass
from typing import TypeAlias

from shared.aws import operation
from shared.clock import Clock
from shared.ephemeral.port import Ephemeral
from shared.outbound.messages import Messages
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that operations use; made once a process by `app.py`."""

    sql: Sql
    ephemeral: Ephemeral
    keys: Keys
    messages: Messages
    clock: Clock
    settings: Settings


Call: TypeAlias = operation.Call[Context]
