from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.userpool.clients.client import AppClient
from services.userpool.errors import (
    AliasExists,
    CodeMismatch,
    ExpiredCode,
    InvalidParameter,
    InvalidPassword,
    LimitExceeded,
    NotAuthorized,
    UsernameExists,
    UserNotConfirmed,
    UserNotFound,
)
from services.userpool.pools.pool import UserPool
from services.userpool.schema.signup import code as code_table
from services.userpool.signup.codes import masked
from shared.aws.api import cognito_idp as api
from tests.services.userpool.live import PASSWORD, Live


@pytest.fixture
def pool(live: Live) -> UserPool:
    return live.pool(auto_verified_attributes=["email"])


@pytest.fixture
def client(live: Live, pool: UserPool) -> AppClient:
    return live.client(pool)


def sign_up(live: Live, client: AppClient, username: str = "alice", **members: Any) -> Any:
    members.setdefault("UserAttributes", [{"Name": "email", "Value": f"{username}@test.com"}])
    return live.ask("SignUp", ClientId=client.id, Username=username, Password=PASSWORD, **members)


def confirm(live: Live, client: AppClient, code: str, username: str = "alice", **members: Any) -> Any:
    return live.ask("ConfirmSignUp", ClientId=client.id, Username=username, ConfirmationCode=code, **members)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1000000:06d}"


def test_a_user_signs_up_confirms_and_signs_in(live: Live, pool: UserPool, client: AppClient) -> None:
    answer = sign_up(live, client)
    assert answer.user_confirmed is False
    assert answer.user_sub == live.find(pool, "alice").sub
    details = answer.code_delivery_details
    assert (details.destination, details.delivery_medium, details.attribute_name) == ("a***@t***", "EMAIL", "email")
    with pytest.raises(UserNotConfirmed):
        live.sign_in(client)
    message = live.sent.messages[0]
    assert message.to == "alice@test.com"
    assert message.body == f"Your verification code is {message.code}. "
    confirm(live, client, message.code)
    user = live.find(pool, "alice")
    assert (user.status, user.attributes["email_verified"]) == ("CONFIRMED", "true")
    assert live.tokens(client)


def test_nothing_to_verify_means_no_code(live: Live) -> None:
    answer = sign_up(live, live.client(live.pool()))
    assert answer.code_delivery_details is None
    assert live.sent.messages == []


def test_a_taken_name_and_a_bad_password_are_refused(live: Live, client: AppClient) -> None:
    sign_up(live, client)
    with pytest.raises(UsernameExists, match="User already exists"):
        sign_up(live, client)
    with pytest.raises(InvalidPassword, match="Password did not conform with policy: Password not long enough"):
        live.ask("SignUp", ClientId=client.id, Username="bob", Password="Aa1!")


def test_sign_up_may_be_closed(live: Live) -> None:
    pool = live.pool(admin_create_user_config=api.AdminCreateUserConfigType(allow_admin_create_user_only=True))
    with pytest.raises(NotAuthorized, match="SignUp is not permitted for this user pool"):
        sign_up(live, live.client(pool))


def test_nobody_verifies_their_own_address_by_saying_so(live: Live, client: AppClient) -> None:
    flags = [{"Name": "email", "Value": "a@test.com"}, {"Name": "email_verified", "Value": "true"}]
    with pytest.raises(NotAuthorized, match="unauthorized attribute"):
        sign_up(live, client, UserAttributes=flags)


def test_in_a_pool_of_addresses_the_name_is_the_sub(live: Live) -> None:
    pool = live.pool(username_attributes=["email"], auto_verified_attributes=["email"])
    client = live.client(pool)
    with pytest.raises(InvalidParameter, match=r"^Username should be an email\.$"):
        sign_up(live, client, UserAttributes=[])
    with pytest.raises(InvalidParameter, match="User email should be empty or same as username"):
        sign_up(live, client, "a@test.com", UserAttributes=[{"Name": "email", "Value": "b@test.com"}])
    answer = sign_up(live, client, "a@test.com", UserAttributes=[])
    user = live.find(pool, "a@test.com")
    assert user.username == user.sub == answer.user_sub
    assert user.attributes["email"] == "a@test.com"


def test_an_address_may_be_spelt_twice_where_case_does_not_count(live: Live) -> None:
    fold = api.UsernameConfigurationType(case_sensitive=False)
    pool = live.pool(username_attributes=["email"], username_configuration=fold)
    pair = {"Name": "email", "Value": "A@Test.com"}
    sign_up(live, live.client(pool), "a@test.com", UserAttributes=[pair])
    assert live.find(pool, "A@TEST.COM").attributes["email"] == "a@test.com"


def test_an_address_is_no_name_where_it_is_an_alias(live: Live) -> None:
    client = live.client(live.pool(alias_attributes=["email"]))
    with pytest.raises(InvalidParameter, match="Username cannot be of email format"):
        sign_up(live, client, "a@test.com", UserAttributes=[])


