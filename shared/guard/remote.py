"""Grants from elsewhere: a protected service asks the identity pool's internal authorizer, and keeps the answer briefly.

It reports there as well: which keys signed, and what the audit shall know.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.audit.record import Entry, KeyUse
from shared.clock import Clock
from shared.guard import authorizer_wire as wire
from shared.guard.authorizer_wire import Answer, Proof, Question, Refused, Report
from shared.guard.guard import Grant
from shared.guard.refusals import ExpiredToken
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv2 import Claims
from shared.outbound.internal_line import InternalLine
from shared.refusal import Unavailable
from shared.seal import BrokenSeal, Keys

_TIMEOUT_S: Final = 2.0
_MOST_KEPT: Final = 4096
_REPORTED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, and when (epoch seconds) it was asked for."""

    grant: Grant | None
    refused: Refused | None
    asked_at: float


class RemoteGrants:
    """Implements `shared.guard.guard.Grants` over HTTP.

    An answer, a refusal too, is kept for at most `cache_s` from when it was asked for; 0 asks each time.
    """

    def __init__(self, url: str, keys: Keys, clock: Clock, cache_s: float) -> None:
        """`url`: base URL of the identity pool service."""
        self._line = InternalLine(url, timeout_s=_TIMEOUT_S, whom="The authorizer")
        self._keys = keys
        self._clock = clock
        self._cache_s = cache_s
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._last: dict[str, tuple[Question | None, float]] = {}  # None: several questions about one key

    def find(self, signed: SignedRequest, now: datetime) -> Grant:
        """The grant of the request's access key. Raises UnknownAccessKey, ExpiredToken or Unavailable."""
        question = Question(signed.access_key_id, signed.date, signed.region, signed.service, signed.security_token)
        kept = self._fresh(question) or self._ask(question)
        if kept.refused is not None or kept.grant is None:
            raise wire.refusal_of(kept.refused or Refused("Unavailable", "The authorizer does not answer."))
        ends = kept.grant.caller.expires_at
        if ends is not None and now >= ends:
            raise ExpiredToken
        return kept.grant

    def prove(self, claims: Claims, now: datetime) -> Grant:
        """The grant of the key that signed a URL of version 2 (`sigv2.Proofs`); asked each time, and nothing kept.

        Raises SignatureMismatch, UnknownAccessKey, ExpiredToken or Unavailable.
        """
        proof = Proof(claims.text, claims.signature)
        answer = self._answered(Question(claims.access_key_id, "", "", "s3", claims.security_token, proof))
        if isinstance(answer, Refused):
            raise wire.refusal_of(answer)
        grant = wire.grant_of(answer.bound, answer.signing_key)
        if grant.caller.expires_at is not None and now >= grant.caller.expires_at:
            raise ExpiredToken
        return grant

    def holds(self, access_key_id: str) -> bool:
        """Whether `find` answers from what is kept, as far as the access key alone can tell.

        A key about which different questions were asked lately (another token, service or day) does not count.
        """
        question, asked_at = self._last.get(access_key_id, (None, 0.0))
        return question is not None and self._is_fresh(asked_at)

    def report(self, seen: Sequence[Entry | KeyUse]) -> None:
        """Tells which keys signed here, and what the audit shall know. Raises Unavailable."""
        for start in range(0, len(seen), _REPORTED_AT_ONCE):
            some = seen[start : start + _REPORTED_AT_ONCE]
            uses = tuple(one for one in some if isinstance(one, KeyUse))
            entries = tuple(one for one in some if isinstance(one, Entry))
            self._line.post(wire.REPORTS, wire.seal_report(self._keys, Report(uses, entries)))
        self.close()  # reports come seldom, from a thread that asks nothing else

    def close(self) -> None:
        """Closes this thread's connection; the next question opens another."""
        self._line.close()

    def _fresh(self, question: Question) -> _Kept | None:
        kept = self._kept.get(question)
        return kept if kept is not None and self._is_fresh(kept.asked_at) else None

    def _is_fresh(self, asked_at: float) -> bool:
        return 0 <= self._clock().timestamp() - asked_at < self._cache_s

    def _ask(self, question: Question) -> _Kept:
        asked_at = self._clock().timestamp()
        answer = self._answered(question)
        if isinstance(answer, Refused):
            kept = _Kept(None, answer, asked_at)
        else:
            kept = _Kept(wire.grant_of(answer.bound, answer.signing_key), None, asked_at)
        if self._cache_s > 0:
            self._keep(question, kept)
        return kept

    def _keep(self, question: Question, kept: _Kept) -> None:
        with self._lock:
            self._kept.pop(question, None)
            self._kept[question] = kept
            earlier, asked_at = self._last.get(question.access_key_id, (question, 0.0))
            only = earlier == question or not self._is_fresh(asked_at)
            self._last[question.access_key_id] = (question if only else None, kept.asked_at)
            self._forget_old()

    def _forget_old(self) -> None:
        """Lets go of what is kept too long or is too much, the oldest first: an answer holds policies, which are large."""
        while len(self._kept) > _MOST_KEPT or not self._is_fresh(next(iter(self._kept.values())).asked_at):
            gone, _ = self._kept.popitem(last=False)
            if self._last.get(gone.access_key_id, (None, 0.0))[0] in {gone, None}:
                self._last.pop(gone.access_key_id, None)
            if not self._kept:
                return

    def _answered(self, question: Question) -> Answer:
        body = wire.seal_question(self._keys, question)
        try:
            return wire.open_answer(self._keys, body, self._line.post(wire.PATH, body))
        except BrokenSeal as error:
            raise Unavailable("The authorizer's answer cannot be read.") from error
