import pytest

from services.userpool.directory import store
from services.userpool.directory.user import User
from services.userpool.errors import AliasExists, InvalidParameter, ResourceNotFound, UsernameExists, UserNotFound
from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.verifier import Kind, PasswordRecord
from services.userpool.pools.store import pool_named
from tests.services.userpool.in_process import STRANGER, InProcess


def stored(aws: InProcess, pool: str, name: str) -> User | None:
    with aws.sql.read() as tx:
        return store.find_user(tx, pool_named(tx, pool), name)


def attributes(aws: InProcess, pool: str, name: str) -> dict[str, str]:
    shown = aws.call("AdminGetUser", UserPoolId=pool, Username=name)["UserAttributes"]
    return {each["Name"]: each["Value"] for each in shown}


def update(aws: InProcess, pool: str, name: str, /, **changes: str) -> None:
    pairs = [{"Name": key.replace("__", ":"), "Value": value} for key, value in changes.items()]
    aws.call("AdminUpdateUserAttributes", UserPoolId=pool, Username=name, UserAttributes=pairs)


def test_a_user_is_shown_with_sub_first_and_no_mfa_settings(aws: InProcess) -> None:
    pool = aws.pool()
    sub = aws.user(pool, "ann", email="a@example.com", custom__x="1")
    shown = aws.call("AdminGetUser", UserPoolId=pool, Username="ann")
    assert shown == {
        "Username": "ann",
        "UserAttributes": [
            {"Name": "sub", "Value": sub},
            {"Name": "email", "Value": "a@example.com"},
            {"Name": "custom:x", "Value": "1"},
        ],
        "UserCreateDate": aws.now.timestamp(),
        "UserLastModifiedDate": aws.now.timestamp(),
        "Enabled": True,
        "UserStatus": "CONFIRMED",
    }


def test_a_user_answers_to_name_sub_and_verified_aliases(aws: InProcess) -> None:
    pool = aws.pool(AliasAttributes=["email", "phone_number", "preferred_username"])
    sub = aws.user(
        pool,
        "ann",
        email="a@example.com",
        email_verified="true",
        phone_number="+15550100",
        preferred_username="annie",
    )
    for name in ("ann", sub, "a@example.com", "annie"):
        found = stored(aws, pool, name)
        assert found is not None
        assert found.sub == sub
    for name in ("+15550100", "Ann", "nobody", ""):
        assert stored(aws, pool, name) is None


