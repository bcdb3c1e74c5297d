"""The calls that sign in: InitiateAuth, RespondToAuthChallenge and their Admin twins."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.userpool.clients import store as clients
from services.userpool.clients.secret_hash import check_secret_hash
from services.userpool.context import Call
from services.userpool.errors import INVALID_SESSION, InvalidParameter, NotAuthorized, RefreshTokenReuse
from services.userpool.pools import store as pools
from services.userpool.pools.resource import of_pool
from services.userpool.service import cognito_idp
from services.userpool.signin.entrance import Entrance
from services.userpool.signin.flow import (
    Challenged,
    Outcome,
    answer_password_verifier,
    begin_with_password,
    begin_with_srp,
)
from services.userpool.signin.in_place import client_and_pool, only_reads
from services.userpool.signin.new_password import answer_new_password_required
from services.userpool.signin.refresh_user import names_behind
from services.userpool.tokens.flow import INVALID, Signer, Tokens, refresh
from shared.aws.api import cognito_idp as api

_SRP_OFF: Final = "USER_SRP_AUTH is not enabled for the client."
_PASSWORD_OFF: Final = "USER_PASSWORD_AUTH flow not enabled for this client"  # noqa: S105
OFF: Final = "Auth flow not enabled for this client"


def _refresh(entrance: Entrance) -> Outcome:
    """Rotating clients have to use GetTokensFromRefreshToken, which alone gives a new refresh token."""
    text = entrance.needed("REFRESH_TOKEN")
    if entrance.client.rotation.enabled:
        raise InvalidParameter("Refresh token rotation is enabled for this client: use GetTokensFromRefreshToken.")
    if entrance.client.secrets:
        names = names_behind(entrance, text)
        check_secret_hash(entrance.client.id, entrance.client.secrets, names, entrance.sent.get("SECRET_HASH"))
    try:
        return refresh(Signer(entrance.context, entrance.client, entrance.pool, entrance.call.now), text)
    except RefreshTokenReuse:
        raise NotAuthorized(INVALID) from None


Begin = Callable[[Entrance], Outcome]

_EVERYONE: Final[Mapping[str, tuple[Begin, str, str]]] = {
    "USER_SRP_AUTH": (begin_with_srp, "ALLOW_USER_SRP_AUTH", _SRP_OFF),
    "REFRESH_TOKEN": (_refresh, "ALLOW_REFRESH_TOKEN_AUTH", OFF),
    "REFRESH_TOKEN_AUTH": (_refresh, "ALLOW_REFRESH_TOKEN_AUTH", OFF),
}
_PUBLIC: Final[Mapping[str, tuple[Begin, str, str]]] = {
    **_EVERYONE,
    "USER_PASSWORD_AUTH": (begin_with_password, "ALLOW_USER_PASSWORD_AUTH", _PASSWORD_OFF),
}
_ADMIN: Final[Mapping[str, tuple[Begin, str, str]]] = {
    **_EVERYONE,
    "ADMIN_NO_SRP_AUTH": (begin_with_password, "ALLOW_ADMIN_USER_PASSWORD_AUTH", OFF),
    "ADMIN_USER_PASSWORD_AUTH": (begin_with_password, "ALLOW_ADMIN_USER_PASSWORD_AUTH", OFF),
}
"""AuthFlow -> what begins it, the setting of the client that it needs, what is said without it (R7)."""

_LATER: Final = frozenset({"CUSTOM_AUTH", "USER_AUTH"})

Answer = Callable[[Entrance, str | None], Outcome]

_ANSWERS: Final[Mapping[str, tuple[Answer, frozenset[str]]]] = {
    "PASSWORD_VERIFIER": (answer_password_verifier, frozenset({"ALLOW_USER_SRP_AUTH"})),
    "NEW_PASSWORD_REQUIRED": (
        answer_new_password_required,
        frozenset({"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"}),
    ),
}
"""ChallengeName -> what judges the answer, and the flows of which the client must still have one."""


@cognito_idp.operation(in_place=only_reads)
def initiate_auth(call: Call, request: api.InitiateAuthRequest) -> api.InitiateAuthResponse:
    """Begins a sign-in: tokens at once, or the first challenge."""
    entrance = _entrance(call, request.client_id, request.auth_parameters)
    outcome = _begin(entrance, _PUBLIC, request.auth_flow, request.session)
    return api.InitiateAuthResponse(**_shown(outcome))


@cognito_idp.operation(resource=of_pool)
def admin_initiate_auth(call: Call, request: api.AdminInitiateAuthRequest) -> api.AdminInitiateAuthResponse:
    """As InitiateAuth, by the app's own back end; it may send the password itself."""
    entrance = _admin_entrance(call, request.user_pool_id, request.client_id, request.auth_parameters)
    outcome = _begin(entrance, _ADMIN, request.auth_flow, request.session)
    return api.AdminInitiateAuthResponse(**_shown(outcome))


