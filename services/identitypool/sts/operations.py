"""What the wire may call: AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, GetCallerIdentity, GetAccessKeyInfo."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from services.identitypool.context import Call, signed
from services.identitypool.errors import ExpiredWebIdentityToken, InvalidIdentityToken, ValidationFailed
from services.identitypool.iam.records import Role
from services.identitypool.iam.resources import tag_keys as tag_keys_of
from services.identitypool.iam.store.access_keys import account_of_key
from services.identitypool.iam.store.policies import policy_with_arn
from services.identitypool.iam.store.roles import role_with_arn
from services.identitypool.iam.store.tags import tags_of
from services.identitypool.identities.store import pool_of
from services.identitypool.issuers import open_id_token
from services.identitypool.pools.pool import COGNITO_IDENTITY
from services.identitypool.service import sts
from services.identitypool.sts import credentials, flow, session, trust
from services.identitypool.sts.credentials import Claims, Credentials
from services.identitypool.sts.flow import Wanted
from services.identitypool.sts.session import SessionTags
from shared.aws.api import sts as api
from shared.guard.caller import Caller, CallerKind, ContextValue
from shared.guard.guard import AccessDenied
from shared.policy.compiled import compile_policy
from shared.policy.document import Kind
from shared.sql.engine import Tx

ConditionKeys = dict[str, ContextValue]

_NOT_ADMITTED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
_OF_PRINCIPALS = frozenset({"aws:principaltype", "aws:principalaccount", "aws:userid"})
_MFA_FAILED = "MultiFactorAuthentication failed, "
_HALF_MFA = _MFA_FAILED + "must provide both MFA serial number and one time pass code."
_NO_MFA = _MFA_FAILED + (
    "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
)


@sts.operation(in_place=True, needs_permission=False)
def get_caller_identity(call: Call, _request: api.GetCallerIdentityRequest) -> api.GetCallerIdentityResponse:
    """Who signed; needs no permission and no policy can forbid it."""
    return api.GetCallerIdentityResponse(user_id=call.caller.user_id, account=call.caller.account, arn=call.caller.arn)


@sts.operation(in_place=True, needs_permission=False)
def assume_role(call: Call, request: api.AssumeRoleRequest) -> api.AssumeRoleResponse:
    """A session of the role, for a caller whom the role trusts and whose policies allow it.

    A role that is unknown, does not trust the caller, or is forbidden to it is refused in the same words.
    """
    _check_no_mfa(request.serial_number, request.token_code)
    if request.provided_contexts is not None:
        raise ValidationFailed("ProvidedContexts is not supported: there is no trusted context provider here.")
    grant = signed(call)
    _check_role_arn(request.role_arn)
    wanted = _wanted(call.caller, request)
    found = _role(call, request.role_arn, following=True)  # the guard has just asked for the caller
    if found is None:
        if call.caller.kind is CallerKind.ROOT:
            raise AccessDenied("Roles may not be assumed by root accounts.", None, request.role_arn)
        raise trust.refused(call.caller.arn, trust.ASSUME, request.role_arn)
    role, tag_keys = found
    actions = trust.needed_actions(tagged=bool(wanted.tags), source_identity=wanted.source_identity is not None)
    policy = trust.compiled_trust(role.trust_policy, role.arn)
    keys = {**call.keys, **tag_keys, **_session_keys(request, wanted)}
    trust.check_may_assume(grant, actions, role.arn, role.account, policy, keys)
    _check_managed(call, role, wanted.policy_arns)
    duration_s = session.role_duration_s(
        request.duration_seconds, role.max_session_s, chained=call.caller.kind is CallerKind.ROLE_SESSION
    )
    percent = session.packed_percent(wanted.inline, wanted.policy_arns, wanted.tags)
    begun = flow.begin(call, role, replace(wanted, duration_s=duration_s), by=call.caller.arn)
    return api.AssumeRoleResponse(
        credentials=_shown(begun.credentials),
        assumed_role_user=api.AssumedRoleUser(assumed_role_id=begun.assumed_role_id, arn=begun.arn),
        packed_policy_size=percent,
        source_identity=wanted.source_identity,
        session_token_size=len(begun.credentials.session_token),
    )


@sts.operation(needs_keys=True)
def assume_role_with_web_identity(
    call: Call, request: api.AssumeRoleWithWebIdentityRequest
) -> api.AssumeRoleWithWebIdentityResponse:
    """A session of the role for the holder of an identity pool's OpenID token (the basic flow)."""
    if request.provider_id is not None:
        raise ValidationFailed("ProviderId goes with OAuth 2.0 access tokens only, which are not supported.")
    _check_role_arn(request.role_arn)
    try:
        claims = open_id_token.verify(call.context, request.web_identity_token, call.now)
    except open_id_token.Expired:
        raise ExpiredWebIdentityToken("Token expired") from None
    except open_id_token.Invalid as error:
        raise InvalidIdentityToken(str(error)) from None
    if not _is_there(call, claims.sub):
        raise InvalidIdentityToken("The identity that the token was issued for does not exist any more.")
    arns = session.check_policy_arns([policy.arn for policy in request.policy_arns or ()])
    _check_policy(request.policy)
    provider_keys = claims.provider_keys()
    found = _role(call, request.role_arn)
    if found is None:
        raise AccessDenied(_NOT_ADMITTED, None, request.role_arn)
    role, tag_keys = found
    policy = trust.compiled_trust(role.trust_policy, role.arn)
    keys = _request_keys(call) | tag_keys | _lower(provider_keys) | {"sts:rolesessionname": request.role_session_name}
    if not trust.admits_web_identity(role.arn, role.account, policy, keys):
        raise AccessDenied(_NOT_ADMITTED, None, request.role_arn)
    _check_managed(call, role, arns)
    wanted = Wanted(
        name=request.role_session_name,
        duration_s=session.role_duration_s(request.duration_seconds, role.max_session_s, chained=False),
        inline=request.policy,
        policy_arns=arns,
        provider=COGNITO_IDENTITY,
        provider_keys=provider_keys,
        least_token_size=request.minimum_session_token_size or 0,
    )
    percent = session.packed_percent(request.policy, arns, {})
    begun = flow.begin(call, role, wanted, by=f"identity {claims.sub}")
    return api.AssumeRoleWithWebIdentityResponse(
        credentials=_shown(begun.credentials),
        subject_from_web_identity_token=claims.sub,
        assumed_role_user=api.AssumedRoleUser(assumed_role_id=begun.assumed_role_id, arn=begun.arn),
        packed_policy_size=percent,
        provider=COGNITO_IDENTITY,
        audience=claims.aud,
        session_token_size=len(begun.credentials.session_token),
    )


