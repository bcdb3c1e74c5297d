"""An identity pool service in process: real SQLite, real keys, the real frame, requests signed by botocore."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from services.identitypool import operations
from services.identitypool.authorizer.grants import LocalGrants
from services.identitypool.authorizer.last_used import keep_uses
from services.identitypool.context import Context
from services.identitypool.errors import AS_COGNITO_IDENTITY, AS_IAM, AS_STS
from services.identitypool.iam.records import AccessKey, InlinePolicy, Role, User
from services.identitypool.iam.secrets_at_rest import seal_secret
from services.identitypool.iam.store import access_keys, accounts, inline, roles, tags, users
from services.identitypool.schema import metadata
from services.identitypool.service import cognito_identity, iam, sts
from shared import ids
from shared.audit.journal import Journal
from shared.audit.uses import KeyUses
from shared.aws.gateway import Gateway
from shared.ephemeral.on_sql import OnSql
from shared.guard.guard import Guard
from shared.seal import Keys
from shared.secret import Secret
from shared.settings import Settings
from shared.sql.engine import Sql
from shared.sweeper import Sweeper
from shared.web import HttpRequest

ACCOUNT = "111122223333"
HOST = "127.0.0.1:8402"

operations.load()


@dataclass
class Refused(Exception):
    """An error answer."""

    status: int
    code: str
    message: str


@dataclass
class Installation:
    context: Context
    gateway: Gateway[Context]
    clock: "HandClock"
    root: Credentials = field(init=False)

    def user(self, name: str, policy: dict[str, Any] | None = None, account: str = ACCOUNT) -> Credentials:
        user = User(account, ids.unique_id("AIDA"), name, "/", None, self.clock.now)
        with self.context.sql.write() as tx:
            users.add_user(tx, user)
            if policy is not None:
                text = json.dumps(policy)
                inline.put_inline(tx, account, user.id, InlinePolicy("own", text, len(text)))
        return self.key(user.id, account)

    def key(self, user_id: str | None, account: str = ACCOUNT) -> Credentials:
        key_id, secret = ids.unique_id("AKIA"), Secret(ids.secret_access_key())
        sealed = seal_secret(self.context.keys, key_id, secret)
        key = AccessKey(account, key_id, user_id, True, sealed, False, self.clock.now, None, None, None)
        with self.context.sql.write() as tx:
            access_keys.add_key(tx, key)
        return Credentials(key_id, secret.reveal())

    def role(
        self,
        name: str,
        trust: dict[str, Any],
        policy: dict[str, Any] | None = None,
        longest_s: int = 3600,
        account: str = ACCOUNT,
    ) -> Role:
        role = Role(
            account=account,
            id=ids.unique_id("AROA"),
            name=name,
            path="/",
            trust_policy=json.dumps(trust),
            trusted_accounts="{}",
            description=None,
            max_session_s=longest_s,
            boundary_arn=None,
            created_at=self.clock.now,
            last_used_at=None,
            last_used_region=None,
        )
        with self.context.sql.write() as tx:
            roles.add_role(tx, role)
            if policy is not None:
                text = json.dumps(policy)
                inline.put_inline(tx, account, role.id, InlinePolicy("own", text, len(text)))
        return role

    def tag(self, owner_id: str, **wanted: str) -> None:
        with self.context.sql.write() as tx:
            tags.set_tags(tx, ACCOUNT, owner_id, wanted, with_case=False)

    def sts(self, action: str, credentials: Credentials | None, **parameters: str) -> dict[str, str]:
        """The leaf elements of the answer by name. Raises Refused."""
        return self._query("sts", credentials, {"Action": action, "Version": "2011-06-15", **parameters})

    def iam(self, action: str, credentials: Credentials, **parameters: str) -> dict[str, str]:
        """As `sts`, of IAM."""
        return self._query("iam", credentials, {"Action": action, "Version": "2010-05-08", **parameters})

    def _query(self, service: str, credentials: Credentials | None, form: dict[str, str]) -> dict[str, str]:
        headers = {"content-type": "application/x-www-form-urlencoded", "host": HOST}
        answer = self.gateway.answer(self._request(urlencode(form).encode(), headers, service, credentials))
        root = ET.fromstring(answer.body)
        leaves = {leaf.tag.rpartition("}")[2]: leaf.text or "" for leaf in root.iter() if len(leaf) == 0}
        if answer.status != 200:
            raise Refused(answer.status, leaves["Code"], leaves["Message"])
        return leaves

    def account(self, account: str) -> Credentials:
        """Another account, and a key of its root user."""
        with self.context.sql.write() as tx:
            accounts.add_account(tx, account, "root@localhost", self.clock.now)
        return self.key(None, account)

    def identity(self, operation: str, credentials: Credentials | None = None, **request: Any) -> Any:
        """The answer of cognito-identity. Raises Refused."""
        answer = self.gateway.answer(self.identity_request(operation, credentials, **request))
        said = json.loads(answer.body or b"{}")
        if answer.status != 200:
            raise Refused(answer.status, said["__type"], said["message"])
        return said

    def identity_request(self, operation: str, credentials: Credentials | None, **request: Any) -> HttpRequest:
        """A request to cognito-identity as it arrives."""
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "host": HOST,
            "x-amz-target": f"AWSCognitoIdentityService.{operation}",
        }
        return self._request(json.dumps(request).encode(), headers, "cognito-identity", credentials)

    def _request(
        self, body: bytes, headers: dict[str, str], service: str, credentials: Credentials | None
    ) -> HttpRequest:
        request = AWSRequest("POST", f"http://{HOST}/", data=body, headers=headers)
        if credentials is not None:
            signer = SigV4Auth(credentials, service, "us-east-1")
            request.context["timestamp"] = self.clock.now.strftime("%Y%m%dT%H%M%SZ")
            request.headers["X-Amz-Date"] = request.context["timestamp"]
            if credentials.token:
                request.headers["X-Amz-Security-Token"] = credentials.token
            signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
            signer._inject_signature_to_request(request, signature)
        pairs = tuple((name.lower(), value) for name, value in request.headers.items())
        return HttpRequest("POST", "/", "", pairs, body, "127.0.0.1")


class HandClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


def install(folder: Path, settings: Settings | None = None, sql: Sql | None = None) -> Installation:
    """A new installation with one account and its root user, on SQLite unless another database is given."""
    clock = HandClock()
    if sql is None:
        sql = Sql(f"sqlite:///{folder / 'identitypool.db'}", schema="identitypool", synchronous="OFF")
    with sql.write() as tx:
        metadata.create_all(tx)
        accounts.add_account(tx, ACCOUNT, "root@localhost", clock.now)
    keys = Keys([b"k" * 32])
    journal = Journal(sql, clock, 90, lambda uses: keep_uses(sql, uses))
    guard = Guard(LocalGrants(sql, keys), "us-east-1", KeyUses(journal.note))
    ephemeral = OnSql(Sql(f"sqlite:///{folder / 'short.db'}", schema="x"), clock)
    context = Context(sql, ephemeral, keys, guard, clock, settings or Settings(), journal, Sweeper(lambda _: None))
    gateway = Gateway(
        json_table=cognito_identity,
        query_tables=(sts, iam),
        refusal_tables={"cognito-identity": AS_COGNITO_IDENTITY, "sts": AS_STS, "iam": AS_IAM},
        guard=guard,
        context=context,
        clock=clock,
        region="us-east-1",
        trusted_proxies=(),
        always_waits=False,
    )
    made = Installation(context, gateway, clock)
    made.root = made.key(None)
    return made


def session(answer: dict[str, str]) -> Credentials:
    """The credentials in an STS answer."""
    return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}],
    }


def trusting(principal: Any, action: str | list[str] = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }
