"""What an access key stands for, out of the identity pool's own tables: the guard of this service asks here.

A change counts in the very next call: what was read is kept only until anything at all is committed (`Sql.current`).
"""

from datetime import datetime
from typing import Final

from services.identitypool.authorizer import bound
from services.identitypool.authorizer.bound import Principal
from services.identitypool.sts.credentials import Claims
from shared.guard import sigv4
from shared.guard.authorizer_wire import Bound, PolicyText, grant_of
from shared.guard.guard import Grant
from shared.guard.refusals import ExpiredToken, UnknownAccessKey
from shared.guard.signed_request import SignedRequest
from shared.seal import Keys
from shared.secret import Secret
from shared.sql.engine import Sql

_LONG_TERM: Final = "AKIA"
_TEMPORARY: Final = "ASIA"


class LocalGrants:
    """Implements `shared.guard.guard.Grants`."""

    def __init__(self, sql: Sql, keys: Keys) -> None:
        self._sql = sql
        self._keys = keys

    def find(self, signed: SignedRequest, now: datetime) -> Grant:
        """The grant of the request's access key. Raises UnknownAccessKey or ExpiredToken."""
        key = (signed.access_key_id, signed.security_token, signed.date, signed.region, signed.service)
        grant = self._sql.current(key, lambda _tx: self._grant(signed, now))
        ends = grant.caller.expires_at
        if ends is not None and now >= ends:  # it may have been kept from an earlier call
            raise ExpiredToken
        return grant

    def _grant(self, signed: SignedRequest, now: datetime) -> Grant:
        found, secret = self.bound(signed.access_key_id, signed.security_token, signed.service, now)
        return grant_of(found, sigv4.derive_key(secret.reveal(), signed.date, signed.region, signed.service))

    def holds(self, access_key_id: str) -> bool:  # noqa: ARG002 - a file answers for every key alike
        """Whether `find` answers without waiting: with a database file it does."""
        return self._sql.is_sqlite

    def bound(self, access_key_id: str, token: str | None, service: str, now: datetime) -> tuple[Bound, Secret]:
        """Who an access key stands for, and its secret. Raises UnknownAccessKey or ExpiredToken."""
        if access_key_id.startswith(_TEMPORARY) and token is not None:
            return self._session(access_key_id, token, service, now)
        if access_key_id.startswith(_LONG_TERM) and token is None:
            principal, secret = self._sql.current(
                access_key_id, lambda tx: bound.long_term(tx, self._keys, access_key_id)
            )
            return bound.with_key(principal, access_key_id), secret
        raise UnknownAccessKey

    def _session(self, access_key_id: str, token: str, service: str, now: datetime) -> tuple[Bound, Secret]:
        claims, secret = bound.open_session(self._keys, access_key_id, token, now, service)
        principal = self._principal(claims)
        policies = self._session_policies(claims)
        return bound.in_session(principal, access_key_id, claims, policies), secret

    def _principal(self, claims: Claims) -> Principal:
        return self._sql.current(
            (claims.kind, claims.account, claims.principal_id), lambda tx: bound.behind(tx, claims)
        )

    def _session_policies(self, claims: Claims) -> tuple[tuple[PolicyText, ...], ...]:
        if not claims.has_session_policies:
            return ()
        key = ("session policies", claims.inline, claims.policy_arns, claims.guest)
        return self._sql.current(key, lambda tx: bound.session_policies(tx, claims))
