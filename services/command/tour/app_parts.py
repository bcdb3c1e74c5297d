"""What an app with users needs: a user pool with a client, an identity pool, a role for members and one for guests."""

from dataclasses import dataclass

from services.command.tour.cast import Cast, Document, allow


@dataclass(frozen=True, slots=True)
class AppParts:
    """The parts, by id. `provider` is the user pool's name in the identity pool; `member_role` a role's name."""

    pool_id: str
    client_id: str
    identity_pool_id: str
    provider: str
    member_role: str
    bucket: str


def make(cast: Cast) -> AppParts:
    """Makes the parts as the administrator."""
    bucket = cast.bucket("app")
    stage = cast.stage
    users = stage.client("cognito-idp", stage.administrator)
    pool_id = users.create_user_pool(PoolName=cast.named("users"), AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    cast.leftovers.callback(users.delete_user_pool, UserPoolId=pool_id)
    client = users.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=cast.named("app"),
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]
    provider = stage.settings.userpool_base.partition("://")[2] + "/" + pool_id
    identities = stage.client("cognito-identity", stage.administrator)
    identity_pool_id = identities.create_identity_pool(
        IdentityPoolName=cast.named("identities"),
        AllowUnauthenticatedIdentities=True,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client["ClientId"]}],
    )["IdentityPoolId"]
    cast.leftovers.callback(identities.delete_identity_pool, IdentityPoolId=identity_pool_id)
    member, guest = _roles(cast, identity_pool_id, bucket)
    identities.set_identity_pool_roles(
        IdentityPoolId=identity_pool_id, Roles={"authenticated": member, "unauthenticated": guest}
    )
    return AppParts(pool_id, client["ClientId"], identity_pool_id, provider, cast.named("member"), bucket)


def _roles(cast: Cast, identity_pool_id: str, bucket: str) -> tuple[str, str]:
    own = f"arn:aws:s3:::{bucket}/private/${{cognito-identity.amazonaws.com:sub}}/*"
    public = f"arn:aws:s3:::{bucket}/public/*"
    member = cast.role(
        "member", _trust(identity_pool_id, "authenticated"), allow("s3:GetObject", "s3:PutObject", on=own)
    )
    guest = cast.role("guest", _trust(identity_pool_id, "unauthenticated"), allow("s3:GetObject", on=public))
    return member, guest


def _trust(identity_pool_id: str, amr: str) -> Document:
    """Whom the identity pool may put into a role: identities of this pool, of this kind."""
    vouched = "cognito-identity.amazonaws.com"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": vouched},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{vouched}:aud": identity_pool_id},
            "ForAnyValue:StringLike": {f"{vouched}:amr": amr},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
