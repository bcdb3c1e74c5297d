"""What a protected service and the internal authorizer say to each other: one sealed question, one sealed answer;
and now and then a sealed report of which keys signed here, and whom the policies denied what.

Neither the secret of an access key nor the request itself travels: the answer holds the signing key of one day, region and
service, and the policies as texts. How they are sealed is said in `shared/conversation.py`.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from shared.audit.record import Entry, KeyUse
from shared.conversation import Conversation
from shared.guard.caller import Caller
from shared.guard.guard import Grant
from shared.guard.refusals import ExpiredToken, SignatureMismatch, UnknownAccessKey
from shared.policy.compiled import Policy, compile_stored
from shared.policy.document import Kind
from shared.refusal import Refusal, Unavailable

PATH: Final = "/internal/authorizer"
REPORTS: Final = "/internal/reports"


class Proof(msgspec.Struct, frozen=True, array_like=True):
    """A text and the signature that the secret itself is said to have made (`sigv2.py`)."""

    text: str
    signature: bytes


class Question(msgspec.Struct, frozen=True, array_like=True):
    """Which access key, and for which scope its signing key is wanted; with a proof, no signing key is given."""

    access_key_id: str
    date: str
    region: str
    service: str
    security_token: str | None
    proof: Proof | None = None


class PolicyText(msgspec.Struct, frozen=True, array_like=True):
    """A policy as it was written, and where it is from."""

    source_id: str
    source_type: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Bound:
    """Who an access key stands for, and the policies that bind them, not compiled yet."""

    caller: Caller
    identity: tuple[PolicyText, ...]
    boundary: tuple[PolicyText, ...] | None = None
    session: tuple[tuple[PolicyText, ...], ...] = ()


class Granted(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The access key holds."""

    bound: Bound
    signing_key: bytes


class Refused(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """It does not: the refusal's name and sentence."""

    name: str
    message: str


Answer = Granted | Refused


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What a protected service has seen: keys that signed, and rows for the audit where it keeps none itself."""

    uses: tuple[KeyUse, ...]
    entries: tuple[Entry, ...]


_REFUSALS: Final[dict[str, type[Refusal]]] = {
    kind.__name__: kind for kind in (UnknownAccessKey, ExpiredToken, SignatureMismatch, Unavailable)
}
_ANSWERS: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)
_ASKING: Final = Conversation("authorizer", msgspec.msgpack.Decoder(Question), _ANSWERS)
_REPORTING: Final = Conversation("authorizer report", msgspec.msgpack.Decoder(Report), msgspec.msgpack.Decoder(None))
seal_question: Final = _ASKING.seal_question
open_question: Final = _ASKING.open_question
seal_answer: Final = _ASKING.seal_answer
open_answer: Final = _ASKING.open_answer
seal_report: Final = _REPORTING.seal_question
open_report: Final = _REPORTING.open_question


def refused(refusal: Refusal) -> Refused:
    """A refusal for the wire; one that the guard does not know travels as Unavailable."""
    name = type(refusal).__name__
    return Refused(name if name in _REFUSALS else Unavailable.__name__, refusal.message)


def refusal_of(answer: Refused) -> Refusal:
    """The refusal that the authorizer gave."""
    return _REFUSALS.get(answer.name, Unavailable)(answer.message)


def grant_of(bound: Bound, signing_key: bytes) -> Grant:
    """The grant with its policies compiled; a text that was compiled before costs a look-up."""
    return Grant(
        caller=bound.caller,
        signing_key=signing_key,
        identity=_compiled(bound.identity, Kind.IDENTITY),
        boundary=None if bound.boundary is None else _compiled(bound.boundary, Kind.IDENTITY),
        session=tuple(_compiled(union, Kind.SESSION) for union in bound.session),
    )


def _compiled(texts: tuple[PolicyText, ...], kind: Kind) -> tuple[Policy, ...]:
    return tuple(
        compile_stored(one.text, kind, source_id=one.source_id, source_type=one.source_type, version=one.version)
        for one in texts
    )
