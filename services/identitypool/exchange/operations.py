"""What the wire may call: GetId, GetCredentialsForIdentity, GetOpenIdToken, UnlinkIdentity. None of them is signed."""

from collections.abc import Sequence
from typing import Final

import msgspec

from services.identitypool.context import Call, Context
from services.identitypool.errors import NotAuthorized, ResourceConflict, ResourceNotFound
from services.identitypool.exchange import flow, ownership
from services.identitypool.identities import store as identities
from services.identitypool.identities.store import Login
from services.identitypool.issuers import open_id_token, sign_ins, userpool
from services.identitypool.pools import store as pools
from services.identitypool.service import cognito_identity
from services.identitypool.sts import flow as sessions
from services.identitypool.sts.flow import Wanted
from shared import ids
from shared.aws import arn
from shared.aws.api import cognito_identity as api
from shared.sql.engine import Tx

_SESSION_NAME: Final = "CognitoIdentityCredentials"
_SESSION_S: Final = 3600
_MOST_TRIES: Final = 5
_TWO_IDENTITIES: Final = "Logins are already linked to different identities."


@cognito_identity.operation()
def get_id(call: Call, request: api.GetIdRequest) -> api.GetIdResponse:
    """The identity of whoever the logins vouch for, made at the first time; a new guest without logins."""
    pool = flow.find_pool(call.context, request.identity_pool_id)
    if request.account_id is not None and request.account_id != pool.account:
        raise ResourceNotFound(f"IdentityPool '{request.identity_pool_id}' not found.")
    principals = flow.principals_of(call, pool, request.logins or {})
    if not principals:
        if not pool.settings.guests:
            raise NotAuthorized(ownership.GUESTS_REFUSED)
        with call.context.sql.write() as tx:
            return api.GetIdResponse(identity_id=_added(call, tx, pool.id))
    logins = [Login(one.issuer, one.subject, one.provider) for one in principals]
    owners = call.context.sql.current(("owners", pool.id, *logins), lambda tx: _owners(tx, pool.id, logins))
    if len(set(owners)) == 1 and owners[0] is not None:
        return api.GetIdResponse(identity_id=owners[0])
    for _ in range(_MOST_TRIES):
        try:
            with call.context.sql.write() as tx:
                return api.GetIdResponse(identity_id=_linked(call, tx, pool.id, logins))
        except _SomebodyWasFaster:
            continue
    raise ResourceConflict(_TWO_IDENTITIES)


class _SomebodyWasFaster(Exception):
    """One of the logins was linked by another call in between; nothing of this one stays."""


class _Logins(msgspec.Struct):
    """The member of a request that says whether it has to wait."""

    logins: dict[str, str] | None = msgspec.field(name="Logins", default=None)


_LOGINS: Final = msgspec.json.Decoder(_Logins)


def _nobody_is_asked(context: Context, body: bytes) -> bool:
    """Whether the logins can be verified without asking a user pool about anything; what cannot be read is refused."""
    try:
        logins = _LOGINS.decode(body).logins or {}
    except msgspec.DecodeError:
        return True
    return userpool.needs_no_fetch(context, logins) and sign_ins.needs_no_question(context, logins)


@cognito_identity.operation(in_place=_nobody_is_asked)
def get_credentials_for_identity(
    call: Call, request: api.GetCredentialsForIdentityRequest
) -> api.GetCredentialsForIdentityResponse:
    """Credentials of the role that the pool gives this identity, for an hour."""
    found = flow.owned(call, request.identity_id, request.logins or {})
    claims = flow.claims_of(found)
    role, _ = flow.chosen_role(call.context, found, claims, request.custom_role_arn)
    sign_ins.check(call.context, found.principals)
    wanted = Wanted(
        name=_SESSION_NAME,
        duration_s=_SESSION_S,
        guest=not found.principals,
        provider=open_id_token.PROVIDER,
        provider_keys=claims.provider_keys(),
    )
    made = sessions.begin(call, role, wanted, by=f"identity {found.identity.id}").credentials
    return api.GetCredentialsForIdentityResponse(
        identity_id=found.identity.id,
        credentials=api.Credentials(
            access_key_id=made.access_key_id,
            secret_key=made.secret.reveal(),
            session_token=made.session_token,
            expiration=made.expires_at.timestamp(),
        ),
    )


