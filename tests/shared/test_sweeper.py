import threading

from shared.refusal import Unavailable
from shared.sweeper import Sweeper


def test_it_sweeps_at_the_start_and_when_woken_and_ends() -> None:
    swept = threading.Semaphore(0)
    sweeper = Sweeper(lambda _: swept.release()).start()
    assert swept.acquire(timeout=10)
    sweeper.wake()
    assert swept.acquire(timeout=10)
    sweeper.close()
    assert not swept.acquire(timeout=0.05)


def test_a_sweep_that_fails_does_not_end_it() -> None:
    came = threading.Semaphore(0)
    errors = iter([Unavailable("away"), OSError("full"), ZeroDivisionError()])

    def sweep(_: Sweeper) -> None:
        came.release()
        for error in errors:
            raise error

    sweeper = Sweeper(sweep).start()
    for _ in range(4):
        assert came.acquire(timeout=10)
        sweeper.wake()
    sweeper.close()


def test_it_goes_on_while_something_is_left_and_not_after_the_end() -> None:
    left = [1, 2, 3]

    def remove_some() -> bool:
        left.pop()
        return bool(left)

    sweeper = Sweeper(lambda _: None)
    sweeper.while_any(remove_some)
    assert left == []
    sweeper.close()
    sweeper.while_any(remove_some)
