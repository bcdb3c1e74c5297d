"""What stands in an id token and in an access token. Pure.

Source: developer guide, "Understanding the identity (ID) token" and "Understanding the access token".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from services.userpool.directory.user import Group

ADMIN_SCOPE: Final = "aws.cognito.signin.user.admin"
"""The scope of every access token that did not come from the OAuth endpoints; it opens the self-service operations."""

_FLAGS: Final = frozenset({"email_verified", "phone_number_verified"})

Claims = dict[str, object]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Who the tokens are about. `attributes` are those that the client may read."""

    sub: str
    username: str
    attributes: Mapping[str, str]
    groups: Sequence[Group] = ()


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """What both tokens of one issue have in common.

    `origin_jti` names the sign-in. Tokens of a client without revocation have no such claim: there `event_id` names it.
    """

    issuer: str
    client_id: str
    auth_time: datetime
    now: datetime
    origin_jti: str
    event_id: str
    revocable: bool = True


def access_claims(subject: Subject, occasion: Occasion, *, jti: str, ttl_s: int) -> Claims:
    """Gives the claims of an access token. No attributes: it says what may be done, not who it is."""
    claims: Claims = {"sub": subject.sub}
    if subject.groups:
        claims["cognito:groups"] = _group_names(subject.groups)
    return claims | {
        "iss": occasion.issuer,
        "client_id": occasion.client_id,
        **_sign_in(occasion),
        "token_use": "access",
        "scope": ADMIN_SCOPE,
        "auth_time": int(occasion.auth_time.timestamp()),
        "exp": int(occasion.now.timestamp()) + ttl_s,
        "iat": int(occasion.now.timestamp()),
        "jti": jti,
        "username": subject.username,
    }


def id_claims(subject: Subject, occasion: Occasion, *, jti: str, ttl_s: int) -> Claims:
    """Gives the claims of an id token. No at_hash: tokens of the API have none, and clients fail on it."""
    claims: Claims = {"sub": subject.sub}
    claims |= {name: _claim(name, value) for name, value in subject.attributes.items() if name != "sub"}
    claims |= _group_claims(subject.groups)
    return claims | {
        "iss": occasion.issuer,
        "cognito:username": subject.username,
        "aud": occasion.client_id,
        **_sign_in(occasion),
        "token_use": "id",
        "auth_time": int(occasion.auth_time.timestamp()),
        "exp": int(occasion.now.timestamp()) + ttl_s,
        "iat": int(occasion.now.timestamp()),
        **({"jti": jti} if occasion.revocable else {}),
    }


def _sign_in(occasion: Occasion) -> Claims:
    """The claims that name the sign-in. Developer guide, "Ending user sessions with token revocation"."""
    if occasion.revocable:
        return {"origin_jti": occasion.origin_jti, "event_id": occasion.event_id}
    return {"event_id": occasion.origin_jti}


def _claim(name: str, value: str) -> object:
    """Flags become booleans, the address an object (OIDC Core 5.1.1), identities their list; the rest stays text."""
    if name in _FLAGS:
        return value.lower() == "true"
    if name == "address":
        return {"formatted": value}
    if name == "identities":
        return msgspec.json.decode(value)
    return value


def _group_claims(groups: Sequence[Group]) -> Claims:
    claims: Claims = {}
    if groups:
        claims["cognito:groups"] = _group_names(groups)
    roles = [group.role_arn for group in _by_precedence(groups) if group.role_arn is not None]
    if roles:
        claims["cognito:roles"] = list(dict.fromkeys(roles))
    preferred = preferred_role(groups)
    if preferred is not None:
        claims["cognito:preferred_role"] = preferred
    return claims


def preferred_role(groups: Sequence[Group]) -> str | None:
    """Gives the role of the group that goes first; None where the first ones have different roles, or none.

    Source: developer guide, "Assigning precedence values to groups".
    """
    ranked = [group for group in groups if group.precedence is not None and group.role_arn is not None]
    if not ranked:
        return None
    first = min(group.precedence for group in ranked if group.precedence is not None)
    roles = {group.role_arn for group in ranked if group.precedence == first}
    return roles.pop() if len(roles) == 1 else None


def _group_names(groups: Sequence[Group]) -> list[str]:
    return [group.name for group in _by_precedence(groups)]


def _by_precedence(groups: Iterable[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (group.precedence is None, group.precedence or 0, group.name))
