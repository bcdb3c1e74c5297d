"""What an application has set up: a pool for the users of a user pool, with roles for members and guests."""

from typing import Any

from botocore.credentials import Credentials

from tests.services.identitypool.installation import Installation, allow, trusting
from tests.services.identitypool.userpool_stub import CLIENT, UserPool

COGNITO = "cognito-identity.amazonaws.com"
NO_MATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."


def trust_of(pool_id: str, kind: str) -> dict[str, Any]:
    condition = {
        "StringEquals": {f"{COGNITO}:aud": pool_id},
        "ForAnyValue:StringLike": {f"{COGNITO}:amr": kind},
    }
    return trusting({"Federated": COGNITO}, "sts:AssumeRoleWithWebIdentity", Condition=condition)


def pool_of(here: Installation, users: UserPool, *, guests: bool = True, **more: Any) -> str:
    providers = [{"ProviderName": users.provider, "ClientId": CLIENT}]
    made = here.identity(
        "CreateIdentityPool",
        here.root,
        IdentityPoolName="app",
        AllowUnauthenticatedIdentities=guests,
        CognitoIdentityProviders=providers,
        **more,
    )
    return str(made["IdentityPoolId"])


def pool_with_roles(here: Installation, users: UserPool, **more: Any) -> str:
    pool_id = pool_of(here, users, **more)
    own = allow("sts:GetAccessKeyInfo", Condition={"StringLike": {"aws:userid": "*:CognitoIdentityCredentials"}})
    member = here.role("member", trust_of(pool_id, "authenticated"), own)
    guest = here.role("guest", trust_of(pool_id, "unauthenticated"), allow(["sts:GetAccessKeyInfo", "s3:*"]))
    roles = {"authenticated": member.arn, "unauthenticated": guest.arn}
    here.identity("SetIdentityPoolRoles", here.root, IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def credentials_of(here: Installation, identity_id: str, **more: Any) -> Credentials:
    made = here.identity("GetCredentialsForIdentity", IdentityId=identity_id, **more)["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretKey"], made["SessionToken"])


def logins_of(here: Installation, users: UserPool, sub: str = "ann", **more: Any) -> dict[str, str]:
    return {users.provider: users.token(here.clock.now.timestamp(), sub, **more)}
