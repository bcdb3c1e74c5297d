"""Do the sign-ins behind login tokens still stand? The user pool service knows; it is asked where the pool wants so.

API CognitoIdentityProvider, ServerSideTokenCheck. What is not answered in time counts as refused. A user pool service
with another master key is another installation: it cannot read the question, and nothing is given for its tokens.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from services.identitypool.context import Context
from services.identitypool.errors import ExternalService, NotAuthorized
from services.identitypool.issuers.principal import Principal
from shared.outbound.internal_line import InternalLine
from shared.outbound.sign_ins import PATH, TALK, Question, SignIn
from shared.refusal import Unavailable
from shared.seal import BrokenSeal

_TIMEOUT_S: Final = 1.0
_SILENT: Final = "The user pool does not answer whether the sign-in still stands."


def check(context: Context, principals: Sequence[Principal]) -> None:
    """Raises NotAuthorized unless every sign-in that is to be checked stands; ExternalService without an answer."""
    to_check = [one for one in principals if one.checked_at_source]
    if to_check:
        _ask(context, to_check)


def _ask(context: Context, principals: Sequence[Principal]) -> None:
    sign_ins = tuple(_sign_in(one) for one in principals)
    body = TALK.seal_question(context.keys, Question(sign_ins))
    try:
        answer = TALK.open_answer(context.keys, body, _line(context.settings.sign_ins_base).post(PATH, body))
    except (Unavailable, BrokenSeal) as error:
        raise ExternalService(_SILENT) from error
    if not answer.all_stand:
        raise NotAuthorized("Invalid login token. Token has been revoked.")


def _sign_in(principal: Principal) -> SignIn:
    """The sign-in that a principal's token is from. A token that names none has none.

    Where the app client has no token revocation there is no `origin_jti`: `event_id` names the sign-in.
    """
    origin = principal.claims.get("origin_jti", principal.claims.get("event_id"))
    return SignIn(principal.user_pool, principal.subject, origin if isinstance(origin, str) else "")


@lru_cache(maxsize=4)  # a process has one
def _line(url: str) -> InternalLine:
    return InternalLine(url, timeout_s=_TIMEOUT_S, whom="The user pool")
