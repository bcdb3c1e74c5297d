"""Who answers which request: health, the page, notes, or S3; and cross-origin permission on every answer."""

from typing import Final, Protocol

from flask import Flask

from services.demo import notes, store
from services.demo.addressing import domains_of
from services.demo.blobs import Blobs
from services.demo.bodies import MOST_BYTES
from services.demo.entrance import Entrance
from services.demo.notes import Notes
from services.demo.pages import Pages
from services.demo.refusals import EntityTooLarge
from services.demo.sweeping import sweeper
from shared import cors, ids
from shared.audit.reporter import Reporter
from shared.clock import Clock, OffsetClock
from shared.entrance import flask_application
from shared.guard import sigv2
from shared.guard.guard import Grants, Guard, is_signed
from shared.guard.sigv2 import Proofs
from shared.outbound.siblings import reset_all
from shared.refusal import Refusal, TooLarge
from shared.settings import Settings, sqlite_url
from shared.sql.engine import Sql
from shared.sweeper import Sweeper
from shared.web import HttpRequest, HttpResponse, call_wsgi

_HOUSEKEEPING: Final = ("/health/", "/test/")
_EXPOSED: Final = ("access-control-expose-headers", "*")
_METHODS: Final = "GET, HEAD, PUT, POST, DELETE"
_PERMISSION_LASTS_S: Final = 7200


class Authorizer(Grants, Proofs, Protocol):
    """What the store needs to know of access keys."""


class Front:
    """The store as a `shared.web.HttpApplication`."""

    def __init__(
        self,
        *,
        entrance: Entrance,
        notes: Notes,
        pages: Pages,
        housekeeping: Flask,
        reporter: Reporter,
        sweeper: Sweeper,
    ) -> None:
        self._entrance = entrance
        self._notes = notes
        self._pages = pages
        self._housekeeping = housekeeping
        self._reporter = reporter
        self._sweeper = sweeper

    def waits(self, request: HttpRequest) -> bool:
        """Everything reads files or SQL, but preflights and what the page is made of."""
        return request.method != "OPTIONS" and not self._pages.holds(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer. Never raises."""
        if request.method == "OPTIONS":
            return cors.preflight(request, _METHODS, seconds=_PERMISSION_LASTS_S)
        if not _claims_a_signature(request):
            if request.path.startswith(_HOUSEKEEPING):
                return call_wsgi(self._housekeeping, request)
            found = self._pages.answer(request)
            if found is not None:
                return found
        application = self._notes if _is_note(request) else self._entrance
        return _for_any_origin(application.answer(request))

    def is_health(self, request: HttpRequest) -> bool:
        """Health answers even under load; a signed request is for a bucket of that name."""
        return request.method == "GET" and request.path.startswith("/health/") and not _claims_a_signature(request)

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The refusal as a note's or in S3's words."""
        if _is_note(request):
            return _for_any_origin(self._notes.refused(refusal))
        if isinstance(refusal, TooLarge):
            refusal = EntityTooLarge(MaxSizeAllowed=str(MOST_BYTES))
        request_id = ids.random_bytes(8).hex().upper()
        return _for_any_origin(self._entrance.refused(request, refusal, request_id))

    def close(self) -> None:
        """The process ends: what is to be reported still is."""
        self._sweeper.close()
        self._reporter.close()


def compose(settings: Settings, grants: Authorizer, clock: Clock, reporter: Reporter) -> Front:
    """The store below `settings.data`; who may do what is for `grants` to say, and `reporter` tells the audit."""
    settings.data.mkdir(parents=True, exist_ok=True)
    sql = Sql(sqlite_url(settings.data / "demo.db"), schema="demo")
    store.make_tables(sql)
    guard = Guard(grants, settings.region, reporter.uses)
    blobs = Blobs(settings.data / "store")
    entrance = Entrance(
        guard,
        grants,
        sql,
        blobs,
        clock,
        region=settings.region,
        domains=domains_of(settings.demo_base),
        trusted_proxies=settings.trusted_proxies,
        reporter=reporter,
    )
    protected = Notes(guard, sql, clock, settings.region, settings.trusted_proxies, reporter)
    housekeeping = flask_application(
        is_ready=lambda: store.answers(sql),
        test_clock=test_clock(settings),
        reset=reset_all(settings, settings.demo_port, lambda: _forget(sql, blobs, reporter)),
    )
    return Front(
        entrance=entrance,
        notes=protected,
        pages=Pages(settings),
        housekeeping=housekeeping,
        reporter=reporter,
        sweeper=sweeper(sql, blobs, settings.request_deadline_s).start(),
    )


def test_clock(settings: Settings) -> OffsetClock | None:
    """The installation's movable clock, in test mode."""
    return OffsetClock(settings.data / "test-clock.json") if settings.test_mode else None


def _forget(sql: Sql, blobs: Blobs, reporter: Reporter) -> None:
    """Test mode's reset."""
    reporter.flush()
    store.empty_tables(sql)
    blobs.clear()


def _is_note(request: HttpRequest) -> bool:
    """Whether the request is for a note and not for a bucket of that name: S3's requests are signed for S3."""
    claim = f"{request.header('authorization') or ''}{request.query}"
    is_for_s3 = "/s3/aws4_request" in claim or "%2Fs3%2Faws4_request" in claim or sigv2.claimed(claim)
    return request.path.startswith(notes.PATH) and not is_for_s3


def _claims_a_signature(request: HttpRequest) -> bool:
    return is_signed(request) or sigv2.claimed(request.query)


def _for_any_origin(response: HttpResponse) -> HttpResponse:
    return HttpResponse(response.status, [*response.headers, cors.ANY_ORIGIN, _EXPOSED], response.body, response.file)
