"""What the page of the three steps needs at the running services, made through the AWS APIs as any customer would.

Each step looks first and makes what is missing, so it may run again at any time, after a kill too.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.client import Config

from services.demo.pages import CONFIG_FILE
from shared.settings import Settings

_NAME: Final = "demo"
_BUCKET: Final = "demo"
_GROUPS: Final = {"members": "Everyone who signed up", "editors": "Those who may change what is public"}
_WELCOME: Final = ("public/welcome.txt", b"Anyone may read this, guests too.\n")
_OWN: Final = "${cognito-identity.amazonaws.com:sub}"


@dataclass(frozen=True, slots=True)
class DemoIds:
    """What was found or made."""

    region: str
    userpool: str
    identitypool: str
    userPoolId: str  # noqa: N815 - the page reads this as JSON
    clientId: str  # noqa: N815
    identityPoolId: str  # noqa: N815
    bucket: str
    memberPolicy: str  # noqa: N815
    guestPolicy: str  # noqa: N815


def seed(settings: Settings, environment: Mapping[str, str]) -> DemoIds:
    """Prepares the demo with the endpoints and the administrator's key of `poolkeeper env`, and writes demo.json."""
    clients = _Clients(environment)
    pool_id = _user_pool(clients("cognito-idp"))
    client_id = _app_client(clients("cognito-idp"), pool_id)
    _groups(clients("cognito-idp"), pool_id)
    provider = f"{settings.userpool_base.partition('://')[2]}/{pool_id}"
    identity_pool_id = _identity_pool(clients("cognito-identity"), provider, client_id)
    roles = {
        "authenticated": _role(clients("iam"), identity_pool_id, "authenticated", _member_policy()),
        "unauthenticated": _role(clients("iam"), identity_pool_id, "unauthenticated", _guest_policy()),
    }
    clients("cognito-identity").set_identity_pool_roles(IdentityPoolId=identity_pool_id, Roles=roles)
    _bucket(clients("s3"), settings.region)
    ids = DemoIds(
        region=settings.region,
        userpool=settings.userpool_base,
        identitypool=settings.identitypool_base,
        userPoolId=pool_id,
        clientId=client_id,
        identityPoolId=identity_pool_id,
        bucket=_BUCKET,
        memberPolicy=json.dumps(_member_policy(), indent=2),
        guestPolicy=json.dumps(_guest_policy(), indent=2),
    )
    _write(settings.data / CONFIG_FILE, json.dumps(asdict(ids), indent=1))
    return ids


class _Clients:
    """boto3 clients of one environment, each made once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:  # noqa: ANN401 - boto3's clients are untyped
        if service not in self._made:
            endpoint = {"cognito-idp": "COGNITO_IDENTITY_PROVIDER", "cognito-identity": "COGNITO_IDENTITY"}
            name = endpoint.get(service, service.upper())
            self._made[service] = boto3.client(
                service,
                endpoint_url=self._environment[f"AWS_ENDPOINT_URL_{name}"],
                region_name=self._environment["AWS_REGION"],
                aws_access_key_id=self._environment["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self._environment["AWS_SECRET_ACCESS_KEY"],
                config=Config(
                    retries={"max_attempts": 3, "mode": "standard"}, s3={"addressing_style": "path"}, proxies={}
                ),
            )
        return self._made[service]


def _user_pool(idp: Any) -> str:  # noqa: ANN401 - as above
    found = _found(idp, "list_user_pools", "UserPools", {"MaxResults": 60}, "Name")
    if found is not None:
        return str(found["Id"])
    made = idp.create_user_pool(
        PoolName=_NAME,
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
    )
    return str(made["UserPool"]["Id"])


def _app_client(idp: Any, pool_id: str) -> str:  # noqa: ANN401 - as above
    asked = {"UserPoolId": pool_id, "MaxResults": 60}
    found = _found(idp, "list_user_pool_clients", "UserPoolClients", asked, "ClientName")
    if found is not None:
        return str(found["ClientId"])
    made = idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=_NAME,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )
    return str(made["UserPoolClient"]["ClientId"])


def _groups(idp: Any, pool_id: str) -> None:  # noqa: ANN401 - as above
    existing = {group["GroupName"] for group in idp.list_groups(UserPoolId=pool_id)["Groups"]}
    for name, description in _GROUPS.items():
        if name not in existing:
            idp.create_group(UserPoolId=pool_id, GroupName=name, Description=description)


def _identity_pool(identity: Any, provider: str, client_id: str) -> str:  # noqa: ANN401 - as above
    wanted = {
        "IdentityPoolName": _NAME,
        "AllowUnauthenticatedIdentities": True,
        "CognitoIdentityProviders": [{"ProviderName": provider, "ClientId": client_id}],
    }
    asked = {"MaxResults": 60}
    found = _found(identity, "list_identity_pools", "IdentityPools", asked, "IdentityPoolName")
    if found is None:
        return str(identity.create_identity_pool(**wanted)["IdentityPoolId"])
    identity.update_identity_pool(IdentityPoolId=found["IdentityPoolId"], **wanted)
    return str(found["IdentityPoolId"])


def _role(iam: Any, identity_pool_id: str, kind: str, policy: dict[str, Any]) -> str:  # noqa: ANN401 - as above
    name = f"demo-{kind}"
    trust = _document(
        {
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": identity_pool_id},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
            },
        }
    )
    try:
        arn = str(iam.get_role(RoleName=name)["Role"]["Arn"])
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    except iam.exceptions.NoSuchEntityException:
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"])
    iam.put_role_policy(RoleName=name, PolicyName="demo-store", PolicyDocument=json.dumps(policy))
    return arn


def _member_policy() -> dict[str, Any]:
    """A user's own folder, all of it, and nothing else; what is public may be read."""
    return _document(
        {
            "Sid": "OwnFolder",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            "Resource": f"arn:aws:s3:::{_BUCKET}/{_OWN}/*",
        },
        {
            "Sid": "ListOwnFolder",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{_BUCKET}",
            "Condition": {"StringLike": {"s3:prefix": [f"{_OWN}/", f"{_OWN}/*"]}},
        },
        _PUBLIC,
    )


def _guest_policy() -> dict[str, Any]:
    """What is public may be read."""
    return _document(_PUBLIC)


_PUBLIC: Final = {"Sid": "ReadPublic", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{_BUCKET}/public/*"}


def _document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}


def _bucket(s3: Any, region: str) -> None:  # noqa: ANN401 - as above
    if _BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=_BUCKET, **place)
    key, text = _WELCOME
    s3.put_object(Bucket=_BUCKET, Key=key, Body=text, ContentType="text/plain; charset=utf-8")


def _found(
    client: Any,  # noqa: ANN401 - as above
    operation: str,
    records: str,
    asked: dict[str, Any],
    name: str,
) -> dict[str, Any] | None:
    """The record called `demo` in a list, page by page."""
    asked = dict(asked)
    while True:
        page = getattr(client, operation)(**asked)
        for record in page[records]:
            if record[name] == _NAME:
                return dict(record)
        if not page.get("NextToken"):
            return None
        asked["NextToken"] = page["NextToken"]


def _write(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)
