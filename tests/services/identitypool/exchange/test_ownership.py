import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identitypool.errors import NotAuthorized
from services.identitypool.exchange.ownership import check_owner, takes_on

LOGINS = st.frozensets(st.tuples(st.sampled_from("pq"), st.sampled_from("abc")), max_size=4)
NOBODY: frozenset[tuple[str, str]] = frozenset()


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
        check_owner(NOBODY, NOBODY, guests=False)


def test_an_identity_with_logins_is_not_for_guests() -> None:
    with pytest.raises(NotAuthorized, match="Logins don't match"):
        check_owner(frozenset({("p", "a")}), NOBODY, guests=True)


@given(linked=LOGINS, given_logins=LOGINS)
def test_an_identity_takes_on_logins_only_beside_one_that_it_knows(
    *, linked: frozenset[tuple[str, str]], given_logins: frozenset[tuple[str, str]]
) -> None:
    taken = takes_on(linked, given_logins)
    assert taken <= given_logins - linked
    assert not taken or not linked or linked & given_logins
    assert not {issuer for issuer, _ in taken} & {issuer for issuer, _ in linked}


def test_a_guests_identity_takes_on_every_login() -> None:
    assert takes_on(NOBODY, frozenset({("p", "a"), ("q", "b")})) == {("p", "a"), ("q", "b")}
