"""SRP-6a as the Cognito clients speak it: 3072-bit group, g = 2, SHA-256. Pure: numbers in, numbers out.

Sources: RFC 5054 (protocol, the group of RFC 3526 section 4), RFC 5869 (HKDF), and what unmodified clients send:
each number enters a hash as its shortest two's-complement bytes, so with a leading zero byte when the top bit is set.
Device SRP is the same with the device group key as `group` and the device key as `user_id`.
"""

import hashlib
import hmac
from typing import Final

from services.userpool.errors import WRONG_PROOF, InvalidParameter, NotAuthorized
from services.userpool.passwords.group import BYTES, EXPONENT_BYTES, G, N, power_of_g, product, shared_number

SALT_BYTES: Final = 16

_INFO: Final = b"Caldera Derived Key\x01"  # the HKDF label of the clients, and the counter of the only block
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def pad(number: int) -> bytes:
    """Gives the bytes under which the clients hash a number: shortest two's-complement form, big-endian."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


_K: Final = int.from_bytes(hashlib.sha256(pad(N) + pad(G)).digest(), "big")  # RFC 5054 2.6


def salt_hex(salt: bytes) -> str:
    """Gives SALT for the wire: hex without leading zeros, which all clients pad to the same bytes."""
    return f"{int.from_bytes(salt, 'big'):x}"


def read_client_public(text: str) -> int:
    """Reads SRP_A. Raises InvalidParameter unless it is hex of a number from 1 to N - 1 (RFC 5054 2.5.4)."""
    if not text or len(text) > 2 * BYTES + 2 or not _HEX.issuperset(text):
        raise InvalidParameter("SRP_A must be a hexadecimal number of at most 3072 bits.")
    public = int(text, 16)
    _refuse_outside_group(public)
    return public


def make_verifier(group: str, user_id: str, password: str, salt: bytes) -> bytes:
    """Gives the verifier g^x, 384 bytes, where x = H(salt | H(group | user id | ":" | password)).

    `group` is the pool's name (what follows `_` in its id) or a device group key; `user_id` is USER_ID_FOR_SRP
    or a device key.
    """
    inner = hashlib.sha256(f"{group}{user_id}:{password}".encode()).digest()
    x = hashlib.sha256(pad(int.from_bytes(salt, "big")) + inner).digest()
    return power_of_g(x).to_bytes(BYTES, "big")


def password_matches(verifier: bytes, group: str, user_id: str, password: str, salt: bytes) -> bool:
    """Says whether a plain password is the one behind the verifier; compared in constant time."""
    return hmac.compare_digest(make_verifier(group, user_id, password, salt), verifier)


def begin(verifier: bytes, b_random: bytes) -> tuple[int, int]:
    """Gives the server's secret b and public B = k*v + g^b. `b_random` is 32 random bytes, used once.

    The top bit of b is set, so that every b has the same length and costs the same time.
    """
    if len(b_random) != EXPONENT_BYTES:
        raise ValueError("b needs exactly 32 random bytes")
    secret = bytes([b_random[0] | 0x80]) + b_random[1:]
    public = (product(_K, int.from_bytes(verifier, "big")) + power_of_g(secret)) % N
    return int.from_bytes(secret, "big"), public


def session_key(verifier: bytes, *, client_public: int, server_public: int, server_secret: int) -> bytes:
    """Gives the 16 bytes that both sides share after SRP: HKDF-SHA256 of S = (A * v^u)^b, salted with u.

    Raises InvalidParameter for an A outside the group, NotAuthorized for u = 0 (RFC 5054 2.5.3, 2.5.4).
    """
    _refuse_outside_group(client_public)
    u = int.from_bytes(hashlib.sha256(pad(client_public) + pad(server_public)).digest(), "big")
    if u == 0:
        raise NotAuthorized(WRONG_PROOF)
    shared = shared_number(client_public, int.from_bytes(verifier, "big"), u, server_secret)
    extracted = hmac.digest(pad(u), pad(shared), "sha256")
    return hmac.digest(extracted, _INFO, "sha256")[:16]


def check_proof(
    verifier: bytes,
    *,
    group: str,
    user_id: str,
    client_public: int,
    server_public: int,
    server_secret: int,
    secret_block: bytes,
    timestamp: str,
    signature: bytes,
) -> None:
    """Raises NotAuthorized unless `signature` is the client's HMAC of group, user id, SECRET_BLOCK and TIMESTAMP.

    A, B and b are those of one exchange; the comparison takes constant time.
    """
    key = session_key(verifier, client_public=client_public, server_public=server_public, server_secret=server_secret)
    message = group.encode() + user_id.encode() + secret_block + timestamp.encode()
    if not hmac.compare_digest(hmac.digest(key, message, "sha256"), signature):
        raise NotAuthorized(WRONG_PROOF)


def _refuse_outside_group(public: int) -> None:
    """A = 0 mod N would make S = 0 for every password; clients never send a number that is not reduced."""
    if not 0 < public < N:
        raise InvalidParameter("SRP_A must be a number between 0 and N.")
