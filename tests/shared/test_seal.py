import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.seal import BrokenSeal, Keys

OLD, NEW = b"o" * 32, b"n" * 32
KEYS = Keys([OLD, NEW])


@given(st.binary(max_size=300), st.binary(max_size=30))
def test_what_was_sealed_opens_for_its_owner(plain: bytes, owner: bytes) -> None:
    seal = KEYS.seal("purpose")
    assert seal.open(seal.seal(plain, owner), owner) == plain
    assert seal.open_text(seal.seal_text(plain, owner), owner) == plain


@given(st.binary(max_size=60), st.data())
def test_any_changed_byte_breaks_the_seal(plain: bytes, data: st.DataObject) -> None:
    seal = KEYS.seal("purpose")
    sealed = bytearray(seal.seal(plain))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BrokenSeal):
        seal.open(bytes(sealed))


@given(st.text(max_size=80))
def test_no_text_but_a_sealed_one_opens(text: str) -> None:
    with pytest.raises(BrokenSeal):
        KEYS.seal("purpose").open_text(text)


def test_owner_and_purpose_are_bound() -> None:
    sealed = KEYS.seal("a").seal(b"x", b"row 1")
    with pytest.raises(BrokenSeal):
        KEYS.seal("a").open(sealed, b"row 2")
    with pytest.raises(BrokenSeal):
        KEYS.seal("b").open(sealed, b"row 1")


def test_a_longer_or_shorter_text_does_not_open() -> None:
    seal = KEYS.seal("purpose")
    text = seal.seal_text(b"something")
    for altered in (text[:-1], text + "A", text + "=", text.upper(), " " + text):
        with pytest.raises(BrokenSeal):
            seal.open_text(altered)


def test_values_of_an_older_master_key_still_open_and_new_ones_use_the_newest() -> None:
    sealed = Keys([OLD]).seal("purpose").seal(b"x")
    assert KEYS.seal("purpose").open(sealed) == b"x"
    with pytest.raises(BrokenSeal):
        Keys([OLD]).seal("purpose").open(KEYS.seal("purpose").seal(b"x"))


def test_a_process_learns_of_a_new_key_by_the_first_value_that_lies_under_it() -> None:
    masters = [OLD]
    running = Keys([OLD], lambda: masters)
    refreshed = running.derived("purpose")
    before = running.seal("purpose").seal(b"x")
    masters = [OLD, NEW]
    assert running.seal("purpose").open(KEYS.seal("purpose").seal(b"y")) == b"y"
    after = running.seal("purpose").seal(b"z")
    assert (before[:4], after[:4]) == (Keys([OLD]).ids[0], Keys([NEW]).ids[0])
    assert refreshed.newest()[0] == after[:4]
    assert running.seal("purpose").open(before) == b"x"


def test_a_key_that_was_taken_away_opens_nothing_more() -> None:
    masters = [OLD, NEW]
    running = Keys(masters, lambda: masters)
    sealed = Keys([OLD]).seal("purpose").seal(b"x")
    assert running.seal("purpose").open(sealed) == b"x"
    masters = [NEW]
    running.look()
    with pytest.raises(BrokenSeal):
        running.seal("purpose").open(sealed)


def test_sealing_again_changes_the_key_and_nothing_else() -> None:
    sealed = Keys([OLD]).seal("purpose").seal(b"x", b"row")
    again = KEYS.seal("purpose").again(sealed, b"row")
    assert again[:4] == KEYS.ids[-1]
    assert KEYS.seal("purpose").open(again, b"row") == b"x"
    assert KEYS.seal("purpose").again(again, b"row") is again
    with pytest.raises(BrokenSeal):
        KEYS.seal("purpose").again(sealed, b"another")
