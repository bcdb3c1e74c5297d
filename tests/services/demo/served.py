"""The store behind a small server, and an installation of one table: keys, callers and their policies."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import boto3
from botocore.client import Config

from shared.guard import sigv2
from shared.guard.caller import Caller, CallerKind
from shared.guard.guard import Grant
from shared.guard.refusals import UnknownAccessKey
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv4 import derive_key
from shared.policy.compiled import compile_policy
from shared.policy.document import Kind
from shared.web import HttpApplication, HttpRequest, HttpResponse
from tests.listening import listening

REGION = "us-east-1"
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SUB = "us-east-1:0a1b2c3d-0000-4000-8000-000000000001"
OWN_FOLDER = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": "arn:aws:s3:::demo/${cognito-identity.amazonaws.com:sub}/*",
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::demo",
            "Condition": {"StringLike": {"s3:prefix": "${cognito-identity.amazonaws.com:sub}/*"}},
        },
    ],
}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

VERSION_4_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}},
        },
    ],
}
ON_CONDITION = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:PutObject"],
            "Resource": "*",
            "Condition": {"Null": {"s3:if-match": "false"}},
        }
    ],
}


def caller(key_id: str) -> tuple[Caller, dict[str, Any]]:
    if key_id == "AKIAADMIN00000000000":
        arn = f"arn:aws:iam::{ACCOUNT}:user/admin"
        return Caller(arn, ACCOUNT, CallerKind.USER, "AIDAADMIN00000000000", key_id, name="admin"), ALL
    if key_id == "AKIAROOT000000000000":
        return Caller(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, CallerKind.ROOT, ACCOUNT, key_id, name=ACCOUNT), ALL
    if key_id == "AKIAVERSION4ONLY0000":
        arn = f"arn:aws:iam::{ACCOUNT}:user/strict"
        return Caller(arn, ACCOUNT, CallerKind.USER, "AIDASTRICT0000000000", key_id, name="strict"), VERSION_4_ONLY
    if key_id == "AKIACAREFUL000000000":
        arn = f"arn:aws:iam::{ACCOUNT}:user/careful"
        return Caller(arn, ACCOUNT, CallerKind.USER, "AIDACAREFUL000000000", key_id, name="careful"), ON_CONDITION
    if key_id == "AKIAOTHER00000000000":
        arn = f"arn:aws:iam::{OTHER_ACCOUNT}:user/admin"
        return Caller(arn, OTHER_ACCOUNT, CallerKind.USER, "AIDAOTHER00000000000", key_id, name="admin"), ALL
    if key_id == "AKIAFOLDER0000000000":
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/CognitoIdentityCredentials"
        keys = {"cognito-identity.amazonaws.com:sub": SUB}
        user_id = "AROAAPP0000000000000:CognitoIdentityCredentials"
        role = f"arn:aws:iam::{ACCOUNT}:role/app"
        who = Caller(arn, ACCOUNT, CallerKind.ROLE_SESSION, user_id, key_id, role_arn=role, provider_keys=keys)
        return who, OWN_FOLDER
    raise UnknownAccessKey


class TableGrants:
    """Grants of the callers above, all with one secret."""

    def find(self, signed: SignedRequest, now: datetime) -> Grant:
        who, document = caller(signed.access_key_id)
        key = derive_key(SECRET, signed.date, signed.region, signed.service)
        return Grant(who, key, (compile_policy(json.dumps(document), Kind.IDENTITY),))

    def prove(self, claims: sigv2.Claims, now: datetime) -> Grant:
        who, document = caller(claims.access_key_id)
        sigv2.check(claims.text, claims.signature, SECRET)
        return Grant(who, b"", (compile_policy(json.dumps(document), Kind.IDENTITY),))

    def holds(self, access_key_id: str) -> bool:
        return True


@contextmanager
def served(application: HttpApplication) -> Iterator[str]:
    """The application on a port of its own; its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = HttpRequest(
                method=self.command,
                path=quote(unquote_to_bytes(path), safe="/-_.~"),
                query=query,
                headers=tuple((name.lower(), value) for name, value in self.headers.items()),
                body=body,
                peer=self.client_address[0],
            )
            self._send(application.answer(request))

        def _send(self, response: HttpResponse) -> None:
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            if not any(name == "content-length" for name, _ in response.headers) and response.status not in {204, 304}:
                self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)
            if response.file is not None:
                with Path(response.file.path).open("rb") as file:
                    response.file.done()
                    file.seek(response.file.first)
                    self.wfile.write(file.read(response.file.end - response.file.first))

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    with listening(Handler) as base:
        yield base


def client(
    url: str,
    key_id: str = "AKIAADMIN00000000000",
    *,
    secret: str = SECRET,
    token: str | None = None,
    **options: Any,
) -> Any:
    config = Config(retries={"max_attempts": 1, "mode": "standard"}, s3={"addressing_style": "path"}, **options)
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=config,
    )
