"""From a pool, an identity and logins to a role session. GetCredentialsForIdentity and GetOpenIdToken enter here."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.identitypool.context import Call, Context
from services.identitypool.errors import InvalidIdentityPoolConfiguration, NotAuthorized, ResourceNotFound
from services.identitypool.exchange import linking, ownership
from services.identitypool.exchange.role_choice import choose_role
from services.identitypool.iam.records import Role
from services.identitypool.iam.store.roles import role_with_arn, role_with_id
from services.identitypool.identities import store as identities
from services.identitypool.identities.store import Identity
from services.identitypool.issuers import userpool
from services.identitypool.issuers.open_id_token import IdentityClaims
from services.identitypool.issuers.principal import Principal
from services.identitypool.pools import pool as pools
from services.identitypool.pools import store
from services.identitypool.pools.pool import AttachedRole, Pool
from services.identitypool.sts import trust
from shared.sql.engine import Tx


@dataclass(frozen=True, slots=True)
class Owned:
    """An identity, its pool, and those who may use it; no principals for a guest."""

    pool: Pool
    identity: Identity
    principals: tuple[Principal, ...]


def find_pool(context: Context, pool_id: str) -> Pool:
    """The identity pool. Raises ResourceNotFound."""
    found = context.sql.current(("identity pool", pool_id), lambda tx: store.find_pool(tx, pool_id))
    if found is None:
        raise ResourceNotFound(f"IdentityPool '{pool_id}' not found.")
    return found


def principals_of(call: Call, pool: Pool, logins: Mapping[str, str]) -> tuple[Principal, ...]:
    """Whom the login tokens vouch for. Raises NotAuthorized unless each of them holds."""
    return tuple(
        userpool.principal(call.context, pool, provider_name, token, call.now)
        for provider_name, token in logins.items()
    )


def owned(call: Call, identity_id: str, logins: Mapping[str, str]) -> Owned:
    """The identity, for those who may use it. Raises ResourceNotFound or NotAuthorized."""
    return _checked(_named(call, identity_id, logins))


def joined(call: Call, identity_id: str, logins: Mapping[str, str]) -> Owned:
    """As `owned`, after the identity took on the logins that it did not know: a guest who brings one is one no more.

    Somebody who has an identity already gets that one, whichever guest's they name, and the guest's is disabled.
    Raises ResourceConflict, too.
    """
    named = _named(call, identity_id, logins)
    linked, presented = named.identity.linked, {one.login for one in named.principals}
    if not presented <= linked and ownership.takes_on(linked, presented):
        guest_id = None if linked else identity_id
        joined_id = linking.identity_of(call, named.pool, linking.logins_of(named.principals), guest_id)
        named = Owned(*_identity_named(call.context, joined_id), named.principals)
    return _checked(named)


def is_settled(context: Context, identity_id: str, logins: Mapping[str, str]) -> bool:
    """Whether `joined` would link nothing, and no user pool is asked whether a sign-in still stands."""
    found = _find_identity(context, identity_id)
    if found is None:
        return True
    pool, identity = found
    base = context.settings.userpool_base
    named = {pools.issuer_of(name, base) for name in logins}
    is_asked = any(
        one.server_side_check and pools.issuer_of(one.name, base) in named for one in pool.settings.providers
    )
    return not is_asked and named <= {issuer for issuer, _ in identity.linked}


def _named(call: Call, identity_id: str, logins: Mapping[str, str]) -> Owned:
    """The identity, or the one into which it was merged, and who asks for it; whether it is theirs is to be seen."""
    pool, identity = _identity_named(call.context, identity_id)
    principals = principals_of(call, pool, logins)
    if identity.merged_into is not None:
        ownership.check_merged(identity_id, {one.login for one in principals})
        pool, identity = _identity_named(call.context, identity.merged_into, asked_for=identity_id)
    return Owned(pool, identity, principals)


def _identity_named(context: Context, identity_id: str, *, asked_for: str | None = None) -> tuple[Pool, Identity]:
    found = _find_identity(context, identity_id)
    if found is None:
        raise ResourceNotFound(f"Identity '{asked_for or identity_id}' not found.")
    return found


def _find_identity(context: Context, identity_id: str) -> tuple[Pool, Identity] | None:
    return context.sql.current(("identity", identity_id), lambda tx: _identity(tx, identity_id))


def _checked(named: Owned) -> Owned:
    presented = {one.login for one in named.principals}
    ownership.check_owner(named.identity.linked, presented, guests=named.pool.settings.guests)
    return named


def _identity(tx: Tx, identity_id: str) -> tuple[Pool, Identity] | None:
    """The pool and the identity, by way of the index; without its pool there is no identity."""
    pool_id = identities.pool_of(tx, identity_id)
    if pool_id is None:
        return None
    pool, found = store.find_pool(tx, pool_id), identities.find_identity(tx, pool_id, identity_id)
    return None if pool is None or found is None else (pool, found)


def claims_of(found: Owned) -> IdentityClaims:
    """What trust policies and policy variables know of the identity: `cognito-identity.amazonaws.com:sub|aud|amr`."""
    if not found.principals:
        return IdentityClaims(found.identity.id, found.pool.id, (pools.UNAUTHENTICATED,))
    methods = [pools.AUTHENTICATED]
    for one in found.principals:
        methods += [one.provider, f"{one.provider}:CognitoSignIn:{one.subject}"]
    return IdentityClaims(found.identity.id, found.pool.id, tuple(dict.fromkeys(methods)))


def chosen_role(context: Context, found: Owned, claims: IdentityClaims, custom_role_arn: str | None) -> Role:
    """The role that the identity gets, if that role lets the pool's identities in.

    Raises NotAuthorized or InvalidIdentityPoolConfiguration.
    """
    first = found.principals[0] if found.principals else None
    mapping = None if first is None else _mapping(found.pool, first, context.settings.userpool_base)
    attached = choose_role(found.pool.roles, mapping, None if first is None else first.claims, custom_role_arn)
    account = found.pool.account
    key = ("attached", account, attached)
    role = context.sql.current(key, lambda tx: _role(tx, account, attached), following=True)
    if role is None:
        raise InvalidIdentityPoolConfiguration
    keys = tuple((name.lower(), value) for name, value in claims.provider_keys().items())
    policy = trust.compiled_trust(role.trust_policy, role.arn)
    if not trust.admits_identity(role.arn, role.account, policy, keys):
        raise InvalidIdentityPoolConfiguration
    return role


def check_classic_flow(pool: Pool) -> None:
    """Raises NotAuthorized unless the pool allows the basic flow."""
    if not pool.settings.classic_flow:
        raise NotAuthorized("Basic (classic) flow is not enabled, please use enhanced flow.")


def _mapping(pool: Pool, principal: Principal, base: str) -> pools.Mapping | None:
    """The role mapping of the principal's provider and client, under either spelling of its name."""
    for key, mapping in pool.roles.mappings.items():
        name, _, client_id = key.rpartition(":")
        if client_id == principal.client_id and pools.issuer_of(name, base) == principal.issuer:
            return mapping
    return None


def _role(tx: Tx, account: str, attached: AttachedRole) -> Role | None:
    """The role that was attached: one made again under its name is another one."""
    if attached.role_id is None:
        return role_with_arn(tx, attached.arn)
    return role_with_id(tx, account, attached.role_id)
