"""The entrance for what AWS's APIs lack: JSON under /admin/v1/, signed as the service `poolkeeper`.

The steps are those of the AWS entrance, in the same frame: find the route, authenticate, authorize as the route's line
says, decode, run, encode. Actions are `poolkeeper:*`; a refusal is `{"code": ..., "message": ...}`.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from shared import ids
from shared.aws.errors import AS_JSON
from shared.aws.frame import Frame
from shared.aws.operation import Audited, Call
from shared.aws.violations import Malformed
from shared.clock import Clock
from shared.cors import ANY_ORIGIN
from shared.guard import refusals
from shared.guard.guard import AccessDenied, Guard
from shared.guard.sigv4 import Rules
from shared.refusal import Overloaded, Refusal, Removed, TooLarge
from shared.web import HttpRequest, HttpResponse

C = TypeVar("C", bound=Audited)

LOG: Final = logging.getLogger("poolkeeper.admin")
PREFIX: Final = "/admin/v1/"
SERVICE: Final = "poolkeeper"
_MOST_BODY: Final = 64 * 1024
_STATUS: Final[Mapping[type[Refusal], int]] = {AccessDenied: 403, Overloaded: 429, Removed: 404}
"""Where the status says more than the AWS entrance's 400; a signature that is not good is 403 too."""


Path = Mapping[str, str]
"""What stood in the variable parts of a path."""


@dataclass(frozen=True, slots=True)
class Route(Generic[C]):
    """One call that may be made. `body` is the type of what is sent; None for calls that send nothing."""

    method: str
    path: re.Pattern[str]
    action: str
    resource: Callable[[Call[C], Path], str]
    body: type[msgspec.Struct] | None
    run: Callable[[Call[C], Path, Any], msgspec.Struct]


class AdminEntrance(Generic[C]):
    """The routes of one service."""

    def __init__(
        self,
        routes: Sequence[Route[C]],
        words: Mapping[type[Refusal], tuple[str, int]],
        *,
        guard: Guard,
        context: C,
        clock: Clock,
        region: str,
        trusted_proxies: tuple[str, ...],
    ) -> None:
        """`words`: the service's own refusals, with code and status."""
        self._routes = routes
        frame = {kind: (code, _status(kind, status)) for kind, (code, status) in AS_JSON.items()}
        self._words = frame | dict(words)
        self._frame = Frame(guard, context, clock, trusted_proxies)
        self._rules = Rules(regions=frozenset({region}), services=frozenset({SERVICE}))

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The answer; None for a path that is not under /admin/v1/. Never raises."""
        if not request.path.startswith(PREFIX):
            return None
        request_id = ids.uuid4()
        found = [(route, match) for route in self._routes if (match := route.path.fullmatch(request.path))]
        if not found:
            return _refused(404, "NotFound", "There is nothing here.", request_id)
        chosen = next(((route, match) for route, match in found if route.method == request.method), None)
        if chosen is None:
            refused = _refused(405, "MethodNotAllowed", f"{request.method} is not served here.", request_id)
            refused.headers.append(("allow", ", ".join(route.method for route, _ in found)))
            return refused
        try:
            return _json(200, self._run(chosen[0], chosen[1].groupdict(), request, request_id), request_id)
        except Refusal as refusal:
            code, status = self._words.get(type(refusal), ("InvalidRequest", 400))
            return _refused(status, code, refusal.message, request_id)
        except Exception:
            LOG.exception("request %s failed", request_id)
            return _refused(500, "InternalError", f"An internal error occurred (request {request_id}).", request_id)

    def _run(self, route: Route[C], path: Path, request: HttpRequest, request_id: str) -> msgspec.Struct:
        """Authenticate, authorize, decode, run."""
        if len(request.body) > _MOST_BODY:
            raise TooLarge(f"The request is larger than {_MOST_BODY} bytes.")
        call, grant = self._frame.signed_call(route.action, request, request_id, self._rules)

        def answered() -> msgspec.Struct:
            self._frame.authorize(call, grant, route.resource(call, path))
            return route.run(call, path, None if route.body is None else _decoded(route.body, request.body))

        return self._frame.run(call, answered)


def _status(kind: type[Refusal], status: int) -> int:
    return 403 if kind.__module__ == refusals.__name__ else _STATUS.get(kind, status)


def _decoded(kind: type[msgspec.Struct], body: bytes) -> msgspec.Struct:
    """What was sent. Raises Malformed for unknown and repeated members, and for values of another form."""
    try:
        json.loads(body, object_pairs_hook=_without_repeats)
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    except (ValueError, RecursionError):
        raise Malformed("The body is not valid JSON.") from None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Malformed("A member is given twice.")
    return members


def _json(status: int, value: object, request_id: str) -> HttpResponse:
    headers = [("content-type", "application/json"), ("cache-control", "no-store"), ("x-amzn-requestid", request_id)]
    headers.append(ANY_ORIGIN)
    return HttpResponse(status, headers, msgspec.json.encode(value))


def _refused(status: int, code: str, message: str, request_id: str) -> HttpResponse:
    return _json(status, {"code": code, "message": message}, request_id)
