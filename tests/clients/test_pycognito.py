import pytest
from pycognito import Cognito

from shared import ids
from tests.clients.conftest import PASSWORD, App
from tests.conftest import Installation


def _client(app: App, name: str | None = None) -> Cognito:
    return Cognito(
        app.pool,
        app.client,
        user_pool_region=app.region,
        username=name,
        access_key="none",
        secret_key="none",
        boto3_client_kwargs={"endpoint_url": app.userpool},
    )


def test_srp_sign_in_verifies_its_tokens_against_our_keys(app: App, person: str) -> None:
    user = _client(app, person)
    user.authenticate(password=PASSWORD)
    assert user.id_claims["cognito:username"] == person
    assert user.access_claims["iss"] == f"{app.userpool}/{app.pool}"
    assert user.get_user().username == person
    old = user.access_token
    user.renew_access_token()
    assert user.access_token != old


def test_a_wrong_password_is_refused(app: App, person: str) -> None:
    user = _client(app, person)
    with pytest.raises(user.client.exceptions.NotAuthorizedException):
        user.authenticate(password="Wrong-horse-9")


def test_register_confirm_change_password_and_leave(house: Installation, app: App) -> None:
    name = "pia" + ids.digits(8)
    address = f"{name}@example.com"
    user = _client(app, name)
    user.set_base_attributes(email=address)
    user.register(name, PASSWORD)
    user.confirm_sign_up(house.code_for(address), username=name)
    user.authenticate(password=PASSWORD)
    user.change_password(PASSWORD, "Another-horse-9")
    again = _client(app, name)
    again.authenticate(password="Another-horse-9")
    again.client.delete_user(AccessToken=again.access_token)
    with pytest.raises(again.client.exceptions.NotAuthorizedException):
        _client(app, name).authenticate(password="Another-horse-9")


def test_a_forgotten_password_is_replaced(house: Installation, app: App, person: str) -> None:
    user = _client(app, person)
    user.initiate_forgot_password()
    user.confirm_forgot_password(house.code_for(f"{person}@example.com"), "Another-horse-9")
    user.authenticate(password="Another-horse-9")
    assert user.id_token


def test_a_new_password_is_asked_for_and_set_by_srp(house: Installation, app: App) -> None:
    idp = house.client("cognito-idp")
    name = "new" + ids.digits(8)
    idp.admin_create_user(UserPoolId=app.pool, Username=name, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    _client(app, name).new_password_challenge(PASSWORD, "Another-horse-9")
    user = _client(app, name)
    user.authenticate(password="Another-horse-9")
    assert user.access_token
