"""The identity pools' own tokens: GetOpenIdToken signs them, AssumeRoleWithWebIdentity takes them.

Cognito Developer Guide: Using the basic (classic) authflow. Header and claims as recorded from AWS (RS512, 15 minutes).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from services.identitypool.context import Context
from services.identitypool.issuers import compact, store
from services.identitypool.pools.pool import COGNITO_IDENTITY
from shared import ids
from shared.guard.caller import ContextValue

ISSUER: Final = f"https://{COGNITO_IDENTITY}"
LIFE_S: Final = 900
SEALED_FOR: Final = "identity token key"
_ALGORITHM: Final = "RS512"


class Invalid(Exception):
    """Not a token of an identity pool of this installation."""


class Expired(Exception):
    """It was one."""


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """What such a token says: identity, pool, and how it was authenticated."""

    sub: str
    aud: str
    amr: tuple[str, ...]

    def provider_keys(self) -> dict[str, ContextValue]:
        """The condition keys of the session that follows."""
        return {
            f"{COGNITO_IDENTITY}:sub": self.sub,
            f"{COGNITO_IDENTITY}:aud": self.aud,
            f"{COGNITO_IDENTITY}:amr": self.amr,
        }


def issue(context: Context, claims: IdentityClaims, pool_arn: str, now: datetime) -> str:
    """A signed token for an identity. Makes the installation's key pair when there is none."""
    key_id, private = _key(context) or _made(context, now)
    issued_at = int(now.timestamp())
    payload: dict[str, Any] = {
        "sub": claims.sub,
        "aud": claims.aud,
        "amr": list(claims.amr),
        "iss": ISSUER,
        f"{ISSUER}/identity-pool-arn": pool_arn,
        "exp": issued_at + LIFE_S,
        "iat": issued_at,
    }
    return compact.sign({"kid": key_id, "typ": "JWS", "alg": _ALGORITHM}, payload, private)


def verify(context: Context, token: str, now: datetime) -> IdentityClaims:
    """What the token says. Raises Invalid for any other provider's token, too, and Expired."""
    try:
        unverified = compact.read(token)
    except compact.NotAToken:
        raise Invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from None
    claims = unverified.claims
    if claims.get("iss") != ISSUER:
        raise Invalid("No OpenIDConnect provider found in your account for " + str(claims.get("iss"))[:256])
    known = _key(context, unverified.key_id)
    if known is None:
        raise Invalid("Couldn't retrieve verification key from your identity provider")
    try:
        compact.verify(unverified, known[1].public_key(), _ALGORITHM)
    except compact.NotAToken:
        raise Invalid("Couldn't verify signed token.") from None
    if now.timestamp() >= claims["exp"]:
        raise Expired
    return IdentityClaims(claims["sub"], claims["aud"], tuple(claims["amr"]))


def _key(context: Context, named: str | None = None) -> tuple[str, rsa.RSAPrivateKey] | None:
    """The key pair that signs, or the one of this id: two that were made at once have both signed for a moment."""
    region = context.settings.region
    with context.sql.read() as tx:
        found = store.find_key(tx, region) if named is None else store.key_named(tx, region, named)
    if found is None:
        return None
    key_id, sealed = found
    return key_id, _loaded(context.keys.seal(SEALED_FOR).open(sealed, key_id.encode()))


def _made(context: Context, now: datetime) -> tuple[str, rsa.RSAPrivateKey]:
    region = context.settings.region
    key_id = f"{region}-{ids.digits(6)}"
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoded = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    sealed = context.keys.seal(SEALED_FOR).seal(encoded, key_id.encode())
    with context.sql.write() as tx:
        if store.find_key(tx, region) is None:
            store.add_key(tx, region, key_id, sealed, now.timestamp())
    return _key(context) or (key_id, private)


@lru_cache(maxsize=4)  # reading a private key costs more than signing with it
def _loaded(encoded: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_der_private_key(encoded, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the key behind identity tokens is no RSA key")
    return key
