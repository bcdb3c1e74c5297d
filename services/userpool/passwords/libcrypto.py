"""Powers mod N by the libcrypto that Python's own `ssl` is linked with, while other threads run.

GMP's power costs a third more than libcrypto's, and its constant-time power three quarters more. Nothing is looked for
by file name: the functions are found in what the `_ssl` extension has loaded already, or not at all (Python linked
statically). They are the same in every OpenSSL since 1.0.2, are tried once against Python's `pow`, and `group.py` goes
without them where they are missing.
"""

import ctypes
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

Power = Callable[[int, int], int]
"""(base, exponent) -> base^exponent mod N, for bases below N and positive exponents no longer than N."""


@dataclass(frozen=True, slots=True)
class Powers:
    """The two powers mod one N. The time of `quick` tells the exponent, that of `constant_time` nothing."""

    quick: Power
    constant_time: Power


_POINTER: Final = ctypes.c_void_p
_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "BN_new": (_POINTER, []),
    "BN_bin2bn": (_POINTER, [ctypes.c_char_p, ctypes.c_int, _POINTER]),
    "BN_bn2binpad": (ctypes.c_int, [_POINTER, _POINTER, ctypes.c_int]),
    "BN_CTX_new": (_POINTER, []),
    "BN_MONT_CTX_new": (_POINTER, []),
    "BN_MONT_CTX_set": (ctypes.c_int, [_POINTER, _POINTER, _POINTER]),
    "BN_mod_exp_mont": (ctypes.c_int, [_POINTER] * 6),
    "BN_mod_exp_mont_consttime": (ctypes.c_int, [_POINTER] * 6),
}


def powers(modulus: int) -> Powers | None:
    """Gives the powers mod an odd `modulus`; None without libcrypto."""
    base, exponent = modulus // 3, modulus // 5 >> (modulus.bit_length() - 256)
    try:
        library = _functions()
        room = _Room(library, modulus)
        found = Powers(room.power(library.BN_mod_exp_mont), room.power(library.BN_mod_exp_mont_consttime))
        given = {found.quick(base, exponent), found.constant_time(base, exponent)}
    except (ImportError, OSError, AttributeError, MemoryError):
        return None
    return found if given == {pow(base, exponent, modulus)} else None


def _functions() -> Any:  # noqa: ANN401 - ctypes has no types for a library's functions
    import _ssl  # noqa: PLC0415 - not every Python has it

    library = ctypes.CDLL(_ssl.__file__)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class _Room(threading.local):
    """The numbers that a thread computes with; they live as long as it."""

    def __init__(self, library: Any, modulus: int) -> None:  # noqa: ANN401 - as above
        self._library, self._length = library, (modulus.bit_length() + 7) // 8
        self._base, self._exponent, self._result, self._modulus = (_made(library.BN_new()) for _ in range(4))
        self._context = _made(library.BN_CTX_new())
        self._montgomery = _made(library.BN_MONT_CTX_new())
        self._put(modulus, self._modulus)
        if not library.BN_MONT_CTX_set(self._montgomery, self._modulus, self._context):
            raise MemoryError
        self._bytes = ctypes.create_string_buffer(self._length)

    def power(self, function: Any) -> Power:  # noqa: ANN401 - as above
        """One of libcrypto's functions for powers, as Python's `pow` is called."""

        def power(base: int, exponent: int) -> int:
            self._put(base, self._base)
            self._put(exponent, self._exponent)
            numbers = (self._result, self._base, self._exponent, self._modulus, self._context, self._montgomery)
            if not function(*numbers):
                raise MemoryError("libcrypto could not compute a power")
            return self._taken()

        return power

    def _put(self, number: int, place: int) -> None:
        size = (number.bit_length() + 7) // 8
        _made(self._library.BN_bin2bn(number.to_bytes(size, "big"), size, place))

    def _taken(self) -> int:
        if self._library.BN_bn2binpad(self._result, self._bytes, self._length) != self._length:
            raise MemoryError("libcrypto could not write a power")
        return int.from_bytes(self._bytes.raw, "big")


def _made(pointer: int | None) -> int:
    if not pointer:
        raise MemoryError
    return pointer
