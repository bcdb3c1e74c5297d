"""What an access key stands for, out of the identity pool's own tables: the guard of this service asks here.

A principal that was read is kept, in its thread, until anything at all is committed; where the database cannot tell
(PostgreSQL), it is read at every call. So a change counts in the very next call.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from services.identitypool.authorizer import bound
from services.identitypool.authorizer.bound import Principal
from services.identitypool.sts.credentials import Claims
from shared.guard import sigv4
from shared.guard.authorizer_wire import Bound, PolicyText, grant_of
from shared.guard.guard import Grant
from shared.guard.refusals import UnknownAccessKey
from shared.guard.signed_request import SignedRequest
from shared.seal import Keys
from shared.secret import Secret
from shared.sql.engine import Sql, Tx

T = TypeVar("T")

_MOST_KEPT: Final = 4096
_AFTER_LONG_TERM, _AFTER_SESSION = "AKIA", "ASIA"


class LocalGrants:
    """Implements `shared.guard.guard.Grants`."""

    def __init__(self, sql: Sql, keys: Keys) -> None:
        self._sql = sql
        self._keys = keys
        self._kept = threading.local()

    def find(self, signed: SignedRequest, now: datetime) -> Grant:
        """The grant of the request's access key. Raises UnknownAccessKey or ExpiredToken."""
        found, secret = self.bound(signed.access_key_id, signed.security_token, signed.service, now)
        return grant_of(found, sigv4.derive_key(secret.reveal(), signed.date, signed.region, signed.service))

    def holds(self, access_key_id: str) -> bool:  # noqa: ARG002 - a file answers for every key alike
        """Whether `find` answers without waiting: with a database file it does."""
        return self._sql.is_sqlite

    def bound(self, access_key_id: str, token: str | None, service: str, now: datetime) -> tuple[Bound, Secret]:
        """Who an access key stands for, and its secret. Raises UnknownAccessKey or ExpiredToken."""
        if access_key_id.startswith(_AFTER_SESSION) and token is not None:
            return self._session(access_key_id, token, service, now)
        if access_key_id.startswith(_AFTER_LONG_TERM) and token is None:
            principal, secret = self._current(access_key_id, lambda tx: bound.long_term(tx, self._keys, access_key_id))
            return bound.with_key(principal, access_key_id), secret
        raise UnknownAccessKey

    def _session(self, access_key_id: str, token: str, service: str, now: datetime) -> tuple[Bound, Secret]:
        claims, secret = bound.open_session(self._keys, access_key_id, token, now, service)
        principal = self._principal(claims)
        policies = self._session_policies(claims)
        return bound.in_session(principal, access_key_id, claims, policies), secret

    def _principal(self, claims: Claims) -> Principal:
        return self._current((claims.kind, claims.account, claims.principal_id), lambda tx: bound.behind(tx, claims))

    def _session_policies(self, claims: Claims) -> tuple[tuple[PolicyText, ...], ...]:
        if not claims.has_session_policies:
            return ()
        with self._sql.read() as tx:
            return bound.session_policies(tx, claims)

    def _current(self, key: object, read: Callable[[Tx], T]) -> T:
        """What `read` gives, or gave since the last commit of anyone."""
        mark = self._sql.change_mark()
        kept = self._kept.__dict__
        if mark is None or kept.get("mark") != mark or len(kept["found"]) > _MOST_KEPT:
            kept["mark"], kept["found"] = mark, {}
        found = kept["found"]
        if mark is None or key not in found:
            with self._sql.read() as tx:
                found[key] = read(tx)
        result: T = found[key]
        return result
