"""A changed e-mail address or phone number: who proves it, and when it counts."""

from typing import Any

import pytest

from services.userpool.errors import AliasExists, ExpiredCode, InvalidParameter, TooManyRequests
from services.userpool.pools.pool import UserPool
from shared.aws.api import cognito_idp as api
from tests.services.userpool.live import Live

BOTH = api.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email", "phone_number"])


@pytest.fixture
def plain(live: Live) -> UserPool:
    """Verifies addresses, and takes a new one at once."""
    pool = live.pool(auto_verified_attributes=["email", "phone_number"])
    live.user(pool)
    return pool


@pytest.fixture
def careful(live: Live) -> UserPool:
    """Keeps the old address until the new one is proved."""
    pool = live.pool(
        auto_verified_attributes=["email", "phone_number"],
        user_attribute_update_settings=BOTH,
        alias_attributes=["email"],
    )
    live.user(pool)
    return pool


def by_admin(live: Live, pool: UserPool, **attributes: str) -> None:
    pairs = [{"Name": name, "Value": value} for name, value in attributes.items()]
    live.ask("AdminUpdateUserAttributes", UserPoolId=pool.id, Username="alice", UserAttributes=pairs)


def by_user(live: Live, pool: UserPool, **attributes: str) -> Any:
    pairs = [{"Name": name, "Value": value} for name, value in attributes.items()]
    token = live.tokens(live.client(pool)).access_token
    return live.ask("UpdateUserAttributes", AccessToken=token, UserAttributes=pairs).code_delivery_details_list


def verify(live: Live, pool: UserPool, code: str, name: str = "email") -> None:
    token = live.tokens(live.client(pool)).access_token
    live.ask("VerifyUserAttribute", AccessToken=token, AttributeName=name, Code=code)


def email(live: Live, pool: UserPool) -> tuple[str | None, str | None]:
    attributes = live.find(pool, "alice").attributes
    return attributes.get("email"), attributes.get("email_verified")


def test_an_address_that_is_given_once_more_leaves_its_code_good(live: Live, plain: UserPool) -> None:
    by_user(live, plain, email="new@test.com")
    assert by_user(live, plain, email="new@test.com", name="Alice") == []
    by_admin(live, plain, email="new@test.com")
    verify(live, plain, live.codes()[0])
    assert email(live, plain) == ("new@test.com", "true")


def test_an_administrators_change_gets_a_code_and_counts_at_once(live: Live, plain: UserPool) -> None:
    by_admin(live, plain, email="new@test.com", name="Alice")
    assert email(live, plain) == ("new@test.com", "false")
    assert [message.to for message in live.sent.messages] == ["new@test.com"]
    verify(live, plain, live.codes()[0])
    assert email(live, plain) == ("new@test.com", "true")


def test_an_administrator_may_vouch_for_the_address(live: Live, plain: UserPool, careful: UserPool) -> None:
    for pool in (plain, careful):
        by_admin(live, pool, email="new@test.com", email_verified="true")
        assert email(live, pool) == ("new@test.com", "true")
    assert live.sent.messages == []


def test_where_the_proof_comes_first_the_old_value_stays(live: Live, careful: UserPool) -> None:
    by_admin(live, careful, email="new@test.com", phone_number="+12065551234", name="Alice")
    assert email(live, careful) == ("alice@example.com", "true")
    attributes = live.find(careful, "alice").attributes
    assert (attributes["name"], "phone_number" in attributes) == ("Alice", False)
    assert sorted(message.to for message in live.sent.messages) == ["+12065551234", "new@test.com"]
    assert live.find(careful, "alice@example.com").username == "alice"
    codes = {message.to: message.code for message in live.sent.messages}
    verify(live, careful, codes["new@test.com"])
    verify(live, careful, codes["+12065551234"], "phone_number")
    assert email(live, careful) == ("new@test.com", "true")
    assert live.find(careful, "new@test.com").attributes["phone_number_verified"] == "true"


def test_every_changed_address_is_in_the_answer(live: Live, plain: UserPool, careful: UserPool) -> None:
    for pool in (plain, careful):
        told = by_user(live, pool, email="new@test.com", phone_number="+12065551234", name="Alice")
        assert {(each.attribute_name, each.destination, each.delivery_medium) for each in told} == {
            ("email", "n***@t***", "EMAIL"),
            ("phone_number", "+*******1234", "SMS"),
        }
    assert by_user(live, plain, email="new@test.com", name="A") == []


def test_an_address_set_or_removed_at_once_voids_the_code_of_one_that_waits(live: Live, careful: UserPool) -> None:
    by_user(live, careful, email="new@test.com")
    by_admin(live, careful, email="other@test.com", email_verified="true")
    with pytest.raises(ExpiredCode):
        verify(live, careful, live.codes()[0])
    by_user(live, careful, email="new@test.com")
    live.ask("AdminDeleteUserAttributes", UserPoolId=careful.id, Username="alice", UserAttributeNames=["email"])
    with pytest.raises(ExpiredCode):
        verify(live, careful, live.codes()[1])
    assert email(live, careful) == (None, None)


def test_an_address_that_waits_is_no_alias_yet_and_may_be_taken_meanwhile(live: Live, careful: UserPool) -> None:
    by_user(live, careful, email="new@test.com")
    live.user(careful, "bob", attributes={"email": "new@test.com", "email_verified": "true"})
    with pytest.raises(AliasExists):
        verify(live, careful, live.codes()[0])
    assert email(live, careful) == ("alice@example.com", "true")


def test_an_immutable_address_does_not_change_by_waiting(live: Live) -> None:
    fixed = api.SchemaAttributeType(name="email", mutable=False)
    pool = live.pool(
        schema=[fixed], auto_verified_attributes=["email", "phone_number"], user_attribute_update_settings=BOTH
    )
    live.user(pool)
    for change in (by_admin, by_user):
        with pytest.raises(InvalidParameter, match="Attribute cannot be updated"):
            change(live, pool, email="new@test.com")
    assert live.sent.messages == []


def test_administrators_too_write_to_a_person_five_times_an_hour(live: Live, careful: UserPool) -> None:
    for number in range(5):
        by_admin(live, careful, email=f"new{number}@test.com")
    with pytest.raises(TooManyRequests):
        by_admin(live, careful, email="new6@test.com", name="Alice")
    assert "name" not in live.find(careful, "alice").attributes
    by_admin(live, careful, email="new7@test.com", email_verified="true")


def test_a_pool_that_verifies_nothing_sends_nothing(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    by_admin(live, pool, email="new@test.com")
    assert email(live, pool) == ("new@test.com", "false")
    assert live.sent.messages == []
