"""The checksums that clients put on bodies: x-amz-checksum-* (as header or trailer) and Content-MD5.

Amazon S3 User Guide, Checking object integrity. CRC-32C is Castagnoli's; CRC-64/NVME is that of the NVM Express base
specification. Both are reflected, as zlib's CRC-32 is. Long data is folded first; the rest goes through tables, eight
bytes at a time.
"""

import base64
import hashlib
import hmac
import struct
import zlib
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from shared.guard.refusals import ChecksumMismatch, InvalidChecksum, InvalidDigest

PREFIX: Final = "x-amz-checksum-"
_NOT_A_VALUE: Final = frozenset({"algorithm", "mode", "type"})
"""x-amz-checksum-algorithm and kin name a checksum and carry none."""
_CRC32: Final = 0xEDB88320
_CRC32C: Final = 0x82F63B78
_CRC64NVME: Final = 0x9A6C9329AC4BC9B5
_WORTH_FOLDING: Final = 2048
_FOLDED_AT_ONCE: Final = 512 << 10  # what the processor's own memory holds


@lru_cache(maxsize=2)
def _tables(polynomial: int) -> tuple[tuple[int, ...], ...]:
    """Eight tables: what a byte does to the remainder when 0 to 7 more bytes follow it."""
    first = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        first.append(value)
    tables = [first]
    for _ in range(7):
        tables.append([first[value & 0xFF] ^ (value >> 8) for value in tables[-1]])
    return tuple(tuple(table) for table in tables)


