from hypothesis import given
from hypothesis import strategies as st

from services.userpool.directory.filters import past_prefix

TEXT = st.text(max_size=8)


@given(TEXT.filter(lambda text: text.strip("\U0010ffff")), TEXT)
def test_the_bound_of_a_prefix_lies_past_everything_that_begins_with_it(prefix: str, rest: str) -> None:
    assert prefix + rest < past_prefix(prefix)


@given(TEXT.filter(lambda text: text.strip("\U0010ffff")), TEXT)
def test_nothing_else_lies_between_a_prefix_and_its_bound(prefix: str, text: str) -> None:
    if prefix <= text < past_prefix(prefix):
        assert text.startswith(prefix)
