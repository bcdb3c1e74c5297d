from typing import Any

import pytest

from services.userpool.errors import (
    AliasExists,
    CodeMismatch,
    ExpiredCode,
    InvalidParameter,
    NotAuthorized,
    UnsupportedUserState,
    UsernameExists,
    UserNotFound,
)
from services.userpool.pools.pool import UserPool
from shared.aws.api import cognito_idp as api
from tests.services.userpool.live import PASSWORD, Live


def create(live: Live, pool: UserPool, **members: Any) -> Any:
    members.setdefault("UserAttributes", [{"Name": "email", "Value": "alice@test.com"}])
    return live.ask("AdminCreateUser", UserPoolId=pool.id, Username="alice", **members).user


def test_an_invited_user_signs_in_with_what_the_message_says(live: Live) -> None:
    pool = live.pool()
    user = create(live, pool, DesiredDeliveryMediums=["EMAIL"])
    assert (user.user_status, user.enabled) == ("FORCE_CHANGE_PASSWORD", True)
    message = live.sent.messages[0]
    assert message.to == "alice@test.com"
    assert message.body == f"Your username is alice and temporary password is {message.code}. "
    assert live.sign_in(live.client(pool), password=message.code).challenge_name == "NEW_PASSWORD_REQUIRED"


@pytest.mark.parametrize("name", ["ann@test.com", "+12065551234"])
def test_where_people_sign_in_with_an_address_messages_call_them_by_it(live: Live, name: str) -> None:
    template = api.VerificationMessageTemplateType(
        email_message="Hello {username}: {####}", sms_message="Hello {username}: {####}"
    )
    both: Any = ["email", "phone_number"]
    pool = live.pool(username_attributes=both, auto_verified_attributes=both, verification_message_template=template)
    live.ask("AdminCreateUser", UserPoolId=pool.id, Username=name)
    live.ask("AdminCreateUser", UserPoolId=pool.id, Username=name, MessageAction="RESEND")
    invited = [f"Your username is {name} and temporary password is {code}. " for code in live.codes()]
    assert [message.body for message in live.sent.messages] == invited
    live.ask("AdminDeleteUser", UserPoolId=pool.id, Username=name)
    live.ask("SignUp", ClientId=live.client(pool).id, Username=name, Password=PASSWORD)
    assert live.sent.messages[-1].body == f"Hello {name}: {live.codes()[-1]}"


