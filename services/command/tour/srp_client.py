"""The client's half of SRP-6a as Cognito's clients speak it, so that the tour proves a password without sending it.

Sources: RFC 5054 (protocol, group), RFC 5869 (HKDF), and the exchange USER_SRP_AUTH -> PASSWORD_VERIFIER. Pure: the
random bytes and the moment come in.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.userpool.passwords.group import G, N

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INFO: Final = b"Caldera Derived Key\x01"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: the secret number a and the public A = g^a mod N."""

    secret: int
    public: int

    @property
    def srp_a(self) -> str:
        """SRP_A for InitiateAuth."""
        return f"{self.public:x}"


def begin(random_bytes: bytes) -> Attempt:
    """An attempt from 32 random bytes, used once."""
    secret = int.from_bytes(random_bytes, "big")
    return Attempt(secret, pow(G, secret, N))


def answer(
    attempt: Attempt, challenge: Mapping[str, str], pool_id: str, password: str, now: datetime
) -> dict[str, str]:
    """The ChallengeResponses that prove `password` to the one who keeps its verifier."""
    user_id = challenge["USER_ID_FOR_SRP"]
    group = pool_id.partition("_")[2]
    salt, server_public = int(challenge["SALT"], 16), int(challenge["SRP_B"], 16)
    inner = hashlib.sha256(f"{group}{user_id}:{password}".encode()).digest()
    x = _hashed(_padded(salt), inner)
    key = _shared_key(attempt, server_public, x)
    stamp = _stamp(now)
    message = group.encode() + user_id.encode() + base64.b64decode(challenge["SECRET_BLOCK"]) + stamp.encode()
    return {
        "USERNAME": user_id,
        "TIMESTAMP": stamp,
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
    }


def _shared_key(attempt: Attempt, server_public: int, x: int) -> bytes:
    """HKDF of S = (B - k g^x)^(a + u x), salted with u: what the server derives from the verifier (RFC 5054 2.6)."""
    k = _hashed(_padded(N), _padded(G))
    u = _hashed(_padded(attempt.public), _padded(server_public))
    shared = pow((server_public - k * pow(G, x, N)) % N, attempt.secret + u * x, N)
    extracted = hmac.digest(_padded(u), _padded(shared), "sha256")
    return hmac.digest(extracted, _INFO, "sha256")[:16]


def _padded(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hashed(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def _stamp(now: datetime) -> str:
    """The clients' form of a moment: English names, the day without a leading zero."""
    return f"{_DAYS[now.weekday()]} {_MONTHS[now.month - 1]} {now.day} {now:%H:%M:%S} UTC {now.year}"
