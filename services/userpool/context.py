"""What a call of the user pool service is handed beside its request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from shared.audit.journal import Journal
from shared.aws import operation
from shared.clock import Clock
from shared.ephemeral.port import Ephemeral
from shared.outbound.messages import Messages
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that operations use; made once a process by `app.py`.

    `parts` are the process-wide objects of single rooms, by type: a room asks for its own with `part`, and this
    module needs to know none of them.
    """

    sql: Sql
    ephemeral: Ephemeral
    keys: Keys
    messages: Messages
    clock: Clock
    settings: Settings
    journal: Journal
    parts: Mapping[type[Any], Any] = field(default_factory=dict)

    def part(self, kind: type[P]) -> P:
        """Gives the process's one object of this type; KeyError if the composition root has put none there."""
        found: P = self.parts[kind]
        return found


Call: TypeAlias = operation.Call[Context]
