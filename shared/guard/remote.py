"""Grants from elsewhere: a protected service asks the identity pool's internal authorizer, and keeps the answer briefly.

It reports there as well: which keys signed, and what the audit shall know.
"""

import http.client
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from shared.audit.record import Entry, KeyUse
from shared.clock import Clock
from shared.guard import authorizer_wire as wire
from shared.guard.authorizer_wire import Answer, Proof, Question, Refused, Report
from shared.guard.guard import Grant
from shared.guard.refusals import ExpiredToken
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv2 import Claims
from shared.refusal import Unavailable
from shared.seal import BrokenSeal, Keys

_TIMEOUT_S: Final = 2.0
_MOST_KEPT: Final = 4096
_LONGEST_ANSWER: Final = 4 << 20
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
        parts = urlsplit(url)
        self._https = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._keys = keys
        self._clock = clock
        self._cache_s = cache_s
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._last: dict[str, tuple[Question | None, float]] = {}  # None: several questions about one key
        self._own = threading.local()

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
            self._posted(wire.REPORTS, wire.seal_report(self._keys, Report(uses, entries)))
        self.close()  # reports come seldom, from a thread that asks nothing else

    def close(self) -> None:
        """Closes this thread's connection; the next question opens another."""
        if getattr(self._own, "connection", None) is not None:
            self._own.connection.close()
            self._own.connection = None

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
            while len(self._kept) > _MOST_KEPT:
                gone, _ = self._kept.popitem(last=False)
                self._last.pop(gone.access_key_id, None)

    def _answered(self, question: Question) -> Answer:
        body = wire.seal_question(self._keys, question)
        try:
            return wire.open_answer(self._keys, body, self._posted(wire.PATH, body))
        except BrokenSeal as error:
            raise Unavailable("The authorizer's answer cannot be read.") from error

    def _posted(self, path: str, body: bytes) -> bytes:
        """Posts on this thread's connection; one that was closed meanwhile is opened once more."""
        for attempt in (1, 2):
            connection, is_new = self._connection()
            try:
                connection.request("POST", self._path + path, body, {"content-type": wire.CONTENT_TYPE})
                response = connection.getresponse()
                text = response.read(_LONGEST_ANSWER)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == 1 and not is_new and not isinstance(error, TimeoutError):
                    continue
                raise Unavailable("The authorizer does not answer.") from error
            if response.status != 200:
                self.close()
                raise Unavailable("The authorizer does not answer.")
            return text
        raise Unavailable("The authorizer does not answer.")

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is not None:
            return kept, False
        make = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        self._own.connection = make(self._host, self._port, timeout=_TIMEOUT_S)
        return self._own.connection, True
