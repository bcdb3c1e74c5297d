"""Requests signed by botocore, the client that the verifier must agree with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from shared.guard import sigv4
from shared.guard.refusals import UnknownAccessKey

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HOST = "127.0.0.1:8402"
S3 = sigv4.S3


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the server receives it, and the moment at which it was signed."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: datetime

    def without(self, *names: str) -> "Sent":
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() not in names))

    def plus(self, *headers: tuple[str, str]) -> "Sent":
        return replace(self, headers=self.headers + headers)

    def header(self, name: str) -> str:
        return next(value for key, value in self.headers if key.lower() == name)

    def with_header(self, name: str, value: str) -> "Sent":
        return replace(self, headers=tuple((k, value if k.lower() == name else v) for k, v in self.headers))


def sign(
    method: str = "POST",
    target: str = "/",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    token: str | None = None,
    signer: type[Any] = botocore.auth.SigV4Auth,
    service: str = "sts",
    region: str = "us-east-1",
    key_id: str = KEY_ID,
    **options: Any,
) -> Sent:
    """What arrives when botocore signs and sends this."""
    request = AWSRequest(method, f"http://{HOST}{target}", data=body)
    for name, value in headers:
        request.headers.add_header(name, value)
    signer(Credentials(key_id, SECRET, token), service, region, **options).add_auth(request)
    at = datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    parts = urlsplit(request.url)
    arrived = (
        ("Host", HOST),
        ("User-Agent", "Boto3"),
        *((name, str(value)) for name, value in request.headers.items()),
    )
    return Sent(method, parts.path, parts.query, arrived, body, at)


def secret_for(access_key_id: str) -> str:
    if access_key_id not in {KEY_ID, "ASIAIOSFODNN7EXAMPLE"}:
        raise UnknownAccessKey
    return SECRET


def verify(sent: Sent, rules: sigv4.Rules = sigv4.GENERAL, *, later: timedelta = timedelta()) -> str:
    return sigv4.verify(
        sent.method, sent.path, sent.query, sent.headers, sent.body, secret_for, sent.at + later, rules=rules
    )
