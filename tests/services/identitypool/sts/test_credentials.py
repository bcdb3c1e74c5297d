import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identitypool.sts.credentials import Claims, mint, open_token
from shared.guard.refusals import ExpiredToken, UnknownAccessKey
from shared.seal import Keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
KEYS = Keys([OLD])


def _claims(**more: object) -> Claims:
    start = int(NOW.timestamp())
    facts = {"kind": "role", "account": "1" * 12, "principal_id": "AROA1", "name": "s", **more}
    return Claims(issued_at=start, expires_at=start + 900, **facts)  # type: ignore[arg-type]


def test_what_was_minted_opens_with_the_same_secret() -> None:
    claims = _claims(tags={"a": "b"}, transitive=frozenset({"a"}), provider_keys={"x:amr": ("a", "b"), "x:sub": "c"})
    made = mint(KEYS, claims)
    opened, secret = open_token(KEYS, made.access_key_id, made.session_token, NOW)
    assert opened == claims
    assert secret.reveal() == made.secret.reveal()
    assert len(made.secret.reveal()) == 40
    assert made.access_key_id.startswith("ASIA")


def test_a_new_master_key_leaves_old_sessions_alone_and_a_lost_one_ends_them() -> None:
    made = mint(KEYS, _claims())
    _, secret = open_token(Keys([OLD, NEW]), made.access_key_id, made.session_token, NOW)
    assert secret.reveal() == made.secret.reveal()
    with pytest.raises(UnknownAccessKey):
        open_token(Keys([NEW]), made.access_key_id, made.session_token, NOW)


@given(st.data())
def test_no_altered_token_opens(data: st.DataObject) -> None:
    made = mint(KEYS, _claims())
    token = made.session_token
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="ascii"))
    altered = token[:at] + letter + token[at + 1 :]
    if altered != token:
        with pytest.raises(UnknownAccessKey):
            open_token(KEYS, made.access_key_id, altered, NOW)


def test_a_token_opens_for_its_own_key_id_and_time_only() -> None:
    made, other = mint(KEYS, _claims()), mint(KEYS, _claims())
    with pytest.raises(UnknownAccessKey):
        open_token(KEYS, other.access_key_id, made.session_token, NOW)
    with pytest.raises(ExpiredToken):
        open_token(KEYS, made.access_key_id, made.session_token, NOW + timedelta(seconds=900))


@given(st.integers(0, 4096))
def test_a_token_is_as_long_as_was_asked(least: int) -> None:
    made = mint(KEYS, _claims(), least_size=least)
    assert least <= len(made.session_token) <= max(least, 200) + 100
    assert open_token(KEYS, made.access_key_id, made.session_token, NOW)


@pytest.mark.parametrize("least", [300, 301, 302, 303, 304])
def test_no_other_spelling_of_a_token_opens(least: int) -> None:
    made = mint(KEYS, _claims(), least_size=least)
    text = made.session_token.rstrip("=")
    padding = made.session_token[len(text) :]
    spellings = {text[:-1] + letter + padding for letter in string.ascii_letters + string.digits + "+/"}
    opened = []
    for spelling in spellings | {text, f"{text}{padding}=", f"{text}\n{padding}"}:
        try:
            open_token(KEYS, made.access_key_id, spelling, NOW)
        except UnknownAccessKey:
            continue
        opened.append(spelling)
    assert opened == [made.session_token]
