"""The front of a service: AWS-shaped requests to the gateway, prepared documents at once, the rest to Flask."""

import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from shared import ids
from shared.clock import OffsetClock
from shared.conversation import CONTENT_TYPE
from shared.cors import ANY_ORIGIN
from shared.outbound.siblings import ALONE
from shared.refusal import Refusal
from shared.seal import BrokenSeal
from shared.unread import in_plain_words
from shared.web import HttpRequest, HttpResponse, call_wsgi

LOG: Final = logging.getLogger("poolkeeper.entrance")


class AwsGateway(Protocol):
    """What the entrance needs of `shared.aws.gateway.Gateway`, whatever its context."""

    def claims(self, request: HttpRequest) -> bool:
        """Whether the request is AWS-shaped."""

    def waits(self, request: HttpRequest) -> bool:
        """Whether answering may block."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer."""

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The answer to a request that is refused before it is read."""


class Entrance:
    """The application of one service (`shared.web.HttpApplication`)."""

    def __init__(
        self,
        gateway: AwsGateway,
        documents: Callable[[HttpRequest], HttpResponse | None],
        flask: Flask,
        end: Callable[[], None],
        in_place: frozenset[str] = frozenset(),
    ) -> None:
        """`documents`: answers what needs no page machinery (keys, discovery, the authorizer), else None.

        `end`: writes what waits to be written, when the process ends. `in_place`: paths of documents that never wait.
        """
        self._gateway = gateway
        self._documents = documents
        self._flask = flask
        self._end = end
        self._in_place = in_place

    def waits(self, request: HttpRequest) -> bool:
        """Whether answering may block; the gateway knows calls that do not, and some documents never do."""
        return self._gateway.waits(request) if self._gateway.claims(request) else request.path not in self._in_place

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer. Never raises."""
        if self._gateway.claims(request):
            return self._gateway.answer(request)
        try:
            return self._documents(request) or call_wsgi(self._flask, request)
        except Refusal as refusal:
            return in_plain_words(refusal)
        except Exception:
            LOG.exception("%s %s failed", request.method, request.path)
            return HttpResponse(500, [("content-type", "text/plain"), ANY_ORIGIN], b"internal error")

    def is_health(self, request: HttpRequest) -> bool:
        """Health answers even under load."""
        return request.method == "GET" and request.path.startswith("/health/")

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The refusal in the entrance's own words."""
        return self._gateway.refused(request, refusal) if self._gateway.claims(request) else in_plain_words(refusal)

    def close(self) -> None:
        """The process ends."""
        self._end()


def internal_answer(request: HttpRequest, path: str, answer: Callable[[bytes], bytes]) -> HttpResponse | None:
    """The answer to another service of this installation that asks at `path`; others learn nothing. None elsewhere."""
    if request.method != "POST" or request.path != path:
        return None
    try:
        body = answer(request.body)
    except BrokenSeal:
        return HttpResponse(403, [("content-type", "text/plain")], b"not a question of this installation")
    return HttpResponse(200, [("content-type", CONTENT_TYPE)], body)


def flask_application(
    *,
    is_ready: Callable[[], bool],
    test_clock: OffsetClock | None,
    reset: Callable[[bool], None],
) -> Flask:
    """Health for every service and, in test mode (`test_clock` given), the clock and the reset.

    `reset` empties the whole installation; it is told whether to stop at this service.
    """
    app = Flask("poolkeeper", static_folder=None)
    app.register_error_handler(HTTPException, _in_plain_words)

    @app.get("/health/live")
    def live() -> Response:
        return _json(200, {"status": "live"})

    @app.get("/health/ready")
    def ready() -> Response:
        try:
            answers = is_ready()
        except Exception as error:  # noqa: BLE001 - whatever is broken, the answer is: not ready
            LOG.warning("not ready: %s", type(error).__name__)
            answers = False
        return _json(200, {"status": "ready"}) if answers else _json(503, {"status": "not ready"})

    if test_clock is not None:
        _add_test_routes(app, test_clock, reset)
    return app


def _add_test_routes(app: Flask, clock: OffsetClock, reset: Callable[[bool], None]) -> None:
    @app.before_request
    def refuse_pages_of_others() -> Response | None:
        """A page that somebody's browser shows can post here unseen; a browser says so, other clients do not."""
        from_page = request.path.startswith("/test/") and "Origin" in request.headers
        return _json(403, {"error": "not for pages in a browser"}) if from_page else None

    @app.post("/test/clock")
    def move_clock() -> Response:
        try:
            offset = msgspec.json.decode(request.get_data(), type=dict[str, float])["offset_s"]
        except (msgspec.DecodeError, KeyError):
            return _json(400, {"error": 'send {"offset_s": N}'})
        if abs(offset) > 10 * 366 * 86400:
            return _json(400, {"error": "offset_s is too far"})
        clock.move(offset)
        return _json(200, {"now": clock().isoformat()})

    @app.post("/test/reset")
    def reset_data() -> Response:
        reset(ALONE in request.args)
        return _json(200, {"status": "empty"})


def _in_plain_words(error: HTTPException) -> WerkzeugResponse:
    """Nobody here reads pages: what leads nowhere is told in a word."""
    response = error.get_response()
    response.content_type, response.data = "text/plain; charset=utf-8", error.name.encode()
    response.headers["x-amzn-requestid"] = ids.uuid4()
    response.headers.add(*ANY_ORIGIN)
    return response


def _json(status: int, value: dict[str, Any]) -> Response:
    response = Response(msgspec.json.encode(value), status=status, content_type="application/json")
    response.headers["x-amzn-requestid"] = ids.uuid4()
    response.headers["cache-control"] = "no-store"
    return response
