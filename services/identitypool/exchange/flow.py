"""From a pool, an identity and logins to a role session. GetCredentialsForIdentity and GetOpenIdToken enter here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from services.identitypool.context import Call, Context
from services.identitypool.errors import InvalidIdentityPoolConfiguration, NotAuthorized, ResourceNotFound
from services.identitypool.exchange import ownership
from services.identitypool.exchange.role_choice import Choice, choose_role
from services.identitypool.iam.records import Role
from services.identitypool.iam.store.roles import role_with_arn, role_with_id
from services.identitypool.identities import store as identities
from services.identitypool.identities.store import Identity
from services.identitypool.issuers import open_id_token, userpool
from services.identitypool.issuers.open_id_token import IdentityClaims
from services.identitypool.issuers.principal import Principal
from services.identitypool.pools import pool as pools
from services.identitypool.pools import store
from services.identitypool.pools.pool import AttachedRole, Pool, user_pool_of
from services.identitypool.sts import trust
from shared.audit.record import Actor
from shared.aws import arn
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
    found = call.context.sql.current(("identity", identity_id), lambda tx: _identity(tx, identity_id))
    if found is None:
        raise ResourceNotFound(f"Identity '{identity_id}' not found.")
    pool, identity = found
    principals = principals_of(call, pool, logins)
    ownership.check_owner(
        {(login.issuer, login.subject) for login in identity.logins},
        {one.login for one in principals},
        guests=pool.settings.guests,
    )
    return Owned(pool, identity, principals)


def _identity(tx: Tx, identity_id: str) -> tuple[Pool, Identity] | None:
    """The pool and the identity, by way of the index; without its pool there is no identity."""
    pool_id = identities.pool_of(tx, identity_id)
    if pool_id is None:
        return None
    pool, found = store.find_pool(tx, pool_id), identities.find_identity(tx, pool_id, identity_id)
    return None if pool is None or found is None else (pool, found)


def by_identity(call: Call, found: Owned) -> Actor:
    """The holder of an identity, as the audit knows them."""
    resource = arn.identity_pool(call.context.settings.region, found.pool.account, found.pool.id)
    return Actor(found.pool.account, f"identity {found.identity.id}", resource)


def claims_of(found: Owned) -> IdentityClaims:
    """What trust policies and policy variables know of the identity: `cognito-identity.amazonaws.com:sub|aud|amr`."""
    if not found.principals:
        return IdentityClaims(found.identity.id, found.pool.id, (pools.UNAUTHENTICATED,))
    methods = [pools.AUTHENTICATED]
    for one in found.principals:
        methods += [one.provider, f"{one.provider}:CognitoSignIn:{one.subject}"]
    return IdentityClaims(found.identity.id, found.pool.id, tuple(dict.fromkeys(methods)))


def chosen_role(
    context: Context, found: Owned, claims: IdentityClaims, custom_role_arn: str | None
) -> tuple[Role, Choice]:
    """The role that the identity gets, if that role lets the pool's identities in.

    Raises NotAuthorized or InvalidIdentityPoolConfiguration.
    """
    first = found.principals[0] if found.principals else None
    mapping = None if first is None else _mapping(found.pool, first, context.settings.userpool_base)
    choice = choose_role(found.pool.roles, mapping, None if first is None else first.claims, custom_role_arn)
    account = found.pool.account
    role = context.sql.current(("attached", account, choice.role), lambda tx: _attached(tx, account, choice.role))
    if role is None:
        raise InvalidIdentityPoolConfiguration
    keys = tuple((name.lower(), value) for name, value in claims.provider_keys().items())
    policy = trust.compiled_trust(role.trust_policy, role.arn)
    if not trust.admits_identity(open_id_token.PROVIDER, role.arn, role.account, policy, keys):
        raise InvalidIdentityPoolConfiguration
    return role, choice


def check_classic_flow(pool: Pool) -> None:
    """Raises NotAuthorized unless the pool allows the basic flow."""
    if not pool.settings.classic_flow:
        raise NotAuthorized("Basic (classic) flow is not enabled, please use enhanced flow.")


def _mapping(pool: Pool, principal: Principal, base: str) -> pools.Mapping | None:
    """The role mapping of the principal's provider and client, under either spelling of its name."""
    for key, mapping in pool.roles.mappings.items():
        name, _, client_id = key.rpartition(":")
        if client_id == principal.client_id and _issuer(name, base) == principal.issuer:
            return mapping
    return None


@lru_cache(maxsize=1024)
def _issuer(provider_name: str, base: str) -> str:
    return f"userpool/{user_pool_of(provider_name, base)}"


def _attached(tx: Tx, account: str, attached: AttachedRole) -> Role | None:
    """The role that was attached: one made again under its name is another one."""
    if attached.role_id is None:
        return role_with_arn(tx, attached.arn)
    return role_with_id(tx, account, attached.role_id)