@sts.operation(in_place=True, needs_permission=False)
def get_session_token(call: Call, request: api.GetSessionTokenRequest) -> api.GetSessionTokenResponse:
    """Temporary credentials of the calling user itself, with its own rights; not for sessions."""
    _check_no_mfa(request.serial_number, request.token_code)
    caller = call.caller
    if caller.temporary:
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    root = caller.kind is CallerKind.ROOT
    issued_at = int(call.now.timestamp())
    claims = Claims(
        kind="root" if root else "user",
        account=caller.account,
        principal_id=caller.user_id,
        name=caller.name,
        issued_at=issued_at,
        expires_at=issued_at + session.token_duration_s(request.duration_seconds, root=root),
    )
    made = credentials.mint(call.context.keys, claims, least_size=request.minimum_session_token_size or 0)
    call.handed_out(caller.account, caller.arn, "", "", made.access_key_id)
    return api.GetSessionTokenResponse(credentials=_shown(made), session_token_size=len(made.session_token))


@sts.operation(in_place=True, resource=lambda _call, _request: "*")
def get_access_key_info(call: Call, request: api.GetAccessKeyInfoRequest) -> api.GetAccessKeyInfoResponse:
    """The account that a long-lived access key belongs to; a temporary key shows it only with its token."""
    if call.caller.temporary and call.caller.kind is not CallerKind.ROLE_SESSION:
        raise AccessDenied("Cannot call GetAccessKeyInfo with session credentials")
    with call.context.sql.read() as tx:
        account = account_of_key(tx, request.access_key_id)
    if account is None:
        raise ValidationFailed("The access key is not known.")
    return api.GetAccessKeyInfoResponse(account=account)


def _is_there(call: Call, identity_id: str) -> bool:
    """Whether nobody has deleted the identity, or its pool, since its token was signed."""
    return call.context.sql.current(("pool of", identity_id), lambda tx: pool_of(tx, identity_id)) is not None


