import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identitypool.errors import NotAuthorized
from services.identitypool.exchange.ownership import check_owner

LOGINS = st.frozensets(st.tuples(st.sampled_from("pq"), st.sampled_from("abc")), max_size=4)


@given(linked=LOGINS, given_logins=LOGINS, guests=st.booleans())
def test_only_linked_logins_open_an_identity(
    *, linked: frozenset[tuple[str, str]], given_logins: frozenset[tuple[str, str]], guests: bool
) -> None:
    try:
        check_owner(linked, given_logins, guests=guests)
    except NotAuthorized:
        assert not linked & given_logins or given_logins - linked
    else:
        assert given_logins <= linked
        assert bool(given_logins) == bool(linked)
        assert linked or guests


def test_a_guest_needs_a_pool_that_admits_guests() -> None:
    with pytest.raises(NotAuthorized, match="Unauthenticated access is not supported"):
        check_owner(frozenset(), frozenset(), guests=False)
