import sys
import threading
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.userpool.passwords.group import N
from services.userpool.passwords.libcrypto import powers

POWERS = powers(N)


@pytest.mark.skipif(POWERS is None, reason="this Python's ssl is linked without a libcrypto of its own")
@given(st.integers(0, N - 1), st.integers(1, 2**256 - 1))
def test_a_power_is_what_python_computes(base: int, exponent: int) -> None:
    assert POWERS is not None
    assert POWERS.quick(base, exponent) == POWERS.constant_time(base, exponent) == pow(base, exponent, N)


@pytest.mark.skipif(POWERS is None, reason="this Python's ssl is linked without a libcrypto of its own")
def test_threads_do_not_share_their_numbers() -> None:
    assert POWERS is not None
    power, found = POWERS.constant_time, {}

    def work(base: int) -> None:
        found[base] = [power(base, 2**255 + base) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(base,)) for base in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {base: [pow(base, 2**255 + base, N)] * 20 for base in range(2, 10)}


def test_there_is_none_where_python_has_no_ssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_ssl", None)
    assert powers(N) is None


def test_there_is_none_where_the_functions_are_not_to_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    another = find_spec("_json")
    assert another is not None
    monkeypatch.setattr("_ssl.__file__", another.origin)
    assert powers(N) is None
