"""What the wire may call: GetId, GetCredentialsForIdentity, GetOpenIdToken, UnlinkIdentity. None of them is signed."""

from typing import Final

import msgspec

from services.identitypool.context import Call, Context
from services.identitypool.errors import NotAuthorized, ResourceNotFound
from services.identitypool.exchange import flow, linking, ownership
from services.identitypool.identities import store as identities
from services.identitypool.issuers import open_id_token, sign_ins, userpool
from services.identitypool.pools import pool as pools
from services.identitypool.service import cognito_identity
from services.identitypool.sts import flow as sessions
from services.identitypool.sts.flow import Wanted
from shared.aws import arn
from shared.aws.api import cognito_identity as api

_SESSION_NAME: Final = "CognitoIdentityCredentials"
_SESSION_S: Final = 3600


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
            return api.GetIdResponse(identity_id=linking.added(call, tx, pool.id))
    return api.GetIdResponse(identity_id=linking.identity_of(call, pool, linking.logins_of(principals)))


class _Asked(msgspec.Struct):
    """The members of a request that say whether it has to wait."""

    identity_id: str = msgspec.field(name="IdentityId", default="")
    logins: dict[str, str] | None = msgspec.field(name="Logins", default=None)


_ASKED: Final = msgspec.json.Decoder(_Asked)


def _is_settled(context: Context, body: bytes) -> bool:
    """Whether nothing is written, and no user pool asked about anything; what cannot be read is refused."""
    try:
        asked = _ASKED.decode(body)
    except msgspec.DecodeError:
        return True
    if not asked.logins:
        return True
    return userpool.needs_no_fetch(context, asked.logins) and flow.is_settled(context, asked.identity_id, asked.logins)


@cognito_identity.operation(in_place=_is_settled)
def get_credentials_for_identity(
    call: Call, request: api.GetCredentialsForIdentityRequest
) -> api.GetCredentialsForIdentityResponse:
    """Credentials of the role that the pool gives this identity, for an hour; a guest who brings a login is one no more."""
    found = flow.joined(call, request.identity_id, request.logins or {})
    claims = flow.claims_of(found)
    role = flow.chosen_role(call.context, found, claims, request.custom_role_arn)
    sign_ins.check(call.context, found.principals)
    wanted = Wanted(
        name=_SESSION_NAME,
        duration_s=_SESSION_S,
        guest=not found.principals,
        provider=pools.COGNITO_IDENTITY,
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
    """A token for AssumeRoleWithWebIdentity (the basic flow), where the pool allows it; logins count as for credentials."""
    found = flow.joined(call, request.identity_id, request.logins or {})
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
    removed = {pools.issuer_of(name, call.context.settings.userpool_base) for name in request.logins_to_remove}
    with call.write(linking.by_identity(call, found.pool, identity_id)) as tx:
        identity = identities.lock_identity(tx, pool_id, identity_id)
        if identity is None:
            raise ResourceNotFound(f"Identity '{identity_id}' not found.")
        gone = [login for login in identity.logins if login.issuer in removed]
        if not gone:
            raise NotAuthorized(ownership.NO_MATCH)
        if len(gone) == len(identity.logins):
            identities.remove_identity(tx, pool_id, identity_id)
        else:
            for login in gone:
                identities.unlink(tx, pool_id, identity_id, login)
            identities.touch(tx, pool_id, identity_id, call.now.timestamp())
    return api.UnlinkIdentityResponse()
