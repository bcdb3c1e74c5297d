"""A user pool service in process: real storage, real keys, operations called as the gateway calls them."""

import base64
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.userpool.clients import store as clients
from services.userpool.clients.client import AppClient
from services.userpool.clients.settings import settled as client_settings
from services.userpool.context import Call, Context
from services.userpool.directory import store as directory
from services.userpool.directory.user import User
from services.userpool.operations import load
from services.userpool.passwords.argon2 import HashPool
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import created_settings
from services.userpool.schema import metadata
from services.userpool.service import cognito_idp
from services.userpool.signin.new_password import new_password
from services.userpool.signin.parts import close_parts, make_parts
from shared import ids
from shared.audit.journal import Journal
from shared.audit.record import Trail
from shared.aws import json_protocol, operation
from shared.aws.api import cognito_idp as api
from shared.ephemeral.on_sql import OnSql
from shared.guard.caller import ANONYMOUS, Caller, CallerKind
from shared.guard.guard import Grant
from shared.outbound.messages import Message
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql

load()
ACCOUNT = "111122223333"
PASSWORD = "Correct-horse-1"
ADMIN = Caller(
    arn=f"arn:aws:iam::{ACCOUNT}:user/admin",
    account=ACCOUNT,
    kind=CallerKind.USER,
    user_id="AIDA",
    access_key_id="AKIA",
)
ALL_FLOWS = [
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


class Sent:
    """Where messages go in these tests."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.pretended: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)

    def pretend(self, message: Message) -> None:
        self.pretended.append(message)


class Live:
    """The service; `now` is its clock."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
        self.sent = Sent()
        self.origin = "127.0.0.1"
        sql = Sql(database or f"sqlite:///{folder}/userpool.db", schema="public", synchronous="OFF")
        metadata.create_all(sql.engine)
        self._ephemeral = Sql(f"sqlite:///{folder}/ephemeral.db", schema="e", synchronous="OFF")
        ephemeral = OnSql(self._ephemeral, lambda: self.now)
        ephemeral.create()
        keys = Keys([b"m" * 32])
        self.context = Context(
            sql=sql,
            ephemeral=ephemeral,
            keys=keys,
            messages=self.sent,
            clock=lambda: self.now,
            settings=Settings(data=folder),
            journal=Journal(sql, lambda: self.now, 90, lambda _uses: None),
            parts=make_parts(sql, keys, lambda: self.now, HashPool(threads=2, waiters=16)),
        )
        self._numbers = itertools.count(1)

    def close(self) -> None:
        """Closes this thread's connections."""
        self.context.sql.close()
        self._ephemeral.close()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def call(self, *, admin: bool = False, trail: Trail | None = None) -> Call:
        grant = Grant(ADMIN, b"", ()) if admin else None
        return operation.Call(
            self.now,
            ADMIN if admin else ANONYMOUS,
            grant,
            self.origin,
            "",
            ids.uuid4(),
            {},
            self.context,
            trail or Trail("cognito-idp:Any"),
        )

    def ask(self, name: str, **members: Any) -> Any:
        """Calls an operation with the members of the wire, decoded and validated as the gateway does it."""
        served = cognito_idp.find(name)
        request = json_protocol.decode(served.operation, api_body(members))
        trail = Trail(served.action)
        trail.request = request
        return served.run(self.call(admin=served.operation.signed, trail=trail), request)

    def pool(self, **members: Any) -> UserPool:
        request = api.CreateUserPoolRequest(pool_name="people", **members)
        settings = created_settings(request)
        pool = UserPool(f"us-east-1_{ids.pool_suffix()}", ACCOUNT, "people", settings, self.now, self.now)
        with self.context.sql.write() as tx:
            pools.add_pool(tx, pool)
        return pool

    def client(self, pool: UserPool, *, secret: str | None = None, **members: Any) -> AppClient:
        members.setdefault("explicit_auth_flows", ALL_FLOWS)
        request = api.CreateUserPoolClientRequest(user_pool_id=pool.id, client_name="app", **members)
        client = AppClient(
            id=ids.client_id(),
            pool_id=pool.id,
            name="app",
            secrets=() if secret is None else (secret,),
            settings=client_settings(request, pool),
            created_at=self.now,
            modified_at=self.now,
        )
        with self.context.sql.write() as tx:
            clients.add_client(tx, self.context.keys, client)
        return client

    def user(self, pool: UserPool, username: str = "alice", **changes: Any) -> User:
        user = User(
            pool_id=pool.id,
            sub=ids.uuid4(),
            username=username,
            status=changes.get("status", "CONFIRMED"),
            enabled=True,
            attributes=changes.get("attributes", {"email": f"{username}@example.com", "email_verified": "true"}),
            created_s=self.now.timestamp(),
            modified_s=self.now.timestamp(),
        )
        record = new_password(self.context, pool, user, changes.get("password", PASSWORD))
        with self.context.sql.write() as tx:
            directory.add_user(tx, pool, user)
            directory.set_password(tx, user, record, self.now, history_size=0)
        return self.find(pool, username)

    def find(self, pool: UserPool, username: str) -> User:
        with self.context.sql.read() as tx:
            return directory.user_named(tx, pool, username)

    def sign_in(self, client: AppClient, username: str = "alice", password: str = PASSWORD) -> Any:
        return self.ask(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client.id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def tokens(self, client: AppClient, username: str = "alice", password: str = PASSWORD) -> Any:
        return self.sign_in(client, username, password).authentication_result

    def codes(self) -> list[str]:
        """The codes that went out, oldest first."""
        return [message.code for message in self.sent.messages]


def payload(token: str) -> dict[str, Any]:
    """What a token says; its signature is not looked at."""
    part = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def api_body(members: dict[str, Any]) -> bytes:
    return json.dumps(members).encode()


@contextmanager
def living(folder: Path, database: str | None = None) -> Iterator[Live]:
    live = Live(folder, database)
    try:
        yield live
    finally:
        live.context.journal.close()
        close_parts(live.context)
        live.close()
