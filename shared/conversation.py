"""One sealed question and its sealed answer, between two services of one installation.

Whoever lacks the installation's keys can neither ask nor answer. An answer is bound to its question, so that an old one
cannot be played back.
"""

import hashlib
from typing import Final, Generic, TypeVar

import msgspec

from shared.seal import BrokenSeal, Keys

Q = TypeVar("Q")
A = TypeVar("A")

CONTENT_TYPE: Final = "application/octet-stream"
_ENCODER: Final = msgspec.msgpack.Encoder()


class Conversation(Generic[Q, A]):
    """One kind of question. What is sealed for one kind opens in no other."""

    def __init__(self, name: str, questions: msgspec.msgpack.Decoder[Q], answers: msgspec.msgpack.Decoder[A]) -> None:
        """`name` tells the kinds apart; the decoders say what questions and answers look like."""
        self._asking, self._answering = f"{name} question", f"{name} answer"
        self._questions, self._answers = questions, answers

    def seal_question(self, keys: Keys, question: Q) -> bytes:
        """The question's bytes."""
        return keys.seal(self._asking).seal(_ENCODER.encode(question))

    def open_question(self, keys: Keys, body: bytes) -> Q:
        """What was asked. Raises BrokenSeal for anything that no service of this installation asked."""
        try:
            return self._questions.decode(keys.seal(self._asking).open(body))
        except msgspec.MsgspecError as error:
            raise BrokenSeal("not a question") from error

    def seal_answer(self, keys: Keys, body: bytes, answer: A) -> bytes:
        """The answer's bytes, good for the question `body` only."""
        return keys.seal(self._answering).seal(_ENCODER.encode(answer), _mark(body))

    def open_answer(self, keys: Keys, body: bytes, sealed: bytes) -> A:
        """The answer to the question `body`. Raises BrokenSeal."""
        try:
            return self._answers.decode(keys.seal(self._answering).open(sealed, _mark(body)))
        except msgspec.MsgspecError as error:
            raise BrokenSeal("not an answer") from error


def _mark(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
