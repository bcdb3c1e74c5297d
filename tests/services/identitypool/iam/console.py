"""IAM in process, through the same steps as the gateway: decode, ask the policy, run, encode."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from services.identitypool import operations
from services.identitypool.context import Context
from services.identitypool.iam.bootstrap import bootstrap
from services.identitypool.iam.store import users
from services.identitypool.schema import metadata
from services.identitypool.service import iam
from shared import ids
from shared.audit.journal import Journal
from shared.audit.record import Trail
from shared.aws import arn, query_protocol
from shared.aws.operation import Call
from shared.guard.caller import Caller, CallerKind
from shared.guard.guard import Grant, Guard
from shared.policy.compiled import Policy, compile_policy
from shared.policy.document import Kind
from shared.seal import Keys
from shared.settings import Settings
from shared.sql.engine import Sql
from shared.sweeper import Sweeper

ACCOUNT = "111122223333"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALLOW_ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'

operations.load()


def _flat(value: Any, name: str, into: dict[str, str]) -> None:
    """The Query protocol's form of a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            _flat(item, f"{name}.{key}" if name else key, into)
    elif isinstance(value, list):
        for index, item in enumerate(value, 1):
            _flat(item, f"{name}.member.{index}", into)
    else:
        into[name] = str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Console:
    """Calls IAM's operations as one caller."""

    context: Context
    caller: Caller
    identity: tuple[Policy, ...]
    now: datetime = START
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    xml: bytes = b""

    @classmethod
    def fresh(cls, folder: Path) -> "Console":
        sql = Sql(f"sqlite:///{folder / 'iam.db'}", schema="identitypool", synchronous="OFF")
        return cls.on(sql)

    @classmethod
    def on(cls, sql: Sql) -> "Console":
        """A console on an empty database."""
        with sql.write() as tx:
            metadata.create_all(tx)
        keys = Keys([b"k" * 32])
        settings = Settings(account_id=ACCOUNT)
        guard, journal = Guard(cast("Any", None), "us-east-1"), Journal(sql, lambda: START, 90, lambda _uses: None)
        context = Context(
            sql, cast("Any", None), keys, guard, lambda: START, settings, journal, Sweeper(lambda _: None)
        )
        with sql.write() as tx:
            given = bootstrap(tx, keys, settings, START)
        assert given is not None
        with sql.read() as tx:
            user = users.find_user(tx, ACCOUNT, "admin")
        assert user is not None
        caller = Caller(user.arn, ACCOUNT, CallerKind.USER, user.id, given.access_key_id, name=user.name)
        return cls(context, caller, (compile_policy(ALLOW_ALL, Kind.IDENTITY, source_id="all"),))

    def with_rights(self, policy: str) -> "Console":
        """The same caller under another policy."""
        return Console(self.context, self.caller, (compile_policy(policy, Kind.IDENTITY, source_id="some"),), self.now)

    def another(self) -> "Console":
        """The same caller, for another thread."""
        return Console(self.context, self.caller, self.identity, self.now)

    def as_root(self) -> "Console":
        caller = Caller(arn.root(ACCOUNT), ACCOUNT, CallerKind.ROOT, ACCOUNT, "AKIAROOT")
        return Console(self.context, caller, self.identity, self.now)

    def as_session(self) -> "Console":
        caller = Caller(
            arn.assumed_role(ACCOUNT, "Some", "s"),
            ACCOUNT,
            CallerKind.ROLE_SESSION,
            "AROAAAAAAAAAAAAAAAAAA:s",
            "ASIASESSION",
            role_arn=f"arn:aws:iam::{ACCOUNT}:role/Some",
            role_id="AROAAAAAAAAAAAAAAAAAA",
            issued_at=START,
        )
        return Console(self.context, caller, self.identity, self.now)

    def __call__(self, operation: str, **members: Any) -> Any:
        """The answer of an operation; a refusal is raised."""
        served = iam.find(operation)
        form: dict[str, str] = {}
        _flat(members, "", form)
        body = urlencode({"Action": operation, "Version": "2010-05-08", **form}).encode()
        request = query_protocol.decode(served.operation, query_protocol.form(body))
        grant = Grant(self.caller, b"", self.identity)
        keys: dict[str, Any] = {}
        self.now += timedelta(seconds=1)
        trail = Trail(served.action)
        trail.request = request
        call: Call[Context] = Call(
            self.now, self.caller, grant, "127.0.0.1", "", ids.uuid4(), keys, self.context, trail
        )
        assert served.resource is not None
        if served.context_keys is not None:
            keys.update(served.context_keys(call, request))
        resource = served.resource(call, request)
        trail.resources = (resource,)
        self.asked.append((served.action, resource, dict(keys)))
        self.context.guard.authorize(grant, served.action, resource, keys)
        answer = served.run(call, request)
        self.xml = query_protocol.encode(iam.service, served.operation, answer, "r")
        return answer
