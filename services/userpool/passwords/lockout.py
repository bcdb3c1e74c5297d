"""Whether a password may be tried now: AWS's lockout after wrong ones, per person over all names and flows. Pure.

Source: the developer guide's "Lockout behavior for failed sign-in attempts". With n failures the lock lasts 2^(n-5)
seconds from the fifth on, 15 minutes at most. Tries during a lock are neither judged nor counted. A sign-in, or 15
minutes without a failure after the lock has ended, starts anew.

Many requests may pass `may_attempt` together. So whoever judged a password asks again, in the transaction that
writes the outcome (the failure's count or the session's row) and holds the user's row: found locked, the answer is
the lock's, right password or wrong, and a crowd of parallel guesses learns no more than a queue of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE_FAILURES: Final = 4
LONGEST: Final = timedelta(minutes=15)
REST: Final = timedelta(minutes=15)

MESSAGE: Final = "Password attempts exceeded"
"""What NotAuthorized says to a try during a lock (recorded)."""


@dataclass(frozen=True, slots=True)
class Lockout:
    """Wrong proofs in a row, and when the last of them was judged."""

    failures: int = 0
    last_failure_at: datetime | None = None


def may_attempt(state: Lockout, now: datetime) -> bool:
    """Says whether a password may be judged at `now`.

    A lock that would last longer than 15 minutes comes from a clock that was set back, and is none.
    """
    until = locked_until(state)
    return until is None or not now < until <= now + LONGEST


def locked_until(state: Lockout) -> datetime | None:
    """Gives the end of the lock that the last failure began, or None where it began none."""
    if state.last_failure_at is None or state.failures <= FREE_FAILURES:
        return None
    return state.last_failure_at + _lock(state.failures)


def after_failure(state: Lockout, now: datetime) -> Lockout:
    """Gives the state after a wrong password at `now`; during a lock it stays as it is."""
    if not may_attempt(state, now):
        return state
    return Lockout(1 if _rested(state, now) else state.failures + 1, now)


def after_success(state: Lockout) -> Lockout:
    """Gives the state after a sign-in. The same object comes back where there is nothing to write."""
    return Lockout() if state.failures else state


def _rested(state: Lockout, now: datetime) -> bool:
    if state.last_failure_at is None:
        return True
    return now >= state.last_failure_at + _lock(state.failures) + REST


def _lock(failures: int) -> timedelta:
    if failures <= FREE_FAILURES:
        return timedelta()
    doublings = min(failures - FREE_FAILURES - 1, 10)  # 2^10 s is past the longest lock already
    return min(timedelta(seconds=1 << doublings), LONGEST)