def _role(call: Call, role_arn: str, *, following: bool = False) -> tuple[Role, ConditionKeys] | None:
    """The role, and the condition keys of its tags."""
    key = ("role and tags", role_arn)
    return call.context.sql.current(key, lambda tx: _tagged(tx, role_arn), following=following)


def _tagged(tx: Tx, role_arn: str) -> tuple[Role, ConditionKeys] | None:
    role = role_with_arn(tx, role_arn)
    return None if role is None else (role, tag_keys_of(tags_of(tx, role.account, role.id)))


def _check_managed(call: Call, role: Role, policy_arns: Sequence[str]) -> None:
    """Raises ValidationFailed for a managed session policy that is not one of the role's account, or AWS's."""
    if not policy_arns:
        return
    with call.context.sql.read() as tx:
        for policy_arn in policy_arns:
            found = policy_with_arn(tx, policy_arn)
            if found is None or not (found.by_aws or found.account == role.account):
                raise ValidationFailed(f"Policy {policy_arn} does not exist or is not attachable.")


def _request_keys(call: Call) -> ConditionKeys:
    """What a trust policy may ask about an unsigned request; there is no principal yet."""
    facts = {name: value for name, value in call.keys.items() if name not in _OF_PRINCIPALS}
    return facts | {"aws:federatedprovider": COGNITO_IDENTITY}


def _wanted(caller: Caller, request: api.AssumeRoleRequest) -> Wanted:
    """What the caller asks for, merged with what its own session hands on."""
    tags = session.chained_tags(
        [(tag.key, tag.value) for tag in request.tags or ()],
        request.transitive_tag_keys or (),
        SessionTags(caller.session_tags, caller.transitive_tag_keys),
    )
    _check_policy(request.policy)
    return Wanted(
        name=request.role_session_name,
        duration_s=0,
        inline=request.policy,
        policy_arns=session.check_policy_arns([policy.arn for policy in request.policy_arns or ()]),
        tags=tags.tags,
        transitive=tags.transitive,
        source_identity=session.source_identity(request.source_identity, caller.source_identity),
        chain_depth=caller.chain_depth + (caller.kind is CallerKind.ROLE_SESSION),
        least_token_size=request.minimum_session_token_size or 0,
    )


def _session_keys(request: api.AssumeRoleRequest, wanted: Wanted) -> ConditionKeys:
    """The condition keys of the session that is asked for (IAM and AWS STS condition context keys)."""
    keys: dict[str, ContextValue] = {"sts:rolesessionname": wanted.name}
    if request.external_id is not None:
        keys["sts:externalid"] = request.external_id
    if wanted.source_identity is not None:
        keys["sts:sourceidentity"] = wanted.source_identity
    if wanted.tags:
        keys |= {f"aws:requesttag/{key.lower()}": value for key, value in wanted.tags.items()}
        keys["aws:tagkeys"] = tuple(wanted.tags)
    if wanted.transitive:
        keys["sts:transitivetagkeys"] = tuple(sorted(wanted.transitive))
    return keys


def _check_policy(text: str | None) -> None:
    """Raises MalformedPolicy for an inline session policy that cannot be read, ValidationFailed for a long one."""
    if text is not None:
        session.check_policy_length(text)
        compile_policy(text, Kind.SESSION)


def _check_role_arn(text: str) -> None:
    """Raises ValidationFailed unless it has the parts of an ARN."""
    fields = text.split(":", 5)
    if len(fields) != 6 or fields[0] != "arn" or not all((fields[1], fields[2], fields[5])):
        raise ValidationFailed(f"{text} is invalid")


def _check_no_mfa(serial_number: str | None, token_code: str | None) -> None:
    """No user has an MFA device yet, so a code cannot be right."""
    if (serial_number is None) != (token_code is None):
        raise AccessDenied(_HALF_MFA)
    if token_code is not None:
        raise AccessDenied(_NO_MFA)


def _lower(keys: Mapping[str, ContextValue]) -> ConditionKeys:
    return {name.lower(): value for name, value in keys.items()}


def _shown(made: Credentials) -> api.Credentials:
    return api.Credentials(
        access_key_id=made.access_key_id,
        secret_access_key=made.secret.reveal(),
        session_token=made.session_token,
        expiration=made.expires_at,
    )