def test_without_alias_attributes_an_address_is_no_name(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann", email="a@example.com", email_verified="true")
    assert stored(aws, pool, "a@example.com") is None
    aws.user(pool, "bob", email="a@example.com", email_verified="true")


def test_in_a_pool_without_user_names_the_address_signs_in_unverified(aws: InProcess) -> None:
    pool = aws.pool(UsernameAttributes=["email"])
    aws.user(pool, "3f0e", email="a@example.com")
    assert stored(aws, pool, "a@example.com") is not None
    with pytest.raises(UsernameExists, match=r"^An account with the given email already exists\.$"):
        aws.user(pool, "4f0e", email="a@example.com")


def test_case_is_folded_where_the_pool_says_so(aws: InProcess) -> None:
    pool = aws.pool(UsernameConfiguration={"CaseSensitive": False}, AliasAttributes=["email"])
    aws.user(pool, "Ann", email="Ann@Example.com", email_verified="true")
    for name in ("ANN", "ann", "ann@example.com"):
        found = stored(aws, pool, name)
        assert found is not None
        assert found.username == "Ann"
    with pytest.raises(UsernameExists, match=r"^User already exists$"):
        aws.user(pool, "aNN")


def test_a_taken_name_or_alias_is_refused_and_nothing_is_left(aws: InProcess) -> None:
    pool = aws.pool(AliasAttributes=["email"])
    aws.user(pool, "ann", email="a@example.com", email_verified="true")
    before = aws.rows()
    with pytest.raises(UsernameExists):
        aws.user(pool, "ann")
    with pytest.raises(AliasExists, match=r"^An account with the email already exists\.$"):
        aws.user(pool, "bob", email="a@example.com", email_verified="true")
    assert aws.rows() == before
    aws.user(pool, "bob", email="a@example.com")
    with pytest.raises(AliasExists):
        update(aws, pool, "bob", email_verified="true")
    assert attributes(aws, pool, "bob").get("email_verified") is None


def test_an_alias_can_be_taken_over_and_is_then_unverified_at_its_former_holder(aws: InProcess) -> None:
    pool_id = aws.pool(AliasAttributes=["email"])
    aws.user(pool_id, "ann", email="a@example.com", email_verified="true")
    aws.user(pool_id, "bob", email="a@example.com")
    with aws.sql.write() as tx:
        pool = pool_named(tx, pool_id)
        bob = store.user_to_change(tx, pool, "bob")
        store.set_attributes(tx, pool, bob, {"email_verified": "true"}, aws.now, take_over_aliases=True)
    found = stored(aws, pool_id, "a@example.com")
    assert found is not None
    assert found.username == "bob"
    assert attributes(aws, pool_id, "ann")["email_verified"] == "false"


def test_a_user_name_cannot_be_taken_over(aws: InProcess) -> None:
    pool_id = aws.pool(AliasAttributes=["preferred_username"])
    aws.user(pool_id, "ann")
    sub = aws.user(pool_id, "bob")
    with aws.sql.read() as tx:
        pool = pool_named(tx, pool_id)
        bob = store.find_user_by_sub(tx, pool_id, sub)
    assert bob is not None
    with aws.sql.write() as tx, pytest.raises(AliasExists):
        store.set_attributes(tx, pool, bob, {"preferred_username": "ann"}, aws.now, take_over_aliases=True)
    found = stored(aws, pool_id, "ann")
    assert found is not None
    assert found.sub != sub


def test_a_preferred_name_is_no_address_that_others_could_prove(aws: InProcess) -> None:
    pool = aws.pool(AliasAttributes=["email", "preferred_username"])
    aws.user(pool, "ann")
    with pytest.raises(InvalidParameter, match="^Preferred username cannot be of email format"):
        update(aws, pool, "ann", preferred_username="victim@example.com")
    update(aws, pool, "ann", preferred_username="+12065551234")
    plain = aws.pool()
    aws.user(plain, "ann")
    update(aws, plain, "ann", preferred_username="ann@example.com")


def test_aliases_move_with_the_attribute(aws: InProcess) -> None:
    pool = aws.pool(AliasAttributes=["email"])
    aws.user(pool, "ann", email="a@example.com", email_verified="true")
    update(aws, pool, "ann", email="b@example.com")
    assert attributes(aws, pool, "ann")["email_verified"] == "false"
    assert stored(aws, pool, "a@example.com") is None
    assert stored(aws, pool, "b@example.com") is None
    update(aws, pool, "ann", email_verified="True")
    assert stored(aws, pool, "b@example.com") is not None
    aws.user(pool, "bob", email="a@example.com", email_verified="true")
    assert aws.names(pool, Filter='email = "a@example.com"') == ["bob"]


def test_a_blank_value_removes_and_takes_the_mark_along(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann", email="a@example.com", email_verified="true", name="Ann")
    update(aws, pool, "ann", email="", given_name="A")
    assert attributes(aws, pool, "ann").keys() == {"sub", "name", "given_name"}
    aws.call("AdminDeleteUserAttributes", UserPoolId=pool, Username="ann", UserAttributeNames=["name", "nickname"])
    assert attributes(aws, pool, "ann").keys() == {"sub", "given_name"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"email": "nonsense"}, "Invalid email address format."),
        ({"email": "a b@example.com"}, "Invalid email address format."),
        ({"phone_number": "5550100"}, "Invalid phone number format."),
        ({"phone_number": "+1555x"}, "Invalid phone number format."),
        ({"custom__never": "1"}, "user.custom:never: Attribute does not exist in the schema."),
        ({"custom__age": "old"}, "user.custom:age: Attribute is not a number."),
        ({"custom__age": "151"}, "must not be greater than 150"),
        ({"custom__code": "x"}, "must not be less than 2"),
        ({"custom__on": "perhaps"}, "not a boolean"),
        ({"custom__at": "yesterday"}, "not a date"),
        ({"birthdate": "1/1/90"}, "must not be less than 10"),
        ({"custom__fixed": "other"}, "Attribute cannot be updated."),
        ({"sub": "x"}, "Attribute cannot be updated."),
        ({"identities": "[]"}, "Attribute cannot be updated."),
        ({"family_name": ""}, "user.family_name: Required attribute cannot be deleted."),
    ],
)
def test_values_that_the_schema_refuses(aws: InProcess, changes: dict[str, str], complaint: str) -> None:
    pool = aws.pool(
        Schema=[
            {"Name": "age", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "150"}},
            {"Name": "code", "AttributeDataType": "String", "StringAttributeConstraints": {"MinLength": "2"}},
            {"Name": "fixed", "AttributeDataType": "String", "Mutable": False},
            {"Name": "on", "AttributeDataType": "Boolean"},
            {"Name": "at", "AttributeDataType": "DateTime"},
            {"Name": "family_name", "Required": True},
        ],
    )
    aws.user(pool, "ann", family_name="B", custom__fixed="one")
    before = attributes(aws, pool, "ann")
    with pytest.raises(InvalidParameter) as refused:
        update(aws, pool, "ann", name="new", **changes)
    assert complaint in refused.value.message
    assert attributes(aws, pool, "ann") == before