def test_the_last_address_that_a_user_signs_in_with_stays(live: Live) -> None:
    pool = live.pool(username_attributes=["email", "phone_number"])
    client = live.client(pool)
    live.ask("SignUp", ClientId=client.id, Username="ann@test.com", Password=PASSWORD)
    live.ask("AdminConfirmSignUp", UserPoolId=pool.id, Username="ann@test.com")
    token = live.tokens(client, "ann@test.com").access_token
    none = [{"Name": "email", "Value": ""}]
    phone = [{"Name": "phone_number", "Value": "+12065551234"}]
    with pytest.raises(InvalidParameter, match=r"^Invalid user attributes: user.email: The attribute is required"):
        live.ask("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["email"])
    with pytest.raises(InvalidParameter, match=r"^Invalid user attributes: user.email: The attribute is required"):
        live.ask("AdminDeleteUserAttributes", UserPoolId=pool.id, Username="ann@test.com", UserAttributeNames=["email"])
    with pytest.raises(InvalidParameter, match=r"^user.email: Required attribute cannot be deleted."):
        live.ask("UpdateUserAttributes", AccessToken=token, UserAttributes=none)
    live.ask("UpdateUserAttributes", AccessToken=token, UserAttributes=phone + none)
    with pytest.raises(InvalidParameter):
        live.ask("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["phone_number"])
    assert live.sign_in(client, "+12065551234").authentication_result


def test_an_invitation_takes_proved_addresses_alone_from_others(live: Live) -> None:
    pool = live.pool(alias_attributes=["email", "preferred_username"])
    live.user(pool, "ann", attributes={"email": "a@test.com", "email_verified": "true", "preferred_username": "queen"})
    forced: dict[str, Any] = {"UserPoolId": pool.id, "ForceAliasCreation": True, "MessageAction": "SUPPRESS"}
    queen = {"Name": "preferred_username", "Value": "queen"}
    with pytest.raises(AliasExists):
        live.ask("AdminCreateUser", **forced, Username="bob", UserAttributes=[queen])
    proved = [{"Name": "email", "Value": "a@test.com"}, {"Name": "email_verified", "Value": "true"}]
    live.ask("AdminCreateUser", **forced, Username="bob", UserAttributes=proved)
    assert live.find(pool, "a@test.com").username == "bob"
    left = {"email": "a@test.com", "email_verified": "false", "preferred_username": "queen"}
    assert live.find(pool, "ann").attributes == left


def test_nobody_is_invited_over_the_address_of_another(live: Live) -> None:
    pool = live.pool(username_attributes=["email"])
    live.ask("AdminCreateUser", UserPoolId=pool.id, Username="a@test.com", MessageAction="SUPPRESS")
    with pytest.raises(UsernameExists, match="An account with the given email already exists"):
        live.ask("AdminCreateUser", UserPoolId=pool.id, Username="a@test.com", ForceAliasCreation=True)
    assert live.find(pool, "a@test.com").attributes == {"email": "a@test.com"}


def test_a_message_may_be_suppressed_and_sent_again(live: Live) -> None:
    pool = live.pool()
    create(live, pool, MessageAction="SUPPRESS", TemporaryPassword="Temporary-1")
    assert live.sent.messages == []
    with pytest.raises(UsernameExists):
        create(live, pool)
    live.later(days=8)
    live.ask(
        "AdminCreateUser",
        UserPoolId=pool.id,
        Username="alice",
        MessageAction="RESEND",
        DesiredDeliveryMediums=["EMAIL"],
    )
    asked = live.sign_in(live.client(pool), password=live.codes()[0])
    assert asked.challenge_name == "NEW_PASSWORD_REQUIRED"
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="alice", Password="Another-horse-2", Permanent=True)
    with pytest.raises(UnsupportedUserState):
        live.ask("AdminCreateUser", UserPoolId=pool.id, Username="alice", MessageAction="RESEND")


def test_an_invitation_sent_again_may_repeat_the_attributes_and_not_change_them(live: Live) -> None:
    pool = live.pool()
    create(live, pool, MessageAction="SUPPRESS")
    kept = live.find(pool, "alice").attributes
    again: dict[str, Any] = {"UserPoolId": pool.id, "MessageAction": "RESEND", "ForceAliasCreation": False}
    pairs = [{"Name": name, "Value": value} for name, value in kept.items()]
    live.ask("AdminCreateUser", **again, Username="alice", UserAttributes=pairs)
    assert len(live.sent.messages) == 1
    with pytest.raises(InvalidParameter, match="UserAttributes cannot be changed with MessageAction RESEND"):
        live.ask("AdminCreateUser", **again, Username="alice", UserAttributes=[{"Name": "name", "Value": "Al"}])
    with pytest.raises(UserNotFound):
        live.ask("AdminCreateUser", **again, Username="nobody", UserAttributes=pairs)
    assert live.find(pool, "alice").attributes == kept


def test_the_same_temporary_password_may_be_handed_out_again(live: Live) -> None:
    policy = api.PasswordPolicyType(minimum_length=8, password_history_size=3)
    pool = live.pool(policies=api.UserPoolPolicyType(password_policy=policy))
    create(live, pool, TemporaryPassword="Temporary-1")
    again = {"UserPoolId": pool.id, "Username": "alice", "MessageAction": "RESEND"}
    live.ask("AdminCreateUser", **again, TemporaryPassword="Temporary-1")
    asked = live.sign_in(live.client(pool), password="Temporary-1")
    assert asked.challenge_name == "NEW_PASSWORD_REQUIRED"


def test_required_attributes_are_asked_for(live: Live) -> None:
    required = api.SchemaAttributeType(name="name", required=True, mutable=True)
    pool = live.pool(schema=[required])
    with pytest.raises(InvalidParameter, match="name: The attribute is required"):
        create(live, pool)


@pytest.mark.parametrize(
    ("attributes", "mediums", "channels"),
    [
        ("email", None, ["email"]),
        ("email phone_number", None, ["sms"]),
        ("email phone_number", ["EMAIL"], ["email"]),
        ("email phone_number", ["EMAIL", "SMS"], ["email", "sms"]),
        ("", None, []),
    ],
)
def test_an_invitation_goes_where_it_was_asked_to_or_else_where_it_can(
    live: Live, attributes: str, mediums: list[str] | None, channels: list[str]
) -> None:
    values = {"email": "a@test.com", "phone_number": "+12065551234"}
    pairs = [{"Name": name, "Value": values[name]} for name in attributes.split()]
    asked = {} if mediums is None else {"DesiredDeliveryMediums": mediums}
    live.ask("AdminCreateUser", UserPoolId=live.pool().id, Username="ann", UserAttributes=pairs, **asked)
    assert [message.channel for message in live.sent.messages] == channels


def test_an_invitation_that_can_go_nowhere_leaves_no_user(live: Live) -> None:
    pool = live.pool()
    with pytest.raises(InvalidParameter, match=r"^No email provided but desired delivery medium was Email$"):
        live.ask("AdminCreateUser", UserPoolId=pool.id, Username="ann", DesiredDeliveryMediums=["EMAIL"])
    members = {"MessageAction": "SUPPRESS", "DesiredDeliveryMediums": ["EMAIL"]}
    assert live.ask("AdminCreateUser", UserPoolId=pool.id, Username="ann", **members).user.username == "ann"
    assert live.sent.messages == []


@pytest.fixture
def pool(live: Live) -> UserPool:
    pool = live.pool(auto_verified_attributes=["email"])
    live.user(pool)
    return pool


@pytest.fixture
def token(live: Live, pool: UserPool) -> str:
    handed: str = live.tokens(live.client(pool)).access_token
    return handed


def update(live: Live, token: str, **attributes: str) -> Any:
    pairs = [{"Name": name, "Value": value} for name, value in attributes.items()]
    return live.ask("UpdateUserAttributes", AccessToken=token, UserAttributes=pairs)


def test_a_changed_address_is_verified_anew(live: Live, pool: UserPool, token: str) -> None:
    told = update(live, token, email="new@test.com", name="Alice").code_delivery_details_list
    assert [each.destination for each in told] == ["n***@t***"]
    user = live.find(pool, "alice")
    assert (user.attributes["email"], user.attributes["email_verified"]) == ("new@test.com", "false")
    with pytest.raises(CodeMismatch):
        live.ask("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code="abc")
    live.ask("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=live.codes()[0])
    assert live.find(pool, "alice").verified("email")
    with pytest.raises(ExpiredCode):
        live.ask("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=live.codes()[0])


def test_a_code_for_an_earlier_address_is_void(live: Live, token: str) -> None:
    update(live, token, email="new@test.com")
    update(live, token, email="newer@test.com")
    old, new = live.codes()
    if old != new:
        with pytest.raises(CodeMismatch):
            live.ask("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=old)
    live.ask("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=new)


def test_an_address_may_wait_for_its_proof(live: Live) -> None:
    wait = api.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email"])
    pool = live.pool(auto_verified_attributes=["email"], user_attribute_update_settings=wait)
    live.user(pool)
    token = live.tokens(live.client(pool)).access_token
    update(live, token, email="new@test.com")
    user = live.find(pool, "alice")
    assert (user.attributes["email"], user.attributes["email_verified"]) == ("alice@example.com", "true")
    live.ask("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email")
    assert live.sent.messages[1].to == "new@test.com"
    live.ask("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=live.codes()[1])
    user = live.find(pool, "alice")
    assert (user.attributes["email"], user.attributes["email_verified"]) == ("new@test.com", "true")


def test_users_write_only_what_is_theirs(live: Live, pool: UserPool, token: str) -> None:
    for name in ("email_verified", "sub"):
        with pytest.raises((NotAuthorized, InvalidParameter)):
            update(live, token, **{name: "true"})
    limited = live.tokens(live.client(pool, write_attributes=["name"])).access_token
    with pytest.raises(NotAuthorized, match="unauthorized attribute"):
        update(live, limited, email="new@test.com")
    with pytest.raises(NotAuthorized, match="unauthorized attribute"):
        live.ask("DeleteUserAttributes", AccessToken=limited, UserAttributeNames=["email"])


def test_attributes_are_removed(live: Live, pool: UserPool, token: str) -> None:
    live.ask("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["email"])
    assert dict(live.find(pool, "alice").attributes) == {}
    with pytest.raises(InvalidParameter, match="does not have"):
        live.ask("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email")
    with pytest.raises(InvalidParameter, match="Only email and phone_number"):
        live.ask("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="name")
