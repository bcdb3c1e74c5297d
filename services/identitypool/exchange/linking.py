"""From logins to the one identity they share: found, made, or grown by a login.

GetId enters here, and whoever presents logins that their identity does not know yet. API GetCredentialsForIdentity,
ResourceConflictException; Cognito Developer Guide: Switching unauthenticated users to authenticated users.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import NotAuthorized, ResourceConflict, ResourceNotFound
from services.identitypool.exchange import ownership
from services.identitypool.identities import store as identities
from services.identitypool.identities.store import Identity, Login
from services.identitypool.issuers.principal import Principal
from services.identitypool.pools import store as pools
from services.identitypool.pools.pool import Pool
from shared import ids
from shared.audit.record import Actor
from shared.aws import arn
from shared.sql.engine import Tx

_MOST_TRIES: Final = 5
_TWO_IDENTITIES: Final = "Logins are already linked to different identities."


def logins_of(principals: Sequence[Principal]) -> list[Login]:
    """The principals as identities keep them."""
    return [Login(one.issuer, one.subject, one.provider) for one in principals]


def identity_of(call: Call, pool: Pool, logins: Sequence[Login], guest_id: str | None = None) -> str:
    """The identity of all these logins: the one that they have; else the guest's, who is one no more; else a new one.

    A guest's beside the one that they have is merged into it, and disabled. Raises ResourceConflict when they have two,
    NotAuthorized when the guest has become somebody else meanwhile.
    """
    owners = call.context.sql.current(("owners", pool.id, *logins), lambda tx: _owners(tx, pool.id, logins))
    if guest_id is None and len(set(owners)) == 1 and owners[0] is not None:
        return owners[0]
    grows = next((owner for owner in owners if owner is not None), guest_id)
    for _ in range(_MOST_TRIES):
        try:
            with _write(call, pool, grows) as tx:
                return _linked(call, tx, pool.id, logins, guest_id)
        except _SomebodyWasFaster:
            continue
    raise ResourceConflict(_TWO_IDENTITIES)


def added(call: Call, tx: Tx, pool_id: str) -> str:
    """A new identity in a pool that is still there. Raises ResourceNotFound."""
    if pools.keep_pool(tx, pool_id) is None:
        raise ResourceNotFound(f"IdentityPool '{pool_id}' not found.")
    identity_id = f"{call.context.settings.region}:{ids.uuid4()}"
    identities.add_identity(tx, pool_id, identity_id, call.now.timestamp())
    return identity_id


def by_identity(call: Call, pool: Pool, identity_id: str) -> Actor:
    """The holder of an identity, as the audit knows them."""
    resource = arn.identity_pool(call.context.settings.region, pool.account, pool.id)
    return Actor(pool.account, f"identity {identity_id}", resource)


class _SomebodyWasFaster(Exception):
    """One of the logins was linked by another call in between; nothing of this one stays."""


@contextmanager
def _write(call: Call, pool: Pool, grows: str | None) -> Iterator[Tx]:
    """An identity that grows has a row in the audit; the first use of one is its own record."""
    if grows is None:
        with call.context.sql.write() as tx:
            yield tx
    else:
        with call.write(by_identity(call, pool, grows)) as tx:
            yield tx


def _owners(tx: Tx, pool_id: str, logins: Sequence[Login]) -> list[str | None]:
    return [identities.owner_of(tx, pool_id, login.issuer, login.subject) for login in logins]


def _linked(call: Call, tx: Tx, pool_id: str, logins: Sequence[Login], guest_id: str | None) -> str:
    """The one identity of all these logins, made or extended as needed. Raises ResourceConflict when they have two.

    The constraint on the logins decides between two first calls of the same person at the same time; whoever loses
    begins anew in another transaction (_SomebodyWasFaster), and lets go of the logins it has linked meanwhile.
    Identities are locked before any login, and both come in one order: so none waits for one who waits for it.
    """
    known = {owner for owner in _owners(tx, pool_id, logins) if owner is not None}
    if len(known) > 1:
        raise ResourceConflict(_TWO_IDENTITIES)
    named = known if guest_id is None else known | {guest_id}
    locked = {one: identities.lock_identity(tx, pool_id, one) for one in sorted(named)}
    before = next((one for one in known if locked[one] is not None), None)
    if guest_id is not None and guest_id != before:
        _check_guest(locked[guest_id], guest_id, before)
    linked_to = before or guest_id or added(call, tx, pool_id)
    for login in sorted(logins, key=lambda one: (one.issuer, one.subject)):
        identities.link(tx, pool_id, linked_to, login)
    others = set(_owners(tx, pool_id, logins)) - {linked_to}
    if not others:
        identities.touch(tx, pool_id, linked_to, call.now.timestamp())
        if guest_id is not None and guest_id != linked_to:
            identities.merge(tx, pool_id, guest_id, linked_to, call.now.timestamp())
        return linked_to
    raise _SomebodyWasFaster if before is None else ResourceConflict(_TWO_IDENTITIES)


def _check_guest(found: Identity | None, identity_id: str, before: str | None) -> None:
    """Raises ResourceNotFound for one that is gone, NotAuthorized for one that is somebody else's by now."""
    if found is None:
        raise ResourceNotFound(f"Identity '{identity_id}' not found.")
    if found.logins or found.merged_into not in (None, before):
        raise NotAuthorized(ownership.NO_MATCH)
