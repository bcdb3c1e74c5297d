import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.userpool.tokens.refresh_token import RefreshTokens
from shared.seal import Keys

JTI = "2f1b8f50-1a2b-4c3d-8e4f-111111111111"
OLD, NEW = b"o" * 32, b"n" * 32


def under(*masters: bytes) -> RefreshTokens:
    return RefreshTokens(Keys(masters).derived("refresh token"))


TOKENS = under(OLD, NEW)


def test_a_token_is_recognised_whole() -> None:
    token = TOKENS.first(JTI, b"s" * 32)
    assert TOKENS.find(token.text) == token
    assert token.origin_jti == JTI


@given(st.integers(0, 95), st.sampled_from("ABab09-_="))
def test_an_altered_token_was_never_ours(place: int, letter: str) -> None:
    token = TOKENS.first(JTI, b"s" * 32).text
    altered = token[:place] + letter + token[place + 1 :]
    assert altered == token or TOKENS.find(altered) is None


@given(st.text(max_size=120))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert TOKENS.find(text) is None


def test_the_next_token_is_one_and_only_the_holder_of_the_key_can_make_it() -> None:
    token = TOKENS.first(JTI, b"s" * 32)
    following = TOKENS.following(token)
    assert TOKENS.following(token) == following
    assert following.text != token.text
    assert following.turn == 1
    assert under(OLD).find(token.text) is None


def test_a_token_of_an_older_master_key_goes_on() -> None:
    token = under(OLD).first(JTI, b"s" * 32)
    assert TOKENS.find(token.text) == token
    assert TOKENS.following(token) == under(OLD).following(token)  # two that rotate it at once get the same one
    assert under(NEW).find(token.text) is None


def test_a_token_needs_its_randomness() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        TOKENS.first(JTI, b"short")
