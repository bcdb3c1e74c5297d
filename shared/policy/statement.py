"""What a policy document is once it is read: plain values that remember where they stood in the text."""

from dataclasses import dataclass
from enum import StrEnum

from shared.policy.json_tree import Position
from shared.policy.operators import Operator
from shared.policy.principal_names import PrincipalName
from shared.refusal import Refusal

NEWEST = "2012-10-17"
OLDEST = "2008-10-17"


class Kind(StrEnum):
    """What a document is for; it decides which elements it must and must not have."""

    IDENTITY = "identity"
    TRUST = "trust"
    RESOURCE = "resource"
    SESSION = "session"
    SIMULATION = "simulation"


class MalformedPolicy(Refusal):
    """A document that says nothing, or not clearly. AWS's words, and the line and column where it goes wrong."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator; key, numbers and booleans as they were written."""

    operator: Operator
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `principals` and `resources` are None where the document has no such element.

    `at` is where it stands. `start` and `end` are what the simulator tells, and AWS's reader counts from where it was
    before the statement: behind the list's bracket, behind the statement before, or behind a lone statement's brace.
    """

    sid: str
    allow: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    principals: tuple[PrincipalName, ...] | None
    not_principal: bool
    conditions: tuple[Condition, ...]
    at: Position
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. Variables mean something only in version 2012-10-17."""

    kind: Kind
    version: str | None
    id: str
    statements: tuple[Statement, ...]

    @property
    def knows_variables(self) -> bool:
        """Does ${...} stand for something here?"""
        return self.version == NEWEST