def _reflected_crc(data: bytes, polynomial: int, bits: int, before: int = 0) -> int:
    """The CRC of what came `before` (0 for nothing) and `data` after it."""
    if len(data) > _FOLDED_AT_ONCE:
        for at in range(0, len(data), _FOLDED_AT_ONCE):
            before = _reflected_crc(data[at : at + _FOLDED_AT_ONCE], polynomial, bits, before)
        return before
    ones = (1 << bits) - 1
    state = ones ^ before
    if len(data) > _WORTH_FOLDING:
        data, state = _folded(data, state, polynomial, bits), 0
    t0, t1, t2, t3, t4, t5, t6, t7 = _tables(polynomial)
    value = state
    whole = len(data) & ~7
    for (word,) in struct.iter_unpack("<Q", memoryview(data)[:whole]):
        word ^= value  # noqa: PLW2901 - the remainder enters the next eight bytes; the rest of them is shifted through
        value = (
            t7[word & 0xFF]
            ^ t6[word >> 8 & 0xFF]
            ^ t5[word >> 16 & 0xFF]
            ^ t4[word >> 24 & 0xFF]
            ^ t3[word >> 32 & 0xFF]
            ^ t2[word >> 40 & 0xFF]
            ^ t1[word >> 48 & 0xFF]
            ^ t0[word >> 56]
        )
    for byte in data[whole:]:
        value = t0[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ ones


def _folded(data: bytes, state: int, polynomial: int, bits: int) -> bytes:
    """Fewer bytes with the same remainder, from a state of nothing: the beginning is folded onto the rest, again and again.

    As numbers, little end first, products of polynomials are sums of shifts, which run at the speed of memory.
    """
    number, length = int.from_bytes(data, "little") ^ state, len(data)
    while length > _WORTH_FOLDING:
        rest = (length + 1) // 2 + 8
        first = 8 * (length - rest)
        head = number & ((1 << first) - 1)
        factor = _power(8 * rest, polynomial, bits)
        product = 0
        for place in range(bits):
            if factor >> place & 1:
                product ^= head << place
        number = (number >> first) ^ (product << (8 * rest - first - bits + 1))
        length = rest
    return number.to_bytes(length, "little")


_CRCS: Final[Mapping[str, tuple[int, int, Callable[[bytes, int], int]]]] = {
    "crc32": (_CRC32, 32, zlib.crc32),
    "crc32c": (_CRC32C, 32, lambda data, before: _reflected_crc(data, _CRC32C, 32, before)),
    "crc64nvme": (_CRC64NVME, 64, lambda data, before: _reflected_crc(data, _CRC64NVME, 64, before)),
}
"""Name -> polynomial (reflected), bits, and a step."""
_HASHES: Final = {"sha1", "sha256", "sha512", "md5"}
_NAMES: Final = (*_CRCS, *sorted(_HASHES))


class Running:
    """A checksum of pieces that come one after another."""

    def __init__(self, algorithm: str) -> None:
        self._crc = 0
        self._entry = _CRCS.get(algorithm)
        self._hash = None if self._entry else hashlib.new(algorithm, usedforsecurity=False)

    def update(self, data: bytes) -> None:
        """Takes the next piece."""
        if self._entry is not None:
            self._crc = self._entry[2](data, self._crc)
        elif self._hash is not None:
            self._hash.update(data)

    def digest(self) -> bytes:
        """The checksum so far, the most significant byte first."""
        if self._entry is not None:
            return self._crc.to_bytes(self._entry[1] // 8, "big")
        return b"" if self._hash is None else self._hash.digest()

    def text(self) -> str:
        """The checksum so far as headers carry it."""
        return base64.b64encode(self.digest()).decode()


def algorithm_of(header: str) -> str:
    """`x-amz-checksum-crc32` -> `crc32`. Raises InvalidChecksum, with the name, for one that is not computed here."""
    name = header.lower().removeprefix(PREFIX)
    if name not in _NAMES or not header.lower().startswith(PREFIX):
        raise InvalidChecksum(f"The checksum {header[:64]!a} is not supported; use one of {', '.join(_NAMES)}.")
    return name


def written(algorithm: str) -> str:
    """The algorithm's name as S3 writes it: CRC32C, SHA256."""
    return algorithm.upper()


def digest(algorithm: str, data: bytes) -> bytes:
    """The checksum's bytes, the most significant first."""
    running = Running(algorithm)
    running.update(data)
    return running.digest()


def checksum(algorithm: str, data: bytes) -> str:
    """The checksum as the header carries it: base64 of its bytes."""
    return base64.b64encode(digest(algorithm, data)).decode()


def of_pieces(algorithm: str, pieces: Iterable[bytes]) -> str:
    """The checksum of all the pieces together, as the header carries it."""
    running = Running(algorithm)
    for piece in pieces:
        running.update(piece)
    return running.text()


def combined(algorithm: str, parts: Sequence[tuple[bytes, int]]) -> str:
    """The CRC of parts laid end to end, from the CRC and the length of each, as the header carries it.

    A CRC is a remainder: that of the first part moves up by the length of the second, which is a product modulo the
    polynomial. The ones at the beginning and end of these CRCs cancel out.
    """
    polynomial, bits, _ = _CRCS[algorithm]
    whole = 0
    for crc, length in parts:
        whole = _product(_power(8 * length, polynomial, bits), whole, polynomial, bits) ^ int.from_bytes(crc, "big")
    return base64.b64encode(whole.to_bytes(bits // 8, "big")).decode()


def _product(one: int, other: int, polynomial: int, bits: int) -> int:
    """Of two polynomials, modulo a third; the bit of the highest value is the coefficient of 1 (reflected)."""
    product, bit = 0, 1 << (bits - 1)
    while one:
        if one & bit:
            product ^= other
            one ^= bit
        bit >>= 1
        other = (other >> 1) ^ polynomial if other & 1 else other >> 1
    return product


def _power(exponent: int, polynomial: int, bits: int) -> int:
    """X to the power `exponent`, modulo the polynomial."""
    result, square = 1 << (bits - 1), 1 << (bits - 2)
    while exponent:
        if exponent & 1:
            result = _product(result, square, polynomial, bits)
        square = _product(square, square, polynomial, bits)
        exponent >>= 1
    return result


def is_of_nothing(header: str, value: str) -> bool:
    """Whether the value of an x-amz-checksum-* header is that of an empty body."""
    name = header.lower().removeprefix(PREFIX)
    return name in _NAMES and value == checksum(name, b"")


def check(header: str, value: str, data: bytes) -> None:
    """One x-amz-checksum-* header or trailer. Raises InvalidChecksum or ChecksumMismatch, which name the algorithm."""
    algorithm = algorithm_of(header)
    computed = digest(algorithm, data)
    if not hmac.compare_digest(_bytes_of(value, len(computed), header.lower()), computed):
        raise ChecksumMismatch(f"The {algorithm.upper()} you specified did not match the calculated checksum.")


def check_headers(headers: Mapping[str, str], data: bytes) -> None:
    """All checksums among the headers (lower-case names): Content-MD5 and x-amz-checksum-*. The body is `data`.

    Raises InvalidChecksum (unknown name, bad value, or more than one x-amz-checksum) or ChecksumMismatch.
    """
    md5 = headers.get("content-md5")
    if md5 is not None:
        computed = hashlib.md5(data, usedforsecurity=False).digest()
        if not hmac.compare_digest(_md5_of(md5), computed):
            raise ChecksumMismatch("The Content-MD5 you specified did not match what we received.")
    given = [name for name in headers if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in _NOT_A_VALUE]
    if len(given) > 1:
        raise InvalidChecksum("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    for name in given:
        check(name, headers[name], data)


def _md5_of(value: str) -> bytes:
    try:
        return _bytes_of(value, 16, "Content-MD5")
    except InvalidChecksum:
        raise InvalidDigest from None


def _bytes_of(value: str, length: int, name: str) -> bytes:
    try:
        decoded = base64.b64decode(value.strip(), validate=True)
    except (Base64Error, ValueError):
        decoded = b""
    if len(decoded) != length:
        raise InvalidChecksum(f"Value for {name} header is invalid.")
    return decoded
