import json
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from shared import ids
from tests.conftest import REGION, Installation

PASSWORD = "Correct-horse-9"


@dataclass(frozen=True)
class App:
    """What an application's developer has made: a pool, a client, an identity pool, a role for its users, a bucket."""

    userpool: str
    identitypool: str
    store: str
    region: str
    pool: str
    client: str
    identity_pool: str
    provider: str
    bucket: str
    role: str

    def as_json(self, **more: Any) -> str:
        return json.dumps(asdict(self) | more)


def trust_of(identity_pool: str) -> str:
    condition = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": identity_pool},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def own_folder_of(bucket: str) -> str:
    actions = [
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
    ]
    folder = "${cognito-identity.amazonaws.com:sub}/*"
    use = {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::{bucket}/{folder}"}
    see = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    own = see | {"Condition": {"StringLike": {"s3:prefix": folder}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [use, own]})


@pytest.fixture(scope="session")
def app(house: Installation) -> App:
    name = "app" + ids.digits(8)
    idp, identity, iam, s3 = (house.client(service) for service in ("cognito-idp", "cognito-identity", "iam", "s3"))
    pool = idp.create_user_pool(PoolName=name, AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool,
        ClientName=name,
        PreventUserExistenceErrors="ENABLED",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    provider = f"{house.userpool.removeprefix('http://')}/{pool}"
    identity_pool = identity.create_identity_pool(
        IdentityPoolName=name,
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client}],
    )["IdentityPoolId"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of(identity_pool))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own-folder", PolicyDocument=own_folder_of(name))
    identity.set_identity_pool_roles(IdentityPoolId=identity_pool, Roles={"authenticated": role})
    s3.create_bucket(Bucket=name)
    return App(
        house.userpool, house.identitypool, house.store, REGION, pool, client, identity_pool, provider, name, role
    )


@pytest.fixture
def person(house: Installation, app: App) -> str:
    """The user name of somebody who may sign in with PASSWORD."""
    idp: Any = house.client("cognito-idp")
    name = "person" + ids.digits(8)
    attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}]
    idp.admin_create_user(UserPoolId=app.pool, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=app.pool, Username=name, Password=PASSWORD, Permanent=True)
    return name