def test_administrators_write_developer_only_and_verified_attributes(aws: InProcess) -> None:
    pool = aws.pool(Schema=[{"Name": "vip", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}])
    aws.user(pool, "ann")
    update(aws, pool, "ann", dev__custom__vip="1", phone_number="+15550100", phone_number_verified="true")
    assert attributes(aws, pool, "ann")["dev:custom:vip"] == "1"
    assert attributes(aws, pool, "ann")["phone_number_verified"] == "true"


@pytest.mark.parametrize("names", [["sub"], ["family_name"], ["custom:never"]])
def test_what_cannot_be_deleted(aws: InProcess, names: list[str]) -> None:
    pool = aws.pool(Schema=[{"Name": "family_name", "Required": True}])
    aws.user(pool, "ann", family_name="B")
    with pytest.raises(InvalidParameter, match=rf"^(Invalid user attributes: )?user\.{names[0]}: "):
        aws.call("AdminDeleteUserAttributes", UserPoolId=pool, Username="ann", UserAttributeNames=names)


def test_a_disabled_user_keeps_the_record_and_loses_the_sessions(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann")
    aws.pass_time(3)
    aws.call("AdminDisableUser", UserPoolId=pool, Username="ann")
    user = stored(aws, pool, "ann")
    assert user is not None
    assert (user.enabled, user.session_epoch, user.modified_s) == (False, 1, aws.now.timestamp())
    assert aws.names(pool, Filter='status = "Disabled"') == ["ann"]
    aws.call("AdminEnableUser", UserPoolId=pool, Username="ann")
    assert aws.call("AdminGetUser", UserPoolId=pool, Username="ann")["Enabled"] is True
    assert aws.names(pool, Filter='status = "Disabled"') == []


def test_a_deleted_user_leaves_nothing_and_the_name_is_free(aws: InProcess) -> None:
    pool = aws.pool(AliasAttributes=["email"])
    before = aws.rows()
    aws.user(pool, "ann", email="a@example.com", email_verified="true")
    aws.call("AdminDeleteUser", UserPoolId=pool, Username="a@example.com")
    assert aws.rows() == before
    with pytest.raises(UserNotFound, match=r"^User does not exist\.$"):
        aws.call("AdminGetUser", UserPoolId=pool, Username="ann")
    aws.user(pool, "ann", email="a@example.com", email_verified="true")


def test_another_accounts_pool_is_missing_for_every_call(aws: InProcess) -> None:
    pool = aws.pool()
    aws.user(pool, "ann")
    for operation in ("AdminGetUser", "AdminDeleteUser", "AdminDisableUser", "AdminEnableUser"):
        with pytest.raises(ResourceNotFound):
            aws.call(operation, by=STRANGER, UserPoolId=pool, Username="ann")
    with pytest.raises(ResourceNotFound):
        aws.call("ListUsers", by=STRANGER, UserPoolId=pool)


def test_passwords_lockout_and_epoch_are_kept_with_the_user(aws: InProcess) -> None:
    pool_id = aws.pool()
    aws.user(pool_id, "ann", status="FORCE_CHANGE_PASSWORD")
    records = [PasswordRecord(Kind.SRP, b"salt", b"sealed%d" % n, "3072,sha256", n) for n in range(4)]
    for record in records:
        with aws.sql.write() as tx:
            pool = pool_named(tx, pool_id)
            store.set_password(tx, store.user_to_change(tx, pool, "ann"), record, aws.now, history_size=3)
    with aws.sql.write() as tx:
        ann = store.user_to_change(tx, pool, "ann")
        store.set_lockout(tx, ann, Lockout(5, aws.now))
        store.raise_session_epoch(tx, ann)
        store.set_status(tx, pool, ann, "CONFIRMED", aws.now)
    user = stored(aws, pool_id, "ann")
    assert user is not None
    assert user.password == records[3]
    assert user.password_history == (records[2], records[1])
    assert user.password_set_at == aws.now
    assert (user.lockout, user.session_epoch, user.status) == (Lockout(5, aws.now), 1, "CONFIRMED")