def test_a_preferred_name_that_signs_in_comes_after_the_confirmation(live: Live) -> None:
    preferred = [{"Name": "preferred_username", "Value": "ally"}]
    with pytest.raises(InvalidParameter, match="^Preferred username cannot be provided for unconfirmed account"):
        sign_up(live, live.client(live.pool(alias_attributes=["preferred_username"])), UserAttributes=preferred)
    sign_up(live, live.client(live.pool()), UserAttributes=preferred)


def test_a_code_is_good_once_for_its_purpose_and_five_tries(live: Live, client: AppClient) -> None:
    sign_up(live, client)
    code = live.codes()[0]
    for _ in range(5):
        with pytest.raises(CodeMismatch, match="Invalid verification code provided, please try again"):
            confirm(live, client, other_than(code))
    with pytest.raises(LimitExceeded):
        confirm(live, client, code)
    live.ask("ResendConfirmationCode", ClientId=client.id, Username="alice")
    with pytest.raises(ExpiredCode):
        live.ask(
            "ConfirmForgotPassword",
            ClientId=client.id,
            Username="alice",
            ConfirmationCode=live.codes()[1],
            Password="Another-horse-2",
        )
    confirm(live, client, live.codes()[1])
    with pytest.raises(NotAuthorized, match=r"^User cannot be confirmed\. Current status is CONFIRMED$"):
        confirm(live, client, live.codes()[1])


def test_a_code_ends_after_a_day(live: Live, client: AppClient) -> None:
    sign_up(live, client)
    live.later(hours=24)
    with pytest.raises(ExpiredCode, match=r"^Invalid code provided, please request a code again\.$"):
        confirm(live, client, live.codes()[0])


def test_a_code_does_not_lie_in_the_database(live: Live, client: AppClient) -> None:
    sign_up(live, client)
    with live.context.sql.read() as tx:
        row = tx.execute(code_table.select()).one()
    assert live.codes()[0] not in repr(row)
    assert len(row.hash) == 32


def test_five_messages_an_hour(live: Live, client: AppClient) -> None:
    sign_up(live, client)
    for _ in range(4):
        live.ask("ResendConfirmationCode", ClientId=client.id, Username="alice")
    with pytest.raises(LimitExceeded, match=r"^Attempt limit exceeded, please try after some time\.$"):
        live.ask("ResendConfirmationCode", ClientId=client.id, Username="alice")
    assert len(live.sent.messages) == 5
    live.later(hours=1, seconds=1)
    live.ask("ResendConfirmationCode", ClientId=client.id, Username="alice")


def test_one_of_64_parallel_confirmations_wins(live: Live, client: AppClient) -> None:
    sign_up(live, client)
    code = live.codes()[0]

    def spend(_number: int) -> bool:
        try:
            confirm(live, client, code)
        except (NotAuthorized, ExpiredCode):
            return False
        finally:
            live.close()
        return True

    with ThreadPoolExecutor(16) as crowd:
        assert sum(crowd.map(spend, range(64))) == 1


def test_an_alias_moves_only_by_force(live: Live) -> None:
    pool = live.pool(alias_attributes=["email"], auto_verified_attributes=["email"])
    client = live.client(pool)
    same = [{"Name": "email", "Value": "x@test.com"}]
    for name in ("alice", "bob"):
        sign_up(live, client, name, UserAttributes=same)
    first, second = live.codes()
    confirm(live, client, first)
    with pytest.raises(AliasExists):
        confirm(live, client, second, "bob")
    confirm(live, client, second, "bob", ForceAliasCreation=True)
    assert live.find(pool, "x@test.com").username == "bob"
    assert live.find(pool, "alice").attributes["email_verified"] == "false"


def test_an_administrator_confirms_without_a_code(live: Live, pool: UserPool, client: AppClient) -> None:
    sign_up(live, client)
    live.ask("AdminConfirmSignUp", UserPoolId=pool.id, Username="alice")
    assert live.tokens(client)
    with pytest.raises(NotAuthorized):
        live.ask("AdminConfirmSignUp", UserPoolId=pool.id, Username="alice")


def test_strangers_are_told_apart_only_where_the_client_wants_it(live: Live, pool: UserPool, client: AppClient) -> None:
    hiding = live.client(pool, prevent_user_existence_errors="ENABLED")
    for call in ("ResendConfirmationCode", "ForgotPassword"):
        with pytest.raises(UserNotFound):
            live.ask(call, ClientId=client.id, Username="nobody")
        told = live.ask(call, ClientId=hiding.id, Username="nobody@test.com").code_delivery_details
        assert told.destination == "n***@t***"
    with pytest.raises(CodeMismatch):
        confirm(live, hiding, "123456", "nobody")
    sign_up(live, hiding)
    with pytest.raises(CodeMismatch):
        confirm(live, hiding, other_than(live.codes()[0]))


def test_destinations_are_masked() -> None:
    assert masked("email", "test@test.com") == "t***@t***"
    assert masked("phone_number", "+12065551234") == "+*******1234"


@pytest.fixture
def known(live: Live, pool: UserPool) -> UserPool:
    live.user(pool)
    return pool


