import json

from services.userpool.service import cognito_idp
from shared.aws.api import cognito_idp as api
from tests.services.userpool.live import Live


def in_place(live: Live, **members: str) -> bool:
    served = cognito_idp.find("InitiateAuth")
    return served.runs_in_place(live.context, json.dumps(members).encode())


def test_a_refresh_is_answered_in_place_once_the_keys_are_at_hand(live: Live) -> None:
    pool = live.pool()
    client = live.client(pool)
    live.user(pool)
    assert not in_place(live, AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client.id)
    live.tokens(client)
    assert in_place(live, AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client.id)
    assert in_place(live, AuthFlow="REFRESH_TOKEN", ClientId=client.id)


def test_a_client_that_rotates_waits(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    rotation = api.RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=0)
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    client = live.client(pool, refresh_token_rotation=rotation, explicit_auth_flows=flows)
    live.tokens(client)
    assert not in_place(live, AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client.id)


def test_srp_begins_in_place_and_a_password_waits(live: Live) -> None:
    client = live.client(live.pool())
    assert in_place(live, AuthFlow="USER_SRP_AUTH", ClientId=client.id)
    assert not in_place(live, AuthFlow="USER_PASSWORD_AUTH", ClientId=client.id)


def test_what_cannot_be_read_is_refused_at_once(live: Live) -> None:
    served = cognito_idp.find("InitiateAuth")
    assert served.runs_in_place(live.context, b'{"AuthFlow": 1}')
    assert served.runs_in_place(live.context, b"\xff")
    assert in_place(live, AuthFlow="REFRESH_TOKEN_AUTH", ClientId="nobody")
