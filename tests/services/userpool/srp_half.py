"""The client's half of an SRP sign-in."""

from typing import Any
from unittest.mock import Mock

from pycognito.aws_srp import AWSSRP

from services.userpool.clients.client import AppClient
from services.userpool.pools.pool import UserPool
from tests.services.userpool.live import PASSWORD, Live


class Srp:
    """The client's half, by pycognito; nothing of it is ours."""

    def __init__(self, live: Live, pool: UserPool, client: AppClient, password: str = PASSWORD) -> None:
        self.live, self.client = live, client
        secret = client.secrets[0] if client.secrets else None
        self.half = AWSSRP("alice", password, pool.id, client.id, client=Mock(), client_secret=secret)

    def begin(self, username: str = "alice") -> Any:
        self.half.username = username
        sent = self.half.get_auth_params()
        return self.live.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=self.client.id, AuthParameters=sent)

    def claim(self, asked: Any) -> dict[str, str]:
        self.half.get_cognito_formatted_timestamp = lambda _now: "Mon May 4 12:00:00 UTC 2026"
        answers: dict[str, str] = self.half.process_challenge(asked.challenge_parameters, {"USERNAME": "alice"})
        return answers

    def answer(self, claim: dict[str, str], session: str | None = None) -> Any:
        members = {} if session is None else {"Session": session}
        return self.live.ask(
            "RespondToAuthChallenge",
            ClientId=self.client.id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=claim,
            **members,
        )
