"""The frame round every S3 call: authenticate, read the body, find the operation, run it, word what went wrong.

No operation can forget a step; each asks the guard itself, because its action and resource depend on what it finds.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from services.demo import addressing, documents
from services.demo.blobs import Blobs
from services.demo.bodies import body_of
from services.demo.call import Call
from services.demo.documents import Element
from services.demo.operations import operation_of
from services.demo.refusals import InvalidRequest, S3Refusal, worded
from shared import ids
from shared.audit.reporter import Occasion, Reporter
from shared.clock import Clock
from shared.guard.caller import ContextValue
from shared.guard.guard import Guard, Signed, require_signature
from shared.guard.refusals import ScopeMismatch
from shared.guard.sigv4 import S3, Rules
from shared.refusal import Refusal
from shared.sql.engine import Sql
from shared.web import HttpRequest, HttpResponse, source_address

LOG: Final = logging.getLogger("poolkeeper.demo")
_OLD_SIGNATURE: Final = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_CONDITION_HEADERS: Final = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-storage-class",
    "if-none-match",
    "if-match",
)


class Entrance:
    """Answers S3's requests."""

    def __init__(
        self,
        guard: Guard,
        sql: Sql,
        blobs: Blobs,
        clock: Clock,
        *,
        region: str,
        trusted_proxies: tuple[str, ...],
        reporter: Reporter,
    ) -> None:
        self._guard = guard
        self._sql = sql
        self._blobs = blobs
        self._clock = clock
        self._region = region
        self._trusted_proxies = trusted_proxies
        self._reporter = reporter
        self._rules = Rules(
            regions=frozenset({region}),
            services=S3.services,
            window=S3.window,
            presigned=True,
            normalise_path=False,
            payload_claims=S3.payload_claims,
        )

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer, a refusal's document included. Never raises."""
        request_id = ids.random_bytes(8).hex().upper()
        try:
            response = self._run(request, request_id)
        except Refusal as refusal:
            response = self.refused(request, refusal, request_id)
        except Exception:
            LOG.exception("request %s failed", request_id)
            response = self.refused(request, Refusal(""), request_id)
        return HttpResponse(response.status, [*response.headers, ("x-amz-request-id", request_id)], response.body)

    def refused(self, request: HttpRequest, refusal: Refusal, request_id: str) -> HttpResponse:
        """A refusal as S3 words it; HEAD has no body."""
        code, status, sentence = worded(refusal)
        details = refusal.details if isinstance(refusal, S3Refusal) else {}
        shown: list[Element] = [("Code", code), ("Message", sentence), *details.items()]
        headers = [("content-type", "application/xml")]
        if isinstance(refusal, ScopeMismatch):
            shown.append(("Region", self._region))
            headers.append(("x-amz-bucket-region", self._region))
        shown += [("Resource", request.path), ("RequestId", request_id), ("HostId", request_id)]
        if status == 503:
            headers.append(("retry-after", "1"))
        body = b"" if request.method == "HEAD" else documents.document("Error", shown, namespace=False)
        return HttpResponse(status, headers, body)

    def _run(self, request: HttpRequest, request_id: str) -> HttpResponse:
        if "AWSAccessKeyId=" in request.query or (request.header("authorization") or "").startswith("AWS "):
            raise InvalidRequest(_OLD_SIGNATURE)
        require_signature(request)
        now = self._clock()
        signed = self._guard.authenticate(request, now, self._rules)
        target = addressing.target_of(request.path, request.header("host") or "")
        query = addressing.parameters(request.query)
        operation = operation_of(request.method, target, query, request.named)
        origin = source_address(request, self._trusted_proxies)
        body, checksum = body_of(request, signed, checksum_of_body=operation.checksum_of_body)
        resource = f"arn:aws:s3:::{target.bucket}/{target.key}".removesuffix("/") if target.bucket else "*"
        occasion = Occasion(signed.caller, f"s3:{operation.name}", resource, origin, request_id, now)
        call = Call(
            guard=self._guard,
            sql=self._sql,
            blobs=self._blobs,
            region=self._region,
            request=request,
            signed=signed,
            target=target,
            query=query,
            headers=request.named,
            body=body,
            checksum=checksum,
            now=now,
            context=self._context(request, signed, now, origin),
            denied=partial(self._reporter.denied, occasion),
        )
        with self._reporter.watching(occasion):
            return operation.run(call)

    def _context(self, request: HttpRequest, signed: Signed, now: datetime, origin: str) -> dict[str, ContextValue]:
        """The condition keys of every S3 request (Service Authorization Reference: Amazon S3)."""
        claims = signed.request
        keys: dict[str, ContextValue] = dict(self._guard.context(signed.caller, request, now, origin))
        keys["s3:signatureversion"] = "AWS4-HMAC-SHA256"
        keys["s3:authtype"] = "REST-QUERY-STRING" if claims.presigned else "REST-HEADER"
        keys["s3:signatureage"] = str(max(0, (now - claims.requested_at) // timedelta(milliseconds=1)))
        for name in _CONDITION_HEADERS:
            value = request.header(name)
            if value is not None:
                keys[f"s3:{name}"] = value
        return keys
