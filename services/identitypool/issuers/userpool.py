"""Id tokens of this installation's user pools: a login token in, a Principal out.

The issuer is looked up in the identity pool's own list of providers, never on the token's word (R25). Only RS256 and the
user pool's own published keys count (R4). The refusals' sentences are those recorded from AWS.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.identitypool.context import Context
from services.identitypool.errors import NotAuthorized
from services.identitypool.issuers import compact, published_keys
from services.identitypool.issuers.compact import Unverified
from services.identitypool.issuers.principal import Principal
from services.identitypool.pools.pool import Pool, Provider, issuer_of, user_pool_of
from shared.checked import Checked

_UNSUPPORTED: Final = "Token is not from a supported provider of this identity pool."
_INVALID: Final = "Invalid login token. "
_UNVERIFIED: Final = _INVALID + "Couldn't verify signed token."
_CHECKED: Final[Checked[RSAPublicKey, dict[str, Any]]] = Checked()


def principal(context: Context, pool: Pool, provider_name: str, token: str, now: datetime) -> Principal:
    """Whom `token` vouches for, if the identity pool trusts its issuer and audience. Raises NotAuthorized."""
    base = context.settings.userpool_base
    user_pool = user_pool_of(provider_name, base)
    trusted = [one for one in pool.settings.providers if user_pool_of(one.name, base) == user_pool]
    if user_pool is None or not trusted:
        raise NotAuthorized(_UNSUPPORTED)
    url = _keys_url(context, user_pool)
    claims, unverified = _claims(token, url)
    provider = _provider(claims, user_pool, trusted, base)
    if unverified is not None:
        _CHECKED.keep(token, _check_signature(unverified, url), claims)
    subject = _checked_subject(claims, now)
    return Principal(
        issuer=issuer_of(provider_name, base),
        subject=subject,
        provider=provider.name,
        client_id=provider.client_id,
        claims=claims,
        checked_at_source=provider.server_side_check is True,
    )


def needs_no_fetch(context: Context, logins: Mapping[str, str]) -> bool:
    """Whether the keys that these tokens name are all at hand; tokens without a readable header need none."""
    base = context.settings.userpool_base
    for provider_name, token in logins.items():
        user_pool = user_pool_of(provider_name, base)
        try:
            if user_pool is not None and not published_keys.holds(
                _keys_url(context, user_pool), compact.key_id_of(token)
            ):
                return False
        except compact.NotAToken:
            continue
    return True


def _keys_url(context: Context, user_pool: str) -> str:
    """Asked where the user pool service is, not at its public address: that may lead through a proxy, or nowhere yet."""
    return f"{context.settings.sign_ins_base}/{user_pool}/.well-known/jwks.json"


def _claims(token: str, url: str) -> tuple[dict[str, Any], Unverified | None]:
    """What the token says, and the token where its signature is still to be checked. Raises NotAuthorized."""
    seen = _claims_seen(token, url)
    if seen is not None:
        return seen, None
    unverified = _read(token)
    return unverified.claims, unverified


def _claims_seen(token: str, url: str) -> dict[str, Any] | None:
    """What a token said when its signature was checked, if the key that held then is published still."""
    try:
        key_id = compact.key_id_of(token)
    except compact.NotAToken:
        return None
    key = published_keys.find_key(url, key_id) if published_keys.holds(url, key_id) else None
    return None if key is None else _CHECKED.find(token, key)


def _read(token: str) -> Unverified:
    try:
        return compact.read(token)
    except compact.NotAToken:
        raise NotAuthorized(_INVALID + "Not a valid OpenId Connect identity token.") from None


def _provider(claims: Mapping[str, Any], user_pool: str, trusted: list[Provider], base: str) -> Provider:
    """The configured provider that the token claims to be for."""
    issuer = claims.get("iss")
    named = user_pool_of(issuer.partition("://")[2], base) if isinstance(issuer, str) else None
    if named is None:
        raise NotAuthorized(_INVALID + "Not a Cognito token.")
    if named != user_pool:
        raise NotAuthorized(_INVALID + "Issuer doesn't match providerName")
    audience = claims.get("aud")
    if not isinstance(audience, str):
        raise NotAuthorized(_INVALID + "Missing a required claim: aud")
    found = next((one for one in trusted if one.client_id == audience), None)
    if found is None:
        raise NotAuthorized(_UNSUPPORTED)
    return found


def _check_signature(token: Unverified, url: str) -> RSAPublicKey:
    """Gives the key that signed the token. Raises NotAuthorized."""
    key = published_keys.find_key(url, token.key_id)
    if key is None:
        raise NotAuthorized(_UNVERIFIED)
    try:
        compact.verify(token, key, "RS256")
    except compact.NotAToken:
        raise NotAuthorized(_UNVERIFIED) from None
    return key


def _checked_subject(claims: Mapping[str, Any], now: datetime) -> str:
    """The subject of an id token that has not ended."""
    subject, expires_at = claims.get("sub"), claims.get("exp")
    if claims.get("token_use") != "id" or not isinstance(subject, str) or not subject:
        raise NotAuthorized(_INVALID + "Not a Cognito token.")
    seconds = int(now.timestamp())
    if not isinstance(expires_at, int | float) or seconds >= expires_at:
        raise NotAuthorized(f"{_INVALID}Token expired: {seconds} >= {expires_at}")
    return subject