def reset(live: Live, client: AppClient, code: str, password: str = "Another-horse-2") -> Any:
    return live.ask(
        "ConfirmForgotPassword", ClientId=client.id, Username="alice", ConfirmationCode=code, Password=password
    )


def test_a_forgotten_password_is_replaced_and_a_lock_is_over(live: Live, known: UserPool, client: AppClient) -> None:
    told = live.ask("ForgotPassword", ClientId=client.id, Username="alice").code_delivery_details
    assert (told.destination, told.delivery_medium) == ("a***@e***", "EMAIL")
    for _ in range(5):
        with pytest.raises(NotAuthorized):
            live.sign_in(client, password="Wrong-horse-1")
    with pytest.raises(InvalidPassword):
        reset(live, client, live.codes()[0], "short")
    reset(live, client, live.codes()[0])
    assert live.tokens(client, password="Another-horse-2")
    assert live.find(known, "alice").password is not None
    with pytest.raises(ExpiredCode):
        reset(live, client, live.codes()[0], "Third-horse-3")


@pytest.mark.usefixtures("known")
def test_a_reset_code_ends_after_an_hour(live: Live, client: AppClient) -> None:
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    live.later(hours=1)
    with pytest.raises(ExpiredCode):
        reset(live, client, live.codes()[0])


def test_a_reset_code_is_void_once_the_password_is_another(live: Live, known: UserPool, client: AppClient) -> None:
    """Who could read an address for a moment keeps no way in past a new password."""
    token = live.tokens(client).access_token
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    change = {"PreviousPassword": PASSWORD, "ProposedPassword": "Second-horse-2"}
    live.ask("ChangePassword", AccessToken=token, **change)
    with pytest.raises(CodeMismatch):
        reset(live, client, live.codes()[0])
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    live.ask("AdminSetUserPassword", UserPoolId=known.id, Username="alice", Password="Third-horse-3", Permanent=True)
    with pytest.raises(CodeMismatch):
        reset(live, client, live.codes()[1])
    assert live.tokens(client, password="Third-horse-3")
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    reset(live, client, live.codes()[2])
    assert live.tokens(client, password="Another-horse-2")


@pytest.mark.parametrize(("setting", "medium"), [(None, "EMAIL"), ({}, "SMS")])
def test_the_e_mail_address_goes_first_unless_the_pool_has_no_setting(
    live: Live, setting: dict[str, Any] | None, medium: str
) -> None:
    pool = live.pool()
    given = {} if setting is None else {"AccountRecoverySetting": setting}
    live.ask("UpdateUserPool", UserPoolId=pool.id, **given)
    addresses = {"email": "a@test.com", "phone_number": "+12065551234"}
    live.user(pool, attributes=addresses | {f"{name}_verified": "true" for name in addresses})
    told = live.ask("ForgotPassword", ClientId=live.client(pool).id, Username="alice").code_delivery_details
    assert told.delivery_medium == medium


def test_without_a_verified_address_there_is_no_way_back(live: Live, pool: UserPool, client: AppClient) -> None:
    live.user(pool, attributes={"email": "a@test.com"})
    with pytest.raises(InvalidParameter, match="Cannot reset password for the user as there is no registered/verified"):
        live.ask("ForgotPassword", ClientId=client.id, Username="alice")


def test_an_administrator_resets_a_password(live: Live, known: UserPool, client: AppClient) -> None:
    live.ask("AdminResetUserPassword", UserPoolId=known.id, Username="alice")
    assert live.find(known, "alice").status == "RESET_REQUIRED"
    reset(live, client, live.codes()[0])
    assert live.tokens(client, password="Another-horse-2")


def test_a_reset_code_is_void_for_another_address_and_for_somebody_disabled(
    live: Live, known: UserPool, client: AppClient
) -> None:
    moved = [{"Name": "email", "Value": "new@test.com"}, {"Name": "email_verified", "Value": "true"}]
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    live.ask("AdminUpdateUserAttributes", UserPoolId=known.id, Username="alice", UserAttributes=moved)
    with pytest.raises(CodeMismatch):
        reset(live, client, live.codes()[0])
    live.ask("ForgotPassword", ClientId=client.id, Username="alice")
    live.ask("AdminDisableUser", UserPoolId=known.id, Username="alice")
    with pytest.raises(NotAuthorized, match="disabled"):
        reset(live, client, live.codes()[1])
    live.ask("AdminEnableUser", UserPoolId=known.id, Username="alice")
    reset(live, client, live.codes()[1])


def test_a_code_proves_no_address_but_its_own(live: Live, pool: UserPool, client: AppClient) -> None:
    sign_up(live, client)
    moved = [{"Name": "email", "Value": "somebody-else@test.com"}]
    live.ask("AdminUpdateUserAttributes", UserPoolId=pool.id, Username="alice", UserAttributes=moved)
    confirm(live, client, live.codes()[0])
    user = live.find(pool, "alice")
    assert (user.status, user.attributes["email_verified"]) == ("CONFIRMED", "false")
