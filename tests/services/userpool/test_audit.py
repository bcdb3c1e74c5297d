"""What the user pool service's audit says of users who change something of their own, and of administrators."""

import pytest

from services.userpool.errors import CodeMismatch, NotAuthorized
from services.userpool.pools.pool import UserPool
from services.userpool.schema import audit
from shared.audit import store
from shared.audit.record import KINDS, Entry, Kind
from tests.services.userpool.live import ACCOUNT, PASSWORD, Live

FRESH = "Another-horse-2"


def rows(live: Live, *kinds: Kind) -> list[Entry]:
    live.context.journal.flush()
    with live.context.sql.read() as tx:
        return [row for kind in kinds or KINDS for row in store.newest(tx, ACCOUNT, kind, since=0, most=1000)]


def actions(live: Live) -> list[str]:
    return sorted(row.action.partition(":")[2] for row in rows(live))


def arn_of(pool: UserPool) -> str:
    return f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{pool.id}"


def test_signing_in_refreshing_and_failing_write_no_row(live: Live) -> None:
    pool = live.pool()
    client = live.client(pool)
    live.user(pool)
    tokens = live.tokens(client)
    live.ask(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client.id,
        AuthParameters={"REFRESH_TOKEN": tokens.refresh_token},
    )
    with pytest.raises(NotAuthorized):
        live.sign_in(client, password="wrong")
    live.ask("RevokeToken", ClientId=client.id, Token=tokens.refresh_token)
    assert rows(live) == []


def test_what_users_change_of_their_own_is_on_record(live: Live) -> None:
    pool = live.pool()
    client = live.client(pool)
    user = live.user(pool)
    token = live.tokens(client).access_token
    live.ask("ChangePassword", AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=FRESH)
    live.ask("UpdateUserAttributes", AccessToken=token, UserAttributes=[{"Name": "name", "Value": "Alice"}])
    live.ask("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["name"])
    live.ask("GlobalSignOut", AccessToken=token)
    live.ask("DeleteUser", AccessToken=live.tokens(client, password=FRESH).access_token)
    assert actions(live) == [
        "ChangePassword",
        "DeleteUser",
        "DeleteUserAttributes",
        "GlobalSignOut",
        "UpdateUserAttributes",
    ]
    for row in rows(live):
        assert (row.kind, row.caller, row.resources) == ("change", f"user {user.sub}", (arn_of(pool),))
        assert (row.access_key_id, row.source, row.result) == ("", "127.0.0.1", "Success")


def test_the_way_of_a_user_from_sign_up_to_a_new_password(live: Live) -> None:
    pool = live.pool(auto_verified_attributes=["email"])
    client = live.client(pool)
    live.ask(
        "SignUp",
        ClientId=client.id,
        Username="bob",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "bob@example.com"}],
    )
    with pytest.raises(CodeMismatch):
        live.ask("ConfirmSignUp", ClientId=client.id, Username="bob", ConfirmationCode="nope00")
    assert actions(live) == ["SignUp"]
    live.ask("ConfirmSignUp", ClientId=client.id, Username="bob", ConfirmationCode=live.codes()[-1])
    live.ask("ForgotPassword", ClientId=client.id, Username="bob")  # no row: anybody asks this about anybody
    code = live.codes()[-1]
    live.ask("ConfirmForgotPassword", ClientId=client.id, Username="bob", ConfirmationCode=code, Password=FRESH)
    assert actions(live) == ["ConfirmForgotPassword", "ConfirmSignUp", "SignUp"]
    assert {row.caller for row in rows(live)} == {f"user {live.find(pool, 'bob').sub}"}


def test_a_new_password_in_a_sign_in_is_a_change(live: Live) -> None:
    pool = live.pool()
    client = live.client(pool)
    user = live.user(pool, status="FORCE_CHANGE_PASSWORD")
    challenged = live.sign_in(client)
    assert rows(live) == []
    live.ask(
        "RespondToAuthChallenge",
        ClientId=client.id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenged.session,
        ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": FRESH},
    )
    (row,) = rows(live)
    assert (row.action, row.caller) == ("cognito-idp:RespondToAuthChallenge", f"user {user.sub}")


def test_what_administrators_do_to_a_user_names_the_user(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    live.ask("AdminDisableUser", UserPoolId=pool.id, Username="alice")
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="alice", Password=FRESH, Permanent=True)
    made = live.ask("AdminCreateUser", UserPoolId=pool.id, Username="carol", TemporaryPassword=FRESH)
    by_action = {row.action.partition(":")[2]: row for row in rows(live)}
    assert {row.caller for row in by_action.values()} == {f"arn:aws:iam::{ACCOUNT}:user/admin"}
    assert by_action["AdminDisableUser"].named == {"Username": "alice"}
    assert by_action["AdminSetUserPassword"].named == {"Username": "alice"}
    sub = next(each.value for each in made.user.attributes if each.name == "sub")
    assert by_action["AdminCreateUser"].named == {"Username": "carol", "sub": sub}


def test_no_secret_and_no_code_comes_into_the_table(live: Live) -> None:
    pool = live.pool(auto_verified_attributes=["email"])
    client = live.client(pool, secret="verysecret")
    live.user(pool)
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="alice", Password=FRESH, Permanent=True)
    live.ask("AdminResetUserPassword", UserPoolId=pool.id, Username="alice")
    live.ask("AdminCreateUser", UserPoolId=pool.id, Username="dora", TemporaryPassword="Temporary-3", UserAttributes=[])
    live.ask("CreateUserPoolClient", UserPoolId=pool.id, ClientName="c", ClientSecret="s" * 30)
    live.context.journal.flush()
    with live.context.sql.read() as tx:
        said = "\n".join(str(row) for row in tx.execute(audit.select()))
    assert client.id not in said
    for secret in (FRESH, "Temporary-3", "s" * 30, "verysecret", *live.codes()):
        assert secret not in said
