"""From an access key to a caller, its secret, and the texts of the policies that bind it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from services.identitypool.iam import records
from services.identitypool.iam.secrets_at_rest import open_secret
from services.identitypool.iam.store import access_keys, effective, roles, tags, users
from services.identitypool.sts import credentials, guests
from services.identitypool.sts.credentials import Claims
from shared.aws import arn
from shared.guard.authorizer_wire import Bound, PolicyText
from shared.guard.caller import Caller, CallerKind
from shared.guard.refusals import UnknownAccessKey
from shared.seal import Keys
from shared.secret import Secret
from shared.sql.engine import Tx

_GUESTS: Final = PolicyText(guests.NAME, "session", "", guests.SCOPE_DOWN)
_NOTHING: Final = PolicyText(
    "", "session", "", '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
)


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, role or root as it is at this moment, apart from any key or session of it."""

    caller: Caller
    identity: tuple[PolicyText, ...]
    boundary: tuple[PolicyText, ...] | None


def long_term(tx: Tx, keys: Keys, access_key_id: str) -> tuple[Principal, Secret]:
    """Whose long-lived key it is, and its secret. Raises UnknownAccessKey for one that is unknown or inactive."""
    key = access_keys.key_named(tx, access_key_id)
    if key is None or not key.active:
        raise UnknownAccessKey
    found = root(key.account) if key.user_id is None else user(tx, key.account, key.user_id)
    return found, open_secret(keys, key)


def root(account: str) -> Principal:
    """The account's root user; identity policies do not limit it, and the evaluator asks for none."""
    return Principal(Caller(arn.root(account), account, CallerKind.ROOT, account, "", name=account), (), None)


def user(tx: Tx, account: str, user_id: str) -> Principal:
    """A user with the policies of its groups. Raises UnknownAccessKey when it is gone."""
    found = users.user_with_id(tx, account, user_id)
    if found is None:
        raise UnknownAccessKey
    caller = Caller(
        arn=found.arn,
        account=account,
        kind=CallerKind.USER,
        user_id=found.id,
        access_key_id="",
        name=found.name,
        principal_tags=tags.tags_of(tx, account, user_id),
    )
    texts = effective.identity_policies_of_user(tx, account, user_id)
    return Principal(caller, _texts(texts), _boundary(tx, found.boundary_arn))


def role(tx: Tx, account: str, role_id: str) -> Principal:
    """A role, by its unique id. Raises UnknownAccessKey when it is gone: its sessions end with it."""
    found = roles.role_with_id(tx, account, role_id)
    if found is None:
        raise UnknownAccessKey
    caller = Caller(
        arn="",
        account=account,
        kind=CallerKind.ROLE_SESSION,
        user_id="",
        access_key_id="",
        role_arn=found.arn,
        role_id=found.id,
        role_name=found.name,
        principal_tags=tags.tags_of(tx, account, role_id),
    )
    texts = effective.identity_policies_of_role(tx, account, role_id)
    return Principal(caller, _texts(texts), _boundary(tx, found.boundary_arn))


def behind(tx: Tx, claims: Claims) -> Principal:
    """The principal behind a session. Raises UnknownAccessKey when it is gone."""
    if claims.kind == "role":
        return role(tx, claims.account, claims.principal_id)
    if claims.kind == "user":
        return user(tx, claims.account, claims.principal_id)
    return root(claims.account)


def with_key(principal: Principal, access_key_id: str) -> Bound:
    """A principal that signs with its own key."""
    return Bound(replace(principal.caller, access_key_id=access_key_id), principal.identity, principal.boundary)


def in_session(
    principal: Principal, access_key_id: str, claims: Claims, session: tuple[tuple[PolicyText, ...], ...]
) -> Bound:
    """A principal that signs with the key of a session."""
    caller = principal.caller
    is_role = caller.kind is CallerKind.ROLE_SESSION
    return Bound(
        Caller(
            arn=arn.assumed_role(caller.account, caller.role_name or "", claims.name) if is_role else caller.arn,
            account=caller.account,
            kind=caller.kind,
            user_id=f"{caller.role_id}:{claims.name}" if is_role else caller.user_id,
            access_key_id=access_key_id,
            name=claims.name if is_role else caller.name,
            role_arn=caller.role_arn,
            role_id=caller.role_id,
            role_name=caller.role_name,
            issued_at=datetime.fromtimestamp(claims.issued_at, UTC),
            expires_at=datetime.fromtimestamp(claims.expires_at, UTC),
            mfa=claims.mfa,
            source_identity=claims.source_identity,
            federated_provider=claims.provider,
            principal_tags=caller.principal_tags,
            session_tags=claims.tags,
            transitive_tag_keys=claims.transitive,
            provider_keys=claims.provider_keys,
            chain_depth=claims.chain_depth,
        ),
        principal.identity,
        principal.boundary,
        session,
    )


def session_policies(tx: Tx, claims: Claims) -> tuple[tuple[PolicyText, ...], ...]:
    """The session's own policies: inline and managed are one union, the guests' scope-down is another.

    A managed one is read anew at each call; one that is gone denies everything.
    """
    unions = []
    own = [_managed(tx, policy_arn) for policy_arn in claims.policy_arns]
    if claims.inline is not None:
        own.append(PolicyText("", "session", "", claims.inline))
    if own:
        unions.append(tuple(own))
    if claims.guest:
        unions.append((_GUESTS,))
    return tuple(unions)


def open_session(keys: Keys, access_key_id: str, token: str, now: datetime, service: str) -> tuple[Claims, Secret]:
    """The session behind a temporary key. Raises UnknownAccessKey or ExpiredToken.

    GetSessionToken's credentials may not call IAM without MFA (STS: Compare AWS STS credentials).
    """
    claims, secret = credentials.open_token(keys, access_key_id, token, now)
    if service == "iam" and claims.kind != "role" and not claims.mfa:
        raise UnknownAccessKey
    return claims, secret


def _managed(tx: Tx, policy_arn: str) -> PolicyText:
    found = effective.managed_policy(tx, policy_arn)
    return _NOTHING if found is None else _text(found)


def _boundary(tx: Tx, policy_arn: str | None) -> tuple[PolicyText, ...] | None:
    return None if policy_arn is None else (_managed(tx, policy_arn),)


def _texts(found: tuple[records.PolicyText, ...]) -> tuple[PolicyText, ...]:
    return tuple(_text(one) for one in found)


def _text(one: records.PolicyText) -> PolicyText:
    return PolicyText(one.source_id, one.source_type, one.version or "", one.text)
