"""What the wire may call: AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, GetCallerIdentity, GetAccessKeyInfo."""

from collections.abc import Sequence

from services.identitypool.context import Call
from services.identitypool.errors import (
    ExpiredWebIdentityToken,
    InvalidIdentityToken,
    MalformedSessionPolicy,
    ValidationError,
)
from services.identitypool.iam import store
from services.identitypool.iam.records import Role
from services.identitypool.issuers import open_id_token
from services.identitypool.service import sts
from services.identitypool.sts import credentials, flow, session, trust
from services.identitypool.sts.credentials import Claims, Credentials
from services.identitypool.sts.flow import Wanted
from services.identitypool.sts.session import SessionTags
from shared.aws.api import sts as api
from shared.guard.caller import Caller, CallerKind, ContextValue
from shared.guard.guard import AccessDenied, Grant
from shared.guard.refusals import MissingAuthentication
from shared.policy.compiled import compile_policy
from shared.policy.document import Kind, MalformedPolicy

_NO_MFA = (
    "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and "
    "associated with this user."
)


@sts.operation(in_place=True, needs_permission=False)
def get_caller_identity(call: Call, _request: api.GetCallerIdentityRequest) -> api.GetCallerIdentityResponse:
    """Who signed; needs no permission and no policy can forbid it."""
    return api.GetCallerIdentityResponse(
        user_id=call.caller.user_id, account=call.caller.account, arn=call.caller.arn
    )


@sts.operation(in_place=True, needs_permission=False)
def assume_role(call: Call, request: api.AssumeRoleRequest) -> api.AssumeRoleResponse:
    """A session of the role, for a caller whom the role trusts and whose policies allow it.

    A role that is unknown, does not trust the caller, or is forbidden to it is refused in the same words.
    """
    _check_no_mfa(request.serial_number, request.token_code)
    if request.provided_contexts is not None:
        raise ValidationError("ProvidedContexts is not supported: there is no trusted context provider here.")
    grant = _signed(call)
    _check_role_arn(request.role_arn)
    wanted = _wanted(call.caller, request)
    role = _role(call, request.role_arn)
    if role is None:
        if call.caller.kind is CallerKind.ROOT:
            raise AccessDenied("Roles may not be assumed by root accounts.")
        raise trust.refused(call.caller.arn, trust.ASSUME, request.role_arn)
    actions = trust.needed_actions(tagged=bool(wanted.tags), source_identity=wanted.source_identity is not None)
    policy = trust.compiled_trust(role.trust_policy, role.arn)
    keys = {**call.keys, **_session_keys(request, wanted)}
    trust.check_may_assume(grant, actions, role.arn, role.account, policy, keys)
    duration_s = session.role_duration_s(
        request.duration_seconds, role.max_session_s, chained=call.caller.kind is CallerKind.ROLE_SESSION
    )
    percent = session.packed_percent(wanted.inline, wanted.policy_arns, wanted.tags)
    begun = flow.begin(call.context.keys, role, _lasting(wanted, duration_s), call.now)
    return api.AssumeRoleResponse(
        credentials=_shown(begun.credentials),
        assumed_role_user=api.AssumedRoleUser(assumed_role_id=begun.assumed_role_id, arn=begun.arn),
        packed_policy_size=percent,
        source_identity=wanted.source_identity,
        session_token_size=len(begun.credentials.session_token),
    )
