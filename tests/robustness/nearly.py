"""Requests that are nearly right: values of what is really there, of what only looks so, and some that break a limit."""

import json
from typing import Any, Final
from urllib.parse import urlencode

from botocore.serialize import create_serializer

from shared import ids
from tests.conftest import Installation
from tests.robustness.people import PASSWORD, said, settle
from tests.shared.aws.samples import Sampler, service_model

_REAL: Final = 0.85
_BROKEN: Final = 0.08
_TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
)
_POLICY: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)
_ODD_TEXTS: Final = (
    "",
    " ",
    "\t\n",
    "a" * 70_000,
    "\U0001f600" * 300,
    "é\u2028\u202e\ufeff",
    "\x01\x7f\x85",
    "%s%n{}{0}$(x)`x`",
    "' OR 1=1 --",
    "../../../etc/passwd",
    "*",
    "?",
    "${aws:username}",
    "arn:aws:iam::*:user/*",
    "arn:aws:iam::123456789012:role/../x",
    "a:b:c:d:e:f:g:h",
    "=",
    "-",
    "0",
    "١٢٣٤٥٦",
    "NaN",
    "null",
    "{" * 400,
    "[" * 400 + "]" * 400,
    '{"a":' * 40 + "1" + "}" * 40,
    "AAAA" * 40,
    "eyJhbGciOiJub25lIn0.e30.",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJhIn0.AAAA",
    "a.b.c",
    ".." * 9,
)
_ODD_NUMBERS: Final = (-(2**63), -1, 0, 1, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**30)
_WRONG_TYPES: Final[tuple[Any, ...]] = ("x", -1, 1.5, True, [], {}, ["x"], [{}], {"x": "y"}, [[None]])


class Nearly(Sampler):
    """Draws requests; `real` gives values of what exists by the name of the member that holds them."""

    def __init__(self, seed: str, real: dict[str, list[Any]], *, typed: bool) -> None:
        """`typed`: values keep the type of the model, which a form cannot leave."""
        super().__init__(seed, smallest_map=1)
        self.real = real
        self.typed = typed

    def structure(self, shape: Any, depth: int) -> dict[str, Any]:
        drawn = super().structure(shape, depth)
        few = self.random.random()
        for name in [name for name in drawn if name not in shape.required_members and self.random.random() < few]:
            del drawn[name]
        for name in drawn:
            chance = self.random.random()
            if name in self.real and chance < _REAL:
                drawn[name] = self.random.choice(self.real[name])
            elif chance > 1 - _BROKEN:
                drawn[name] = self.broken(shape.members[name])
        if drawn and self.random.random() < _BROKEN:
            del drawn[self.random.choice(list(drawn))]
        return drawn

    def broken(self, shape: Any) -> Any:
        """A value just outside a limit, or an odd one of the right type, or one of another."""
        if not self.typed and self.random.random() < 0.2:
            return self.random.choice(_WRONG_TYPES)
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        match shape.type_name:
            case "string":
                edges = [self.random.choice("aA0_-.@é") * size for size in _edges(low, high)]
                return self.random.choice([*edges, *_ODD_TEXTS])
            case "integer" | "long" | "double" | "float":
                return self.random.choice([*_edges(low, high), *_ODD_NUMBERS])
            case "list":
                count = self.random.choice([*_edges(low, high), 0, 1])
                return [self.value(shape.member, 9) for _ in range(min(count, 300))]
            case "map":
                return {text: self.value(shape.value, 9) for text in self.random.sample(_ODD_TEXTS, 3)}
            case _:
                return self.value(shape)


def _edges(low: Any, high: Any) -> list[int]:
    """The sizes at, below and above both bounds."""
    edges = [int(bound) + step for bound in (low, high) if bound is not None for step in (-1, 0, 1)]
    return [edge for edge in edges if -10 < edge < 140_000] or [0]


def body_of(service: str, operation: str, request: dict[str, Any]) -> bytes:
    """The request as botocore writes it, unchecked; JSON where a value has a type that botocore would not write."""
    model = service_model(service)
    if model.metadata["protocol"] == "json":
        return json.dumps(request, default=str).encode()
    serializer = create_serializer("query", include_validation=False)
    return urlencode(serializer.serialize_to_request(request, model.operation_model(operation))["body"]).encode()


