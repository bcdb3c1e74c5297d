from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.userpool.passwords.lockout import Lockout, after_failure, after_success, locked_until, may_attempt

START = datetime(2026, 11, 3, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
QUARTER = timedelta(minutes=15)

states = st.builds(
    Lockout,
    st.integers(min_value=0, max_value=10_000),
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
spans = st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400))


def failed(times: int) -> Lockout:
    """As many failures, each as soon as it may be judged."""
    state, now = Lockout(), START
    for _ in range(times):
        now = max(now, locked_until(state) or now)
        state = after_failure(state, now)
    return state


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (5, 1),
        (6, 2),
        (7, 4),
        (8, 8),
        (9, 16),
        (10, 32),
        (11, 64),
        (12, 128),
        (13, 256),
        (14, 512),
        (15, 900),
        (16, 900),
    ],
)
def test_the_lock_doubles_from_the_fifth_failure_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    state = failed(failures)
    assert state.failures == failures
    assert state.last_failure_at is not None
    end = state.last_failure_at + seconds * SECOND
    assert locked_until(state) == end
    assert not may_attempt(state, state.last_failure_at)
    assert not may_attempt(state, end - timedelta(microseconds=1))
    assert may_attempt(state, end)


@pytest.mark.parametrize("failures", [0, 1, 2, 3, 4])
def test_four_wrong_passwords_lock_nobody_out(failures: int) -> None:
    state = failed(failures)
    assert locked_until(state) is None
    assert may_attempt(state, START)


def test_tries_during_a_lock_are_not_counted_and_do_not_prolong_it() -> None:
    state = failed(10)
    assert state.last_failure_at is not None
    for seconds in range(32):
        assert after_failure(state, state.last_failure_at + seconds * SECOND) is state


def test_a_sign_in_starts_anew() -> None:
    assert after_success(failed(12)) == Lockout()


def test_a_sign_in_without_failures_has_nothing_to_write() -> None:
    fresh = Lockout()
    assert after_success(fresh) is fresh


def test_a_quarter_of_an_hour_of_rest_after_the_lock_starts_anew() -> None:
    state = failed(9)
    end = locked_until(state)
    assert end is not None
    assert after_failure(state, end + QUARTER).failures == 1
    assert after_failure(state, end + QUARTER - SECOND).failures == 10


def test_four_failures_are_forgotten_after_a_quarter_of_an_hour() -> None:
    state = failed(4)
    assert after_failure(state, START + QUARTER) == Lockout(1, START + QUARTER)
    assert after_failure(state, START + QUARTER - SECOND).failures == 5


@given(states, spans)
def test_no_lock_lasts_longer_than_a_quarter_of_an_hour_whatever_the_clock_does(
    state: Lockout, jump: timedelta
) -> None:
    now = START + jump
    assert may_attempt(state, now) or may_attempt(state, now + QUARTER)


@given(states, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)))
def test_once_a_lock_is_over_it_stays_over(state: Lockout, later: timedelta) -> None:
    end = locked_until(state)
    assert end is None or may_attempt(state, end + later)


@given(states, spans)
def test_a_judged_failure_counts_one_or_starts_at_one(state: Lockout, jump: timedelta) -> None:
    now = START + jump
    after = after_failure(state, now)
    if may_attempt(state, now):
        assert after.last_failure_at == now
        assert after.failures in {state.failures + 1, 1}
    else:
        assert after is state


@given(st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=1)), max_size=60))
def test_guessing_without_end_is_judged_rarely(pauses: list[timedelta]) -> None:
    """Of all the tries in an hour without a rest, at most 14 and then one a quarter of an hour are judged."""
    state, now, judged = Lockout(), START, 0
    for pause in pauses:
        now += pause / 60
        judged += may_attempt(state, now)
        state = after_failure(state, now)
    assert judged <= 14 + (now - START) // QUARTER
