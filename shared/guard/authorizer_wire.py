"""What a protected service and the internal authorizer say to each other: one sealed question, one sealed answer;
and now and then a sealed report of which keys signed here, and whom the policies denied what.

Neither the secret of an access key nor the request itself travels: the answer holds the signing key of one day, region and
service, and the policies as texts. An answer is bound to its question, so that an old one cannot be played back.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from shared.audit.record import Entry, KeyUse
from shared.guard.caller import Caller
from shared.guard.guard import Grant
from shared.guard.refusals import ExpiredToken, SignatureMismatch, UnknownAccessKey
from shared.policy.compiled import Policy, compile_stored
from shared.policy.document import Kind
from shared.refusal import Refusal, Unavailable
from shared.seal import BrokenSeal, Keys

PATH: Final = "/internal/authorizer"
REPORTS: Final = "/internal/reports"
CONTENT_TYPE: Final = "application/octet-stream"
LONGEST_QUESTION: Final = 65_536
_ASKING, _ANSWERING, _REPORTING = "authorizer question", "authorizer answer", "authorizer report"


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
_QUESTIONS: Final = msgspec.msgpack.Decoder(Question)
_REPORTS: Final = msgspec.msgpack.Decoder(Report)
_ANSWERS: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)
_ENCODER: Final = msgspec.msgpack.Encoder()


def seal_question(keys: Keys, question: Question) -> bytes:
    """The question's bytes."""
    return keys.seal(_ASKING).seal(_ENCODER.encode(question))


def open_question(keys: Keys, body: bytes) -> Question:
    """What was asked. Raises BrokenSeal for anything that no service of this installation asked."""
    try:
        return _QUESTIONS.decode(keys.seal(_ASKING).open(body))
    except msgspec.MsgspecError as error:
        raise BrokenSeal("not a question") from error


def seal_answer(keys: Keys, body: bytes, answer: Answer) -> bytes:
    """The answer's bytes, good for the question `body` only."""
    return keys.seal(_ANSWERING).seal(_ENCODER.encode(answer), _mark(body))


def open_answer(keys: Keys, body: bytes, sealed: bytes) -> Answer:
    """The answer to the question `body`. Raises BrokenSeal."""
    try:
        return _ANSWERS.decode(keys.seal(_ANSWERING).open(sealed, _mark(body)))
    except msgspec.MsgspecError as error:
        raise BrokenSeal("not an answer") from error


def seal_report(keys: Keys, report: Report) -> bytes:
    """The report's bytes."""
    return keys.seal(_REPORTING).seal(_ENCODER.encode(report))


def open_report(keys: Keys, body: bytes) -> Report:
    """What was reported. Raises BrokenSeal for anything that no service of this installation reported."""
    try:
        return _REPORTS.decode(keys.seal(_REPORTING).open(body))
    except msgspec.MsgspecError as error:
        raise BrokenSeal("not a report") from error


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


def _mark(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
