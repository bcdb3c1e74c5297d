"""A pool, its client and an identity pool, and what people do there, call by call over plain HTTP."""

import json
from dataclasses import dataclass
from typing import Any

from shared import ids
from tests.conftest import Installation
from tests.robustness.wire import Answer, ask

PASSWORD = "Correct-horse-9"
NEW_PASSWORD = "Another-horse-10"


def said(answer: Answer) -> dict[str, Any]:
    """The JSON of a success."""
    assert answer.status == 200, (answer.status, answer.body)
    result: dict[str, Any] = json.loads(answer.body)
    return result


@dataclass(frozen=True)
class People:
    """One user pool with one public client whose refresh tokens rotate without grace."""

    house: Installation
    pool: str
    client: str
    identity_pool: str

    def idp(self, operation: str, *, signed: bool = False, at: Installation | None = None, **members: Any) -> Answer:
        return ask(at or self.house, "cognito-idp", operation, json.dumps(members).encode(), signed=signed)

    def sign_up(self, name: str, at: Installation | None = None) -> Answer:
        address = [{"Name": "email", "Value": f"{name}@example.com"}]
        return self.idp("SignUp", at=at, ClientId=self.client, Username=name, Password=PASSWORD, UserAttributes=address)

    def confirm(self, name: str, code: str, at: Installation | None = None) -> Answer:
        return self.idp("ConfirmSignUp", at=at, ClientId=self.client, Username=name, ConfirmationCode=code)

    def person(self) -> str:
        """Somebody new with the usual password."""
        name = "p" + ids.digits(10)
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}]
        said(
            self.idp(
                "AdminCreateUser",
                signed=True,
                UserPoolId=self.pool,
                Username=name,
                MessageAction="SUPPRESS",
                UserAttributes=attributes,
            )
        )
        self.set_password(name, permanent=True)
        return name

    def set_password(self, name: str, *, permanent: bool) -> None:
        said(
            self.idp(
                "AdminSetUserPassword",
                signed=True,
                UserPoolId=self.pool,
                Username=name,
                Password=PASSWORD,
                Permanent=permanent,
            )
        )

    def sign_in(self, name: str, password: str = PASSWORD, at: Installation | None = None) -> Answer:
        given = {"USERNAME": name, "PASSWORD": password}
        return self.idp(
            "InitiateAuth", at=at, ClientId=self.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
        )

    def tokens(self, name: str, password: str = PASSWORD) -> dict[str, str]:
        result: dict[str, str] = said(self.sign_in(name, password))["AuthenticationResult"]
        return result

    def refresh(self, token: str, at: Installation | None = None) -> Answer:
        return self.idp("GetTokensFromRefreshToken", at=at, ClientId=self.client, RefreshToken=token)

    def forgot(self, name: str) -> str:
        """Asks for a reset; gives the code that was sent."""
        said(self.idp("ForgotPassword", ClientId=self.client, Username=name))
        return self.house.code_for(f"{name}@example.com")

    def reset(self, name: str, code: str, at: Installation | None = None) -> Answer:
        return self.idp(
            "ConfirmForgotPassword",
            at=at,
            ClientId=self.client,
            Username=name,
            ConfirmationCode=code,
            Password=NEW_PASSWORD,
        )

    def challenged(self, name: str) -> str:
        """The session of somebody who must choose a new password."""
        self.set_password(name, permanent=False)
        challenge = said(self.sign_in(name))
        assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        return str(challenge["Session"])

    def choose(self, name: str, session: str, at: Installation | None = None) -> Answer:
        return self.idp(
            "RespondToAuthChallenge",
            at=at,
            ClientId=self.client,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": NEW_PASSWORD},
        )

    def get_user(self, access_token: str, at: Installation | None = None) -> Answer:
        return self.idp("GetUser", at=at, AccessToken=access_token)

    def identity(self, id_token: str, at: Installation | None = None) -> Answer:
        logins = {f"{self.house.userpool.removeprefix('http://')}/{self.pool}": id_token}
        body = json.dumps({"IdentityPoolId": self.identity_pool, "Logins": logins}).encode()
        return ask(at or self.house, "cognito-identity", "GetId", body, signed=False)


def settle(house: Installation) -> People:
    """Makes the pool, its client and the identity pool."""
    idp, identity = house.client("cognito-idp"), house.client("cognito-identity")
    pool = idp.create_user_pool(PoolName="people", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["UserPoolClient"]["ClientId"]
    provider = f"{house.userpool.removeprefix('http://')}/{pool}"
    pool_of_identities = identity.create_identity_pool(
        IdentityPoolName="people",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client, "ServerSideTokenCheck": False}],
    )["IdentityPoolId"]
    return People(house, pool, client, pool_of_identities)
