"""Powers mod N by the libcrypto that Python's own `ssl` is linked with: in constant time, and with other threads running.

GMP's constant-time power costs 1.6 times as much. Nothing is looked for by file name: the functions are found in what
the `_ssl` extension has loaded already, or not at all (Python linked statically). They are the same in every OpenSSL
since 1.0.2, are tried once against Python's `pow`, and `group.py` goes without them where they are missing.
"""

import ctypes
import threading
from collections.abc import Callable
from typing import Any, Final

Power = Callable[[int, int], int]
"""(base, exponent) -> base^exponent mod N."""

_POINTER: Final = ctypes.c_void_p
_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "BN_new": (_POINTER, []),
    "BN_bin2bn": (_POINTER, [ctypes.c_char_p, ctypes.c_int, _POINTER]),
    "BN_bn2binpad": (ctypes.c_int, [_POINTER, _POINTER, ctypes.c_int]),
    "BN_CTX_new": (_POINTER, []),
    "BN_MONT_CTX_new": (_POINTER, []),
    "BN_MONT_CTX_set": (ctypes.c_int, [_POINTER, _POINTER, _POINTER]),
    "BN_mod_exp_mont_consttime": (ctypes.c_int, [_POINTER] * 6),
}


def constant_time_power(modulus: int) -> Power | None:
    """Gives the power mod an odd `modulus`, for bases below it and positive exponents no longer than it; None without libcrypto."""
    try:
        library = _functions()
        power = _power(library, modulus)
        base, exponent = modulus // 3, modulus // 5 >> (modulus.bit_length() - 256)
        return power if power(base, exponent) == pow(base, exponent, modulus) else None
    except (ImportError, OSError, AttributeError, MemoryError):
        return None


def _functions() -> Any:  # noqa: ANN401 - ctypes has no types for a library's functions
    import _ssl  # noqa: PLC0415 - not every Python has it

    library = ctypes.CDLL(_ssl.__file__)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class _Room(threading.local):
    """The numbers that a thread computes with; they live as long as it."""

    def __init__(self, library: Any, modulus: bytes) -> None:  # noqa: ANN401 - as above
        self.context = _made(library.BN_CTX_new())
        self.modulus = _made(library.BN_bin2bn(modulus, len(modulus), None))
        self.montgomery = _made(library.BN_MONT_CTX_new())
        if not library.BN_MONT_CTX_set(self.montgomery, self.modulus, self.context):
            raise MemoryError
        self.base, self.exponent, self.result = (_made(library.BN_new()) for _ in range(3))
        self.bytes = ctypes.create_string_buffer(len(modulus))


def _power(library: Any, modulus: int) -> Power:  # noqa: ANN401 - as above
    length = (modulus.bit_length() + 7) // 8
    room = _Room(library, modulus.to_bytes(length, "big"))

    def power(base: int, exponent: int) -> int:
        size = (exponent.bit_length() + 7) // 8
        done = (
            library.BN_bin2bn(base.to_bytes(length, "big"), length, room.base)
            and library.BN_bin2bn(exponent.to_bytes(size, "big"), size, room.exponent)
            and library.BN_mod_exp_mont_consttime(
                room.result, room.base, room.exponent, room.modulus, room.context, room.montgomery
            )
            and library.BN_bn2binpad(room.result, room.bytes, length) == length
        )
        if not done:
            raise MemoryError("libcrypto could not compute a power")
        return int.from_bytes(room.bytes.raw, "big")

    return power


def _made(pointer: int | None) -> int:
    if not pointer:
        raise MemoryError
    return pointer