@cognito_identity.operation()
def get_open_id_token(call: Call, request: api.GetOpenIdTokenRequest) -> api.GetOpenIdTokenResponse:
    """A token for AssumeRoleWithWebIdentity (the basic flow), where the pool allows it."""
    found = flow.owned(call, request.identity_id, request.logins or {})
    flow.check_classic_flow(found.pool)
    sign_ins.check(call.context, found.principals)
    pool_arn = arn.identity_pool(call.context.settings.region, found.pool.account, found.pool.id)
    token = open_id_token.issue(call.context, flow.claims_of(found), pool_arn, call.now)
    return api.GetOpenIdTokenResponse(identity_id=found.identity.id, token=token)


@cognito_identity.operation()
def unlink_identity(call: Call, request: api.UnlinkIdentityRequest) -> api.UnlinkIdentityResponse:
    """Takes the named logins from the identity; without any it can be used by nobody and is removed."""
    found = flow.owned(call, request.identity_id, request.logins)
    pool_id, identity_id = found.pool.id, found.identity.id
    with call.write(flow.by_identity(call, found)) as tx:
        identity = identities.lock_identity(tx, pool_id, identity_id)
        if identity is None:
            raise ResourceNotFound(f"Identity '{identity_id}' not found.")
        gone = [login for login in identity.logins if login.shown_as in request.logins_to_remove]
        if not gone:
            raise NotAuthorized(ownership.NO_MATCH)
        if len(gone) == len(identity.logins):
            identities.remove_identity(tx, pool_id, identity_id)
        else:
            for login in gone:
                identities.unlink(tx, pool_id, identity_id, login)
            identities.touch(tx, pool_id, identity_id, call.now.timestamp())
    return api.UnlinkIdentityResponse()


def _owners(tx: Tx, pool_id: str, logins: Sequence[Login]) -> list[str | None]:
    return [identities.owner_of(tx, pool_id, login.issuer, login.subject) for login in logins]


def _linked(call: Call, tx: Tx, pool_id: str, logins: Sequence[Login]) -> str:
    """The one identity of all these logins, made or extended as needed. Raises ResourceConflict when they have two.

    The constraint on the logins decides between two first calls of the same person at the same time; whoever loses
    begins anew in another transaction (_SomebodyWasFaster), and lets go of the logins it has linked meanwhile. An
    identity is locked before any login, and logins come in one order: so none waits for one who waits for it.
    """
    known = {owner for owner in _owners(tx, pool_id, logins) if owner is not None}
    if len(known) > 1:
        raise ResourceConflict(_TWO_IDENTITIES)
    before = next((one for one in known if identities.lock_identity(tx, pool_id, one) is not None), None)
    linked_to = before or _added(call, tx, pool_id)
    for login in sorted(logins, key=lambda one: (one.issuer, one.subject)):
        identities.link(tx, pool_id, linked_to, login)
    others = set(_owners(tx, pool_id, logins)) - {linked_to}
    if not others:
        identities.touch(tx, pool_id, linked_to, call.now.timestamp())
        return linked_to
    raise _SomebodyWasFaster if before is None else ResourceConflict(_TWO_IDENTITIES)


def _added(call: Call, tx: Tx, pool_id: str) -> str:
    """A new identity in a pool that is still there. Raises ResourceNotFound."""
    if pools.keep_pool(tx, pool_id) is None:
        raise ResourceNotFound(f"IdentityPool '{pool_id}' not found.")
    identity_id = f"{call.context.settings.region}:{ids.uuid4()}"
    identities.add_identity(tx, pool_id, identity_id, call.now.timestamp())
    return identity_id
