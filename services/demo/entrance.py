"""The frame round every S3 call: authenticate, read the body, find the operation, run it, word what went wrong.

No operation can forget a step; each asks the guard itself, because its action and resource depend on what it finds.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from services.demo import addressing, documents, hoisting
from services.demo.addressing import Target
from services.demo.blobs import Blobs
from services.demo.bodies import body_of
from services.demo.call import Call
from services.demo.documents import Element
from services.demo.operations import Operation, operation_of
from services.demo.refusals import InvalidRequest, NotImplemented501, S3Refusal, worded
from shared import ids
from shared.audit.reporter import Occasion, Reporter
from shared.clock import Clock
from shared.guard import sigv2
from shared.guard.caller import ContextValue
from shared.guard.guard import Grant, Guard, require_signature
from shared.guard.refusals import ScopeMismatch
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv4 import GLOBAL_REGION, S3
from shared.refusal import Refusal
from shared.sql.engine import Sql
from shared.web import HttpRequest, HttpResponse, source_address

LOG: Final = logging.getLogger("poolkeeper.demo")
_OLD_SIGNATURE: Final = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_FORM: Final = "Uploads by form (POST Object) are not implemented; give out a presigned URL for PutObject instead."
_CONDITION_HEADERS: Final = (
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-storage-class",
)


class Entrance:
    """Answers S3's requests."""

    def __init__(
        self,
        guard: Guard,
        proofs: sigv2.Proofs,
        sql: Sql,
        blobs: Blobs,
        clock: Clock,
        *,
        region: str,
        domains: tuple[str, ...],
        trusted_proxies: tuple[str, ...],
        reporter: Reporter,
    ) -> None:
        self._guard = guard
        self._proofs = proofs
        self._sql = sql
        self._blobs = blobs
        self._clock = clock
        self._region = region
        self._domains = domains
        self._trusted_proxies = trusted_proxies
        self._reporter = reporter
        self._rules = replace(S3, regions=frozenset({region, GLOBAL_REGION}))

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
        headers = [*response.headers, ("x-amz-request-id", request_id)]
        return HttpResponse(response.status, headers, response.body, response.file)

    def refused(self, request: HttpRequest, refusal: Refusal, request_id: str) -> HttpResponse:
        """A refusal as S3 words it; HEAD has no body."""
        presigned = "X-Amz-Signature=" in request.query or sigv2.claimed(request.query)
        session = "x-amz-security-token" in request.named or "x-amz-security-token=" in request.query.lower()
        code, status, sentence = worded(refusal, presigned=presigned, session=session)
        details = refusal.details if isinstance(refusal, S3Refusal) else {}
        shown: list[Element] = [("Code", code), ("Message", sentence), *details.items()]
        headers = [("content-type", "application/xml")]
        if isinstance(refusal, ScopeMismatch):
            shown.append(("Region", self._region))
            headers.append(("x-amz-bucket-region", self._region))
        if code == "RequestTimeTooSkewed":
            shown += self._times(request)
        shown += [("Resource", request.path), ("RequestId", request_id), ("HostId", request_id)]
        if status == 503:
            headers.append(("retry-after", "1"))
        body = b"" if request.method == "HEAD" else documents.document("Error", shown, namespace=False)
        return HttpResponse(status, headers, body)

    def _times(self, request: HttpRequest) -> list[Element]:
        """When the request says it was signed, and by what time it is judged: SDKs set their clocks by it."""
        return [
            ("RequestTime", request.header("x-amz-date") or request.header("date") or ""),
            ("ServerTime", f"{self._clock():%Y-%m-%dT%H:%M:%SZ}"),
            ("MaxAllowedSkewMilliseconds", str(S3.window // timedelta(milliseconds=1))),
        ]

    def _run(self, request: HttpRequest, request_id: str) -> HttpResponse:
        if (request.header("authorization") or "").startswith("AWS "):
            raise InvalidRequest(_OLD_SIGNATURE)
        now = self._clock()
        if sigv2.claimed(request.query):
            return self._run_old(request, now, request_id)
        if request.method == "POST" and (request.header("content-type") or "").startswith("multipart/form-data"):
            raise NotImplemented501(_FORM)
        require_signature(request)
        signed = self._guard.authenticate(request, now, self._rules)
        target = addressing.target_of(request.path, request.header("host") or "", self._domains)
        query = addressing.parameters(request.query)
        if signed.request.presigned:
            request = hoisting.with_headers(request, hoisting.lowered(query))
            query = {name: value for name, value in query.items() if name[:6].lower() != "x-amz-"}
        return self._operate(request, target, query, now, request_id, signed.grant, signed.request)

    def _run_old(self, request: HttpRequest, now: datetime, request_id: str) -> HttpResponse:
        """A presigned URL of signature version 2: the authorizer says whether its key signed it."""
        target = addressing.target_of(request.path, request.header("host") or "", self._domains)
        query = addressing.parameters(request.query)
        resource = addressing.resource_of(request.path, request.header("host") or "", self._domains)
        grant = self._proofs.prove(sigv2.parse(request.method, resource, query, request.named, now), now)
        self._reporter.uses.saw(grant.caller, "s3", self._region, now)
        carried = sigv2.hoisted(query)
        request = hoisting.with_headers(request, carried)
        query = {name: value for name, value in query.items() if name not in sigv2.MARKS and name not in carried}
        return self._operate(request, target, query, now, request_id, grant, None)

    def _operate(
        self,
        request: HttpRequest,
        target: Target,
        query: Mapping[str, str],
        now: datetime,
        request_id: str,
        grant: Grant,
        signed: SignedRequest | None,
    ) -> HttpResponse:
        """Runs what was asked; `signed` is None where signature version 2 was proved."""
        operation = operation_of(request.method, target, query, request.named)
        origin = source_address(request, self._trusted_proxies)
        body, checksum = body_of(request, signed, grant.signing_key, checksum_of_body=operation.checksum_of_body)
        resource = target.arn if target.key else target.bucket_arn if target.bucket else "*"
        occasion = Occasion(grant.caller, f"s3:{operation.name}", resource, origin, request_id, now)
        call = Call(
            guard=self._guard,
            sql=self._sql,
            blobs=self._blobs,
            region=self._region,
            request=request,
            grant=grant,
            target=target,
            query=query,
            headers=request.named,
            body=body,
            checksum=checksum,
            now=now,
            context=self._context(request, grant, signed, now, origin, operation),
            denied=partial(self._reporter.denied, occasion),
        )
        with self._reporter.watching(occasion):
            return operation.run(call)

    def _context(
        self,
        request: HttpRequest,
        grant: Grant,
        signed: SignedRequest | None,
        now: datetime,
        origin: str,
        operation: Operation,
    ) -> dict[str, ContextValue]:
        """The condition keys of every S3 request (Service Authorization Reference: Amazon S3)."""
        keys: dict[str, ContextValue] = dict(self._guard.context(grant.caller, request, now, origin))
        if signed is None:
            keys["s3:signatureversion"], keys["s3:authtype"] = "AWS", "REST-QUERY-STRING"
        else:
            keys["s3:signatureversion"] = "AWS4-HMAC-SHA256"
            keys["s3:authtype"] = "REST-QUERY-STRING" if signed.presigned else "REST-HEADER"
            keys["s3:signatureage"] = str(max(0, (now - signed.requested_at) // timedelta(milliseconds=1)))
        for name in (*_CONDITION_HEADERS, *operation.conditions):
            value = request.header(name)
            if value is not None:
                keys[f"s3:{name}"] = value
        return keys
