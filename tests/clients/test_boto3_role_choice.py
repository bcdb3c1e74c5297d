"""Which role somebody gets, from the groups and attributes of a real user pool: unmodified boto3 all the way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import ids
from tests.clients.conftest import PASSWORD, App, trust_of
from tests.clients.test_boto3_identity import unsigned
from tests.conftest import Installation


@dataclass(frozen=True)
class Choice:
    """An identity pool whose mapping can be set, and people of whom each gets some role."""

    set_mapping: Callable[..., None]
    role_of: Callable[..., str]
    roles: dict[str, str]


@pytest.fixture(scope="module")
def choice(house: Installation, app: App) -> Choice:
    identity, iam, idp = (house.client(service) for service in ("cognito-identity", "iam", "cognito-idp"))
    mark = ids.digits(6)
    pool = idp.create_user_pool(PoolName=mark, Schema=[{"Name": "dept", "AttributeDataType": "String"}])
    user_pool = pool["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=user_pool,
        ClientName=mark,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ReadAttributes=["email", "email_verified", "custom:dept"],
    )["UserPoolClient"]["ClientId"]
    provider = f"cognito-idp.{app.region}.amazonaws.com/{user_pool}"
    identity_pool = identity.create_identity_pool(
        IdentityPoolName=mark,
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client}],
    )["IdentityPoolId"]
    roles = {
        name: iam.create_role(RoleName=f"{name}{mark}", AssumeRolePolicyDocument=trust_of(identity_pool))["Role"]["Arn"]
        for name in ("default", "one", "two")
    }
    stranger = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": roles["one"]}, "Action": "sts:AssumeRole"}],
    }
    roles["closed"] = iam.create_role(RoleName=f"closed{mark}", AssumeRolePolicyDocument=json.dumps(stranger))["Role"][
        "Arn"
    ]
    for number, (group, role) in enumerate({"closed": "closed", "g1": "one", "g2": "two", "same": "one"}.items()):
        idp.create_group(UserPoolId=user_pool, GroupName=group, RoleArn=roles[role], Precedence=number)
    for name, groups in {
        "ann": (),
        "bob": ("g1",),
        "cid": ("g2", "g1"),
        "dan": ("g1", "same"),
        "eve": ("closed",),
    }.items():
        attributes = {"email": f"{name}@example.com", "email_verified": "true"} | (
            {} if groups else {"custom:dept": "sales-eu"}
        )
        idp.admin_create_user(
            UserPoolId=user_pool,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        idp.admin_set_user_password(UserPoolId=user_pool, Username=name, Password=PASSWORD, Permanent=True)
        for group in groups:
            idp.admin_add_user_to_group(UserPoolId=user_pool, Username=name, GroupName=group)
    anyone, signs_in = unsigned("cognito-identity", app.identitypool), unsigned("cognito-idp", app.userpool)

    def set_mapping(*rules: tuple[str, str, str, str], otherwise: str = "AuthenticatedRole") -> None:
        mapping: dict[str, Any] = {"Type": "Rules" if rules else "Token", "AmbiguousRoleResolution": otherwise}
        if rules:
            keys = ("Claim", "MatchType", "Value", "RoleARN")
            written = [dict(zip(keys, (*rule[:3], roles[rule[3]]), strict=True)) for rule in rules]
            mapping["RulesConfiguration"] = {"Rules": written}
        identity.set_identity_pool_roles(
            IdentityPoolId=identity_pool,
            Roles={"authenticated": roles["default"]},
            RoleMappings={f"{provider}:{client}": mapping},
        )

    def role_of(name: str, **more: str) -> str:
        """The role's short name, or the code of the refusal."""
        given = {"USERNAME": name, "PASSWORD": PASSWORD}
        answer = signs_in.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
        logins = {provider: answer["AuthenticationResult"]["IdToken"]}
        one = anyone.get_id(IdentityPoolId=identity_pool, Logins=logins)["IdentityId"]
        try:
            made = anyone.get_credentials_for_identity(IdentityId=one, Logins=logins, **more)["Credentials"]
        except ClientError as refusal:
            return str(refusal.response["Error"]["Code"])
        sts = house.client("sts", made["AccessKeyId"], made["SecretKey"], made["SessionToken"])
        return str(sts.get_caller_identity()["Arn"]).split("/")[1].removesuffix(mark)

    return Choice(set_mapping, role_of, roles)


NOT_AUTHORIZED, BAD_POOL = "NotAuthorizedException", "InvalidIdentityPoolConfigurationException"


def test_the_token_chooses_by_preferred_role(choice: Choice) -> None:
    choice.set_mapping()
    people = {"ann": "default", "bob": "one", "cid": "one", "dan": "one", "eve": BAD_POOL}
    assert {name: choice.role_of(name) for name in people} == people
    assert choice.role_of("cid", CustomRoleArn=choice.roles["two"]) == "two"
    assert choice.role_of("bob", CustomRoleArn=choice.roles["two"]) == NOT_AUTHORIZED
    assert choice.role_of("ann", CustomRoleArn=choice.roles["default"]) == NOT_AUTHORIZED
    choice.set_mapping(otherwise="Deny")
    assert [choice.role_of(name) for name in ("ann", "bob")] == [NOT_AUTHORIZED, "one"]


@pytest.mark.parametrize(
    ("rules", "people"),
    [
        ([("custom:dept", "Equals", "sales-eu", "one")], {"ann": "one", "bob": NOT_AUTHORIZED}),
        ([("custom:dept", "Equals", "sales", "one")], {"ann": NOT_AUTHORIZED}),
        ([("custom:dept", "StartsWith", "sales", "one")], {"ann": "one"}),
        ([("custom:dept", "Contains", "es-e", "two")], {"ann": "two"}),
        ([("custom:dept", "NotEqual", "hr", "two")], {"ann": "two", "bob": NOT_AUTHORIZED}),
        ([("email_verified", "Equals", "true", "two")], {"ann": "two", "bob": "two"}),
        (
            [("cognito:groups", "Contains", "g2", "two"), ("cognito:groups", "Contains", "g1", "one")],
            {"cid": "two", "bob": "one", "ann": NOT_AUTHORIZED},
        ),
    ],
)
def test_rules_choose_in_their_order(
    choice: Choice, rules: list[tuple[str, str, str, str]], people: dict[str, str]
) -> None:
    choice.set_mapping(*rules, otherwise="Deny")
    assert {name: choice.role_of(name) for name in people} == people


def test_a_custom_role_is_one_that_a_rule_gives(choice: Choice) -> None:
    choice.set_mapping(("cognito:username", "Equals", "bob", "two"), ("cognito:username", "StartsWith", "b", "one"))
    assert choice.role_of("bob") == "two"
    assert choice.role_of("bob", CustomRoleArn=choice.roles["one"]) == "one"
    assert choice.role_of("bob", CustomRoleArn=choice.roles["default"]) == NOT_AUTHORIZED
    assert choice.role_of("ann") == "default"
