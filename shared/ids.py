"""Names nobody can guess. With `shared.seal`, the only place that asks for randomness."""

import os
import secrets
import string

_DIGITS_AND_CAPITALS = string.ascii_uppercase + "234567"
_ALPHANUMERIC = string.ascii_letters + string.digits
_LOWER_ALPHANUMERIC = string.ascii_lowercase + string.digits
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in string.hexdigits}
_AS_DIGITS_AND_CAPITALS = bytes(ord(_DIGITS_AND_CAPITALS[byte % 32]) for byte in range(256))


def random_bytes(count: int) -> bytes:
    """`count` bytes of the system's generator."""
    return secrets.token_bytes(count)


def uuid4() -> str:
    """A random UUID (version 4, RFC 9562) as text."""
    return uuid4_of(os.urandom(16))


def uuid4_of(drawn: bytes) -> str:
    """The UUID of version 4 that 16 bytes make."""
    text = drawn.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


def digits(count: int) -> str:
    """A code of `count` decimal digits."""
    return f"{secrets.randbelow(10**count):0{count}d}"


def opaque(bits: int = 256) -> str:
    """An opaque token: URL-safe text that carries `bits` random bits."""
    return secrets.token_urlsafe(bits // 8)


def _text(alphabet: str, length: int) -> str:
    """`length` letters, each as likely as any other: bytes beyond the last whole multiple of the alphabet are dropped."""
    size = len(alphabet)
    fair = 256 - 256 % size
    drawn = [alphabet[byte % size] for byte in secrets.token_bytes(length * 2) if byte < fair]
    return "".join(drawn[:length]) if len(drawn) >= length else _text(alphabet, length)


def unique_id(prefix: str) -> str:
    """An IAM unique id: a four-letter prefix (AKIA, ASIA, AIDA, AROA, AGPA, ANPA) and 16 or 17 capitals and digits."""
    drawn = os.urandom(16 if prefix in {"AKIA", "ASIA"} else 17)
    return prefix + drawn.translate(_AS_DIGITS_AND_CAPITALS).decode()  # 32 divides 256: each letter is as likely


def secret_access_key() -> str:
    """The 40 characters of a long-lived secret key."""
    return _text(_ALPHANUMERIC + "+/", 40)


def pool_suffix() -> str:
    """What follows the region in a user pool's id: nine letters and digits."""
    return _text(_ALPHANUMERIC, 9)


def client_id() -> str:
    """An app client's id: 26 lower-case letters and digits."""
    return _text(_LOWER_ALPHANUMERIC, 26)


def client_secret() -> str:
    """An app client's secret: 51 lower-case letters and digits."""
    return _text(_LOWER_ALPHANUMERIC, 51)


def account_id() -> str:
    """Twelve digits, the first not zero."""
    return str(10**11 + secrets.randbelow(9 * 10**11))
