"""Requests byte by byte, as no well-behaved client would send them, and what comes back."""

import http.client
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import ACCESS_KEY, REGION, SECRET_KEY, Installation

ADMINISTRATOR = Credentials(ACCESS_KEY, SECRET_KEY)
JSON_TYPE = "application/x-amz-json-1.1"
FORM_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
TARGETS = {"cognito-idp": "AWSCognitoIdentityProviderService", "cognito-identity": "AWSCognitoIdentityService"}
VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The error code, of whichever form the answer has."""
        if self.body.startswith(b"{"):
            parsed: dict[str, Any] = json.loads(self.body)
            return str(parsed.get("__type", ""))
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        return found.group(1).decode() if found else ""

    @property
    def message(self) -> str:
        if self.body.startswith(b"{"):
            parsed: dict[str, Any] = json.loads(self.body)
            return str(parsed.get("message", ""))
        found = re.search(rb"<Message>([^<]*)</Message>", self.body)
        return found.group(1).decode() if found else self.body.decode()


def base_of(house: Installation, service: str) -> str:
    return {"cognito-idp": house.userpool, "s3": house.store}.get(service, house.identitypool)


def address_of(base: str) -> tuple[str, int]:
    parts = urlsplit(base)
    return parts.hostname or "", parts.port or 80


def fetch(
    base: str, method: str = "POST", path: str = "/", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(*address_of(base), timeout=15)
    try:
        return fetch_on(connection, method, path, headers, body)
    finally:
        connection.close()


def fetch_on(
    connection: http.client.HTTPConnection,
    method: str = "POST",
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """One request on a kept connection."""
    connection.request(method, path, body=body, headers=dict(headers or {}))
    response = connection.getresponse()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def speak(base: str, raw: bytes, *, seconds: float = 5) -> bytes:
    """Everything the server says to `raw`, until it closes or falls silent."""
    said = b""
    with socket.create_connection(address_of(base), timeout=seconds) as connection:
        try:
            connection.sendall(raw)
            while part := connection.recv(65536):
                said += part
                if _is_whole(said):
                    connection.settimeout(0.1)
        except (TimeoutError, ConnectionError):
            pass
    return said


def statuses(said: bytes) -> list[int]:
    """The status of each answer in what the server said."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", said)]


def _is_whole(said: bytes) -> bool:
    head, end, body = said.rpartition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head.lower())
    return bool(end) and (length is None or len(body) >= int(length.group(1)))


def json_headers(service: str, operation: str) -> dict[str, str]:
    return {"Content-Type": JSON_TYPE, "X-Amz-Target": f"{TARGETS[service]}.{operation}"}


def form_of(service: str, operation: str, **parameters: str) -> bytes:
    return urlencode({"Action": operation, "Version": VERSIONS[service], **parameters}).encode()


class _Elsewhen(SigV4Auth):  # type: ignore[misc]  # botocore is untyped
    """botocore's signer on a clock that is off."""

    def __init__(self, credentials: Credentials, service: str, off: timedelta) -> None:
        super().__init__(credentials, service, REGION)
        self._off = off

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        at = datetime.strptime(request.context["timestamp"], _STAMP) + self._off  # noqa: DTZ007 - botocore's text
        request.context["timestamp"] = at.strftime(_STAMP)
        super()._modify_request_before_signing(request)


class _ElsewhenS3(_Elsewhen, S3SigV4Auth):  # type: ignore[misc]  # as above
    """The same for S3's form of signature."""


def signed_headers(
    base: str,
    service: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    method: str = "POST",
    path: str = "/",
    credentials: Credentials = ADMINISTRATOR,
    off: timedelta = timedelta(),
) -> dict[str, str]:
    """The headers with a signature by botocore, made `off` from now."""
    request = AWSRequest(method, base + path, data=body, headers=dict(headers))
    signer = _ElsewhenS3 if service == "s3" else _Elsewhen
    signer(credentials, service, off).add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}


def ask(
    house: Installation,
    service: str,
    operation: str,
    body: bytes | None = None,
    *,
    signed: bool = True,
    credentials: Credentials = ADMINISTRATOR,
    off: timedelta = timedelta(),
    connection: http.client.HTTPConnection | None = None,
) -> Answer:
    """One call of an operation with any body; the default body is an empty one of the service's protocol."""
    base = base_of(house, service)
    if service in TARGETS:
        headers, body = json_headers(service, operation), b"{}" if body is None else body
    else:
        headers, body = {"Content-Type": FORM_TYPE}, form_of(service, operation) if body is None else body
    if signed:
        headers = signed_headers(base, service, headers, body, credentials=credentials, off=off)
    if connection is not None:
        return fetch_on(connection, headers=headers, body=body)
    return fetch(base, headers=headers, body=body)