class Props:
    """What requests can be about. An operation that deletes or spoils it leaves the next one to ask for new ones."""

    def __init__(self, house: Installation) -> None:
        self._house = house

    def of(self, service: str) -> dict[str, list[Any]]:
        """New ones for a service's operations."""
        return {"cognito-idp": self.user_pool, "cognito-identity": self.identities}.get(service, self.iam)()

    def user_pool(self) -> dict[str, list[Any]]:
        """A pool with a client, a group and a user who has tokens, a code on the way and a challenge to answer."""
        people = settle(self._house)
        name = people.person()
        tokens = people.tokens(name)
        waiting = people.person()
        session = people.challenged(waiting)
        code = people.forgot(name)
        said(people.idp("CreateGroup", signed=True, UserPoolId=people.pool, GroupName="group"))
        names = [name, waiting, "nobody"]
        arn = f"arn:aws:cognito-idp:us-east-1:{self._account}:userpool/{people.pool}"
        answers = {"USERNAME": name, "PASSWORD": PASSWORD, "NEW_PASSWORD": PASSWORD, "SRP_A": "ab" * 384}
        return {
            "UserPoolId": [people.pool],
            "ClientId": [people.client],
            "Username": names,
            "AccessToken": [tokens["AccessToken"], tokens["IdToken"], tokens["AccessToken"][:-4] + "AAAA"],
            "RefreshToken": [tokens["RefreshToken"]],
            "Token": [tokens["RefreshToken"], tokens["AccessToken"]],
            "Session": [session, session[:-4] + "AAAA"],
            "ConfirmationCode": [code, "000000"],
            "Password": [PASSWORD, "short", "Zürich-Passwort-9"],
            "PreviousPassword": [PASSWORD],
            "ProposedPassword": [PASSWORD, "Third-horse-11"],
            "GroupName": ["group", "none"],
            "ResourceArn": [arn, arn + "x"],
            "UserAttributes": [[{"Name": "email", "Value": "a@example.com"}], [{"Name": "sub", "Value": "x"}]],
            "UserAttributeNames": [["email"], ["sub"], ["custom:none"]],
            "AttributeName": ["email", "phone_number"],
            "Filter": ['email = "a"', 'username ^= "p"', 'sub="', 'status = "CONFIRMED"', "=", 'email ^= ""'],
            "AuthFlow": ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "ADMIN_USER_PASSWORD_AUTH"],
            "AuthParameters": [answers, answers | {"REFRESH_TOKEN": tokens["RefreshToken"]}, {"USERNAME": ""}],
            "ChallengeName": ["NEW_PASSWORD_REQUIRED", "PASSWORD_VERIFIER", "SMS_MFA"],
            "ChallengeResponses": [answers, {"USERNAME": waiting, "NEW_PASSWORD": PASSWORD}, {}],
            "PaginationToken": ["x", "AAAA"],
            "NextToken": ["x", "AAAA"],
        }

    def identities(self) -> dict[str, list[Any]]:
        """An identity pool with a role, and somebody who has an identity in it."""
        people = settle(self._house)
        tokens = people.tokens(people.person())
        provider = f"{self._house.userpool.removeprefix('http://')}/{people.pool}"
        logins = {provider: tokens["IdToken"]}
        identity = json.loads(people.identity(tokens["IdToken"]).body)["IdentityId"]
        arn = f"arn:aws:cognito-identity:us-east-1:{self._account}:identitypool/{people.identity_pool}"
        role = self.iam()["RoleArn"][0]
        return {
            "IdentityPoolId": [people.identity_pool],
            "IdentityId": [identity, "us-east-1:00000000-0000-4000-8000-000000000000"],
            "Logins": [logins, {provider: tokens["AccessToken"]}, {"accounts.google.com": "x"}, {}],
            "LoginsToRemove": [[provider], ["x"]],
            "AccountId": [self._account],
            "ResourceArn": [arn],
            "CustomRoleArn": [role],
            "RoleARN": [role],
            "Roles": [{"authenticated": role, "unauthenticated": role}, {"other": role}],
            "IdentityProviderName": [provider, "accounts.google.com"],
            "CognitoIdentityProviders": [[{"ProviderName": provider, "ClientId": people.client}], []],
            "IdentityIdsToDelete": [[identity], [identity, identity]],
            "NextToken": ["x", "AAAA"],
        }

    def iam(self) -> dict[str, list[Any]]:
        """A user with a key, a group, a role and a policy, tied together."""
        iam, name = self._house.client("iam"), "prop" + ids.digits(10)
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        iam.create_group(GroupName=name)
        iam.add_user_to_group(UserName=name, GroupName=name)
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_TRUST)["Role"]["Arn"]
        policy = iam.create_policy(PolicyName=name, PolicyDocument=_POLICY)["Policy"]["Arn"]
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
        documents = [_POLICY, _TRUST, _POLICY[:-1], '{"Statement":[]}', "{}", "[]", "", '"x"', "1e999", "[" * 2000]
        return {
            "UserName": [name, "nobody"],
            "GroupName": [name],
            "RoleName": [name],
            "PolicyName": [name],
            "PolicyArn": [policy, "arn:aws:iam::aws:policy/AdministratorAccess", policy + "x"],
            "PolicyArns": [[{"arn": policy}], [{"arn": "x" * 20}]],
            "PermissionsBoundary": [policy],
            "RoleArn": [role],
            "RoleSessionName": ["session"],
            "PolicySourceArn": [role, role.replace(":role/", ":user/")],
            "AccessKeyId": [key, "AKIA0000000000000000"],
            "PolicyDocument": documents,
            "Policy": documents,
            "AssumeRolePolicyDocument": [_TRUST, _POLICY, "{"],
            "PolicyInputList": [documents[:3], [_POLICY]],
            "ActionNames": [["s3:GetObject"], ["iam:*"], [""], ["x"]],
            "ResourceArns": [["arn:aws:s3:::a/b"], ["*"], ["x"]],
            "Path": ["/", "/a/", "a", "/\x7f/"],
            "PathPrefix": ["/", "/a"],
            "VersionId": ["v1", "v0", "v99999999999"],
            "Marker": ["x", "AAAA"],
            "WebIdentityToken": ["a.b.c", "eyJhbGciOiJub25lIn0.e30."],
            "ContextEntries": [
                [{"ContextKeyName": "aws:CurrentTime", "ContextKeyValues": ["x"], "ContextKeyType": "date"}],
                [{"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["::", "1.2.3.4/33"], "ContextKeyType": "ip"}],
                [{"ContextKeyName": "a", "ContextKeyValues": ["1e999"], "ContextKeyType": "numeric"}],
            ],
        }

    @property
    def _account(self) -> str:
        account: str = self._house.client("sts").get_caller_identity()["Account"]
        return account
