from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.userpool.errors import (
    InvalidParameter,
    InvalidPassword,
    NotAuthorized,
    PasswordHistoryPolicyViolation,
)
from services.userpool.passwords.policy import (
    SYMBOLS,
    TEMPORARY_RANDOM_BYTES,
    PasswordPolicy,
    check_form,
    check_history,
    check_password,
    check_temporary,
    temporary_expires_at,
    temporary_password,
)

DEFAULT = PasswordPolicy()
LAX = PasswordPolicy(
    minimum_length=6, require_uppercase=False, require_lowercase=False, require_numbers=False, require_symbols=False
)
SET_AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("Aa1!aaa", "Password not long enough"),
        ("aa1!aaaa", "Password must have uppercase characters"),
        ("AA1!AAAA", "Password must have lowercase characters"),
        ("Aa!aaaaa", "Password must have numeric characters"),
        ("Aa1aaaaa", "Password must have symbol characters"),
        ("Éa1!aaaa", "Password must have uppercase characters"),
        ("Aé1!AAAA", "Password must have lowercase characters"),
        ("Aa\u0661!aaaa", "Password must have numeric characters"),
        ("Aa1\u00a7aaaa", "Password must have symbol characters"),
        ("Aa1\taaaa", "Password must have symbol characters"),
    ],
)
def test_a_password_that_breaks_the_policy_is_refused_in_the_words_of_aws(password: str, complaint: str) -> None:
    with pytest.raises(InvalidPassword) as refused:
        check_password(DEFAULT, password)
    assert refused.value.message == f"Password did not conform with policy: {complaint}"


@pytest.mark.parametrize("symbol", sorted(SYMBOLS))
def test_each_symbol_of_the_guide_counts_between_other_characters(symbol: str) -> None:
    check_password(DEFAULT, f"Aa1{symbol}aaaa")


def test_there_are_33_symbols_with_the_space() -> None:
    assert len(SYMBOLS) == 33
    assert not any(symbol.isalnum() for symbol in SYMBOLS)


@pytest.mark.parametrize("password", ["aaaaaa", "AAAAAA", "123456", "ééé ééé", "a" * 256])
def test_a_lax_policy_takes_anything_long_enough(password: str) -> None:
    check_password(LAX, password)


@pytest.mark.parametrize("switch", ["uppercase", "lowercase", "numbers", "symbols"])
def test_each_requirement_can_stand_alone(switch: str) -> None:
    policy = msgspec.structs.replace(LAX, **{f"require_{switch}": True})
    without = {"uppercase": "aaa1!aaa", "lowercase": "AAA1!AAA", "numbers": "aaaA!aaa", "symbols": "aaaA1aaa"}
    for kind, password in without.items():
        if kind == switch:
            with pytest.raises(InvalidPassword):
                check_password(policy, password)
        else:
            check_password(policy, password)


@pytest.mark.parametrize(
    "password", ["", "a", " abcdefg", "abcdefg ", "\tabcdefg", "abcdefg\n", "        ", "a\nb c\nd"]
)
def test_white_space_at_either_end_is_refused_before_the_policy_is_asked(password: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        check_password(LAX, password, "proposedPassword")
    assert refused.value.message == (
        "1 validation error detected: Value at 'proposedPassword' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
    )


def test_a_password_of_257_characters_is_refused() -> None:
    check_form("a" * 256)
    with pytest.raises(InvalidParameter, match="Member must have length less than or equal to 256"):
        check_form("a" * 257)


def test_a_huge_password_is_judged_at_once_and_both_faults_are_told() -> None:
    with pytest.raises(InvalidParameter, match=r"^2 validation errors detected: Value at 'password' .*; Value at"):
        check_form("a" * 1_000_000 + " ")


@pytest.mark.parametrize(
    "change",
    [
        {"minimum_length": 5},
        {"minimum_length": 100},
        {"temporary_password_validity_days": -1},
        {"temporary_password_validity_days": 366},
        {"password_history_size": 25},
    ],
)
def test_a_policy_outside_the_limits_of_the_api_does_not_exist(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="is outside"):
        PasswordPolicy(**change)  # type: ignore[arg-type]


def test_a_policy_is_stored_under_the_names_of_the_api() -> None:
    assert msgspec.json.decode(msgspec.json.encode(DEFAULT)) == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 7,
        "PasswordHistorySize": 0,
    }


@given(
    st.builds(PasswordPolicy, minimum_length=st.integers(6, 99)),
    st.binary(min_size=TEMPORARY_RANDOM_BYTES, max_size=TEMPORARY_RANDOM_BYTES),
)
def test_a_temporary_password_satisfies_its_policy(policy: PasswordPolicy, random: bytes) -> None:
    password = temporary_password(policy, random)
    check_password(policy, password)
    assert len(password) == max(12, policy.minimum_length)


def test_temporary_passwords_differ_with_the_random_bytes() -> None:
    randoms = (number.to_bytes(TEMPORARY_RANDOM_BYTES, "big") for number in range(2000))
    assert len({temporary_password(DEFAULT, random) for random in randoms}) == 2000


def test_a_temporary_password_needs_its_random_bytes() -> None:
    with pytest.raises(ValueError, match="random bytes"):
        temporary_password(DEFAULT, b"few")


def test_a_temporary_password_ends_after_its_days() -> None:
    policy = PasswordPolicy(temporary_password_validity_days=3)
    assert temporary_expires_at(policy, SET_AT) == SET_AT + 3 * DAY
    check_temporary(policy, SET_AT, SET_AT + 3 * DAY - timedelta(seconds=1))
    with pytest.raises(
        NotAuthorized, match=r"^Temporary password has expired and must be reset by an administrator\.$"
    ):
        check_temporary(policy, SET_AT, SET_AT + 3 * DAY)


def test_no_days_mean_the_default_of_seven() -> None:
    assert temporary_expires_at(PasswordPolicy(temporary_password_validity_days=0), SET_AT) == SET_AT + 7 * DAY


@pytest.mark.parametrize(("size", "refused"), [(0, 0), (1, 1), (3, 3), (24, 5)])
def test_as_many_earlier_passwords_are_refused_as_the_policy_says(size: int, refused: int) -> None:
    policy = PasswordPolicy(password_history_size=size)
    earlier = ["now", "before", "older", "old", "first"]
    for place, password in enumerate(earlier):
        if place < refused:
            with pytest.raises(PasswordHistoryPolicyViolation):
                check_history(policy, earlier, password.__eq__)
        else:
            check_history(policy, earlier, password.__eq__)
    check_history(policy, earlier, "new".__eq__)
