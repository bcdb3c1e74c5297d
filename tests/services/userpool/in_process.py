"""Operations called without a server: JSON in and out as on the wire, on a real SQLite file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.userpool.context import Context
from services.userpool.directory import store
from services.userpool.directory.user import User
from services.userpool.operations import load
from services.userpool.pools.store import pool_named
from services.userpool.schema import metadata
from services.userpool.service import cognito_idp
from services.userpool.signin.parts import Secrets
from shared import ids
from shared.audit.journal import Journal
from shared.audit.record import Trail
from shared.aws import json_protocol
from shared.aws.operation import Call
from shared.ephemeral.on_sql import OnSql
from shared.guard.caller import Caller, CallerKind
from shared.guard.guard import Grant
from shared.outbound.messages import Message
from shared.policy.compiled import Policy, compile_policy
from shared.policy.document import Kind
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql

load()
ACCOUNT, STRANGER = "111122223333", "444455556666"


class Sent(list[Message]):
    """Messages that would have gone out."""

    def send(self, message: Message) -> None:
        self.append(message)

    def pretend(self, message: Message) -> None:
        """Nobody gets it."""


class InProcess:
    """One installation; `call` is what a client would do."""

    def __init__(self, folder: Path) -> None:
        self.sql = Sql(f"sqlite:///{folder / 'userpool.db'}", schema="userpool", synchronous="OFF")
        metadata.create_all(self.sql.engine)
        self.now = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
        self.sent = Sent()
        self.allowed: tuple[tuple[str, str], ...] = (("*", "*"),)
        self.context = Context(
            sql=self.sql,
            ephemeral=OnSql(self.sql, lambda: self.now),
            keys=Keys([b"k" * 32]),
            messages=self.sent,
            clock=lambda: self.now,
            settings=Settings(),
            journal=Journal(self.sql, lambda: self.now, 90, lambda _uses: None),
            parts={Secrets: Secrets(decoys=b"d" * 32, codes=b"c" * 32)},
        )

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, operation: str, *, by: str = ACCOUNT, **parameters: Any) -> Any:
        served = cognito_idp.find(operation)
        caller = Caller(
            arn=f"arn:aws:iam::{by}:user/a", account=by, kind=CallerKind.USER, user_id="A", access_key_id="K"
        )
        trail = Trail(served.action)
        grant = Grant(caller, b"", (self._policy(),))
        call = Call(self.now, caller, grant, "127.0.0.1", "", ids.uuid4(), {}, self.context, trail)
        request = trail.request = json_protocol.decode(served.operation, json.dumps(parameters).encode())
        if served.resource is not None:
            trail.resources = (served.resource(call, request),)
            assert trail.resources[0].startswith("arn:aws:")
        return json.loads(json_protocol.encode(served.run(call, request)) or b"{}")

    def _policy(self) -> Policy:
        """What `allowed` says: pairs of action and resource."""
        statements = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in self.allowed]
        return compile_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), Kind.IDENTITY)

    def pool(self, **parameters: Any) -> str:
        return str(self.call("CreateUserPool", **{"PoolName": "people"} | parameters)["UserPool"]["Id"])

    def client(self, pool: str, **parameters: Any) -> Any:
        answer = self.call("CreateUserPoolClient", UserPoolId=pool, **{"ClientName": "app"} | parameters)
        return answer["UserPoolClient"]

    def user(self, pool: str, username: str, /, *, status: Any = "CONFIRMED", **attributes: str) -> str:
        """Stores a user and gives the sub; `custom__x` stands for custom:x."""
        sub = ids.uuid4()
        with self.sql.write() as tx:
            user = User(
                pool_id=pool,
                sub=sub,
                username=username,
                status=status,
                enabled=True,
                attributes={name.replace("__", ":"): value for name, value in attributes.items()},
                created_s=self.now.timestamp(),
                modified_s=self.now.timestamp(),
            )
            store.add_user(tx, pool_named(tx, pool), user)
        return sub

    def names(self, pool: str, **parameters: Any) -> list[str]:
        """User names of all pages of ListUsers."""
        found: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self.call("ListUsers", UserPoolId=pool, **parameters, **token)
            found += [user["Username"] for user in page["Users"]]
            if "PaginationToken" not in page:
                return found
            token = {"PaginationToken": page["PaginationToken"]}

    def rows(self) -> dict[str, int]:
        """How many rows each table has, the audit apart, which stays."""
        with self.sql.read() as tx:
            tables = [table for table in metadata.sorted_tables if table.name != "audit"]
            return {t.name: tx.exec_driver_sql(f"SELECT count(*) FROM {t.name}").scalar_one() for t in tables}
