import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identitypool.errors import InvalidParameterValue, PackedPolicyTooLarge, ValidationFailed
from services.identitypool.sts import session
from services.identitypool.sts.session import SessionTags
from shared.guard.guard import AccessDenied

NONE = SessionTags({}, frozenset())


@given(requested=st.none() | st.integers(900, 43200), longest=st.integers(3600, 43200), chained=st.booleans())
def test_a_session_never_outlives_its_role_or_its_chain(*, requested: int | None, longest: int, chained: bool) -> None:
    try:
        lasts = session.role_duration_s(requested, longest, chained=chained)
    except ValidationFailed:
        assert requested is not None
        assert requested > (min(longest, 3600) if chained else longest)
    else:
        assert lasts == (requested or 3600)
        assert lasts <= (3600 if chained else longest)


def test_roots_session_token_is_cut_to_an_hour() -> None:
    assert session.token_duration_s(None, root=True) == 3600
    assert session.token_duration_s(129_600, root=False) == 129_600
    assert session.token_duration_s(None, root=False) == 43_200


@given(st.dictionaries(st.text("abAB", min_size=1, max_size=3), st.text(max_size=3), max_size=4))
def test_transitive_tags_are_handed_on_and_the_others_are_not(tags: dict[str, str]) -> None:
    unique = {key: value for key, value in tags.items() if [k.lower() for k in tags].count(key.lower()) == 1}
    first = session.chained_tags(list(unique.items()), list(unique)[:1], NONE)
    assert first.tags == unique
    second = session.chained_tags([], [], first)
    assert list(second.tags) == list(unique)[:1]
    assert second.transitive == first.transitive


def test_tags_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InvalidParameterValue, match="Duplicate tag keys"):
        session.chained_tags([("a", "1"), ("A", "2")], [], NONE)
    with pytest.raises(InvalidParameterValue, match="must be included in the requested tags"):
        session.chained_tags([("a", "1")], ["b"], NONE)
    with pytest.raises(InvalidParameterValue, match="start with aws: are reserved"):
        session.chained_tags([("AWS:team", "1")], [], NONE)
    with pytest.raises(InvalidParameterValue, match="conflicts with a transitive tag key"):
        session.chained_tags([("TEAM", "1")], [], SessionTags({"team": "0"}, frozenset({"team"})))


def test_a_source_identity_stays() -> None:
    assert session.source_identity("ann", None) == "ann"
    assert session.source_identity(None, "ann") == "ann"
    assert session.source_identity("ann", "ann") == "ann"
    with pytest.raises(AccessDenied):
        session.source_identity("bob", "ann")


def test_what_a_session_carries_is_bounded() -> None:
    assert session.packed_percent(None, [], {}) is None
    assert session.packed_percent("{}", [], {}) == 1
    noise = {f"key{number}": hashlib.sha512(bytes([number])).hexdigest() * 2 for number in range(50)}
    with pytest.raises(PackedPolicyTooLarge):
        session.packed_percent(None, [], noise)


def test_tags_are_counted_as_they_are_and_fifty_short_ones_fit() -> None:
    sentence = r"Packed size of session tags consumes 498% of allotted space\."
    with pytest.raises(PackedPolicyTooLarge, match=sentence):  # aws-actions/configure-aws-credentials 1898
        session.packed_percent(None, [], {f"T{number}": "a" * 250 for number in range(1, 10)})
    fifty = session.packed_percent(None, [], {f"key{number}": "v" for number in range(50)})
    longest = session.packed_percent(None, [], {"k" * 128: "v" * 256})
    assert fifty is not None
    assert longest is not None
    assert max(fifty, longest) <= 100
    with pytest.raises(PackedPolicyTooLarge, match="Packed size of session policies and tags consumes"):
        session.packed_percent("{}", [], {"a": "v" * 256, "b": "v" * 256})


def test_at_most_ten_managed_session_policies() -> None:
    assert session.check_policy_arns(["a", "a", "b"]) == ("a", "b")
    for wrong in (["a"] * 11, [None]):
        with pytest.raises(ValidationFailed):
            session.check_policy_arns(wrong)
