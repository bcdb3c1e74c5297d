"""The AWS entrance: find the operation, authenticate, decode, authorize, run, encode. No operation can forget a step."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Generic, Never, TypeVar

from shared import cors, ids
from shared.aws import json_protocol, query_protocol
from shared.aws.errors import AS_JSON, AS_QUERY, VIOLATIONS, Table
from shared.aws.frame import Frame
from shared.aws.model import Shape
from shared.aws.operation import Audited, Call, NotServed, OperationTable, Served, UnknownOperation
from shared.aws.violations import Malformed, Violations
from shared.clock import Clock
from shared.guard.guard import Guard
from shared.guard.sigv4 import GLOBAL_REGION, Rules
from shared.refusal import Refusal, TooLarge
from shared.web import HttpRequest, HttpResponse

C = TypeVar("C", bound=Audited)

LOG: Final = logging.getLogger("poolkeeper.aws")
MOST_BODY: Final = 1 << 20
_LATER: Final = frozenset({429, 503})
_OTHER_REGIONS: Final = {"iam": ("us-east-1", GLOBAL_REGION), "sts": (GLOBAL_REGION,)}
"""What SDKs sign for beside the region of the installation: IAM has no region, and STS once had none."""
_PRESIGNED_FOR: Final = timedelta(minutes=15)
"""STS goes by no X-Amz-Expires, and the SDK for Go sends none (kubernetes-sigs/aws-iam-authenticator: token.go)."""
_JSON_TYPE, _XML_TYPE = "application/x-amz-json-1.1", "text/xml"
_CORS: Final = [
    cors.ANY_ORIGIN,
    ("access-control-expose-headers", "x-amzn-errortype,x-amzn-requestid,x-amzn-errormessage,date,retry-after"),
]
_METHODS: Final = "POST, GET, OPTIONS"
_PERMISSION_LASTS_S: Final = 172_800


class Gateway(Generic[C]):
    """The AWS entrance of one port: one JSON API, any number of Query APIs."""

    def __init__(
        self,
        *,
        json_table: OperationTable[C],
        query_tables: Sequence[OperationTable[C]],
        refusal_tables: Mapping[str, Mapping[type[Refusal], str]],
        guard: Guard,
        context: C,
        clock: Clock,
        region: str,
        trusted_proxies: tuple[str, ...],
        always_waits: bool,
    ) -> None:
        """`refusal_tables`: for each API, its own refusals and their error codes. `always_waits`: the store is remote."""
        self._json = json_table
        self._query = {table.service.api_version: table for table in query_tables}
        self._words = {
            table.service.name: _words(table, refusal_tables[table.service.name])
            for table in (json_table, *query_tables)
        }
        self._never_wait = _never_wait(query_tables)
        self._guard = guard
        self._context = context
        self._frame = Frame(guard, context, clock, trusted_proxies)
        self._always_waits = always_waits
        self._prefix = f"{json_table.service.target_prefix}."
        self._rules = {
            table.service.name: Rules(
                regions=frozenset({region, *_OTHER_REGIONS.get(table.service.name, ())}),
                services=frozenset({table.service.signing_name}),
                presigned=table.service.name == "sts",
                presigned_for=_PRESIGNED_FOR,
            )
            for table in (json_table, *query_tables)
        }

    def claims(self, request: HttpRequest) -> bool:
        """Whether the request is AWS-shaped, or asks for permission to send one; everything else is a page."""
        if (request.path == "/" and request.method == "POST") or request.method == "OPTIONS":
            return True
        if "x-amz-target" in request.named:  # wherever it was sent, its sender reads AWS's answers only
            return True
        return request.path == "/" and request.method == "GET" and "Action=" in request.query and bool(self._query)

    def waits(self, request: HttpRequest) -> bool:
        """Whether answering it may block."""
        if request.method == "OPTIONS":
            return False
        if self._always_waits:
            return True
        target = request.header("x-amz-target")
        if target is None:
            return self._query_waits(request)
        name = target.removeprefix(self._prefix)
        served = self._json.served.get(name)
        if served is None:
            return name in self._json.refused and self._guard.waits(request)
        in_place = served.runs_in_place(self._context, request.body)
        return not in_place or (served.operation.signed and self._guard.waits(request))

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to an AWS-shaped request. Never raises."""
        if request.method == "OPTIONS":
            permission = cors.preflight(request, _METHODS, seconds=_PERMISSION_LASTS_S)
            permission.headers.append(("x-amzn-requestid", ids.uuid4()))
            return permission
        if request.header("x-amz-target") is not None or not self._query:
            return self._answer_json(request)
        return self._answer_query(request)

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The answer to a request that is refused before it is read; which Query API it is for, its signature says."""
        if request.header("x-amz-target") is not None or not self._query or _is_json(request):
            return self._json_refusal(refusal, ids.uuid4())
        claim = f"{request.header('authorization') or ''}{request.query}"
        meant = [table for table in self._query.values() if f"/{table.service.signing_name}/aws4_request" in claim]
        return self._query_refusal((meant or [*self._query.values()])[0], refusal, ids.uuid4())

    def _query_waits(self, request: HttpRequest) -> bool:
        if not self._query:
            return False
        action = request.body.partition(b"Action=")[2].partition(b"&")[0].decode("latin-1")
        if action in self._never_wait:
            return False
        found = [table.served[action] for table in self._query.values() if action in table.served]
        return not found or any(not served.runs_in_place(self._context, request.body) for served in found)

    def _answer_json(self, request: HttpRequest) -> HttpResponse:
        request_id = ids.uuid4()
        try:
            _check_size(request)
            name = _operation_name(request, self._prefix)
            served = self._find(self._json, name, request, request_id)
            response = self._run(
                self._json,
                served,
                request,
                request_id,
                lambda: json_protocol.decode(served.operation, request.body),
            )
        except Exception as error:  # noqa: BLE001 - the last line of defence: every failure gets a documented answer
            return self._json_refusal(error, request_id)
        body = json_protocol.encode(response)
        headers = [("content-type", _JSON_TYPE), ("x-amzn-requestid", request_id), *_CORS]
        return HttpResponse(200, headers, body)

    def _answer_query(self, request: HttpRequest) -> HttpResponse:
        request_id = ids.uuid4()
        table = next(iter(self._query.values()))
        try:
            _check_size(request)
            params = _query_parameters(request)
            named = dict(params)
            action, version = named.get("Action", ""), named.get("Version", "")
            table = self._query.get(version) or self._table_that_has(action)
            _check_version(table, action, version)
            served = self._find(table, action, request, request_id)
            response = self._run(
                table,
                served,
                request,
                request_id,
                lambda: query_protocol.decode(served.operation, params),
            )
            body = query_protocol.encode(table.service, served.operation, response, request_id)
        except Exception as error:  # noqa: BLE001 - as above
            if _is_json(request) and isinstance(error, Malformed | UnknownOperation):  # its target was lost on the way
                return self._json_refusal(UnknownOperation(""), request_id)
            return self._query_refusal(table, error, request_id)
        return HttpResponse(200, [("content-type", _XML_TYPE), ("x-amzn-requestid", request_id), *_CORS], body)

    def _table_that_has(self, action: str) -> OperationTable[C]:
        for table in self._query.values():
            if action in table.operations:
                return table
        return next(iter(self._query.values()))

    def _find(self, table: OperationTable[C], name: str, request: HttpRequest, request_id: str) -> Served[C]:
        """The served operation; one that is refused by name says so only to a caller who may call it."""
        try:
            return table.find(name)
        except NotServed as refusal:
            if not table.operations[name].signed:
                raise
            self._refuse(refusal, table, name, request, request_id)

    def _refuse(
        self, refusal: NotServed, table: OperationTable[C], name: str, request: HttpRequest, request_id: str
    ) -> Never:
        """Raises the refusals of the signature, AccessDenied where policies do not allow the action, or `refusal`."""
        action, rules = f"{table.service.signing_name}:{name}", self._rules[table.service.name]
        call, grant = self._frame.signed_call(action, request, request_id, rules)

        def refuse() -> Never:
            self._frame.authorize(call, grant, "*")
            raise refusal

        self._frame.run(call, refuse)

    def _run(
        self,
        table: OperationTable[C],
        served: Served[C],
        request: HttpRequest,
        request_id: str,
        decode: Callable[[], Shape],
    ) -> Shape:
        """Authenticate, decode, authorize, run."""
        frame, action = self._frame, served.action
        if not served.operation.signed:
            call = frame.unsigned_call(action, request, request_id, needs_keys=served.needs_keys)
        else:
            call, _ = frame.signed_call(action, request, request_id, self._rules[table.service.name])
        return frame.run(call, lambda: self._answered(call, served, decode))

    def _answered(self, call: Call[C], served: Served[C], decode: Callable[[], Shape]) -> Shape:
        """Decodes and authorizes; what the operation then answers."""
        decoded = call.trail.request = decode()
        if call.grant is not None and served.resource is not None:
            if served.context_keys is not None:
                call.keys.update(served.context_keys(call, decoded))
            self._frame.authorize(call, call.grant, served.resource(call, decoded))
        return served.run(call, decoded)

    def _json_refusal(self, error: Exception, request_id: str) -> HttpResponse:
        code, status, message = self._worded(self._json, error, request_id, AS_JSON, "InternalErrorException")
        headers = [
            ("content-type", _JSON_TYPE),
            ("x-amzn-requestid", request_id),
            ("x-amzn-errortype", f"{code}:"),
            ("x-amzn-errormessage", _header_text(message)),
            *_CORS,
        ]
        if status in _LATER:
            headers.append(("retry-after", "1"))
        return HttpResponse(status, headers, json_protocol.error(code, message))

    def _query_refusal(self, table: OperationTable[C], error: Exception, request_id: str) -> HttpResponse:
        code, status, message = self._worded(table, error, request_id, AS_QUERY, "InternalFailure")
        headers = [("content-type", _XML_TYPE), ("x-amzn-requestid", request_id), *_CORS]
        if status in _LATER:
            headers.append(("retry-after", "1"))
        body = query_protocol.error(table.service, code, message, request_id, sender=status < 500)
        return HttpResponse(status, headers, body)

    def _worded(
        self,
        table: OperationTable[C],
        error: Exception,
        request_id: str,
        frame: Table,
        internal: str,
    ) -> tuple[str, int, str]:
        """Code, status and sentence of a failure; what is not a refusal is our fault and says nothing but its id."""
        if isinstance(error, Refusal):
            words = self._words[table.service.name].get(type(error)) or frame.get(type(error))
            if words is not None:
                return (*words, error.message)
        if isinstance(error, NotServed):
            known = table.errors.get(error.code)
            return error.code, known.status if known else 400, error.message
        if isinstance(error, UnknownOperation):
            if table.service.protocol == "json":
                return "UnknownOperationException", 400, "The operation is not known."
            return (
                "InvalidAction",
                400,
                f"Could not find operation {error.message} for version {error.version or table.service.api_version}",
            )
        if isinstance(error, Violations):
            return VIOLATIONS[table.service.name], 400, error.message
        LOG.error("request %s failed", request_id, exc_info=error)
        return internal, 500, f"An internal error occurred (request {request_id})."


def _words(table: OperationTable[Any], own: Mapping[type[Refusal], str]) -> dict[type[Refusal], tuple[str, int]]:
    return {kind: (code, table.errors[code].status if code in table.errors else 400) for kind, code in own.items()}


def _never_wait(tables: Sequence[OperationTable[Any]]) -> frozenset[str]:
    """Actions that run in place whatever they say, in every table that has them."""
    waiting = {name for table in tables for name, served in table.served.items() if served.in_place is not True}
    return frozenset(name for table in tables for name in table.served if name not in waiting)


def _operation_name(request: HttpRequest, prefix: str) -> str:
    """X-Amz-Target without the API's prefix. Raises UnknownOperation for another API's, and for what is no POST to /."""
    target = request.header("x-amz-target") or ""
    if not target.startswith(prefix) or request.method != "POST" or request.path != "/":
        raise UnknownOperation(target)
    return target.removeprefix(prefix)


def _check_version(table: OperationTable[Any], action: str, version: str) -> None:
    """Raises UnknownOperation unless the action was asked for in the version of its API."""
    if version != table.service.api_version:
        raise UnknownOperation(action, version or "NO_VERSION_SPECIFIED")


def _check_size(request: HttpRequest) -> None:
    if len(request.body) > MOST_BODY:
        raise TooLarge(f"The request is larger than {MOST_BODY} bytes.")


def _query_parameters(request: HttpRequest) -> list[tuple[str, str]]:
    """The parameters: of a POST its body's; without a body, as boto3 presigns operations, the query's."""
    in_query = request.method == "GET" or not request.body
    return query_protocol.form(request.query.encode() if in_query else request.body)


def _is_json(request: HttpRequest) -> bool:
    return (request.header("content-type") or "").startswith(_JSON_TYPE)


def _header_text(message: str) -> str:
    return "".join(c if " " <= c <= "~" else "?" for c in message[:1024])
