"""Arithmetic in the SRP group: the 3072-bit N of RFC 3526 section 4 with g = 2, and the two powers SRP needs.

By libcrypto and gmpy2 where they are there (a power takes a tenth of the time), else by Python's own `pow`.
"""

import functools
from typing import Any, Final

from services.userpool.passwords.libcrypto import powers

try:
    import gmpy2
except ImportError:  # pragma: no cover - the tests run the fall-back by taking the module away
    gmpy2 = None

N: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G: Final = 2
BYTES: Final = 384  # of a number mod N
EXPONENT_BYTES: Final = 32  # 256 bits are as strong as the group, and 11 times cheaper than 3072

Row = list[Any]  # of gmpy2's integers, or Python's

_LIBCRYPTO: Final = powers(N)
_MODULUS: Final[Any] = N if gmpy2 is None else gmpy2.mpz(N)


@functools.cache
def _rows() -> list[Row]:
    """The table of powers of g, built by the first power.

    A digit of 8 bits: 3 MB, 16 ms to build, 32 multiplications a power. One of 4 bits: 0.4 MB, 64 multiplications.
    """
    return _table(4 if gmpy2 is None else 8)


def power_of_g(exponent: bytes) -> int:
    """Gives g^exponent mod N for an exponent of 32 bytes: one multiplication for each digit of it.

    The digits choose rows of a table in memory, which only a process on the same core could see; each exponent is
    either used once (b) or as secret as the password that is in memory beside it (x).
    """
    if len(exponent) != EXPONENT_BYTES:
        raise ValueError("an exponent has 32 bytes")
    rows = _rows()
    one_a_byte = len(rows) == EXPONENT_BYTES
    digits = exponent if one_a_byte else bytes(digit for byte in exponent for digit in (byte >> 4, byte & 15))
    power = _number(1)
    for row, digit in zip(rows, digits, strict=True):
        power = power * row[digit] % _MODULUS
    return int(power)


def shared_number(a: int, v: int, u: int, b: int) -> int:
    """Gives S = (A * v^u)^b mod N. Only b is a secret exponent, so only it needs a constant-time power."""
    if _LIBCRYPTO is not None and u:
        return _LIBCRYPTO.constant_time(product(a, _LIBCRYPTO.quick(v, u)), b)
    if gmpy2 is None:
        return pow(a * pow(v, u, N) % N, b, N)
    return int(_unlocked(gmpy2.powmod_sec, a * _unlocked(gmpy2.powmod, v, u) % N, b))


def product(a: int, b: int) -> int:
    """Gives a * b mod N; by Python alone it takes four times as long."""
    return int(_number(a) * b % _MODULUS)


def _unlocked(power: Any, base: Any, exponent: int) -> Any:  # noqa: ANN401 -- gmpy2 has no types
    """One power mod N while other threads run. The flag belongs to the thread and is off by default.

    It stays on for the power alone: with it each single multiplication would let go of the interpreter too, and
    beside a busy thread wait 5 ms to get it back (measured: 700 us a multiplication instead of 5).
    """
    context = gmpy2.get_context()
    context.allow_release_gil = True
    try:
        return power(base, exponent, N)
    finally:
        context.allow_release_gil = False


def _number(value: int) -> Any:  # noqa: ANN401 -- gmpy2 has no types
    return value if gmpy2 is None else gmpy2.mpz(value)


def _table(digit_bits: int) -> list[Row]:
    """The powers g^(digit * 2^position), a row for each digit of an exponent, most significant digit first."""
    step, rows = _number(G), []
    for _ in range(8 * EXPONENT_BYTES // digit_bits):
        row = [_number(1)]
        for _ in range(1, 1 << digit_bits):
            row.append(row[-1] * step % _MODULUS)
        rows.append(row)
        step = row[-1] * step % _MODULUS
    return rows[::-1]
