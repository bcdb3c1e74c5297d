"""The one record of a decision. The AccessDenied sentence, the simulator, the audit log and the demo all print it."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from shared.policy.json_tree import Position

Verdict = Literal["allowed", "explicitDeny", "implicitDeny"]
Outcome = Literal["allows", "denies", "silent", "delegates", "does not apply"]


@dataclass(frozen=True, slots=True)
class Matched:
    """A statement that applied: the policy it is from, its version, and where it stands in the text."""

    source_id: str
    source_type: str
    version: str
    sid: str
    effect: Literal["Allow", "Deny"]
    start: Position
    end: Position


class Check(msgspec.Struct, frozen=True):
    """What one layer said. `layer` is identity, boundary, session, resource or trust.

    A resource policy that names the caller's account delegates: it leaves the answer to the identity policies.
    `does not apply` stands for a layer whose silence does not count, as for the account's root.
    """

    layer: str
    outcome: Outcome
    matched: tuple[Matched, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """The answer and its reasons.

    `matched` holds the denying statements of an explicitDeny, the allowing ones of an allowed, none of an implicitDeny.
    `missing_keys` were asked for by statements that concern this action and resource, and were not in the context.
    `stopped_by` is the layer that made it a denial.
    """

    allowed: bool
    verdict: Verdict
    checks: tuple[Check, ...]
    matched: tuple[Matched, ...]
    missing_keys: tuple[str, ...]
    stopped_by: str | None