@cognito_idp.operation()
def respond_to_auth_challenge(
    call: Call, request: api.RespondToAuthChallengeRequest
) -> api.RespondToAuthChallengeResponse:
    """Answers a challenge: tokens, or the next one."""
    entrance = _entrance(call, request.client_id, request.challenge_responses)
    return api.RespondToAuthChallengeResponse(**_shown(_answer(entrance, request.challenge_name, request.session)))


@cognito_idp.operation(resource=of_pool)
def admin_respond_to_auth_challenge(
    call: Call, request: api.AdminRespondToAuthChallengeRequest
) -> api.AdminRespondToAuthChallengeResponse:
    """As RespondToAuthChallenge, by the app's own back end."""
    entrance = _admin_entrance(call, request.user_pool_id, request.client_id, request.challenge_responses)
    outcome = _answer(entrance, request.challenge_name, request.session)
    return api.AdminRespondToAuthChallengeResponse(**_shown(outcome))


def _entrance(call: Call, client_id: str, sent: Mapping[str, str] | None) -> Entrance:
    client, pool = client_and_pool(call.context, client_id)
    return Entrance(call, client, pool, sent or {})


def _admin_entrance(call: Call, pool_id: str, client_id: str, sent: Mapping[str, str] | None) -> Entrance:
    with call.context.sql.read() as tx:
        pool = pools.pool_of_account(tx, call.caller.account, pool_id)
        client = clients.client_of_pool(tx, call.context.keys, pool.id, client_id)
    return Entrance(call, client, pool, sent or {})


def _begin(entrance: Entrance, flows: Mapping[str, tuple[Begin, str, str]], flow: str, session: str | None) -> Outcome:
    if flow in _LATER:
        raise InvalidParameter(f"{flow} is not supported yet.")
    if session is not None:
        raise InvalidParameter(f"Session is not supported with {flow}.")
    if flow not in flows:
        raise InvalidParameter("Initiate Auth method not supported.")
    begin, allowed, otherwise = flows[flow]
    if allowed not in entrance.client.explicit_auth_flows:
        raise InvalidParameter(otherwise)
    return begin(entrance)


def _answer(entrance: Entrance, challenge: str, session: str | None) -> Outcome:
    if challenge not in _ANSWERS:
        raise InvalidParameter(f"{challenge} is not supported yet.")
    answer, flows = _ANSWERS[challenge]
    if flows.isdisjoint(entrance.client.explicit_auth_flows):
        raise NotAuthorized(INVALID_SESSION)
    return answer(entrance, session)


def _shown(outcome: Outcome) -> dict[str, Any]:
    """The members of every answer to a sign-in call; absent ones are absent, ChallengeParameters stands beside tokens."""
    if isinstance(outcome, Challenged):
        return {
            "challenge_name": outcome.challenge.value,
            "session": outcome.session,
            "challenge_parameters": outcome.parameters,
        }
    return {"authentication_result": shown_tokens(outcome), "challenge_parameters": {}}


def shown_tokens(tokens: Tokens) -> api.AuthenticationResultType:
    """The tokens as AWS gives them."""
    return api.AuthenticationResultType(
        access_token=tokens.access,
        id_token=tokens.id,
        refresh_token=tokens.refresh,
        expires_in=tokens.expires_in,
        token_type="Bearer",  # noqa: S106
    )
