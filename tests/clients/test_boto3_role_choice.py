"""Which role somebody gets, from the groups and attributes of a real user pool: unmodified boto3 all the way."""

import json
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

    house: Installation
    mark: str
    client: str
    provider: str
    identity_pool: str
    roles: dict[str, str]

    def set_mapping(self, *rules: tuple[str, str, str, str], otherwise: str = "AuthenticatedRole") -> None:
        mapping: dict[str, Any] = {"Type": "Rules" if rules else "Token", "AmbiguousRoleResolution": otherwise}
        if rules:
            keys = ("Claim", "MatchType", "Value", "RoleARN")
            written = [dict(zip(keys, (*rule[:3], self.roles[rule[3]]), strict=True)) for rule in rules]
            mapping["RulesConfiguration"] = {"Rules": written}
        self.house.client("cognito-identity").set_identity_pool_roles(
            IdentityPoolId=self.identity_pool,
            Roles={"authenticated": self.roles["default"]},
            RoleMappings={f"{self.provider}:{self.client}": mapping},
        )

    def role_of(self, name: str, **more: str) -> str:
        """The role's short name, or the code of the refusal."""
        idp = unsigned("cognito-idp", self.house.userpool)
        given = {"USERNAME": name, "PASSWORD": PASSWORD}
        answer = idp.initiate_auth(ClientId=self.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
        logins = {self.provider: answer["AuthenticationResult"]["IdToken"]}
        identity = unsigned("cognito-identity", self.house.identitypool)
        one = identity.get_id(IdentityPoolId=self.identity_pool, Logins=logins)["IdentityId"]
        try:
            made = identity.get_credentials_for_identity(IdentityId=one, Logins=logins, **more)["Credentials"]
        except ClientError as refusal:
            return str(refusal.response["Error"]["Code"])
        sts = self.house.client("sts", made["AccessKeyId"], made["SecretKey"], made["SessionToken"])
        return str(sts.get_caller_identity()["Arn"]).split("/")[1].removesuffix(self.mark)


GROUPS = {"closed": "closed", "g1": "one", "g2": "two", "same": "one"}
PEOPLE = {"ann": (), "bob": ("g1",), "cid": ("g2", "g1"), "dan": ("g1", "same"), "eve": ("closed",)}


@pytest.fixture(scope="module")
def choice(house: Installation, app: App) -> Choice:
    mark, idp = ids.digits(6), house.client("cognito-idp")
    pool = idp.create_user_pool(PoolName=mark, Schema=[{"Name": "dept", "AttributeDataType": "String"}])
    user_pool = pool["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=user_pool,
        ClientName=mark,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ReadAttributes=["email", "email_verified", "custom:dept"],
    )["UserPoolClient"]["ClientId"]
    provider = f"cognito-idp.{app.region}.amazonaws.com/{user_pool}"
    identity_pool = house.client("cognito-identity").create_identity_pool(
        IdentityPoolName=mark,
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client}],
    )["IdentityPoolId"]
    roles = _roles(house.client("iam"), mark, identity_pool)
    for number, (group, role) in enumerate(GROUPS.items()):
        idp.create_group(UserPoolId=user_pool, GroupName=group, RoleArn=roles[role], Precedence=number)
    for name, groups in PEOPLE.items():
        _add_person(idp, user_pool, name, groups)
    return Choice(house, mark, client, provider, identity_pool, roles)


def _roles(iam: Any, mark: str, identity_pool: str) -> dict[str, str]:
    """Three roles for the pool's identities, and one that does not let them in."""

    def made(name: str, trust: str) -> str:
        return str(iam.create_role(RoleName=f"{name}{mark}", AssumeRolePolicyDocument=trust)["Role"]["Arn"])

    roles = {name: made(name, trust_of(identity_pool)) for name in ("default", "one", "two")}
    statement = {"Effect": "Allow", "Principal": {"AWS": roles["one"]}, "Action": "sts:AssumeRole"}
    return roles | {"closed": made("closed", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))}


def _add_person(idp: Any, user_pool: str, name: str, groups: tuple[str, ...]) -> None:
    attributes = {"email": f"{name}@example.com", "email_verified": "true"}
    if not groups:
        attributes["custom:dept"] = "sales-eu"
    idp.admin_create_user(
        UserPoolId=user_pool,
        Username=name,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
    )
    idp.admin_set_user_password(UserPoolId=user_pool, Username=name, Password=PASSWORD, Permanent=True)
    for group in groups:
        idp.admin_add_user_to_group(UserPoolId=user_pool, Username=name, GroupName=group)


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
