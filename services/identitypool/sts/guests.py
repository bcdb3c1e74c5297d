"""What a guest never gets, whatever the guest role allows (enhanced flow). Pure.

Cognito Developer Guide: Unauthenticated identities, access policies. AWS names the services that guests may use; here
the installation protects services with prefixes of its own, so the services that guests may not use are named.
"""

from typing import Final

SCOPE_DOWN: Final = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"GuestsOfIdentityPools","Effect":"Allow","NotAction":['
    '"iam:*","sts:*","cognito-idp:*","cognito-identity:*","poolkeeper:*"],"Resource":"*"}]}'
)
"""The session policy that every guest session of the enhanced flow carries."""

NAME: Final = "GuestScopeDown"
