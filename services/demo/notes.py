"""Notes: how anyone protects a service of their own. Its actions, its ARNs, signed with its own service name, in JSON.

GET /notes/ lists, GET /notes/ID reads (notes:Read); PUT /notes/ID writes {"text": "..."} and DELETE removes
(notes:Write), on arn:aws:notes:REGION:ACCOUNT:note/ID. The policy engine knows none of these names, and need not.
"""

import logging
import re
from http import HTTPStatus
from typing import Any, Final

import msgspec

from services.demo import store
from services.demo.headers import iso_date
from services.demo.refusals import worded
from services.demo.store import Note
from shared import ids
from shared.audit.reporter import Occasion, Reporter
from shared.clock import Clock
from shared.guard.guard import Guard, require_signature
from shared.guard.sigv4 import Rules
from shared.refusal import Refusal
from shared.sql.engine import Sql
from shared.web import HttpRequest, HttpResponse, source_address

LOG: Final = logging.getLogger("poolkeeper.demo")
PATH: Final = "/notes/"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ACTIONS: Final = {"GET": "notes:Read", "PUT": "notes:Write", "DELETE": "notes:Write"}
_LONGEST_TEXT: Final = 10_000


class NoteRefusal(Refusal):
    """A refusal of this service's own, with its status."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class Notes:
    """Answers the requests below /notes/."""

    def __init__(
        self,
        guard: Guard,
        sql: Sql,
        clock: Clock,
        region: str,
        trusted_proxies: tuple[str, ...],
        reporter: Reporter,
    ) -> None:
        self._guard = guard
        self._sql = sql
        self._clock = clock
        self._region = region
        self._trusted_proxies = trusted_proxies
        self._reporter = reporter
        self._rules = Rules(regions=frozenset({region}), services=frozenset({"notes"}))

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer, a refusal included. Never raises."""
        request_id = ids.uuid4()
        response = self._answer(request, request_id)
        return HttpResponse(response.status, [*response.headers, ("x-amz-request-id", request_id)], response.body)

    def _answer(self, request: HttpRequest, request_id: str) -> HttpResponse:
        try:
            return self._run(request, request_id)
        except NoteRefusal as refusal:
            return _json(refusal.status, {"code": refusal.status.phrase.replace(" ", ""), "message": refusal.message})
        except Refusal as refusal:
            return self.refused(refusal)
        except Exception:
            LOG.exception("a note failed")
            return self.refused(Refusal("internal error"))

    @staticmethod
    def refused(refusal: Refusal) -> HttpResponse:
        """A refusal of the frame round the notes."""
        code, status, _ = worded(refusal)
        return _json(status, {"code": code, "message": refusal.message})

    def _run(self, request: HttpRequest, request_id: str) -> HttpResponse:
        require_signature(request)
        now = self._clock()
        signed = self._guard.authenticate(request, now, self._rules)
        action, note_id = _ACTIONS.get(request.method), request.path.removeprefix(PATH)
        if action is None or (not note_id and request.method != "GET"):
            raise NoteRefusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method[:16]} is not served here.")
        if request.query or (note_id and not _ID.fullmatch(note_id)):
            raise NoteRefusal(
                HTTPStatus.BAD_REQUEST, "A note's id has 1 to 64 letters, digits, hyphens or underscores."
            )
        account = signed.caller.account
        origin = source_address(request, self._trusted_proxies)
        context = self._guard.context(signed.caller, request, now, origin)
        resource = f"arn:aws:notes:{self._region}:{account}:note/{note_id or '*'}"
        with self._reporter.watching(Occasion(signed.caller, action, resource, origin, request_id, now)):
            self._guard.authorize(signed.grant, action, resource, context, resource_account=account)
        if request.method == "GET":
            return self._read(account, note_id)
        if request.method == "DELETE":
            return self._remove(account, note_id)
        with self._sql.write() as tx:
            store.put_note(tx, account, Note(note_id, _text(request.body), now))
        return self._read(account, note_id)

    def _read(self, account: str, note_id: str) -> HttpResponse:
        with self._sql.read() as tx:
            if not note_id:
                return _json(200, {"notes": [_shown(note) for note in store.find_notes(tx, account)]})
            note = store.find_note(tx, account, note_id)
        if note is None:
            raise NoteRefusal(HTTPStatus.NOT_FOUND, "There is no such note.")
        return _json(200, _shown(note))

    def _remove(self, account: str, note_id: str) -> HttpResponse:
        with self._sql.write() as tx:
            if not store.remove_note(tx, account, note_id):
                raise NoteRefusal(HTTPStatus.NOT_FOUND, "There is no such note.")
        return HttpResponse(204, [], b"")


def _text(body: bytes) -> str:
    try:
        text = msgspec.json.decode(body, type=_Body).text
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoteRefusal(HTTPStatus.BAD_REQUEST, 'Send {"text": "..."}.') from None
    if len(text) > _LONGEST_TEXT:
        raise NoteRefusal(HTTPStatus.BAD_REQUEST, f"A note has at most {_LONGEST_TEXT} characters.")
    return text


def _shown(note: Note) -> dict[str, Any]:
    return {"id": note.note_id, "text": note.text, "changedAt": iso_date(note.changed_at)}


def _json(status: int, value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, [("content-type", "application/json")], msgspec.json.encode(value))
